// SPDX-License-Identifier: GPL-2.0
/* KVM_ARM_VCPU_PMU_V3 and its attributes: order, values, errors; what a filter and an older version do. */
#include <glob.h>
#include <stdio.h>

#include "kvm_test.h"
#include "pmu.h"

#define IRQ	KVM_ARM_VCPU_PMU_V3_IRQ
#define INIT	KVM_ARM_VCPU_PMU_V3_INIT
#define FILTER	KVM_ARM_VCPU_PMU_V3_FILTER
#define SET_PMU	KVM_ARM_VCPU_PMU_V3_SET_PMU

static int has(struct vcpu *vcpu, uint64_t attr)
{
	return attr_has(vcpu->fd, KVM_ARM_VCPU_PMU_V3_CTRL, attr);
}

static int get_irq(struct vcpu *vcpu, int *intid)
{
	return attr_get(vcpu->fd, KVM_ARM_VCPU_PMU_V3_CTRL, IRQ, intid);
}

static int filter(struct vcpu *vcpu, unsigned int base, unsigned int n, unsigned int action)
{
	struct kvm_pmu_event_filter f = { .base_event = base, .nevents = n, .action = action };

	return pmu_set(vcpu, FILTER, &f);
}

static int set_pmu(struct vcpu *vcpu, int type)
{
	return pmu_set(vcpu, SET_PMU, &type);
}

static void guest_nothing(void)
{
}

TEST(without_the_feature)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_nothing);
	int intid = PMU_PPI, gic;

	REQUIRE_PMU();
	for (uint64_t attr = 0; attr < 5; attr++)
		EXPECT_ERRNO(ENXIO, has(vcpu, attr));
	EXPECT_ERRNO(ENODEV, pmu_set_irq(vcpu, PMU_PPI));
	EXPECT_ERRNO(ENODEV, pmu_set(vcpu, INIT, NULL));
	EXPECT_ERRNO(ENODEV, filter(vcpu, 0, 1, KVM_PMU_EVENT_DENY));
	EXPECT_ERRNO(ENODEV, set_pmu(vcpu, 0));
	EXPECT_ERRNO(EINVAL, get_irq(vcpu, &intid));
	gic = gic_create(vm, 64);
	EXPECT_ERRNO(ENODEV, get_irq(vcpu, &intid));
	vcpu_done(vcpu);
	close(gic);
	vm_destroy(vm);
}

TEST(before_initialisation)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm, 0);

	REQUIRE_PMU();
	EXPECT_ERRNO(ENXIO, has(vcpu, IRQ));
	EXPECT_ERRNO(ENODEV, pmu_set(vcpu, INIT, NULL));
	vcpu_close(vcpu);
	vm_destroy(vm);
}

