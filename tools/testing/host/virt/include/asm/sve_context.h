/* SPDX-License-Identifier: GPL-2.0 */
/* Only macros of <asm/kvm.h> that no test expands want this. */
