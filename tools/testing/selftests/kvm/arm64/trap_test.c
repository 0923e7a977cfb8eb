// SPDX-License-Identifier: GPL-2.0
/* System registers and instructions that a guest must not have: all of them end in its own exception, none in ours. */
#include "kvm_test.h"
#include "arch.h"

/* Undefined as the architecture reports it: no syndrome, or the one of an MRS or MSR. */
static void undefined(uint64_t esr, unsigned int op0, unsigned int op1, unsigned int crn, unsigned int crm, unsigned int op2)
{
	if (ESR_EC(esr) == EC_UNKNOWN && esr)
		return;
	guest_print("S%lu_%lu_C%lu_C%lu_%lu: ESR %#lx", op0, op1, crn, crm, (uint64_t)op2 | (uint64_t)0);
	guest_fail("undefined instruction exception", __FILE__, __LINE__, op0 << 14 | op1 << 11 | crn << 7 | crm << 3 | op2, esr);
}

static void read_undefined(unsigned int op0, unsigned int op1, unsigned int crn, unsigned int crm, unsigned int op2)
{
	uint64_t x = 0;

	undefined(guest_exec(INSN_MRS_X0(op0, op1, crn, crm, op2), &x), op0, op1, crn, crm, op2);
}

static void write_undefined(unsigned int op0, unsigned int op1, unsigned int crn, unsigned int crm, unsigned int op2)
{
	uint64_t x = 0;

	undefined(guest_exec(INSN_MSR_X0(op0, op1, crn, crm, op2), &x), op0, op1, crn, crm, op2);
}

static void both_undefined(unsigned int op0, unsigned int op1, unsigned int crn, unsigned int crm, unsigned int op2)
{
	read_undefined(op0, op1, crn, crm, op2);
	write_undefined(op0, op1, crn, crm, op2);
}

static void run(void (*guest)(void))
{
	struct vm *vm = vm_create();

	vcpu_done(vcpu_add(vm, guest));
	vm_destroy(vm);
}

static void guest_el2(void)
{
	/* A selection over the space of EL2 and EL3: HCR, VTTBR, VBAR, SCTLR, TPIDR, CNTVOFF, ICH_*, SCR_EL3 */
	both_undefined(3, 4, 1, 1, 0);
	both_undefined(3, 4, 2, 1, 0);
	both_undefined(3, 4, 2, 1, 2);
	both_undefined(3, 4, 12, 0, 0);
	both_undefined(3, 4, 1, 0, 0);
	both_undefined(3, 4, 5, 2, 0);
	both_undefined(3, 4, 13, 0, 2);
	both_undefined(3, 4, 14, 0, 3);
	both_undefined(3, 4, 12, 11, 0);
	both_undefined(3, 4, 12, 12, 0);
	both_undefined(3, 4, 4, 0, 0);
	both_undefined(3, 6, 1, 1, 0);
	both_undefined(3, 6, 1, 0, 0);
	/* and of the aliases that a host with VHE has for its guest's registers */
	both_undefined(3, 5, 1, 0, 0);
	both_undefined(3, 5, 2, 0, 0);
	both_undefined(3, 5, 14, 3, 1);
	both_undefined(3, 5, 14, 2, 1);
}

TEST(el2_and_el3_registers)
{
	run(guest_el2);
}

static void guest_imp_def(void)
{
	for (unsigned int op1 = 0; op1 < 8; op1++) {
		for (unsigned int crm = 0; crm < 16; crm += 3) {
			for (unsigned int op2 = 0; op2 < 8; op2 += 3) {
				both_undefined(3, op1, 11, crm, op2);
				both_undefined(3, op1, 15, crm, op2);
			}
		}
	}
}

TEST(implementation_defined_space)
{
	run(guest_imp_def);
}

