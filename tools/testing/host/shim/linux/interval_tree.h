/* SPDX-License-Identifier: GPL-2.0 */
/* Layout only: native builds of what needs no tree. */
#ifndef SHIM_LINUX_INTERVAL_TREE_H
#define SHIM_LINUX_INTERVAL_TREE_H

struct rb_root_cached { void *root, *leftmost; };
struct interval_tree_node { unsigned long start, last; };

#endif
