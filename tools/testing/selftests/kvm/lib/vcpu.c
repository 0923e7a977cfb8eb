// SPDX-License-Identifier: GPL-2.0
/* vCPUs: creating, running, registers; and the conversation with the guest code. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "kvm_lib.h"

struct vcpu *vcpu_create(struct vm *vm, unsigned int id)
{
	struct vcpu *vcpu = calloc(1, sizeof(*vcpu));
	int kvm = kvm_open();

	if (vm->nr_vcpus == VM_MAX_VCPUS)
		test_fail("too many vCPUs");
	vcpu->vm = vm;
	vcpu->id = id;
	vcpu->fd = must(vm_ioctl(vm, KVM_CREATE_VCPU, (unsigned long)id));
	vcpu->run_size = must(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0));
	close(kvm);
	vcpu->run = mmap(NULL, vcpu->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED)
		test_fail("mmap of vCPU %u: %s", id, strerror(errno));
	vm->vcpu[vm->nr_vcpus++] = vcpu;
	return vcpu;
}

void vcpu_close(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;

	for (unsigned int i = 0; i < vm->nr_vcpus; i++)
		if (vm->vcpu[i] == vcpu)
			vm->vcpu[i] = NULL;
	munmap(vcpu->run, vcpu->run_size);
	close(vcpu->fd);
	free(vcpu);
}

void vcpu_start(struct vcpu *vcpu, guest_fn fn, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3)
{
	struct guest_cpu *cpu = vcpu->cpu;

	cpu->boot.fn = (uintptr_t)fn;
	cpu->boot.arg[0] = a0;
	cpu->boot.arg[1] = a1;
	cpu->boot.arg[2] = a2;
	cpu->boot.arg[3] = a3;
	arch_vcpu_start(vcpu);
}

void vcpu_restart(struct vcpu *vcpu, guest_fn fn, uint64_t a0)
{
	vcpu_complete(vcpu);
	arch_vcpu_reset(vcpu);
	vcpu_start(vcpu, fn, a0, 0, 0, 0);
}

struct vcpu *vcpu_add_args(struct vm *vm, guest_fn fn, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3)
{
	struct vcpu *vcpu = vcpu_create(vm, vm->nr_vcpus);

	arch_vcpu_init(vcpu);
	vcpu_start(vcpu, fn, a0, a1, a2, a3);
	return vcpu;
}

int vcpu_run_once(struct vcpu *vcpu)
{
	return vcpu_ioctl(vcpu, KVM_RUN, 0) < 0 ? -errno : 0;
}

void vcpu_complete(struct vcpu *vcpu)
{
	int ret;

	vcpu->run->immediate_exit = 1;
	ret = vcpu_run_once(vcpu);
	vcpu->run->immediate_exit = 0;
	if (ret != -EINTR)
		test_fail("KVM_RUN with immediate_exit returned %d", ret);
}

static const char *text(uint64_t address)
{
	/* Constants of the program are where the guest sees them. */
	return address ? (const char *)address : "(null)";
}

static void ucall_print(const struct ucall *u)
{
	char line[400];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(line, sizeof(line), text(u->arg[0]), u->arg[1], u->arg[2], u->arg[3], u->arg[4], u->arg[5], u->arg[6]);
#pragma GCC diagnostic pop
	fprintf(stderr, "# guest: %s\n", line);
}

/* The exit was a store to the ucall page: what did the guest say? */
static unsigned int ucall(struct vcpu *vcpu)
{
	const struct ucall *u = &vcpu->cpu->ucall;

	switch (u->type) {
	case UCALL_SYNC:
		return EXIT_GUEST_SYNC;
	case UCALL_DONE:
		return EXIT_GUEST_DONE;
	case UCALL_PRINT:
		ucall_print(u);
		return EXIT_NOTHING;
	case UCALL_FAIL:
		lib_fail(text(u->arg[1]), u->arg[2], "vCPU %u: %s (%#lx, %#lx)", vcpu->id, text(u->arg[0]),
			 (unsigned long)u->arg[3], (unsigned long)u->arg[4]);
	case UCALL_EXCEPTION:
		test_fail("vCPU %u: unexpected exception, vector %lu, ESR %#lx, PC %#lx, FAR %#lx", vcpu->id,
			  (unsigned long)u->arg[0], (unsigned long)u->arg[1], (unsigned long)u->arg[2],
			  (unsigned long)u->arg[3]);
	default:
		test_fail("vCPU %u: message of unknown type %lu", vcpu->id, (unsigned long)u->type);
	}
}