static void guest_pmu(void)
{
	GUEST_ASSERT_EQ(0, read_sysreg(id_aa64dfr0_el1) >> 8 & 0xf);
	both_undefined(3, 3, 9, 12, 0);		/* PMCR_EL0 */
	both_undefined(3, 3, 9, 12, 1);		/* PMCNTENSET_EL0 */
	both_undefined(3, 3, 9, 12, 2);
	both_undefined(3, 3, 9, 12, 3);		/* PMOVSCLR_EL0 */
	write_undefined(3, 3, 9, 12, 4);	/* PMSWINC_EL0 */
	both_undefined(3, 3, 9, 12, 5);		/* PMSELR_EL0 */
	read_undefined(3, 3, 9, 12, 6);		/* PMCEID0_EL0 */
	both_undefined(3, 3, 9, 13, 0);		/* PMCCNTR_EL0 */
	both_undefined(3, 3, 9, 13, 1);		/* PMXEVTYPER_EL0 */
	both_undefined(3, 3, 9, 13, 2);		/* PMXEVCNTR_EL0 */
	both_undefined(3, 3, 9, 14, 0);		/* PMUSERENR_EL0 */
	both_undefined(3, 0, 9, 14, 1);		/* PMINTENSET_EL1 */
	both_undefined(3, 0, 9, 14, 2);
	both_undefined(3, 3, 9, 14, 3);		/* PMOVSSET_EL0 */
	for (unsigned int n = 0; n < 31; n += 6) {
		both_undefined(3, 3, 14, 8 | n >> 3, n & 7);	/* PMEVCNTR<n>_EL0 */
		both_undefined(3, 3, 14, 12 | n >> 3, n & 7);	/* PMEVTYPER<n>_EL0 */
	}
	both_undefined(3, 3, 14, 15, 7);	/* PMCCFILTR_EL0 */
}

TEST(no_pmu)
{
	run(guest_pmu);
}

static void guest_trace_and_profiling(void)
{
	both_undefined(2, 1, 0, 1, 0);		/* TRCPRGCTLR */
	read_undefined(2, 1, 0, 3, 0);		/* TRCSTATR */
	both_undefined(2, 1, 0, 4, 0);		/* TRCCONFIGR */
	both_undefined(3, 0, 9, 9, 0);		/* PMSCR_EL1 */
	both_undefined(3, 0, 9, 9, 3);		/* PMSIRR_EL1 */
	both_undefined(3, 0, 9, 10, 0);		/* PMBLIMITR_EL1 */
	both_undefined(3, 0, 9, 11, 0);		/* TRBLIMITR_EL1 */
	both_undefined(3, 0, 1, 2, 1);		/* TRFCR_EL1 */
	both_undefined(3, 3, 13, 2, 0);		/* AMCR_EL0 */
	both_undefined(3, 3, 13, 4, 0);		/* AMEVCNTR00_EL0 */
}

TEST(no_trace_profiling_activity_monitors)
{
	run(guest_trace_and_profiling);
}

static void guest_sve(void)
{
	uint64_t x = 0;

	/* With every enable that the guest has: what is left is the hypervisor's to refuse. */
	write_sysreg(cpacr_el1, 3ULL << 24 | 3ULL << 20 | 3ULL << 16);
	isb();
	both_undefined(3, 0, 1, 2, 0);		/* ZCR_EL1 */
	both_undefined(3, 0, 1, 2, 6);		/* SMCR_EL1 */
	both_undefined(3, 0, 1, 2, 4);		/* SMPRI_EL1 */
	both_undefined(3, 3, 4, 2, 2);		/* SVCR */
	both_undefined(3, 3, 13, 0, 5);		/* TPIDR2_EL0 */
	/* rdvl x0, #1; ptrue p0.b; add z0.d, z0.d, z0.d */
	undefined(guest_exec(0x04bf5020, &x), 0, 0, 0, 0, 1);
	undefined(guest_exec(0x2518e3e0, &x), 0, 0, 0, 0, 2);
	undefined(guest_exec(0x04e00000, &x), 0, 0, 0, 0, 3);
}

TEST(no_sve_no_sme)
{
	run(guest_sve);
}