TEST(interrupt)
{
	static const int bad[] = { -1, 0, 15, 1020, 1024, 8192 };
	struct vcpu *vcpu[3];
	struct vm *vm;
	int gic, intid = 0;

	REQUIRE_PMU();
	vm = vm_create();
	for (unsigned int i = 0; i < 3; i++)
		vcpu[i] = vcpu_add_features(vm, (guest_fn)guest_nothing, FEATURE(PMU_V3));
	for (uint64_t attr = 0; attr < 4; attr++)
		EXPECT_OK(has(vcpu[0], attr));
	EXPECT_ERRNO(ENXIO, has(vcpu[0], 4));
	EXPECT_ERRNO(ENXIO, pmu_set(vcpu[0], 4, &intid));
	/* No controller yet, which is as good as one in user space */
	EXPECT_ERRNO(EINVAL, pmu_set_irq(vcpu[0], PMU_PPI));
	EXPECT_ERRNO(EINVAL, get_irq(vcpu[0], &intid));

	gic = gic_create_uninitialised(vm, 64);
	EXPECT_ERRNO(ENXIO, get_irq(vcpu[0], &intid));
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		EXPECT_ERRNO(EINVAL, pmu_set_irq(vcpu[0], bad[i]));
	EXPECT_ERRNO(EFAULT, pmu_set(vcpu[0], IRQ, NULL));
	EXPECT_ERRNO(ENODEV, pmu_set(vcpu[0], INIT, NULL));
	EXPECT_OK(gic_initialise(gic));
	EXPECT_ERRNO(ENXIO, pmu_set(vcpu[0], INIT, NULL));

	EXPECT_OK(pmu_set_irq(vcpu[0], PMU_PPI));
	EXPECT_OK(get_irq(vcpu[0], &intid));
	EXPECT_EQ(PMU_PPI, intid);
	EXPECT_ERRNO(EFAULT, get_irq(vcpu[0], NULL));
	EXPECT_ERRNO(ENXIO, attr_get(vcpu[0]->fd, KVM_ARM_VCPU_PMU_V3_CTRL, INIT, &intid));
	EXPECT_ERRNO(EBUSY, pmu_set_irq(vcpu[0], PMU_PPI));
	/* A PPI is the same for all. */
	EXPECT_ERRNO(EINVAL, pmu_set_irq(vcpu[0], PMU_PPI - 1));
	EXPECT_ERRNO(EINVAL, pmu_set_irq(vcpu[1], PMU_PPI - 1));
	EXPECT_OK(pmu_set_irq(vcpu[1], PMU_PPI));
	EXPECT_OK(pmu_set(vcpu[0], INIT, NULL));
	EXPECT_ERRNO(EBUSY, pmu_set(vcpu[0], INIT, NULL));
	EXPECT_ERRNO(EBUSY, pmu_set_irq(vcpu[0], PMU_PPI));
	EXPECT_ERRNO(EBUSY, filter(vcpu[0], 0, 1, KVM_PMU_EVENT_DENY));
	EXPECT_ERRNO(EBUSY, set_pmu(vcpu[0], 0));
	EXPECT_ERRNO(EBUSY, pmu_set(vcpu[0], 4, &intid));
	close(gic);
	vm_destroy(vm);
}

TEST(shared_interrupt)
{
	struct vcpu *vcpu[3];
	struct vm *vm;
	int gic;

	REQUIRE_PMU();
	vm = vm_create();
	for (unsigned int i = 0; i < 3; i++)
		vcpu[i] = vcpu_add_features(vm, (guest_fn)guest_nothing, FEATURE(PMU_V3));
	gic = gic_create(vm, 64);
	/* An SPI is another one for each, and one that there is. */
	EXPECT_OK(pmu_set_irq(vcpu[0], 40));
	EXPECT_ERRNO(EINVAL, pmu_set_irq(vcpu[1], 40));
	EXPECT_OK(pmu_set_irq(vcpu[1], 41));
	EXPECT_OK(pmu_set_irq(vcpu[2], 64));
	EXPECT_OK(pmu_set(vcpu[0], INIT, NULL));
	EXPECT_OK(pmu_set(vcpu[1], INIT, NULL));
	EXPECT_ERRNO(EINVAL, pmu_set(vcpu[2], INIT, NULL));
	/* It is the PMU's alone. */
	EXPECT_ERRNO(EINVAL, vm_ioctl(vm, KVM_IRQ_LINE, (&(struct kvm_irq_level){ .irq = IRQ_SPI(40), .level = 1 })));
	close(gic);
	vm_destroy(vm);
}

