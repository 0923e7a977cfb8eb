/* SPDX-License-Identifier: GPL-2.0 */
/* arm64: what guest code has at EL1. */
#ifndef GUEST_ARCH_H
#define GUEST_ARCH_H

/* Types of memory for vm_map(); the numbers are indices into MAIR_EL1. */
#define MAP_DEVICE	0	/* nGnRnE, not executable */
#define MAP_CODE	1	/* write-back, executable: also the default for data */
#define MAP_UNCACHED	2
#define MAP_DATA	3	/* write-back, not executable */
#define MAP_USER	4	/* write-back, for EL0 too, executable there only */

/* What a vCPU finds when it comes up with its MMU off; boot.S knows the offsets. */
struct guest_boot {
	uint64_t ttbr0, tcr, mair, sctlr, vbar, sp, main;
	uint64_t fn, arg[4];
};

/* Per vCPU, in guest RAM; TPIDR_EL1 points to it. */
struct guest_cpu {
	struct guest_boot boot;
	uint64_t index;
	struct ucall ucall;

	volatile uint64_t catching;	/* guest_catch() is on */
	volatile uint64_t caught_esr, caught_far, caught_pc;
	volatile uint64_t irqs;		/* interrupts taken */
	volatile uint64_t redist;	/* address of the redistributor, once found */
	volatile uint8_t sgi_source[16]; /* GICv2: who sent the SGI that is active */
};

struct ex_regs {
	uint64_t x[31];
	uint64_t sp, pc, pstate;
};

#define read_sysreg(name) ({						\
	uint64_t value_;						\
	asm volatile("mrs %0, " #name : "=r" (value_) :: "memory");	\
	value_; })
#define write_sysreg(name, value) \
	asm volatile("msr " #name ", %x0" :: "rZ" ((uint64_t)(value)) : "memory")
/* For macros that name a register. */
#define read_reg(name)		read_sysreg(name)
#define write_reg(name, value)	write_sysreg(name, value)

#define isb()		asm volatile("isb" ::: "memory")
#define dsb(scope)	asm volatile("dsb " #scope ::: "memory")
#define wfi()		asm volatile("wfi" ::: "memory")
#define wfe()		asm volatile("wfe" ::: "memory")
#define cpu_relax()	asm volatile("yield" ::: "memory")

/* MMIO: one access of this width, with a syndrome that says all. */
#define GUEST_MMIO(bits, type, reg, suffix)						\
static inline type guest_mmio_read##bits(uint64_t address)				\
{											\
	type value;									\
	asm volatile("ldr" suffix " %" reg "0, [%1]" : "=r" (value) : "r" (address) : "memory"); \
	return value;									\
}											\
static inline void guest_mmio_write##bits(uint64_t address, type value)			\
{											\
	asm volatile("str" suffix " %" reg "0, [%1]" :: "r" (value), "r" (address) : "memory"); \
}

GUEST_MMIO(8, uint8_t, "w", "b")
GUEST_MMIO(16, uint16_t, "w", "h")
GUEST_MMIO(32, uint32_t, "w", "")
GUEST_MMIO(64, uint64_t, "x", "")

static inline struct guest_cpu *guest_cpu(void)
{
	struct guest_cpu *cpu;

	asm volatile("mrs %0, tpidr_el1" : "=r" (cpu));
	return cpu;
}

static inline void irq_enable(void)
{
	asm volatile("msr daifclr, #2" ::: "memory");
}

static inline void irq_disable(void)
{
	asm volatile("msr daifset, #2" ::: "memory");
}

static inline void serror_enable(void)
{
	asm volatile("msr daifclr, #4" ::: "memory");
}

/* ------------------------------------------------------------------------------------- Exceptions */

enum {
	VECTOR_SYNC_SP0, VECTOR_IRQ_SP0, VECTOR_FIQ_SP0, VECTOR_SERROR_SP0,
	VECTOR_SYNC, VECTOR_IRQ, VECTOR_FIQ, VECTOR_SERROR,
	VECTOR_SYNC_LOW64, VECTOR_IRQ_LOW64, VECTOR_FIQ_LOW64, VECTOR_SERROR_LOW64,
	VECTOR_SYNC_LOW32, VECTOR_IRQ_LOW32, VECTOR_FIQ_LOW32, VECTOR_SERROR_LOW32,
	NR_VECTORS
};

#define ESR_EC(esr)		((esr) >> 26 & 0x3f)
#define ESR_ISS(esr)		((esr) & 0x1ffffff)
#define EC_UNKNOWN		0x00
#define EC_SVC64		0x15
#define EC_HVC64		0x16
#define EC_SYS64		0x18
#define EC_IABT_CUR		0x21
#define EC_DABT_CUR		0x25
#define EC_SERROR		0x2f
#define EC_BREAKPT_CUR		0x31
#define EC_SOFTSTP_CUR		0x33
#define EC_WATCHPT_CUR		0x35
#define EC_BRK64		0x3c

typedef void (*vector_fn)(struct ex_regs *regs, uint64_t esr);

/*
 * Handlers are variables of the program: set by the host before vm_create() or by guest code. A vector without one
 * ends the test. on_sync() is by exception class, for the current EL.
 */
void on_vector(unsigned int vector, vector_fn fn);
void on_sync(unsigned int ec, vector_fn fn);
static inline void on_irq(vector_fn fn)
{
	on_vector(VECTOR_IRQ, fn);
}

/*
 * Run a statement with one instruction in it that may cause a synchronous exception. Returns ESR_EL1, or 0 if there
 * was none; the instruction is skipped.
 */
#define guest_catch(statement) ({					\
	struct guest_cpu *cpu_ = guest_cpu();				\
	cpu_->caught_esr = 0;						\
	cpu_->catching = 1;						\
	isb();								\
	statement;							\
	dsb(sy);							\
	isb();								\
	cpu_->catching = 0;						\
	cpu_->caught_esr; })

/* The same for an instruction that is known only when the guest runs, with x0 in and out. */
uint64_t guest_exec(uint32_t insn, uint64_t *x0);	/* ESR_EL1 or 0 */

#define INSN_MRS_X0(op0, op1, crn, crm, op2) \
	(0xd5200000u | (op0) << 19 | (op1) << 16 | (crn) << 12 | (crm) << 8 | (op2) << 5)
#define INSN_MSR_X0(op0, op1, crn, crm, op2) \
	(0xd5000000u | (op0) << 19 | (op1) << 16 | (crn) << 12 | (crm) << 8 | (op2) << 5)

/* ------------------------------------------------------------------------------------------- Time */

static inline uint64_t guest_freq(void)
{
	return read_sysreg(cntfrq_el0);
}

static inline uint64_t guest_now(void)
{
	isb();
	return read_sysreg(cntvct_el0);
}

static inline uint64_t guest_ms(uint64_t ms)
{
	return guest_freq() * ms / 1000;
}

void guest_delay_us(uint64_t us);

/* ------------------------------------------------------------------------- Hypercalls and firmware */

struct smccc_result {
	uint64_t a0, a1, a2, a3;
};

struct smccc_result guest_hvc(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3);
struct smccc_result guest_smc(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3);

/* PSCI CPU_ON of another vCPU: it begins its function, as given to vcpu_add_off(). */
int64_t guest_cpu_on(uint64_t mpidr, struct guest_cpu *cpu);

extern char guest_entry[];		/* what a vCPU starts at, with the address of its guest_cpu in x0 */
uint64_t guest_entry_pa(void);		/* its physical address */

#endif /* GUEST_ARCH_H */