static void guest_others(void)
{
	uint64_t pfr0 = read_sysreg(id_aa64pfr0_el1), pfr1 = read_sysreg(id_aa64pfr1_el1), x = 0;
	uint64_t isar1 = read_sysreg(id_aa64isar1_el1), mmfr1 = read_sysreg(id_aa64mmfr1_el1), isar2;

	if (!(pfr0 >> 40 & 0xf)) {
		both_undefined(3, 0, 10, 5, 0);		/* MPAM1_EL1 */
		both_undefined(3, 0, 10, 5, 1);		/* MPAM0_EL1 */
	}
	if (!(pfr0 >> 28 & 0xf)) {
		both_undefined(3, 0, 5, 3, 1);		/* ERRSELR_EL1 */
		read_undefined(3, 0, 5, 3, 0);		/* ERRIDR_EL1 */
		both_undefined(3, 0, 12, 1, 1);		/* DISR_EL1 */
	}
	if (!(pfr1 >> 8 & 0xf)) {
		both_undefined(3, 0, 1, 0, 5);		/* RGSR_EL1 */
		both_undefined(3, 0, 1, 0, 6);		/* GCR_EL1 */
		both_undefined(3, 0, 5, 6, 0);		/* TFSR_EL1 */
	}
	if (!(isar1 >> 4 & 0xff) && !(isar1 >> 24 & 0xff)) {
		isar2 = read_sysreg(s3_0_c0_c6_2);
		if (!(isar2 >> 8 & 0xff)) {
			both_undefined(3, 0, 2, 1, 0);	/* APIAKeyLo_EL1 */
			both_undefined(3, 0, 2, 3, 0);	/* APGAKeyLo_EL1 */
		}
	}
	if (!(mmfr1 >> 16 & 0xf)) {
		both_undefined(3, 0, 10, 4, 3);		/* LORC_EL1 */
		read_undefined(3, 0, 10, 4, 7);		/* LORID_EL1 */
	}
	/* Spaces that have nothing */
	both_undefined(3, 0, 3, 0, 0);
	both_undefined(3, 7, 14, 2, 0);			/* CNTPS_TVAL_EL1: EL3's */
	both_undefined(3, 3, 14, 15, 0);
	/* An instruction that belongs to a hypervisor, one that halts, and garbage */
	undefined(guest_exec(0xd69f03e0 ^ 0x80, &x), 0, 0, 0, 0, 5);
	undefined(guest_exec(0x00000001, &x), 0, 0, 0, 0, 6);
	undefined(guest_exec(0xd4400000, &x), 0, 0, 0, 0, 7);	/* hlt #0, without a debugger */
}

TEST(what_the_id_registers_do_not_name)
{
	run(guest_others);
}

static void guest_gic(void)
{
	/* Group 1 of the CPU interface */
	write_undefined(3, 0, 12, 11, 5);	/* ICC_SGI1R_EL1 */
	write_undefined(3, 0, 12, 11, 6);	/* ICC_ASGI1R_EL1 */
	write_undefined(3, 0, 12, 11, 7);	/* ICC_SGI0R_EL1 */
	read_undefined(3, 0, 12, 12, 0);	/* ICC_IAR1_EL1 */
	write_undefined(3, 0, 12, 12, 1);	/* ICC_EOIR1_EL1 */
	read_undefined(3, 0, 12, 12, 2);	/* ICC_HPPIR1_EL1 */
	both_undefined(3, 0, 12, 12, 3);	/* ICC_BPR1_EL1 */
	both_undefined(3, 0, 12, 12, 4);	/* ICC_CTLR_EL1 */
	both_undefined(3, 0, 12, 12, 6);	/* ICC_IGRPEN0_EL1 */
	both_undefined(3, 0, 12, 12, 7);	/* ICC_IGRPEN1_EL1 */
	read_undefined(3, 0, 12, 8, 0);		/* ICC_IAR0_EL1 */
	write_undefined(3, 0, 12, 8, 1);	/* ICC_EOIR0_EL1 */
	read_undefined(3, 0, 12, 8, 2);
	both_undefined(3, 0, 12, 8, 3);
	both_undefined(3, 0, 12, 8, 4);		/* ICC_AP0R0_EL1 */
	both_undefined(3, 0, 12, 9, 0);		/* ICC_AP1R0_EL1 */
	write_undefined(3, 0, 12, 11, 1);	/* ICC_DIR_EL1 */
	read_undefined(3, 0, 12, 11, 3);	/* ICC_RPR_EL1 */
	both_undefined(3, 0, 4, 6, 0);		/* ICC_PMR_EL1 */
	/* Not ICC_SRE_EL1: a CPU without the memory mapped interface need not let it be trapped. */
}

TEST(sgi_no_vgic)
{
	run(guest_gic);
}

static void guest_set_way(void)
{
	static uint64_t data[512];

	for (int i = 0; i < 512; i++)
		data[i] = i;
	/* All sets and ways of level 1, by each of the three: no exception, and no data lost. */
	for (uint64_t way = 0; way < 4; way++) {
		for (uint64_t set = 0; set < 64; set++) {
			uint64_t arg = way << 30 | set << 6;

			GUEST_ASSERT_EQ(0, guest_catch(asm volatile("dc csw, %0" :: "r" (arg) : "memory")));
			GUEST_ASSERT_EQ(0, guest_catch(asm volatile("dc cisw, %0" :: "r" (arg) : "memory")));
			GUEST_ASSERT_EQ(0, guest_catch(asm volatile("dc isw, %0" :: "r" (arg) : "memory")));
		}
	}
	for (int i = 0; i < 512; i++)
		GUEST_ASSERT_EQ(i, READ_ONCE(data[i]));
}

