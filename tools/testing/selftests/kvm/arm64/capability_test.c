// SPDX-License-Identifier: GPL-2.0
/* What is announced works, and what is not announced is refused: capabilities against the requests that they stand for. */
#include <sys/mman.h>

#include "kvm_test.h"
#include "gic.h"

/* Numbers that VMMs ask for and that our headers have no use for */
#ifndef KVM_CAP_S390_IRQCHIP
#define KVM_CAP_S390_IRQCHIP	99
#endif
#ifndef KVM_CAP_NESTED_STATE
#define KVM_CAP_NESTED_STATE	157
#endif

struct set_up {
	struct vm *vm;
	struct vcpu *vcpu;
};

static bool enable(struct vm *vm, unsigned int cap, uint64_t arg)
{
	struct kvm_enable_cap e = { .cap = cap, .args = { arg } };

	return vm_ioctl(vm, KVM_ENABLE_CAP, &e) == 0;
}

/* Each says whether the thing itself is there, without looking at the capability. */
static bool has_mp_state(struct set_up *s)
{
	struct kvm_mp_state m;

	return vcpu_ioctl(s->vcpu, KVM_GET_MP_STATE, &m) == 0;
}

static bool has_events(struct set_up *s)
{
	struct kvm_vcpu_events e;

	return vcpu_ioctl(s->vcpu, KVM_GET_VCPU_EVENTS, &e) == 0;
}

static bool has_one_reg(struct set_up *s)
{
	uint64_t v;

	return vcpu_get_reg(s->vcpu, REG_PC, &v) == 0;
}

static bool has_debug(struct set_up *s)
{
	struct kvm_guest_debug d = { .control = 0 };

	return vcpu_ioctl(s->vcpu, KVM_SET_GUEST_DEBUG, &d) == 0;
}

static bool has_ioeventfd(struct set_up *s)
{
	int fd = event_fd();
	struct kvm_ioeventfd io = { .addr = VM_MMIO_GPA, .len = 4, .fd = fd };
	bool there = vm_ioctl(s->vm, KVM_IOEVENTFD, &io) == 0;

	close(fd);
	return there;
}

static bool has_ioeventfd_any_length(struct set_up *s)
{
	int fd = event_fd();
	struct kvm_ioeventfd io = { .addr = VM_MMIO_GPA + 64, .len = 0, .fd = fd };
	bool there = vm_ioctl(s->vm, KVM_IOEVENTFD, &io) == 0;

	close(fd);
	return there;
}

static bool irqfd(struct vm *vm, uint32_t flags)
{
	int fd = event_fd(), resample = event_fd(), gic = gic_create(vm, 64);
	struct kvm_irqfd i = { .fd = fd, .gsi = 0, .flags = flags, .resamplefd = resample };
	bool there = vm_ioctl(vm, KVM_IRQFD, &i) == 0;

	close(fd);
	close(resample);
	close(gic);
	return there;
}

static bool has_irqfd(struct set_up *s)
{
	return irqfd(s->vm, 0);
}

static bool has_resample(struct set_up *s)
{
	return irqfd(s->vm, KVM_IRQFD_FLAG_RESAMPLE);
}

static bool has_routing(struct set_up *s)
{
	struct kvm_irq_routing none = { .nr = 0 };

	return vm_ioctl(s->vm, KVM_SET_GSI_ROUTING, &none) == 0;
}

static bool has_devices(struct set_up *s)
{
	return gic_available();
}

static bool has_read_only(struct set_up *s)
{
	return vm_set_slot(s->vm, 9, 0x70000000, 0x10000, KVM_MEM_READONLY, (void *)0x10000) == 0;
}

static bool has_region2(struct set_up *s)
{
	struct kvm_userspace_memory_region2 r = {
		.slot = 9, .guest_phys_addr = 0x70000000, .memory_size = 0x10000, .userspace_addr = 0x10000,
	};

	return vm_ioctl(s->vm, KVM_SET_USER_MEMORY_REGION2, &r) == 0;
}

static bool has_coalesced(struct set_up *s)
{
	struct kvm_coalesced_mmio_zone z = { .addr = VM_MMIO_GPA, .size = 0x1000 };

	return vm_ioctl(s->vm, KVM_REGISTER_COALESCED_MMIO, &z) == 0;
}

