// SPDX-License-Identifier: GPL-2.0
/* The GICv3 device's life: creation in every order, half-way failures, teardown, look-ups that find nothing. */
#include <sys/resource.h>
#include <sys/wait.h>

#include "kvm_test.h"
#include "gic.h"

REQUIRE_GICV3

#define ADDR_GROUP	KVM_DEV_ARM_VGIC_GRP_ADDR

static int set_addr(int gic, unsigned int type, uint64_t addr)
{
	return attr_set(gic, ADDR_GROUP, type, &addr);
}

static int set_region(int gic, unsigned int index, uint64_t base, uint64_t count)
{
	/* index in 11:0, flags in 15:12, base in 51:16, number of redistributors in 63:52 */
	return set_addr(gic, KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, count << 52 | base | index);
}

static struct vcpu *add_bare_vcpu(struct vm *vm, unsigned int id)
{
	struct vcpu *vcpu = vcpu_create(vm, id);

	vcpu_init_features(vcpu, FEATURE(PSCI_0_2));
	return vcpu;
}

TEST(create_twice)
{
	struct vm *vm = vm_create_bare(0);
	int gic = vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3);

	ASSERT_GE(gic, 0);
	EXPECT_ERRNO(EEXIST, vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3));
	close(gic);
	/* Closing its descriptor does not take it out of the VM. */
	EXPECT_ERRNO(EEXIST, vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3));
	vm_destroy(vm);
}

TEST(create_with_vcpus_that_ran)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, irq_enable);

	vcpu_done(vcpu);
	EXPECT_ERRNO(EBUSY, vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3));
	vm_destroy(vm);
}

TEST(vcpus_before_and_after)
{
	struct vm *vm = vm_create_bare(0);
	int gic;

	add_bare_vcpu(vm, 0);
	gic = gic_create_uninitialised(vm, 64);
	add_bare_vcpu(vm, 1);
	EXPECT_OK(gic_initialise(gic));
	EXPECT_OK(gic_initialise(gic));		/* again is no change */
	/* The number of redistributors is fixed now. */
	EXPECT_ERRNO(EBUSY, vm_ioctl(vm, KVM_CREATE_VCPU, 2));
	close(gic);
	vm_destroy(vm);
}

TEST(init_without_vcpus_or_addresses)
{
	struct vm *vm = vm_create_bare(0);
	int gic = vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3);

	/* A controller without CPUs can be made; addresses are needed when a vCPU runs. */
	gic_initialise(gic);
	close(gic);
	vm_destroy(vm);

	vm = vm_create();
	vcpu_add(vm, irq_enable);
	gic = vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3);
	EXPECT_OK(gic_initialise(gic));
	EXPECT_EQ(-ENXIO, vcpu_run_once(vm->vcpu[0]));
	close(gic);
	vm_destroy(vm);
}

TEST(run_before_init)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, irq_enable);
	int gic = gic_create_uninitialised(vm, 64);

	EXPECT_EQ(-EBUSY, vcpu_run_once(vcpu));
	/* Either the VM can still be put right, or it is of no more use: but not half of it. */
	if (gic_initialise(gic)) {
		EXPECT_EQ(EIO, errno);
		EXPECT_EQ(-EIO, vcpu_run_once(vcpu));
	} else {
		vcpu_done(vcpu);
	}
	close(gic);
	vm_destroy(vm);
}

TEST(addresses)
{
	struct vm *vm = vm_create_bare(0);
	int gic = vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3);
	uint64_t v;

	EXPECT_ERRNO(EINVAL, set_addr(gic, KVM_VGIC_V3_ADDR_TYPE_DIST, GIC_DIST_GPA + 0x1000));	/* 64 KiB aligned */
	EXPECT_ERRNO(E2BIG, set_addr(gic, KVM_VGIC_V3_ADDR_TYPE_DIST, 1ULL << 40));
	EXPECT_ERRNO(ENXIO, set_addr(gic, KVM_VGIC_V2_ADDR_TYPE_DIST, GIC_DIST_GPA));
	EXPECT_ERRNO(ENXIO, set_addr(gic, 77, GIC_DIST_GPA));
	EXPECT_ERRNO(EFAULT, attr_set(gic, ADDR_GROUP, KVM_VGIC_V3_ADDR_TYPE_DIST, (void *)8));
	EXPECT_OK(set_addr(gic, KVM_VGIC_V3_ADDR_TYPE_DIST, GIC_DIST_GPA));
	EXPECT_ERRNO(EEXIST, set_addr(gic, KVM_VGIC_V3_ADDR_TYPE_DIST, GIC_DIST_GPA + 0x100000));
	EXPECT_OK(attr_get(gic, ADDR_GROUP, KVM_VGIC_V3_ADDR_TYPE_DIST, &v));
	EXPECT_EQ(GIC_DIST_GPA, v);

	EXPECT_ERRNO(EINVAL, set_addr(gic, KVM_VGIC_V3_ADDR_TYPE_REDIST, GIC_REDIST_GPA + 0x1000));
	EXPECT_OK(set_addr(gic, KVM_VGIC_V3_ADDR_TYPE_REDIST, GIC_REDIST_GPA));
	EXPECT_ERRNO(EEXIST, set_addr(gic, KVM_VGIC_V3_ADDR_TYPE_REDIST, GIC_REDIST_GPA));
	/* The two ways to place redistributors exclude each other. */
	EXPECT_ERRNO(EINVAL, set_region(gic, 0, 0x10000000, 4));
	close(gic);
	vm_destroy(vm);
}

