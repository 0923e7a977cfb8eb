/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOST_ITS_LINUX_JIFFIES_H
#define HOST_ITS_LINUX_JIFFIES_H

extern unsigned long jiffies;		/* goes on with what LPIs are worked on */

#define time_after(a, b)	((long)((b) - (a)) < 0)

#endif