TEST(run_needs_initialisation)
{
	struct pmu_vm p;
	struct vm *vm;
	struct vcpu *vcpu;

	REQUIRE_PMU();
	pmu_vm_create_raw(&p, 2, (guest_fn)guest_nothing);
	EXPECT_EQ(-EINVAL, vcpu_run_once(p.vcpu[0]));
	EXPECT_OK(pmu_set_irq(p.vcpu[0], PMU_PPI));
	EXPECT_EQ(-EINVAL, vcpu_run_once(p.vcpu[0]));
	EXPECT_OK(pmu_set(p.vcpu[0], INIT, NULL));
	vcpu_done(p.vcpu[0]);
	pmu_vm_destroy(&p);

	/* The timer has it already. */
	pmu_vm_create_raw(&p, 1, (guest_fn)guest_nothing);
	EXPECT_OK(pmu_set_irq(p.vcpu[0], PPI_VTIMER));
	EXPECT_OK(pmu_set(p.vcpu[0], INIT, NULL));
	EXPECT_EQ(-EINVAL, vcpu_run_once(p.vcpu[0]));
	pmu_vm_destroy(&p);

	/* With the interrupt controller in user space there is none to choose. */
	vm = vm_create();
	vcpu = vcpu_add_features(vm, (guest_fn)guest_nothing, FEATURE(PMU_V3));
	vcpu_start(vcpu, (guest_fn)guest_nothing, 0, 0, 0, 0);
	EXPECT_EQ(-EINVAL, vcpu_run_once(vcpu));
	EXPECT_OK(pmu_set(vcpu, INIT, NULL));
	vcpu_done(vcpu);
	vm_destroy(vm);
}

/* Perf's number of the CPUs' PMU */
static int host_pmu(void)
{
	FILE *file = NULL;
	glob_t found;
	int type = -1;

	if (glob("/sys/bus/event_source/devices/armv8*/type", 0, NULL, &found))
		return -1;
	file = fopen(found.gl_pathv[0], "r");
	if (file && fscanf(file, "%d", &type) != 1)
		type = -1;
	if (file)
		fclose(file);
	globfree(&found);
	return type;
}

TEST(choice_of_the_hosts_pmu)
{
	int type = host_pmu();
	struct pmu_vm p;

	REQUIRE_PMU();
	ASSERT_GT(type, 0);
	pmu_vm_create_raw(&p, 2, (guest_fn)guest_nothing);
	EXPECT_ERRNO(EFAULT, pmu_set(p.vcpu[0], SET_PMU, NULL));
	/* None, or not one of a CPU: software events, breakpoints */
	EXPECT_ERRNO(ENXIO, set_pmu(p.vcpu[0], -1));
	EXPECT_ERRNO(ENXIO, set_pmu(p.vcpu[0], 1));
	EXPECT_ERRNO(ENXIO, set_pmu(p.vcpu[0], 4));
	EXPECT_ERRNO(ENXIO, set_pmu(p.vcpu[0], 5));
	EXPECT_ERRNO(ENXIO, set_pmu(p.vcpu[0], 12345));
	/* Fewer counters were asked for: a choice brings all of them again. */
	vcpu_write_reg(p.vcpu[0], REG_PMCR, 1 << 11);
	EXPECT_EQ(1, PMCR_N(vcpu_reg(p.vcpu[0], REG_PMCR)));
	EXPECT_OK(set_pmu(p.vcpu[0], type));
	EXPECT_LT(1, PMCR_N(vcpu_reg(p.vcpu[0], REG_PMCR)));
	EXPECT_OK(filter(p.vcpu[0], 0, 1, KVM_PMU_EVENT_DENY));
	EXPECT_OK(set_pmu(p.vcpu[0], type));
	EXPECT_OK(pmu_set_irq(p.vcpu[0], PMU_PPI));
	EXPECT_OK(pmu_set(p.vcpu[0], INIT, NULL));
	vcpu_done(p.vcpu[0]);
	/* One has run. */
	EXPECT_ERRNO(EBUSY, set_pmu(p.vcpu[1], type));
	EXPECT_ERRNO(ENXIO, set_pmu(p.vcpu[1], 12345));
	EXPECT_ERRNO(EBUSY, filter(p.vcpu[1], 0, 1, KVM_PMU_EVENT_DENY));
	pmu_vm_destroy(&p);
}

