/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_ARM64_SYSREG_H
#define KVM_ARM64_SYSREG_H

/* Between sysreg*.c and debug.c: the table of system registers and its handlers. */

#include <linux/bitops.h>
#include <asm/sysreg.h>
#include "arm64.h"

/*
 * A register's key: op0, op1, CRn, CRm, op2 as KVM_REG_ARM64_SYSREG ids have
 * them in their low 16 bits.
 */
#define SYSREG_KEY(reg)	((u16)((reg) >> 5))
#define SYSREG_ID(key)	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM64_SYSREG | (u64)(key))

/* The ID registers that HCR_EL2.TID3 traps: op0=3 op1=0 CRn=0 CRm=1..7 */
#define SYSREG_ID_FIRST	SYSREG_KEY(sys_reg(3, 0, 0, 1, 0))
#define SYSREG_ID_LAST	(SYSREG_ID_FIRST + ID_REG_COUNT - 1)

/* What became of an access */
enum sysreg_access {
	SYSREG_DONE,
	SYSREG_DONE_RESYNC,	/* done; the vGIC or timers must be looked at */
	SYSREG_RETRY,		/* the instruction can run by itself now */
	SYSREG_SLOW,		/* not with interrupts off: nothing was changed */
	SYSREG_UNDEF,
	SYSREG_TRAP_EL1,	/* the guest's EL1 has not given it to its EL0 */
};

struct sysreg_desc;

/* @fast: in the inner loop, interrupts off */
typedef enum sysreg_access (*sysreg_read_fn)(struct vcpu *vcpu, const struct sysreg_desc *desc,
					     u64 *val, bool fast);
typedef enum sysreg_access (*sysreg_write_fn)(struct vcpu *vcpu, const struct sysreg_desc *desc,
					      u64 val, bool fast);

/**
 * struct sysreg_desc - one system register
 * @name: for people
 * @key: SYSREG_KEY()
 * @flags: SYSREG_USER, SYSREG_SLOT
 * @slot: its place in vcpu_arch.sysregs, if SYSREG_SLOT
 * @arg: for the handlers: an index
 * @reset: value at reset, if SYSREG_SLOT and no @reset_fn
 * @reset_fn: computes it
 * @read: a trapped MRS; NULL: undefined
 * @write: a trapped MSR or SYS; NULL: undefined
 * @user_get: KVM_GET_ONE_REG; NULL: the slot
 * @user_set: KVM_SET_ONE_REG; NULL: the slot
 *
 * User functions run with vcpu->mutex held and return 0 or -errno.
 */
struct sysreg_desc {
	const char *name;
	u16 key;
	u8 flags;
	u8 slot;
	u8 arg;
	u64 reset;
	u64 (*reset_fn)(struct vcpu *vcpu);
	sysreg_read_fn read;
	sysreg_write_fn write;
	int (*user_get)(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val);
	int (*user_set)(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val);
};

#define SYSREG_USER	BIT(0)		/* listed, and reached by ONE_REG */
#define SYSREG_SLOT	BIT(1)
#define SYSREG_PTRAUTH	BIT(2)		/* user space's only if the vCPU has pointer authentication */
#define SYSREG_PMU	BIT(3)		/* only if it has a PMU */
#define SYSREG_SVE	BIT(4)		/* the same for SVE */
#define SYSREG_MTE	BIT(5)		/* and for the VM's memory tags */

/* sysreg-table.c: by ascending key, without the ID registers */
extern const struct sysreg_desc sysreg_table[];
extern const unsigned int sysreg_table_size;

/* sysreg.c */
const struct sysreg_desc *sysreg_find(u16 key);

enum sysreg_access sysreg_read_zero(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				    bool fast);
enum sysreg_access sysreg_write_ignore(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				       bool fast);
enum sysreg_access sysreg_read_slot(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				    bool fast);