static bool has_stats(struct set_up *s)
{
	int fd = vm_ioctl(s->vm, KVM_GET_STATS_FD, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool has_nisv(struct set_up *s)
{
	return enable(s->vm, KVM_CAP_ARM_NISV_TO_USER, 0);
}

static bool has_suspend(struct set_up *s)
{
	return enable(s->vm, KVM_CAP_ARM_SYSTEM_SUSPEND, 0);
}

static bool has_manual_protect(struct set_up *s)
{
	return enable(s->vm, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, 1);
}

static bool has_ring(struct set_up *s)
{
	struct vm *vm = vm_create_bare(0);
	bool there = enable(vm, KVM_CAP_DIRTY_LOG_RING_ACQ_REL, 65536);

	vm_destroy(vm);
	return there;
}

static bool has_counter_offset(struct set_up *s)
{
	struct kvm_arm_counter_offset o = { .counter_offset = 0 };

	return vm_ioctl(s->vm, KVM_ARM_SET_COUNTER_OFFSET, &o) == 0;
}

static bool has_mte(struct set_up *s)
{
	struct vm *vm = vm_create_bare(0);
	bool there = enable(vm, KVM_CAP_ARM_MTE, 0);

	vm_destroy(vm);
	return there;
}

static bool has_vm_attr(struct set_up *s)
{
	struct kvm_device_attr a = { .group = KVM_ARM_VM_SMCCC_CTRL, .attr = KVM_ARM_VM_SMCCC_FILTER };

	return vm_ioctl(s->vm, KVM_HAS_DEVICE_ATTR, &a) == 0;
}

static bool has_vcpu_attr(struct set_up *s)
{
	return attr_has(s->vcpu->fd, KVM_ARM_VCPU_TIMER_CTRL, KVM_ARM_VCPU_TIMER_IRQ_VTIMER) == 0;
}

static bool has_pvtime(struct set_up *s)
{
	return attr_has(s->vcpu->fd, KVM_ARM_VCPU_PVTIME_CTRL, KVM_ARM_VCPU_PVTIME_IPA) == 0;
}

static bool has_writable_masks(struct set_up *s)
{
	static uint64_t mask[KVM_ARM_FEATURE_ID_RANGE_SIZE];
	struct reg_mask_range r = { .addr = (uintptr_t)mask, .range = KVM_ARM_FEATURE_ID_RANGE };

	return vm_ioctl(s->vm, KVM_ARM_GET_REG_WRITABLE_MASKS, &r) == 0;
}

static bool has_dabt(struct set_up *s)
{
	struct kvm_vcpu_events e = { .exception.ext_dabt_pending = 1 };

	return vcpu_ioctl(s->vcpu, KVM_SET_VCPU_EVENTS, &e) == 0;
}

static bool has_cpu_lines(struct set_up *s)
{
	struct kvm_irq_level l = { .irq = KVM_ARM_IRQ_CPU_IRQ, .level = 0 };

	return vm_ioctl(s->vm, KVM_IRQ_LINE, &l) == 0;
}

static bool has_psci_0_2(struct set_up *s)
{
	return vcpu_reg(s->vcpu, KVM_REG_ARM_PSCI_VERSION) >= 2;
}

static void guest_nothing(void)
{
}

static const struct {
	const char *name;
	unsigned int cap;
	bool (*there)(struct set_up *s);
} check[] = {
#define CHECK(cap, fn)	{ #cap, KVM_CAP_##cap, fn }
	CHECK(MP_STATE, has_mp_state),
	CHECK(VCPU_EVENTS, has_events),
	CHECK(ONE_REG, has_one_reg),
	CHECK(SET_GUEST_DEBUG, has_debug),
	CHECK(IOEVENTFD, has_ioeventfd),
	CHECK(IOEVENTFD_ANY_LENGTH, has_ioeventfd_any_length),
	CHECK(IRQFD, has_irqfd),
	CHECK(IRQFD_RESAMPLE, has_resample),
	CHECK(IRQ_ROUTING, has_routing),
	CHECK(DEVICE_CTRL, has_devices),
	CHECK(IRQCHIP, has_devices),
	CHECK(READONLY_MEM, has_read_only),
	CHECK(USER_MEMORY2, has_region2),
	CHECK(COALESCED_MMIO, has_coalesced),
	CHECK(BINARY_STATS_FD, has_stats),
	CHECK(ARM_NISV_TO_USER, has_nisv),
	CHECK(ARM_SYSTEM_SUSPEND, has_suspend),
	CHECK(MANUAL_DIRTY_LOG_PROTECT2, has_manual_protect),
	CHECK(DIRTY_LOG_RING_ACQ_REL, has_ring),
	CHECK(COUNTER_OFFSET, has_counter_offset),
	CHECK(ARM_MTE, has_mte),
	CHECK(VM_ATTRIBUTES, has_vm_attr),
	CHECK(VCPU_ATTRIBUTES, has_vcpu_attr),
	CHECK(STEAL_TIME, has_pvtime),
	CHECK(ARM_SUPPORTED_REG_MASK_RANGES, has_writable_masks),
	CHECK(ARM_INJECT_EXT_DABT, has_dabt),
	CHECK(ARM_PSCI_0_2, has_psci_0_2),
	CHECK(ARM_USER_IRQ, has_cpu_lines),
};

TEST(announced_is_there_and_the_other_way_round)
{
	for (unsigned int i = 0; i < sizeof(check) / sizeof(check[0]); i++) {
		struct set_up s = { .vm = vm_create() };
		bool announced;

		s.vcpu = vcpu_add(s.vm, guest_nothing);
		announced = vm_check(s.vm, check[i].cap) > 0;
		EXPECT_EQ(announced, check[i].there(&s)) TH_LOG("KVM_CAP_%s is%s announced", check[i].name,
								announced ? "" : " not");
		vm_destroy(s.vm);
	}
}

/* Each needs a capability that says 0; then it is refused, by the error that VMMs take for an older kernel's. */
static int guest_memfd(struct set_up *s)
{
	struct kvm_create_guest_memfd g = { .size = 0x10000 };

	return vm_ioctl(s->vm, KVM_CREATE_GUEST_MEMFD, &g);
}

static int memfd_slot(struct set_up *s)
{
	struct kvm_userspace_memory_region2 r = {
		.slot = 9, .flags = KVM_MEM_GUEST_MEMFD, .guest_phys_addr = 0x70000000, .memory_size = 0x10000,
		.userspace_addr = 0x10000,
	};

	return vm_ioctl(s->vm, KVM_SET_USER_MEMORY_REGION2, &r);
}

static int memory_attributes(struct set_up *s)
{
	struct kvm_memory_attributes a = { .address = VM_RAM_GPA, .size = 0x10000 };

	return vm_ioctl(s->vm, KVM_SET_MEMORY_ATTRIBUTES, &a);
}

static int irq_line_status(struct set_up *s)
{
	struct kvm_irq_level l = { .irq = KVM_ARM_IRQ_CPU_IRQ };

	return vm_ioctl(s->vm, KVM_IRQ_LINE_STATUS, &l);
}

static int coalesced_pio(struct set_up *s)
{
	struct kvm_coalesced_mmio_zone z = { .addr = 0x60, .size = 4, .pio = 1 };

	return vm_ioctl(s->vm, KVM_REGISTER_COALESCED_MMIO, &z);
}

static int enable_mte(struct set_up *s)
{
	struct kvm_enable_cap e = { .cap = KVM_CAP_ARM_MTE };

	return vm_ioctl(s->vm, KVM_ENABLE_CAP, &e);
}

static int enable_s390_irqchip(struct set_up *s)
{
	struct kvm_enable_cap e = { .cap = KVM_CAP_S390_IRQCHIP };

	return vm_ioctl(s->vm, KVM_ENABLE_CAP, &e);
}

static int nested_feature(struct set_up *s)
{
	struct kvm_vcpu_init i;

	must(vm_ioctl(s->vm, KVM_ARM_PREFERRED_TARGET, &i));
	i.features[0] |= 1u << KVM_ARM_VCPU_HAS_EL2;
	return vcpu_ioctl(s->vcpu, KVM_ARM_VCPU_INIT, &i);
}

TEST(what_there_is_not)
{
	static const struct {
		const char *name;
		unsigned int cap;
		int error;
		int (*call)(struct set_up *s);
	} refused[] = {
#define REFUSED(cap, error, fn)	{ #fn, KVM_CAP_##cap, error, fn }
		REFUSED(GUEST_MEMFD, EINVAL, guest_memfd),
		REFUSED(GUEST_MEMFD, EINVAL, memfd_slot),
		REFUSED(MEMORY_ATTRIBUTES, EINVAL, memory_attributes),
		REFUSED(IRQ_INJECT_STATUS, EINVAL, irq_line_status),
		REFUSED(COALESCED_PIO, EINVAL, coalesced_pio),
		REFUSED(ARM_MTE, EINVAL, enable_mte),
		REFUSED(S390_IRQCHIP, EINVAL, enable_s390_irqchip),
		REFUSED(NESTED_STATE, EINVAL, nested_feature),
	};
	struct set_up s = { .vm = vm_create() };

	s.vcpu = vcpu_add(s.vm, guest_nothing);
	for (unsigned int i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (vm_check(s.vm, refused[i].cap) > 0)
			continue;
		errno = 0;
		EXPECT_EQ(-1, refused[i].call(&s)) TH_LOG("%s", refused[i].name);
		EXPECT_EQ(refused[i].error, errno) TH_LOG("%s: %s", refused[i].name, strerror(errno));
	}
	EXPECT_EQ(0, vm_check(s.vm, KVM_CAP_IRQ_INJECT_STATUS));
	EXPECT_EQ(0, vm_check(s.vm, KVM_CAP_COALESCED_PIO));
	EXPECT_EQ(0, vm_check(s.vm, KVM_CAP_S390_IRQCHIP));
	vm_destroy(s.vm);
}

TEST(limits_hold)
{
	struct vm *vm = vm_create_bare(0);

	EXPECT_EQ(kvm_check(KVM_CAP_NR_MEMSLOTS), vm_check(vm, KVM_CAP_NR_MEMSLOTS));
	EXPECT_EQ(kvm_check(KVM_CAP_MAX_VCPUS), vm_check(vm, KVM_CAP_MAX_VCPUS));
	EXPECT_GE(kvm_check(KVM_CAP_ARM_VM_IPA_SIZE), 40);
	EXPECT_GE(kvm_check(KVM_CAP_GUEST_DEBUG_HW_BPS), 0);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