TEST(filter_errors)
{
	struct pmu_vm p;
	unsigned int nr;

	REQUIRE_PMU();
	pmu_vm_create_raw(&p, 1, (guest_fn)guest_nothing);
	nr = PMUVER(vcpu_reg(p.vcpu[0], REG_ID_AA64DFR0)) >= PMUVER_V3P1 ? 0x10000 : 0x400;
	EXPECT_ERRNO(EFAULT, pmu_set(p.vcpu[0], FILTER, NULL));
	EXPECT_ERRNO(EINVAL, filter(p.vcpu[0], 0, 1, 2));
	EXPECT_ERRNO(EINVAL, filter(p.vcpu[0], nr - 1, 2, KVM_PMU_EVENT_ALLOW));
	EXPECT_OK(filter(p.vcpu[0], nr - 1, 1, KVM_PMU_EVENT_ALLOW));
	EXPECT_OK(filter(p.vcpu[0], 0, 0, KVM_PMU_EVENT_DENY));
	pmu_vm_destroy(&p);
}

/* ------------------------------------------------------------------------- What is left to the guest */

static __shared volatile uint64_t ceid[2], cycles, event_cycles, increments;

static void guest_counts(void)
{
	pmu_clear(PMCR_LC);
	pmu_set_typer(0, EVENT_CPU_CYCLES);
	pmu_set_typer(1, EVENT_SW_INCR);
	write_sysreg(pmcntenset_el0, PMU_CYCLE_BIT | 3);
	write_sysreg(pmcr_el0, PMCR_LC | PMCR_E);
	isb();
	pmu_spin(100000);
	write_sysreg(pmswinc_el0, 2);
	write_sysreg(pmcr_el0, PMCR_LC);
	isb();
	ceid[0] = read_sysreg(pmceid0_el0);
	ceid[1] = read_sysreg(pmceid1_el0);
	cycles = read_sysreg(pmccntr_el0);
	event_cycles = pmu_counter(0);
	increments = pmu_counter(1);
}

static void run_counts(struct pmu_vm *p)
{
	must(pmu_set_irq(p->vcpu[0], PMU_PPI));
	must(pmu_set(p->vcpu[0], INIT, NULL));
	vcpu_done(p->vcpu[0]);
	pmu_vm_destroy(p);
}

TEST(filtered_events)
{
	uint64_t all[2];
	struct pmu_vm p;

	REQUIRE_PMU();
	pmu_vm_create_raw(&p, 1, (guest_fn)guest_counts);
	run_counts(&p);
	EXPECT_NE(0, cycles);
	EXPECT_NE(0, event_cycles);
	EXPECT_EQ(1, increments);
	EXPECT_EQ(1, ceid[0] >> EVENT_CPU_CYCLES & 1);
	EXPECT_EQ(1, ceid[0] >> EVENT_CHAIN & 1);
	all[0] = ceid[0];
	all[1] = ceid[1];

	/* All but these: cycles, by both ways */
	pmu_vm_create_raw(&p, 1, (guest_fn)guest_counts);
	EXPECT_OK(filter(p.vcpu[0], EVENT_CPU_CYCLES, 1, KVM_PMU_EVENT_DENY));
	run_counts(&p);
	EXPECT_EQ(0, cycles);
	EXPECT_EQ(0, event_cycles);
	EXPECT_EQ(1, increments);
	EXPECT_EQ(all[0] & ~(1ULL << EVENT_CPU_CYCLES), ceid[0]);
	EXPECT_EQ(all[1], ceid[1]);

	/* None but these; what is no hardware event is always there */
	pmu_vm_create_raw(&p, 1, (guest_fn)guest_counts);
	EXPECT_OK(filter(p.vcpu[0], EVENT_CPU_CYCLES, 1, KVM_PMU_EVENT_ALLOW));
	run_counts(&p);
	EXPECT_NE(0, cycles);
	EXPECT_NE(0, event_cycles);
	EXPECT_EQ(1, increments);
	EXPECT_EQ(all[0] & (1ULL << EVENT_CPU_CYCLES | 1ULL << EVENT_CHAIN | 1ULL << EVENT_SW_INCR), ceid[0]);
	EXPECT_EQ(0, ceid[1]);

	/* The last one wins. */
	pmu_vm_create_raw(&p, 1, (guest_fn)guest_counts);
	EXPECT_OK(filter(p.vcpu[0], 0, 0x40, KVM_PMU_EVENT_ALLOW));
	EXPECT_OK(filter(p.vcpu[0], EVENT_CPU_CYCLES, 1, KVM_PMU_EVENT_DENY));
	EXPECT_OK(filter(p.vcpu[0], 0, 0x40, KVM_PMU_EVENT_DENY));
	run_counts(&p);
	EXPECT_EQ(0, cycles);
	EXPECT_EQ(0, event_cycles);
	EXPECT_EQ(1, increments);
}