unsigned int vcpu_exit(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	if (run->exit_reason == KVM_EXIT_MMIO && run->mmio.phys_addr == VM_UCALL_GPA && run->mmio.is_write)
		return ucall(vcpu);
	return run->exit_reason;
}

unsigned int vcpu_run(struct vcpu *vcpu)
{
	unsigned int what = EXIT_NOTHING;

	while (what == EXIT_NOTHING) {
		int ret = vcpu_run_once(vcpu);

		if (ret && ret != -EINTR)
			test_fail("vCPU %u: KVM_RUN: %s", vcpu->id, strerror(-ret));
		if (!ret)
			what = vcpu_exit(vcpu);
	}
	return what;
}

static void wrong_exit(struct vcpu *vcpu, unsigned int seen, unsigned int wanted)
{
	arch_vcpu_dump(vcpu);
	if (seen == KVM_EXIT_MMIO)
		fprintf(stderr, "# MMIO: %s of %u bytes at %#llx\n", vcpu->run->mmio.is_write ? "write" : "read",
			vcpu->run->mmio.len, vcpu->run->mmio.phys_addr);
	test_fail("vCPU %u: exit %s (%u) instead of %s", vcpu->id, kvm_exit_name(seen), seen, kvm_exit_name(wanted));
}

uint64_t vcpu_sync(struct vcpu *vcpu)
{
	unsigned int what = vcpu_run(vcpu);

	if (what != EXIT_GUEST_SYNC)
		wrong_exit(vcpu, what, EXIT_GUEST_SYNC);
	return vcpu->cpu->ucall.arg[0];
}

void vcpu_done(struct vcpu *vcpu)
{
	unsigned int what = vcpu_run(vcpu);

	if (what != EXIT_GUEST_DONE)
		wrong_exit(vcpu, what, EXIT_GUEST_DONE);
}

void vcpu_expect_exit(struct vcpu *vcpu, unsigned int reason)
{
	unsigned int what = vcpu_run(vcpu);

	if (what != reason)
		wrong_exit(vcpu, what, reason);
}

int vcpu_get_reg(struct vcpu *vcpu, uint64_t id, void *value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)value };

	return vcpu_ioctl(vcpu, KVM_GET_ONE_REG, &reg);
}

int vcpu_set_reg(struct vcpu *vcpu, uint64_t id, const void *value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)value };

	return vcpu_ioctl(vcpu, KVM_SET_ONE_REG, &reg);
}

uint64_t vcpu_reg(struct vcpu *vcpu, uint64_t id)
{
	uint64_t value = 0;

	if (vcpu_get_reg(vcpu, id, &value))
		test_fail("KVM_GET_ONE_REG %#lx: %s", (unsigned long)id, strerror(errno));
	return value;
}

void vcpu_write_reg(struct vcpu *vcpu, uint64_t id, uint64_t value)
{
	if (vcpu_set_reg(vcpu, id, &value))
		test_fail("KVM_SET_ONE_REG %#lx: %s", (unsigned long)id, strerror(errno));
}

struct kvm_reg_list *vcpu_reg_list(struct vcpu *vcpu)
{
	struct kvm_reg_list probe = { .n = 0 }, *list;

	if (vcpu_ioctl(vcpu, KVM_GET_REG_LIST, &probe) == 0 || errno != E2BIG)
		test_fail("KVM_GET_REG_LIST without room: no E2BIG");
	list = calloc(1, sizeof(*list) + probe.n * sizeof(list->reg[0]));
	list->n = probe.n;
	must(vcpu_ioctl(vcpu, KVM_GET_REG_LIST, list));
	return list;
}
