/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_VFIO_H
#define KVM_VFIO_H

int vfio_dev_register(void);
void vfio_dev_unregister(void);

#endif
