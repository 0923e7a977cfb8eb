/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_POWERPC_BOOKE_H
#define KVM_POWERPC_BOOKE_H

/* Between the files of arch/powerpc/kvm. */

#include <kvm/memslot.h>
#include <kvm/vcpu.h>
#include <kvm/vm.h>

/* MSR, Book E and the 440's */
#define BMSR_WE		0x00040000
#define BMSR_CE		0x00020000
#define BMSR_EE		0x00008000
#define BMSR_PR		0x00004000
#define BMSR_FP		0x00002000
#define BMSR_ME		0x00001000
#define BMSR_FE0	0x00000800
#define BMSR_DWE	0x00000400
#define BMSR_DE		0x00000200
#define BMSR_FE1	0x00000100
#define BMSR_IS		0x00000020
#define BMSR_DS		0x00000010
#define BMSR_ALL	0x0006ff30

/* ESR */
#define BESR_MCI	0x80000000
#define BESR_PIL	0x08000000
#define BESR_PPR	0x04000000
#define BESR_PTR	0x02000000
#define BESR_FP		0x01000000
#define BESR_ST		0x00800000
#define BESR_DLK	0x00300000
#define BESR_AP		0x00080000
#define BESR_PUO	0x00040000
#define BESR_BO		0x00020000

/* TCR and TSR */
#define BTCR_WP(tcr)	((tcr) >> 30)
#define BTCR_WRC(tcr)	((tcr) >> 28 & 3)
#define BTCR_WRC_MASK	0x30000000
#define BTCR_WIE	0x08000000
#define BTCR_DIE	0x04000000
#define BTCR_FP(tcr)	((tcr) >> 24 & 3)
#define BTCR_FIE	0x00800000
#define BTCR_ARE	0x00400000
#define BTCR_ALL	0xffc00000
#define BTSR_ENW	0x80000000
#define BTSR_WIS	0x40000000
#define BTSR_WRS_MASK	0x30000000
#define BTSR_DIS	0x08000000
#define BTSR_FIS	0x04000000
#define BTSR_ALL	0xfc000000

/* DBCR0, and DBSR where nothing else is said */
#define B0_EDM		0x80000000
#define B0_IDM		0x40000000
#define B0_RST		0x30000000
#define B0_IC		0x08000000
#define B0_BRT		0x04000000
#define B0_IRPT		0x02000000
#define B0_TRAP		0x01000000
#define B0_IAC(n)	(0x00800000 >> (n))
#define B0_IACS		0x00f00000
#define B0_DAC_R(n)	(0x00080000 >> 2 * (n))
#define B0_DAC_W(n)	(0x00040000 >> 2 * (n))
#define B0_DACS		0x000f0000
#define B0_RET		0x00008000
#define BSR_IDE		0x80000000
#define BSR_EVENTS	0x0fff8000
/* DBCR2: the states that the two data compares are for */
#define B2_STATES	0xff000000

/* What became of an exit. */
enum exit_result {
	EXIT_SLOW = 2,		/* has to be handled with interrupts on */
	EXIT_GUEST = 1,		/* go on */
	EXIT_USER = 0,		/* run->exit_reason says why; else a negative errno */
};

enum emul_result {
	EMUL_DONE,		/* and the program counter has been moved on */
	EMUL_USER,		/* an exit to user space has been made */
	EMUL_INJECTED,		/* an exception is pending instead */
	EMUL_UNKNOWN,		/* not an instruction that this knows */
};

enum mmu_access {
	ACCESS_READ,
	ACCESS_WRITE,
	ACCESS_FETCH,
};

/* ---- module.c */
bool host_has_mcsrr(void);

/* ---- except.c */
/* Exceptions of the guest's own doing.  Own thread. */
void except_program(struct vcpu *vcpu, u32 esr);
void except_data(struct vcpu *vcpu, enum exception exc, u32 dear, u32 esr);
void except_queue(struct vcpu *vcpu, enum exception exc);
/* Any context */
void except_external(struct vcpu *vcpu, u32 kind);
/* Before an entry: those with the highest priority that the guest takes. */
void except_deliver(struct vcpu *vcpu);
unsigned long except_pending_timers(struct vcpu *vcpu);
bool except_deliverable(struct vcpu *vcpu);

/* Those that wait, whether the guest takes them or not */
static inline unsigned long except_pending(struct vcpu *vcpu)
{
	unsigned long pending = READ_ONCE(vcpu->arch.pending);

	return likely(!READ_ONCE(vcpu->arch.timer.tsr)) ? pending :
							  pending | except_pending_timers(vcpu);
}

