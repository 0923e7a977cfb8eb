/* SPDX-License-Identifier: GPL-2.0 */
/* Layout only: native builds of what needs no tree. */
#ifndef SHIM_LINUX_MAPLE_TREE_H
#define SHIM_LINUX_MAPLE_TREE_H

struct maple_tree { void *root; };

#endif
