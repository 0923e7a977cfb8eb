/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_PPC_ACCESS_REGS_H
#define KVM_PPC_ACCESS_REGS_H

/* Between registers and the bytes of storage of an access. */

#include "access.h"

bool ppc_regs_layout(const struct ppc_cpu_state *cpu, struct ppc_pending *pend);
void ppc_regs_store(struct ppc_cpu_state *cpu, struct ppc_pending *pend);
void ppc_regs_load(struct ppc_cpu_state *cpu, const struct ppc_pending *pend);

#endif
