#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# assign.sh CLASS: in the emulated host: vfio-pci takes the PCI device of that class;
# prints its address.

modprobe vfio_iommu_type1 && modprobe vfio-pci || exit
for d in /sys/bus/pci/devices/*; do
	[ "$(cat "$d/class")" = "$1" ] || continue
	echo vfio-pci >"$d/driver_override"
	[ ! -e "$d/driver" ] || echo "${d##*/}" >"$d/driver/unbind"
	echo "${d##*/}" >/sys/bus/pci/drivers_probe
	if [ ! -c "/dev/vfio/$(basename "$(readlink "$d/iommu_group")")" ]; then
		echo "assign.sh: ${d##*/} has no group: is there an IOMMU?" >&2
		exit 1
	fi
	echo "${d##*/}"
	exit
done
echo "assign.sh: no device of class $1" >&2
exit 1