/* sysreg-id.c */
void sysreg_id_init(struct vm *vm);
u64 sysreg_id_get(const struct vm *vm, unsigned int index);
u64 sysreg_id_user(const struct vm *vm, unsigned int index);
int sysreg_id_set(struct vm *vm, unsigned int index, u64 val);
u64 sysreg_reset_mpidr(struct vcpu *vcpu);

/* sysreg-cache.c: cache geometry and maintenance by set and way */
void sysreg_cache_init(struct vm *vm);
u64 sysreg_cache_traps(const struct vm *vm);		/* HCR_EL2 bits */
void sysreg_cache_masks(u64 *clidr, u64 *ctr);
enum sysreg_access sysreg_read_ctr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				   bool fast);
enum sysreg_access sysreg_read_clidr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				     bool fast);
enum sysreg_access sysreg_read_ccsidr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				      bool fast);
enum sysreg_access sysreg_write_csselr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				       bool fast);
enum sysreg_access sysreg_write_setway(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				       bool fast);
enum sysreg_access sysreg_write_tag_setway(struct vcpu *vcpu, const struct sysreg_desc *desc,
					   u64 val, bool fast);
enum sysreg_access sysreg_write_stage1(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				       bool fast);
int sysreg_get_ctr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val);
int sysreg_set_ctr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val);
int sysreg_get_clidr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val);
int sysreg_set_clidr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val);
u32 sysreg_ccsidr_get(const struct vcpu *vcpu, unsigned int csselr);
void sysreg_ccsidr_set(struct vcpu *vcpu, unsigned int csselr, u32 val);

/* debug.c */
enum sysreg_access debug_read_bank(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				   bool fast);
enum sysreg_access debug_write_bank(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				    bool fast);
int debug_get_bank(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val);
int debug_set_bank(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val);
enum sysreg_access debug_read_slot(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				   bool fast);
enum sysreg_access debug_write_slot(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				    bool fast);
enum sysreg_access debug_write_oslar(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				     bool fast);
int debug_set_oslsr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val);

/* pmu-regs.c.  .arg: the number of a counter, or */
#define PMU_ARG_SELECTED	0xff	/* the one in PMSELR_EL0 */
#define PMU_ARG_ENABLED		0	/* of the pairs that set and clear: which, */
#define PMU_ARG_INTERRUPTS	1
#define PMU_ARG_OVERFLOWED	2
#define PMU_ARG_CLEAR		BIT(7)	/* and that it is the one that clears */

enum sysreg_access pmu_read_pmcr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				 bool fast);
enum sysreg_access pmu_write_pmcr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				  bool fast);
enum sysreg_access pmu_read_userenr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				    bool fast);
enum sysreg_access pmu_write_userenr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				     bool fast);
enum sysreg_access pmu_read_selr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				 bool fast);
enum sysreg_access pmu_write_selr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				  bool fast);
enum sysreg_access pmu_read_pmceid(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				   bool fast);
enum sysreg_access pmu_read_pmmir(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				  bool fast);
enum sysreg_access pmu_read_mask(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				 bool fast);
enum sysreg_access pmu_write_mask(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				  bool fast);
enum sysreg_access pmu_read_counter(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				    bool fast);
enum sysreg_access pmu_write_counter(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				     bool fast);
enum sysreg_access pmu_read_typer(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val,
				  bool fast);
enum sysreg_access pmu_write_typer(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				   bool fast);
enum sysreg_access pmu_write_swinc(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val,
				   bool fast);
int pmu_get_pmcr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val);
int pmu_user_pmcr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val);
int pmu_get_userenr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val);
int pmu_user_userenr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val);
int pmu_get_selr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val);
int pmu_user_selr(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val);
int pmu_get_mask(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val);
int pmu_user_mask(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val);
int pmu_get_counter(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val);
int pmu_user_counter(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val);
int pmu_get_typer(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val);
int pmu_user_typer(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val);
int pmu_get_swinc(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 *val);
int pmu_user_swinc(struct vcpu *vcpu, const struct sysreg_desc *desc, u64 val);

#endif
