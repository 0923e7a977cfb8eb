// SPDX-License-Identifier: GPL-2.0
/*
 * Trapped accesses of AArch64 system registers.
 *
 * One table says what each register is; what is not in it is undefined to the
 * guest. Look-up is by hash, but for the ID registers, whose encodings are a
 * range.
 */

#include <linux/array_size.h>
#include <asm/esr.h>
#include "sysreg.h"
#include "trace.h"

#define SYSREG_HASH_BITS	10
#define SYSREG_HASH_SIZE	BIT(SYSREG_HASH_BITS)

/*
 * Open addressing: index in the table plus one, 0 where there is none. Filled
 * once, at module load; never more than half full, so a search ends.
 */
static u16 sysreg_hash[SYSREG_HASH_SIZE] __ro_after_init;

static unsigned int sysreg_hash_of(u16 key)
{
	return key * 0x9e3779b1u >> (32 - SYSREG_HASH_BITS);
}

/**
 * sysreg_find - look a register up
 * @key: SYSREG_KEY(); not an ID register's
 *
 * Context: any.
 *
 * Return: its description, or NULL.
 */
const struct sysreg_desc *sysreg_find(u16 key)
{
	unsigned int h = sysreg_hash_of(key);

	while (sysreg_hash[h]) {
		const struct sysreg_desc *desc = &sysreg_table[sysreg_hash[h] - 1];

		if (desc->key == key)
			return desc;
		h = (h + 1) % SYSREG_HASH_SIZE;
	}
	return NULL;
}

/**
 * sysreg_table_check - verify the table and make it searchable
 *
 * Return: 0, or -EINVAL if the table is not in order.
 *
 * Context: module initialisation.
 */
int __init sysreg_table_check(void)
{
	if (WARN_ON(sysreg_table_size > SYSREG_HASH_SIZE / 2))
		return -EINVAL;

	for (unsigned int i = 0; i < sysreg_table_size; i++) {
		const struct sysreg_desc *desc = &sysreg_table[i];
		unsigned int h = sysreg_hash_of(desc->key);
		bool reachable = desc->read || desc->write || (desc->flags & SYSREG_USER);
		bool backed = (desc->flags & SYSREG_SLOT) || (desc->user_get && desc->user_set);

		if (WARN_ON((i && desc->key <= sysreg_table[i - 1].key) || !reachable ||
			    ((desc->flags & SYSREG_USER) && !backed) ||
			    (desc->key >= SYSREG_ID_FIRST && desc->key <= SYSREG_ID_LAST)))
			return -EINVAL;
		while (sysreg_hash[h])
			h = (h + 1) % SYSREG_HASH_SIZE;
		sysreg_hash[h] = i + 1;
	}
	return 0;
}

enum sysreg_access sysreg_read_zero(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				    bool fast)
{
	*val = 0;
	return SYSREG_DONE;
}

enum sysreg_access sysreg_write_ignore(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				       bool fast)
{
	return SYSREG_DONE;
}

enum sysreg_access sysreg_read_slot(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				    bool fast)
{
	*val = vcpu_sysreg_get(vcpu, desc->slot);
	return SYSREG_DONE;
}

/* ISS of EC 0x18 (D24.2.40): op0 21:20, op2 19:17, op1 16:14, CRn 13:10, Rt 9:5, CRm 4:1, read 0 */
#define ISS_READ	BIT(0)
#define ISS_RT(iss)	((iss) >> 5 & 31)
#define ISS_ID_MASK	(GENMASK(21, 20) | GENMASK(16, 10) | ISS_READ)
#define ISS_ID_READ	(3 << 20 | ISS_READ)

static u16 sysreg_iss_key(u32 iss)
{
	/* op1 and CRn are neighbours in both. */
	return (iss >> 20 & 3) << 14 | (iss >> 10 & 0x7f) << 7 | (iss >> 1 & 0xf) << 3 |
	       (iss >> 17 & 7);
}

static enum sysreg_access sysreg_access(struct vcpu *vcpu, u32 iss, bool fast)
{
	const struct sysreg_desc *desc = sysreg_find(sysreg_iss_key(iss));
	enum sysreg_access ret;
	u64 val;

	if (!desc)
		return SYSREG_UNDEF;
	if (!(iss & ISS_READ)) {
		val = vcpu_reg_get(vcpu, ISS_RT(iss));
		return desc->write ? desc->write(vcpu, desc, val, fast) : SYSREG_UNDEF;
	}
	if (!desc->read)
		return SYSREG_UNDEF;
	ret = desc->read(vcpu, desc, &val, fast);
	if (ret == SYSREG_DONE || ret == SYSREG_DONE_RESYNC)
		vcpu_reg_set(vcpu, ISS_RT(iss), val);
	return ret;
}