TEST(cache_maintenance_by_set_and_way)
{
	run(guest_set_way);
}

static void guest_cache_off_and_on(void)
{
	uint64_t sctlr = read_sysreg(sctlr_el1);
	static uint64_t word;

	/* What a kernel does early: caches off, set/way, caches on. */
	WRITE_ONCE(word, 0x1234);
	asm volatile("dc civac, %0" :: "r" (&word) : "memory");
	dsb(sy);
	write_sysreg(sctlr_el1, sctlr & ~(1 << 2 | 1 << 12));
	isb();
	asm volatile("dc cisw, %0" :: "r" (0UL) : "memory");
	dsb(sy);
	write_sysreg(sctlr_el1, sctlr);
	isb();
	GUEST_ASSERT_EQ(0x1234, READ_ONCE(word));
	GUEST_ASSERT_EQ(sctlr, read_sysreg(sctlr_el1));
}

TEST(caches_off_and_on)
{
	run(guest_cache_off_and_on);
}

static void guest_actlr(void)
{
	uint64_t v = read_sysreg(actlr_el1), x = ~0ULL;

	/* Implementation defined: reads, and writes are ignored. */
	GUEST_ASSERT_EQ(0, guest_exec(INSN_MSR_X0(3, 0, 1, 0, 1), &x));
	GUEST_ASSERT_EQ(v, read_sysreg(actlr_el1));
}

TEST(actlr)
{
	run(guest_actlr);
}

static void guest_el1_registers(void)
{
	/* Those that the guest has to itself keep what it writes. */
	static const struct {
		unsigned char op1, crn, crm, op2;
	} r[] = {
		{ 0, 2, 0, 1 },		/* TTBR1_EL1 */
		{ 0, 5, 1, 0 },		/* AFSR0_EL1: may be RAZ */
		{ 0, 6, 0, 0 },		/* FAR_EL1 */
		{ 0, 13, 0, 1 },	/* CONTEXTIDR_EL1 */
		{ 3, 13, 0, 2 },	/* TPIDR_EL0 */
		{ 3, 13, 0, 3 },	/* TPIDRRO_EL0 */
		{ 0, 14, 1, 0 },	/* CNTKCTL_EL1 */
	};

	for (unsigned int i = 0; i < sizeof(r) / sizeof(r[0]); i++) {
		uint64_t x = 0x30, y = 0;

		GUEST_ASSERT_EQ(0, guest_exec(INSN_MSR_X0(3, r[i].op1, r[i].crn, r[i].crm, r[i].op2), &x));
		guest_sync(i);
		GUEST_ASSERT_EQ(0, guest_exec(INSN_MRS_X0(3, r[i].op1, r[i].crn, r[i].crm, r[i].op2), &y));
		if (r[i].crn != 5)
			GUEST_ASSERT_EQ(0x30, y);
	}
}

TEST(own_registers_survive_exits)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_el1_registers);

	while (vcpu_run(vcpu) == EXIT_GUEST_SYNC)
		;
	EXPECT_EQ(EXIT_GUEST_DONE, vcpu_exit(vcpu));
	vm_destroy(vm);
}

static void guest_everything(void)
{
	write_sysreg(cpacr_el1, 3ULL << 24 | 3ULL << 20 | 3ULL << 16);
	isb();
	/* Reads of all of op0 3, CRn 0-15 in steps; whatever each does, the guest is told, and goes on. */
	for (unsigned int op1 = 0; op1 < 8; op1++) {
		for (unsigned int crn = 0; crn < 16; crn++) {
			for (unsigned int crm = 0; crm < 16; crm++) {
				for (unsigned int op2 = 0; op2 < 8; op2++) {
					uint64_t x = 0, esr;

					/* An acknowledge would change state. */
					if (crn == 12 && (crm == 8 || crm == 12) && op2 == 0)
						continue;
					esr = guest_exec(INSN_MRS_X0(3, op1, crn, crm, op2), &x);
					if (esr && ESR_EC(esr) != EC_UNKNOWN && ESR_EC(esr) != EC_SYS64)
						guest_fail("exception of MRS", __FILE__, __LINE__,
							   op1 << 11 | crn << 7 | crm << 3 | op2, esr);
				}
			}
		}
	}
	guest_sync(1);
}

TEST(every_system_register_read)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_everything);

	EXPECT_EQ(1, vcpu_sync(vcpu));
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
