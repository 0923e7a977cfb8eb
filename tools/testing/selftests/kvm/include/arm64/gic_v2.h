/* SPDX-License-Identifier: GPL-2.0 */
/* Between the two parts of the GIC driver for guest code. */
#ifndef GIC_V2_H
#define GIC_V2_H

void gic_v2_init_dist(void);
void gic_v2_init_cpu(void);
void gic_v2_send_sgi_self(unsigned int id);
void gic_v2_control(uint32_t bits, bool on);	/* of GICC_CTLR */

#endif /* GIC_V2_H */