/* Reads in the feature ID space: op0=3, op1=0, 1 or 3, CRn=0, CRm=0..7 */
static bool sysreg_is_id_read(u32 iss)
{
	unsigned int op1 = iss >> 14 & 7;

	return (iss & ISS_READ) && (iss >> 20 & 3) == 3 && (op1 < 2 || op1 == 3) &&
	       !(iss >> 10 & 0xf) && (iss >> 1 & 0xf) < 8;
}

static void sysreg_undefined(struct vcpu *vcpu)
{
	if (sysreg_is_id_read(ESR_ELx_ISS(vcpu_esr(vcpu))))
		inject_id_trap(vcpu);
	else
		inject_undefined(vcpu);
}

static enum exit_result sysreg_finish(struct vcpu *vcpu, enum sysreg_access ret)
{
	switch (ret) {
	case SYSREG_DONE:
		vcpu_skip_insn(vcpu);
		return EXIT_RESUME;
	case SYSREG_DONE_RESYNC:
		vcpu_skip_insn(vcpu);
		return EXIT_RESYNC;
	case SYSREG_RETRY:
		return EXIT_RESUME;
	case SYSREG_SLOW:
		return EXIT_SLOW;
	case SYSREG_TRAP_EL1:
		inject_sysreg_trap(vcpu);
		return EXIT_RESYNC;
	default:
		/* This takes the EL1 registers out of the CPU. */
		sysreg_undefined(vcpu);
		return EXIT_RESYNC;
	}
}

/* The ID registers of a VM need neither a look-up nor a handler. */
static bool sysreg_read_id(struct vcpu *vcpu, u32 iss)
{
	unsigned int crm = iss >> 1 & 0xf;

	if ((iss & ISS_ID_MASK) != ISS_ID_READ || crm < 1 || crm > 7)
		return false;
	vcpu_reg_set(vcpu, ISS_RT(iss),
		     sysreg_id_get(vcpu->vm, (crm - 1) * 8 + (iss >> 17 & 7)));
	return true;
}

static noinline void sysreg_trace(const struct vcpu *vcpu, u32 iss)
{
	const struct sysreg_desc *desc = sysreg_find(sysreg_iss_key(iss));

	trace_kvm_sys_access(vcpu->arch.hyp.pc, iss, desc ? desc->name : NULL);
}

/**
 * sysreg_trap_fast - a trapped MRS, MSR or SYS instruction, in the inner loop
 * @vcpu: active on this CPU, interrupts off
 *
 * Return: EXIT_RESUME, EXIT_RESYNC, or EXIT_SLOW with nothing changed.
 */
enum exit_result sysreg_trap_fast(struct vcpu *vcpu)
{
	u32 iss = ESR_ELx_ISS(vcpu_esr(vcpu));

	/* Every trap comes here first. */
	trace_kvm_handle_sys_reg(vcpu_esr(vcpu));
	if (trace_kvm_sys_access_enabled())
		sysreg_trace(vcpu, iss);
	if (sysreg_read_id(vcpu, iss)) {
		vcpu_skip_insn(vcpu);
		return EXIT_RESUME;
	}
	return sysreg_finish(vcpu, sysreg_access(vcpu, iss, true));
}

/**
 * sysreg_trap - a trapped MRS, MSR or SYS instruction that may have to sleep
 * @vcpu: loaded, own thread
 *
 * Return: EXIT_RESUME.
 */
enum exit_result sysreg_trap(struct vcpu *vcpu)
{
	u32 iss = ESR_ELx_ISS(vcpu_esr(vcpu));

	if (sysreg_read_id(vcpu, iss))
		vcpu_skip_insn(vcpu);
	else
		sysreg_finish(vcpu, sysreg_access(vcpu, iss, false));
	return EXIT_RESUME;
}

/**
 * sysreg_reset_vcpu - every register's value at reset
 * @vcpu: not loaded
 *
 * Values that the architecture leaves UNKNOWN are 0. MPIDR_EL1 is set by the
 * first reset only: user space may have chosen it since, and other vCPUs look
 * for this one by it at any time.
 *
 * Context: vcpu->mutex held or own thread.
 */
void sysreg_reset_vcpu(struct vcpu *vcpu)
{
	bool again = vcpu->arch.sysregs[SYS_MPIDR];

	for (unsigned int i = 0; i < SYS_NR; i++)
		if (i != SYS_MPIDR)
			vcpu->arch.sysregs[i] = 0;
	for (unsigned int i = 0; i < sysreg_table_size; i++) {
		const struct sysreg_desc *desc = &sysreg_table[i];

		if (again && desc->flags & SYSREG_SLOT && desc->slot == SYS_MPIDR)
			continue;
		if (desc->flags & SYSREG_SLOT)
			vcpu->arch.sysregs[desc->slot] = desc->reset_fn ? desc->reset_fn(vcpu) :
								desc->reset;
	}
}

/**
 * sysreg_vm_init - what a new VM's ID registers say
 * @vm: not yet visible
 *
 * Return: 0.
 */
int sysreg_vm_init(struct vm *vm)
{
	sysreg_id_init(vm);
	sysreg_cache_init(vm);
	return 0;
}
