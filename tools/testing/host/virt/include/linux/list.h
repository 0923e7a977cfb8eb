/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_LINUX_LIST_H
#define HOST_LINUX_LIST_H

#include <linux/types.h>

static inline void INIT_LIST_HEAD(struct list_head *head)
{
	head->next = head->prev = head;
}

static inline void list_add_tail(struct list_head *entry, struct list_head *head)
{
	entry->next = head;
	entry->prev = head->prev;
	head->prev->next = entry;
	head->prev = entry;
}

static inline void list_del(struct list_head *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
	entry->next = entry->prev = NULL;
}

static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

#define list_entry_of(pos, link, member) \
	container_of(link, __typeof__(*(pos)), member)

#define list_for_each_entry(pos, head, member)				\
	for ((pos) = list_entry_of(pos, (head)->next, member);		\
	     &(pos)->member != (head);					\
	     (pos) = list_entry_of(pos, (pos)->member.next, member))

#define list_for_each_entry_safe(pos, n, head, member)			\
	for ((pos) = list_entry_of(pos, (head)->next, member),		\
	     (n) = list_entry_of(pos, (pos)->member.next, member);	\
	     &(pos)->member != (head);					\
	     (pos) = (n), (n) = list_entry_of(pos, (n)->member.next, member))

#endif