TEST(regions)
{
	struct vm *vm = vm_create_bare(0);
	int gic = vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3);
	uint64_t v;

	must(set_addr(gic, KVM_VGIC_V3_ADDR_TYPE_DIST, GIC_DIST_GPA));
	EXPECT_ERRNO(EINVAL, set_region(gic, 0, GIC_REDIST_GPA, 0));		/* of nothing */
	EXPECT_ERRNO(EINVAL, set_region(gic, 1, GIC_REDIST_GPA, 2));		/* the first is number 0 */
	EXPECT_ERRNO(EINVAL, set_addr(gic, KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, 2ULL << 52 | GIC_REDIST_GPA | 1 << 12));
	EXPECT_ERRNO(E2BIG, set_region(gic, 0, (1ULL << 40), 2));
	EXPECT_ERRNO(E2BIG, set_region(gic, 0, (1ULL << 40) - 0x20000, 2));
	EXPECT_OK(set_region(gic, 0, GIC_REDIST_GPA, 2));
	EXPECT_ERRNO(EINVAL, set_region(gic, 0, 0x10000000, 2));
	EXPECT_ERRNO(EINVAL, set_region(gic, 1, GIC_REDIST_GPA + 0x20000, 2));	/* over the first */
	EXPECT_ERRNO(EINVAL, set_region(gic, 2, 0x10000000, 2));
	EXPECT_OK(set_region(gic, 1, 0x10000000, 3));
	v = 1;
	EXPECT_OK(attr_get(gic, ADDR_GROUP, KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, &v));
	EXPECT_EQ(3ULL << 52 | 0x10000000 | 1, v);
	v = 2;
	EXPECT_ERRNO(ENOENT, attr_get(gic, ADDR_GROUP, KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, &v));
	close(gic);
	vm_destroy(vm);
}

TEST(region_over_the_distributor)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, irq_enable);
	int gic = vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3);

	must(set_addr(gic, KVM_VGIC_V3_ADDR_TYPE_DIST, GIC_DIST_GPA));
	/* Refused when it is set, or when the frames are put in place for the first run. */
	if (set_region(gic, 0, GIC_DIST_GPA, 2)) {
		EXPECT_EQ(EINVAL, errno);
	} else {
		gic_initialise(gic);
		EXPECT_EQ(-EINVAL, vcpu_run_once(vcpu));
	}
	close(gic);
	vm_destroy(vm);
}

TEST(nr_irqs)
{
	static const uint32_t bad[] = { 0, 31, 32, 33, 65, 1025, 1056, ~0u };
	struct vm *vm = vm_create_bare(0);
	int gic = vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3);
	uint32_t n;

	add_bare_vcpu(vm, 0);
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT_ERRNO(EINVAL, attr_set(gic, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &bad[i]));
	n = 992;
	EXPECT_OK(attr_set(gic, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &n));
	n = 64;
	EXPECT_ERRNO(EBUSY, attr_set(gic, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &n));
	EXPECT_OK(attr_get(gic, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &n));
	EXPECT_EQ(992, n);
	close(gic);
	vm_destroy(vm);
}

/* ------------------------------------------------------------------------------- Failing half-way */

TEST(half_init)
{
	/* Redistributors that do not fit: the initialisation or the first run fails, and nothing stays behind. */
	for (int round = 0; round < 10; round++) {
		struct vm *vm = vm_create();
		struct vcpu *vcpu[4];
		int gic;

		for (int i = 0; i < 4; i++)
			vcpu[i] = vcpu_add(vm, irq_enable);
		gic = vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3);
		must(set_addr(gic, KVM_VGIC_V3_ADDR_TYPE_DIST, GIC_DIST_GPA));
		must(set_region(gic, 0, GIC_REDIST_GPA, 2));
		gic_initialise(gic);
		EXPECT_NE(0, vcpu_run_once(vcpu[round % 4])) TH_LOG("two redistributors for four vCPUs");
		EXPECT_NE(0, vcpu_run_once(vcpu[3]));
		close(gic);
		vm_destroy(vm);
	}
}