static __shared volatile uint64_t dfr0, typer, pmcr, pmmir_esr;

static void guest_version(void)
{
	uint64_t x;

	dfr0 = read_sysreg(id_aa64dfr0_el1);
	pmu_set_typer(0, ~0ULL);
	typer = pmu_typer(0);
	write_sysreg(pmcr_el0, PMCR_LP);
	pmcr = read_sysreg(pmcr_el0);
	ceid[0] = read_sysreg(pmceid0_el0);
	pmmir_esr = guest_exec(INSN_MRS_X0(3, 0, 9, 14, 6), &x);
	pmu_set_counter(0, 0x123456789abcdefULL);
	cycles = pmu_counter(0);
}

TEST(version)
{
	uint64_t host, v;
	struct pmu_vm p;

	REQUIRE_PMU();
	pmu_vm_create_raw(&p, 1, (guest_fn)guest_version);
	host = vcpu_reg(p.vcpu[0], REG_ID_AA64DFR0);
	EXPECT_GE(PMUVER(host), PMUVER_V3);
	EXPECT_LE(PMUVER(host), PMUVER_V3P5);
	v = host + (1 << 8);
	EXPECT_ERRNO(EINVAL, vcpu_set_reg(p.vcpu[0], REG_ID_AA64DFR0, &v));
	/* An implementation's own: none, for the sake of those that once got it */
	vcpu_write_reg(p.vcpu[0], REG_ID_AA64DFR0, host | 0xf << 8);
	EXPECT_EQ(0, PMUVER(vcpu_reg(p.vcpu[0], REG_ID_AA64DFR0)));
	vcpu_write_reg(p.vcpu[0], REG_ID_AA64DFR0, host);
	must(pmu_set_irq(p.vcpu[0], PMU_PPI));
	must(pmu_set(p.vcpu[0], INIT, NULL));
	vcpu_done(p.vcpu[0]);
	EXPECT_EQ(host, dfr0);
	EXPECT_EQ(PMUVER(host) >= PMUVER_V3P1 ? 0xffff : 0x3ff, typer & 0xffff);
	EXPECT_EQ(PMUVER(host) >= PMUVER_V3P5 ? PMCR_LP : 0, pmcr & PMCR_LP);
	EXPECT_EQ(PMUVER(host) >= PMUVER_V3P5 ? 0x123456789abcdefULL : 0x89abcdefULL, cycles);
	EXPECT_EQ(PMUVER(host) < 5, !!pmmir_esr);
	pmu_vm_destroy(&p);

	/* The first version, whatever the host has; bits that it does not have were restored. */
	pmu_vm_create_raw(&p, 1, (guest_fn)guest_version);
	vcpu_write_reg(p.vcpu[0], REG_PMCR, vcpu_reg(p.vcpu[0], REG_PMCR) | PMCR_LP);
	vcpu_write_reg(p.vcpu[0], REG_ID_AA64DFR0, (host & ~(0xfULL << 8)) | PMUVER_V3 << 8);
	must(pmu_set_irq(p.vcpu[0], PMU_PPI));
	must(pmu_set(p.vcpu[0], INIT, NULL));
	vcpu_done(p.vcpu[0]);
	EXPECT_EQ(PMUVER_V3, PMUVER(dfr0));
	EXPECT_EQ(0x3ff, typer & 0xffff);
	EXPECT_EQ(0, pmcr & PMCR_LP);
	EXPECT_EQ(0, ceid[0] >> 32);
	EXPECT_EQ(0x89abcdef, cycles);
	EXPECT_EQ(EC_UNKNOWN, ESR_EC(pmmir_esr));
	EXPECT_NE(0, pmmir_esr);
	EXPECT_EQ(0, vcpu_reg(p.vcpu[0], REG_PMCR) & PMCR_LP);
	/* It has run. */
	EXPECT_ERRNO(EBUSY, vcpu_set_reg(p.vcpu[0], REG_ID_AA64DFR0, &host));
	pmu_vm_destroy(&p);
}

