// SPDX-License-Identifier: GPL-2.0
/*
 * Branch-predictor mitigations on the way out of a guest.
 *
 * The kernel patches its own guest vectors at boot; a module brings its own
 * and chooses per CPU, from what the CPU says of itself and the list of
 * affected cores that Arm publishes ("Spectre-BHB", and the Cortex notes of
 * CVE-2022-23960). CPUs of one system may differ.
 */

#include <linux/arm-smccc.h>
#include <linux/bitfield.h>
#include <linux/percpu.h>
#include <asm/cpufeature.h>
#include <asm/cputype.h>
#include <asm/sysreg.h>
#include "hyp.h"

/* Iterations that overwrite the whole history of any CPU here; read by entry.S. */
u64 hyp_bhb_loops = 8;
/* The firmware function that entry.S calls on exits. */
u64 hyp_fw_function;

static DEFINE_PER_CPU(unsigned long, hyp_vector_base);

struct bhb_core {
	u32 model;
	u8 loops;
};

static const struct bhb_core bhb_cores[] = {
	{ MIDR_CORTEX_A57, 8 },   { MIDR_CORTEX_A72, 8 },
	{ MIDR_AMPERE1, 11 },
	{ MIDR_CORTEX_A76, 24 },  { MIDR_CORTEX_A76AE, 24 },
	{ MIDR_CORTEX_A77, 24 },  { MIDR_NEOVERSE_N1, 24 },
	{ MIDR_CORTEX_A78, 32 },  { MIDR_CORTEX_A78AE, 32 },
	{ MIDR_CORTEX_A78C, 32 }, { MIDR_CORTEX_A710, 32 },
	{ MIDR_CORTEX_X1, 32 },   { MIDR_CORTEX_X1C, 32 },
	{ MIDR_CORTEX_X2, 32 },   { MIDR_NEOVERSE_N2, 32 },
	{ MIDR_NEOVERSE_V1, 32 },
};

static unsigned int bhb_loops_of(u32 midr)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(bhb_cores); i++)
		if (MIDR_CPU_MODEL(midr >> MIDR_IMPLEMENTOR_SHIFT,
				   MIDR_PARTNUM(midr)) == bhb_cores[i].model)
			return bhb_cores[i].loops;
	return 0;
}

static bool fw_has(u32 fn)
{
	struct arm_smccc_res res;

	if (arm_smccc_1_1_get_conduit() != SMCCC_CONDUIT_SMC)
		return false;
	arm_smccc_1_1_smc(ARM_SMCCC_ARCH_FEATURES_FUNC_ID, fn, &res);
	return (s32)res.a0 == SMCCC_RET_SUCCESS;
}

static char *hyp_mitigate_choose(void)
{
	u64 pfr0 = read_sysreg_s(SYS_ID_AA64PFR0_EL1);
	u64 mmfr1 = read_sysreg_s(SYS_ID_AA64MMFR1_EL1);
	u64 isar2 = read_sysreg_s(SYS_ID_AA64ISAR2_EL1);
	unsigned int csv2 = FIELD_GET(ID_AA64PFR0_EL1_CSV2_MASK, pfr0);
	unsigned int loops = bhb_loops_of(read_cpuid_id());

	/* History and targets of one exception level cannot reach another. */
	if (csv2 >= 3 || FIELD_GET(ID_AA64MMFR1_EL1_ECBHB_MASK, mmfr1))
		return hyp_vectors;
	if (csv2 == 0 || !loops) {
		if (fw_has(ARM_SMCCC_ARCH_WORKAROUND_3)) {
			WRITE_ONCE(hyp_fw_function, ARM_SMCCC_ARCH_WORKAROUND_3);
			return hyp_vectors_fw;
		}
		if (csv2 == 0 && fw_has(ARM_SMCCC_ARCH_WORKAROUND_1)) {
			WRITE_ONCE(hyp_fw_function, ARM_SMCCC_ARCH_WORKAROUND_1);
			return hyp_vectors_fw;
		}
	}
	if (FIELD_GET(ID_AA64ISAR2_EL1_BC_MASK, isar2))
		return hyp_vectors_clrbhb;
	if (loops) {
		/* Only grows, and one that is too large is only slower. */
		if (loops > READ_ONCE(hyp_bhb_loops))
			WRITE_ONCE(hyp_bhb_loops, loops);
		return hyp_vectors_loop;
	}
	return hyp_vectors;
}

void hyp_mitigate_cpu(void)
{
	__this_cpu_write(hyp_vector_base, (unsigned long)hyp_mitigate_choose());
}

/*
 * Is a guest's HVC as good as SMCCC_ARCH_WORKAROUND_3?  Coming here clears the
 * branch history, unless the CPU keeps that of each exception level apart.
 * Without CSV2 there are targets to be cleared, too, which needs firmware.
 */
bool hyp_exit_clears_history(void)
{
	unsigned long vectors = hyp_cpu_vectors();
	u64 pfr0 = read_sysreg_s(SYS_ID_AA64PFR0_EL1);
	u64 mmfr1 = read_sysreg_s(SYS_ID_AA64MMFR1_EL1);
	unsigned int csv2 = FIELD_GET(ID_AA64PFR0_EL1_CSV2_MASK, pfr0);

	if (csv2 >= 3 || FIELD_GET(ID_AA64MMFR1_EL1_ECBHB_MASK, mmfr1))
		return true;
	return csv2 && (vectors == (unsigned long)hyp_vectors_loop ||
			vectors == (unsigned long)hyp_vectors_clrbhb);
}

unsigned long hyp_cpu_vectors(void)
{
	return __this_cpu_read(hyp_vector_base);
}