/* ---- gtlb.c: the guest's TLB.  Own thread or vcpu->mutex. */
void gtlb_reset(struct vcpu *vcpu);
/* The entry that translates @ea, or -1. */
int gtlb_find(const struct vcpu *vcpu, u32 ea, u8 pid, bool as);
gpa_t gtlb_gpa(const struct gtlb_entry *entry, u32 ea);
/* log2 of the page's size */
unsigned int gtlb_shift(const struct gtlb_entry *entry);
/* May the guest, as it is now, do that? */
bool gtlb_allows(const struct vcpu *vcpu, const struct gtlb_entry *entry, enum mmu_access access);
enum emul_result gtlb_tlbwe(struct vcpu *vcpu, u32 value, u32 index, unsigned int word);
enum emul_result gtlb_tlbre(struct vcpu *vcpu, u32 index, unsigned int word, u32 *value);
int gtlb_tlbsx(struct vcpu *vcpu, u32 ea);
int gtlb_fetch(struct vcpu *vcpu, u32 pc, u32 *insn);

static inline bool gtlb_as(const struct vcpu *vcpu, enum mmu_access access)
{
	return vcpu->arch.regs.msr & (access == ACCESS_FETCH ? BMSR_IS : BMSR_DS);
}

/* ---- shadow.c: what of it is in the CPU's */
struct shadow_page {
	u32 ea;			/* of its first byte */
	unsigned int shift;	/* 10 or 12 */
	phys_addr_t pa;
	u32 attr;		/* word 2 */
	unsigned int gtlb;
	gfn_t gfn;
};

int shadow_init(void);
void shadow_install(struct vcpu *vcpu, const struct shadow_page *page);
bool shadow_refill(struct vcpu *vcpu, u32 ea, u32 right);
bool shadow_fetch(struct vcpu *vcpu, u32 pc, u32 *insn);
u8 shadow_pid_new(struct vcpu *vcpu);

static inline unsigned int shadow_key(const struct vcpu *vcpu)
{
	u32 msr = vcpu->arch.regs.msr;
	/* MSR[PR], MSR[IS], MSR[DS] */
	unsigned int mode = (msr >> 12 & 4) | (msr >> 4 & 3);

	return vcpu->arch.regs.pid * SPID_MODES + mode;
}

/* Interrupts off: the shadow PID for the state that the guest is in. */
static inline u8 shadow_pid(struct vcpu *vcpu)
{
	u8 pid = ((u8 *)vcpu->arch.spid)[shadow_key(vcpu)];

	return likely(pid) ? pid : shadow_pid_new(vcpu);
}

void shadow_drop_gtlb(struct vcpu *vcpu, unsigned int gtlb);
void shadow_drop_vcpu(struct vcpu *vcpu);
bool shadow_drop_gfns(struct vm *vm, gfn_t start, gfn_t end);
void shadow_wrprotect_gfns(struct vm *vm, gfn_t start, gfn_t end);
bool shadow_has_gfns(struct vm *vm, gfn_t start, gfn_t end);

/* ---- mmu.c: misses and storage faults.  vm->srcu held. */
int mmu_fault(struct vcpu *vcpu, u32 ea, enum mmu_access access);
/* Interrupts off: EXIT_GUEST if an exception is pending or the translation is there, or EXIT_SLOW. */
int mmu_fault_fast(struct vcpu *vcpu, u32 ea, enum mmu_access access, u32 esr, bool miss);

/* ---- emul.c, spr.c: privileged instructions.  The program counter is on @insn. */
enum emul_result emul_privileged(struct vcpu *vcpu, u32 insn);
void emul_set_msr(struct vcpu *vcpu, u32 msr);
void spr_init(void);
enum emul_result spr_read(struct vcpu *vcpu, unsigned int spr, u32 *value);
enum emul_result spr_write(struct vcpu *vcpu, unsigned int spr, u32 value);

/* ---- timer.c */
void timer_vcpu_init(struct vcpu *vcpu);
void timer_vcpu_destroy(struct vcpu *vcpu);
u32 timer_dec_read(struct vcpu *vcpu);
void timer_dec_write(struct vcpu *vcpu, u32 value);
void timer_tcr_write(struct vcpu *vcpu, u32 value);
void timer_tcr_set(struct vcpu *vcpu, u32 value);
u32 timer_tsr_read(struct vcpu *vcpu);
void timer_tsr_clear(struct vcpu *vcpu, u32 bits);
void timer_tsr_or(struct vcpu *vcpu, u32 bits);
void timer_tsr_set(struct vcpu *vcpu, u32 value);
bool timer_watchdog_reset(struct vcpu *vcpu);
void timer_tbl_write(struct vcpu *vcpu, u32 value);
void timer_tbu_write(struct vcpu *vcpu, u32 value);
void timer_tb_set_offset(struct vcpu *vcpu, u64 offset);