static __shared volatile uint64_t missing_esr[4];

static void guest_number(void)
{
	uint64_t x = 0;

	pmcr = read_sysreg(pmcr_el0);
	/* PMEVCNTR2_EL0 is there, PMEVCNTR3_EL0 and its type are not, by either way. */
	guest_catch(pmu_set_counter(2, 7));
	GUEST_ASSERT_EQ(7, pmu_counter(2));
	missing_esr[0] = guest_exec(INSN_MRS_X0(3, 3, 14, 8, 3), &x);
	missing_esr[1] = guest_exec(INSN_MSR_X0(3, 3, 14, 12, 3), &x);
	write_sysreg(pmselr_el0, 3);
	isb();
	missing_esr[2] = guest_exec(INSN_MRS_X0(3, 3, 9, 13, 1), &x);
	missing_esr[3] = guest_exec(INSN_MSR_X0(3, 3, 9, 13, 2), &x);
	write_sysreg(pmcntenset_el0, ~0ULL);
	GUEST_ASSERT_EQ(PMU_CYCLE_BIT | 7, read_sysreg(pmcntenset_el0));
	write_sysreg(pmcntenclr_el0, ~0ULL);
}

TEST(number_of_counters)
{
	struct pmu_vm p;
	uint64_t most;

	REQUIRE_PMU();
	pmu_vm_create(&p, 2, (guest_fn)guest_number);
	most = PMCR_N(vcpu_reg(p.vcpu[0], REG_PMCR));
	ASSERT_GE(most, 3);
	/* More than there are is not an error, and without effect. */
	vcpu_write_reg(p.vcpu[0], REG_PMCR, 31 << 11);
	EXPECT_EQ(most < 31 ? most : 31, PMCR_N(vcpu_reg(p.vcpu[0], REG_PMCR)));
	/* What there is less of counters goes from the masks, too. */
	vcpu_write_reg(p.vcpu[1], REG_PMINTENSET, ~0ULL);
	vcpu_write_reg(p.vcpu[0], REG_PMCR, 3 << 11);
	EXPECT_EQ(3, PMCR_N(vcpu_reg(p.vcpu[1], REG_PMCR)));
	EXPECT_EQ(PMU_CYCLE_BIT | 7, vcpu_reg(p.vcpu[1], REG_PMINTENSET));
	EXPECT_EQ(PMU_CYCLE_BIT | 7, vcpu_reg(p.vcpu[1], REG_PMINTENCLR));
	vcpu_done(p.vcpu[0]);
	EXPECT_EQ(3, PMCR_N(pmcr));
	for (unsigned int i = 0; i < 4; i++) {
		EXPECT_NE(0, missing_esr[i]);
		EXPECT_EQ(EC_UNKNOWN, ESR_EC(missing_esr[i]));
	}
	vcpu_write_reg(p.vcpu[1], REG_PMCR, 2 << 11);
	EXPECT_EQ(3, PMCR_N(vcpu_reg(p.vcpu[1], REG_PMCR)));
	pmu_vm_destroy(&p);
}

TEST_HARNESS_MAIN
