// SPDX-License-Identifier: GPL-2.0
/* KVM_GET_VCPU_EVENTS and KVM_SET_VCPU_EVENTS: SErrors and external aborts for the guest. */
#include "kvm_test.h"
#include "arch.h"

static int get(struct vcpu *vcpu, struct kvm_vcpu_events *e)
{
	memset(e, 0xff, sizeof(*e));
	return vcpu_ioctl(vcpu, KVM_GET_VCPU_EVENTS, e);
}

static __shared volatile uint64_t serrors, serror_esr, aborts, abort_esr, abort_pc;

static void on_serror(struct ex_regs *regs, uint64_t esr)
{
	serrors++;
	serror_esr = esr;
}

static void on_abort(struct ex_regs *regs, uint64_t esr)
{
	aborts++;
	abort_esr = esr;
	abort_pc = regs->pc;
	regs->pc += 4;
}

static void guest_takes_serror(void)
{
	on_vector(VECTOR_SERROR, on_serror);
	guest_sync(1);
	GUEST_ASSERT_EQ(0, serrors);		/* masked so far */
	serror_enable();
	isb();
	GUEST_WAIT_FOR(serrors);
	GUEST_ASSERT_EQ(1, serrors);
	GUEST_ASSERT_EQ(EC_SERROR, ESR_EC(serror_esr));
}

TEST(serror)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_takes_serror);
	struct kvm_vcpu_events e = { .exception.serror_pending = 1 };

	REQUIRE_CAP(KVM_CAP_VCPU_EVENTS);
	vcpu_sync(vcpu);
	vcpu_complete(vcpu);
	EXPECT_OK(vcpu_ioctl(vcpu, KVM_SET_VCPU_EVENTS, &e));
	EXPECT_OK(get(vcpu, &e));
	EXPECT_EQ(1, e.exception.serror_pending);
	EXPECT_EQ(0, e.exception.ext_dabt_pending);
	for (int i = 0; i < 12; i++)
		EXPECT_EQ(0, e.reserved[i]);
	vcpu_done(vcpu);
	EXPECT_OK(get(vcpu, &e));
	EXPECT_EQ(0, e.exception.serror_pending);
	EXPECT_EQ(1, serrors);
	vm_destroy(vm);
}

TEST(serror_taken_back)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_takes_serror);
	struct kvm_vcpu_events e = { .exception.serror_pending = 1 }, none = { 0 };

	must(vcpu_ioctl(vcpu, KVM_SET_VCPU_EVENTS, &e));
	must(vcpu_ioctl(vcpu, KVM_SET_VCPU_EVENTS, &none));
	must(get(vcpu, &e));
	/* Setting none does not withdraw what is pending. Whichever way, the guest and the state agree. */
	vcpu_sync(vcpu);
	if (e.exception.serror_pending) {
		vcpu_done(vcpu);
		EXPECT_EQ(1, serrors);
	}
	vm_destroy(vm);
}

TEST(serror_with_syndrome)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_takes_serror);
	struct kvm_vcpu_events e = {
		.exception = { .serror_pending = 1, .serror_has_esr = 1, .serror_esr = 0x11 },
	};

	vcpu_sync(vcpu);
	vcpu_complete(vcpu);
	if (kvm_check(KVM_CAP_ARM_INJECT_SERROR_ESR) <= 0) {
		EXPECT_ERRNO(EINVAL, vcpu_ioctl(vcpu, KVM_SET_VCPU_EVENTS, &e));
		return;
	}
	EXPECT_OK(vcpu_ioctl(vcpu, KVM_SET_VCPU_EVENTS, &e));
	EXPECT_OK(get(vcpu, &e));
	EXPECT_EQ(1, e.exception.serror_has_esr);
	EXPECT_EQ(0x11, e.exception.serror_esr);
	vcpu_done(vcpu);
	EXPECT_EQ(0x11, ESR_ISS(serror_esr));
	vm_destroy(vm);
}

