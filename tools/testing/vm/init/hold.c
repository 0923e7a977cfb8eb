// SPDX-License-Identifier: GPL-2.0
/*
 * hold WHAT: keep one kind of KVM's descriptors or mappings, and nothing else,
 * until killed. Says "held" once it does.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/kvm.h>

static int need(const char *what, int ret)
{
	if (ret < 0) {
		perror(what);
		_exit(1);
	}
	return ret;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	struct kvm_create_device dev = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };
	int kvm, vm, vcpu;

	kvm = need("/dev/kvm", open("/dev/kvm", O_RDWR | O_CLOEXEC));
	if (!strcmp(what, "kvm"))
		goto held;
	vm = need("KVM_CREATE_VM", ioctl(kvm, KVM_CREATE_VM, 0));
	close(kvm);
	if (!strcmp(what, "vm"))
		goto held;
	if (!strcmp(what, "device")) {
		need("KVM_CREATE_DEVICE", ioctl(vm, KVM_CREATE_DEVICE, &dev));
		close(vm);
		goto held;
	}
	vcpu = need("KVM_CREATE_VCPU", ioctl(vm, KVM_CREATE_VCPU, 0));
	close(vm);
	if (!strcmp(what, "vcpu"))
		goto held;
	if (!strcmp(what, "mapping")) {
		if (mmap(NULL, getpagesize(), PROT_READ, MAP_SHARED, vcpu, 0) == MAP_FAILED)
			need("mmap", -1);
		close(vcpu);
		goto held;
	}
	fprintf(stderr, "hold kvm, vm, device, vcpu or mapping\n");
	return 2;

held:
	puts("held");
	fflush(stdout);
	for (;;)
		pause();
}