/* ---- exit.c */
/* Interrupts off: EXIT_SLOW if it is not to be done there, and nothing has changed. */
int exit_handle_fast(struct vcpu *vcpu);
/* Interrupts on, vm->srcu held. */
int exit_handle_slow(struct vcpu *vcpu);

/* ---- mmio.c */
extern const struct ppc_core mmio_core;
/* The instruction at the program counter accesses what is no memory. */
int mmio_emulate(struct vcpu *vcpu);
/* What came of an emulation, as exit.c has it. */
int mmio_result(struct vcpu *vcpu, enum ppc_emul res);

/* ---- hcall.c */
int hcall_syscall(struct vcpu *vcpu);
int hcall_pvinfo(void __user *user);

/* ---- magic.c: the page shared with the guest */
int magic_vcpu_create(struct vcpu *vcpu);
void magic_vcpu_destroy(struct vcpu *vcpu);
u32 magic_map(struct vcpu *vcpu, u32 ea);
void magic_install(struct vcpu *vcpu);
void magic_update(struct vcpu *vcpu);
void *magic_access(struct vcpu *vcpu, u64 gpa);

/* Where accesses to it lead when they are emulated: beyond the guest physical address space */
#define MAGIC_GPA	BIT_ULL(63)

/* Is that where the guest, as it is now, sees it? */
static inline bool magic_at(const struct vcpu *vcpu, u32 ea)
{
	return unlikely(vcpu->arch.magic_mapped) && (ea & ~0xfffU) == vcpu->arch.magic_ea &&
	       !(vcpu->arch.regs.msr & BMSR_PR);
}

/* The guest is in a critical section of its own: no interrupt is wanted. */
static inline bool magic_critical(const struct vcpu *vcpu)
{
	return unlikely(vcpu->arch.magic_mapped) && !(vcpu->arch.regs.msr & BMSR_PR) &&
	       (u32)vcpu->arch.hw.shared->critical == vcpu->arch.hw.cpu.gpr[1];
}

/* ---- fp.c: interrupts off */
void fp_load(struct vcpu *vcpu);
void fp_put(struct vcpu *vcpu);

/* ---- regs.c */
void regs_reset(struct vcpu *vcpu);
long regs_ioctl(struct vcpu *vcpu, unsigned int ioctl, void __user *user);

/* ---- debug.c, debug-data.c */
int debug_set(struct vcpu *vcpu, void __user *user);
void debug_load(struct vcpu *vcpu);
void debug_unload(struct vcpu *vcpu);
int debug_exit(struct vcpu *vcpu);
int debug_exit_user(struct vcpu *vcpu, u32 status);
int debug_step_done(struct vcpu *vcpu);
void debug_update(struct vcpu *vcpu);
bool debug_event(struct vcpu *vcpu, u32 event);
void debug_data_start(struct vcpu *vcpu, u32 ea, bool write);
u32 debug_data_done(struct vcpu *vcpu);

/* May anything that the guest does be an event? */
static inline bool debug_steps(const struct vcpu *vcpu)
{
	return unlikely(vcpu->arch.debug.control || vcpu->arch.regs.dbcr[0] & BSR_EVENTS);
}

/*
 * Is an address compare for the state that @msr says? @fields: the compare's in the
 * highest bits, two for the mode (10: supervisor, 11: user) and two for the address
 * space (10: 0, 11: 1).  @space: the bit of the MSR that has the latter.
 */
static inline bool debug_state_matches(u32 fields, u32 msr, u32 space)
{
	u32 us = fields >> 30, er = fields >> 28 & 3;

	return (us < 2 || (us & 1) == !!(msr & BMSR_PR)) && (er < 2 || (er & 1) == !!(msr & space));
}

/* Illegal on every core; KVM_REG_PPC_DEBUG_INST */
#define DEBUG_BREAKPOINT_INSN	0x00dddd00

/* Does user space plant that instruction, and is it that? */
static inline bool debug_is_breakpoint(const struct vcpu *vcpu, u32 insn)
{
	return vcpu->arch.debug.control & KVM_GUESTDBG_USE_SW_BP && insn == DEBUG_BREAKPOINT_INSN;
}

static inline u32 vcpu_gpr(const struct vcpu *vcpu, unsigned int n)
{
	return vcpu->arch.hw.cpu.gpr[n & 31];
}

static inline void vcpu_set_gpr(struct vcpu *vcpu, unsigned int n, u32 value)
{
	vcpu->arch.hw.cpu.gpr[n & 31] = value;
}

#endif