TEST(arguments)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_takes_serror);
	struct kvm_vcpu_events e;

	for (int i = 0; i < 12; i++) {
		memset(&e, 0, sizeof(e));
		e.reserved[i] = 1;
		EXPECT_ERRNO(EINVAL, vcpu_ioctl(vcpu, KVM_SET_VCPU_EVENTS, &e));
	}
	for (int i = 0; i < 5; i++) {
		memset(&e, 0, sizeof(e));
		e.exception.pad[i] = 1;
		EXPECT_ERRNO(EINVAL, vcpu_ioctl(vcpu, KVM_SET_VCPU_EVENTS, &e));
	}
	/* The syndrome has 24 bits. */
	memset(&e, 0, sizeof(e));
	e.exception.serror_pending = 1;
	e.exception.serror_has_esr = 1;
	e.exception.serror_esr = 1 << 25;
	EXPECT_ERRNO(EINVAL, vcpu_ioctl(vcpu, KVM_SET_VCPU_EVENTS, &e));
	EXPECT_ERRNO(EFAULT, vcpu_ioctl(vcpu, KVM_SET_VCPU_EVENTS, (void *)8));
	EXPECT_ERRNO(EFAULT, vcpu_ioctl(vcpu, KVM_GET_VCPU_EVENTS, (void *)8));
	must(get(vcpu, &e));
	EXPECT_EQ(0, e.exception.serror_pending);
	vm_destroy(vm);
}

static void guest_loads(void)
{
	on_sync(EC_DABT_CUR, on_abort);
	guest_mmio_read32(VM_MMIO_GPA);
	GUEST_ASSERT_EQ(1, aborts);
	GUEST_ASSERT_EQ(0x10, ESR_ISS(abort_esr) & 0x3f);	/* synchronous external abort */
	GUEST_ASSERT_EQ(VM_MMIO_GPA, read_sysreg(far_el1));
	guest_sync(abort_pc);
}

TEST(pc_advance_abort)
{
	/*
	 * The monitor answers an MMIO exit with an external abort: the instruction must be reported at its own
	 * address, not at the next.
	 */
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_loads);
	struct kvm_vcpu_events e = { .exception.ext_dabt_pending = 1 };
	uint64_t pc;

	REQUIRE_CAP(KVM_CAP_ARM_INJECT_EXT_DABT);
	vcpu_expect_exit(vcpu, KVM_EXIT_MMIO);
	pc = vcpu_reg(vcpu, REG_PC);
	EXPECT_OK(vcpu_ioctl(vcpu, KVM_SET_VCPU_EVENTS, &e));
	EXPECT_EQ(pc, vcpu_sync(vcpu));
	vcpu_done(vcpu);
	EXPECT_EQ(1, aborts);
	vm_destroy(vm);
}

TEST(abort_and_state_on_the_way)
{
	/* Registers are read between the event and the next run, as migration does. */
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_loads);
	struct kvm_vcpu_events e = { .exception.ext_dabt_pending = 1 };
	struct kvm_vcpu_events now;
	uint64_t pc, after;

	REQUIRE_CAP(KVM_CAP_ARM_INJECT_EXT_DABT);
	vcpu_expect_exit(vcpu, KVM_EXIT_MMIO);
	pc = vcpu_reg(vcpu, REG_PC);
	EXPECT_OK(vcpu_ioctl(vcpu, KVM_SET_VCPU_EVENTS, &e));
	after = vcpu_reg(vcpu, REG_PC);
	/* Either it is still to be taken, with the PC unchanged, or it has been, and ELR_EL1 has the address. */
	EXPECT_TRUE(after == pc || vcpu_reg(vcpu, REG_ELR_EL1) == pc);
	EXPECT_OK(get(vcpu, &now));
	EXPECT_EQ(0, now.exception.ext_dabt_pending);	/* never reported */
	EXPECT_EQ(pc, vcpu_sync(vcpu));
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
