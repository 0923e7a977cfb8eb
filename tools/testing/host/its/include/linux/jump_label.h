/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_LINUX_JUMP_LABEL_H
#define HOST_LINUX_JUMP_LABEL_H

/* The tests' host has a GICv3: the only key is off. */
#define DECLARE_STATIC_KEY_FALSE(name)	extern const bool name
#define static_branch_unlikely(key)	((void)sizeof(*(key)), false)

#endif