TEST(redist_region_uaf)
{
	/* A region that fails to register after some of its redistributors did: the vCPUs must not keep it. */
	for (int round = 0; round < 10; round++) {
		struct vm *vm = vm_create();
		struct vcpu *vcpu[3];
		int gic;

		for (int i = 0; i < 3; i++)
			vcpu[i] = vcpu_add(vm, irq_enable);
		gic = vm_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3);
		/* The distributor in the place of the third redistributor */
		must(set_addr(gic, KVM_VGIC_V3_ADDR_TYPE_DIST, GIC_REDIST_GPA + 2 * GIC_REDIST_STRIDE));
		set_addr(gic, KVM_VGIC_V3_ADDR_TYPE_REDIST, GIC_REDIST_GPA);
		set_region(gic, 0, GIC_REDIST_GPA, 3);
		set_region(gic, 0, 0x10000000, 3);
		gic_initialise(gic);
		for (int i = 0; i < 3; i++)
			vcpu_run_once(vcpu[i]);
		close(gic);
		vm_destroy(vm);
	}
}

TEST(vcpu_creation_fails_with_a_controller)
{
	struct rlimit old, none;
	struct vm *vm = vm_create();
	struct vcpu *vcpu;
	int gic;

	vcpu = vcpu_add(vm, irq_enable);
	gic = gic_create_uninitialised(vm, 64);
	vm_map(vm, GIC_REDIST_GPA, GIC_REDIST_GPA, 4 * GIC_REDIST_STRIDE, MAP_DEVICE);
	getrlimit(RLIMIT_NOFILE, &old);
	none = old;
	none.rlim_cur = 0;
	for (int i = 0; i < 5; i++) {
		setrlimit(RLIMIT_NOFILE, &none);
		EXPECT_ERRNO(EMFILE, vm_ioctl(vm, KVM_CREATE_VCPU, 1UL));
		setrlimit(RLIMIT_NOFILE, &old);
	}
	/* The number that failed can be used, and the controller comes up with both. */
	vcpu_add(vm, irq_enable);
	must(gic_initialise(gic));
	vcpu_done(vcpu);
	vcpu_done(vm->vcpu[1]);
	close(gic);
	vm_destroy(vm);
}

TEST(unknown_vcpu)
{
	static const uint64_t mpidr[] = { 2, 0xff, 0x100, 0x10000, 0x100000000, 0xff00ffffff };
	struct vm *vm = vm_create_bare(0);
	uint32_t v = 0;
	uint64_t w = 0;
	int gic;

	add_bare_vcpu(vm, 0);
	add_bare_vcpu(vm, 1);
	gic = gic_create(vm, 64);
	for (unsigned int i = 0; i < sizeof(mpidr) / sizeof(mpidr[0]); i++) {
		EXPECT_ERRNO(EINVAL, gic_redist_get(gic, mpidr[i], GICR_CTLR, &v));
		EXPECT_ERRNO(EINVAL, gic_redist_set(gic, mpidr[i], GICR_CTLR, 0));
		EXPECT_ERRNO(EINVAL, gic_cpu_get(gic, mpidr[i], GIC_SYSREG(3, 0, 4, 6, 0), &w));
		EXPECT_ERRNO(EINVAL, gic_level_get(gic, mpidr[i], 0, &v));
		/* Whoever asks for the distributor need not name one that exists. */
		gic_dist_get(gic, mpidr[i], GICD_CTLR, &v);
	}
	EXPECT_OK(gic_redist_get(gic, 1, GICR_CTLR, &v));
	close(gic);
	vm_destroy(vm);
}

TEST(unknown_vcpu_in_a_vm_without_any)
{
	struct vm *vm = vm_create_bare(0);
	int gic = gic_create_uninitialised(vm, 64);
	uint32_t v = 0;
	uint64_t w = 0;

	EXPECT_EQ(-1, gic_redist_get(gic, 0, GICR_CTLR, &v));
	EXPECT_EQ(-1, gic_dist_get(gic, 0, GICD_CTLR, &v));
	EXPECT_EQ(-1, gic_cpu_get(gic, 0, GIC_SYSREG(3, 0, 4, 6, 0), &w));
	EXPECT_EQ(-1, gic_level_get(gic, 0, 32, &v));
	attr_set(gic, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES, NULL);
	close(gic);
	vm_destroy(vm);
}

