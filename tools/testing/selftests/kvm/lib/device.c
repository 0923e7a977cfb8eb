// SPDX-License-Identifier: GPL-2.0
/* Devices, attributes, interrupt lines and eventfds. */
#include <fcntl.h>
#include <sys/eventfd.h>

#include "kvm_lib.h"

int vm_create_device(struct vm *vm, unsigned int type)
{
	struct kvm_create_device create = { .type = type };

	return vm_ioctl(vm, KVM_CREATE_DEVICE, &create) ? -1 : (int)create.fd;
}

static int attr(int fd, unsigned long request, unsigned int group, uint64_t number, const void *value)
{
	struct kvm_device_attr a = { .group = group, .attr = number, .addr = (uintptr_t)value };

	return ioctl(fd, request, &a);
}

int attr_has(int fd, unsigned int group, uint64_t number)
{
	return attr(fd, KVM_HAS_DEVICE_ATTR, group, number, NULL);
}

int attr_get(int fd, unsigned int group, uint64_t number, void *value)
{
	return attr(fd, KVM_GET_DEVICE_ATTR, group, number, value);
}

int attr_set(int fd, unsigned int group, uint64_t number, const void *value)
{
	return attr(fd, KVM_SET_DEVICE_ATTR, group, number, value);
}

void vm_irq_line(struct vm *vm, unsigned int irq, unsigned int level)
{
	struct kvm_irq_level line = { .irq = irq, .level = level };

	must(vm_ioctl(vm, KVM_IRQ_LINE, &line));
}

int event_fd(void)
{
	return must(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
}

uint64_t event_count(int fd)
{
	uint64_t n = 0;

	return read(fd, &n, sizeof(n)) == sizeof(n) ? n : 0;
}