TEST(registers_before_init)
{
	struct vm *vm = vm_create_bare(0);
	uint32_t v = 0;
	int gic;

	add_bare_vcpu(vm, 0);
	gic = gic_create_uninitialised(vm, 64);
	EXPECT_ERRNO(EBUSY, gic_dist_get(gic, 0, GICD_CTLR, &v));
	EXPECT_ERRNO(EBUSY, gic_redist_get(gic, 0, GICR_CTLR, &v));
	must(gic_initialise(gic));
	EXPECT_OK(gic_dist_get(gic, 0, GICD_CTLR, &v));
	close(gic);
	vm_destroy(vm);
}

static __shared volatile bool stop;
static __shared volatile uint64_t spins;

static void guest_spins(void)
{
	while (!stop)
		spins++;
}

TEST(registers_while_a_vcpu_runs)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_spins);
	int gic = gic_create(vm, 64);
	struct vcpu_thread t;
	uint32_t v;

	stop = false;
	spins = 0;
	vcpu_thread_start(&t, vcpu);
	ASSERT_TRUE(wait_until(spins > 0, 5000));
	EXPECT_ERRNO(EBUSY, gic_dist_get(gic, 0, GICD_CTLR, &v));
	EXPECT_ERRNO(EBUSY, gic_redist_get(gic, 0, GICR_CTLR, &v));
	stop = true;
	vcpu_thread_join(&t);
	EXPECT_OK(gic_dist_get(gic, 0, GICD_CTLR, &v));
	close(gic);
	vm_destroy(vm);
}

struct racer {
	struct vm *vm;
	int gic;
	struct vcpu *vcpu;
};

static void *ask_attributes(void *arg)
{
	struct racer *r = arg;
	uint32_t v;
	uint64_t w;

	while (!stop) {
		gic_dist_get(r->gic, 0, GICD_CTLR, &v);
		gic_redist_get(r->gic, 0, GICR_CTLR, &v);
		gic_cpu_get(r->gic, 0, GIC_SYSREG(3, 0, 4, 6, 0), &w);
		gic_initialise(r->gic);
	}
	return NULL;
}

static void *ask_vcpu(void *arg)
{
	struct racer *r = arg;
	struct kvm_mp_state s;

	while (!stop) {
		vcpu_ioctl(r->vcpu, KVM_GET_MP_STATE, &s);
		vcpu_try_init(r->vcpu, FEATURE(PSCI_0_2));
		r->vcpu->run->immediate_exit = 1;
		vcpu_run_once(r->vcpu);
	}
	return NULL;
}

TEST(lock_order)
{
	/* Requests that take the VM's locks and a vCPU's, from all sides at once: none may wait for ever. */
	struct vm *vm = vm_create_bare(0);
	struct racer r = { .vm = vm };
	pthread_t t[4];

	stop = false;
	r.vcpu = add_bare_vcpu(vm, 0);
	add_bare_vcpu(vm, 1);
	r.gic = gic_create(vm, 64);
	pthread_create(&t[0], NULL, ask_attributes, &r);
	pthread_create(&t[1], NULL, ask_vcpu, &r);
	pthread_create(&t[2], NULL, ask_attributes, &r);
	pthread_create(&t[3], NULL, ask_vcpu, &r);
	for (int i = 0; i < 100; i++) {
		vm_ioctl(vm, KVM_CREATE_VCPU, 5UL);
		vm_set_slot(vm, 0, 0x40000000, i & 1 ? 0 : 0x10000, 0, (void *)0x10000);
		usleep(2000);
	}
	stop = true;
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	close(r.gic);
	vm_destroy(vm);
}

TEST(teardown_orders)
{
	for (int order = 0; order < 6; order++) {
		struct vm *vm = vm_create();
		struct vcpu *vcpu = vcpu_add(vm, irq_enable);
		int gic = gic_create(vm, 64);
		int fd[3] = { gic, vcpu->fd, vm->fd };

		vcpu_done(vcpu);
		vm_irq_line(vm, IRQ_SPI(40), 1);
		for (int i = 0; i < 3; i++)
			must(close(fd[(order + i * (order < 3 ? 1 : 2)) % 3]));
	}
}

TEST(destroyed_with_interrupts_in_flight)
{
	for (int i = 0; i < 10; i++) {
		pid_t child = fork();
		int status;

		if (child == 0) {
			struct vm *vm = vm_create();
			struct vcpu *vcpu = vcpu_add(vm, guest_spins);
			struct vcpu_thread t;

			gic_create(vm, 256);
			stop = false;
			spins = 0;
			vcpu_thread_start(&t, vcpu);
			while (!spins)
				usleep(100);
			for (int n = 32; n < 256; n++)
				vm_irq_line(vm, IRQ_SPI(n), 1);
			_exit(0);
		}
		must(waitpid(child, &status, 0));
		EXPECT_EQ(0, status);
	}
}

TEST_HARNESS_MAIN
