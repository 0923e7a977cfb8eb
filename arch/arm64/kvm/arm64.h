/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_ARM64_H
#define KVM_ARM64_H

/* Interfaces between the files of arch/arm64/kvm. */

#include <linux/interrupt.h>
#include <linux/kvm.h>
#include <asm/esr.h>
#include <asm/ptrace.h>
#include <kvm/vcpu.h>
#include <kvm/vm.h>

/*
 * What a handler says of an exit.
 *
 * Fast handlers run in the inner loop: interrupts off, EL1 and perhaps FP state
 * in the CPU, list registers live; vm->srcu is held for mmio_abort_fast() only.
 * They must not sleep, touch user memory, or use the host's FP or TLB
 * maintenance.  Slow handlers run with everything enabled, vCPU loaded;
 * vm->srcu is held for aborts only, since WFI waits in one. They may also return
 * a negative errno, for KVM_RUN to return.
 */
enum exit_result {
	EXIT_ERRNO_MIN = -4095,	/* down to here: a negative errno (this also makes the type signed) */
	EXIT_USER = 0,		/* vcpu->run is filled: KVM_RUN returns 0 */
	EXIT_RESUME,		/* handled: go on with the guest */
	EXIT_SLOW,		/* fast handlers only: nothing was changed, take the slow one */
	EXIT_RESYNC,		/* fast handlers only: handled, but requests/vGIC must be looked at before the next entry */
};

/* General registers of the trapped context: 31 reads as zero and ignores writes. */
static inline u64 vcpu_reg_get(const struct vcpu *vcpu, unsigned int n)
{
	return n < 31 ? vcpu->arch.hyp.regs[n] : 0;
}

static inline void vcpu_reg_set(struct vcpu *vcpu, unsigned int n, u64 val)
{
	if (n < 31)
		vcpu->arch.hyp.regs[n] = val;
}

/* Steps over the trapped instruction (also AArch32 IT state); never together with an injected exception. */
void vcpu_skip_insn(struct vcpu *vcpu);

static inline u64 vcpu_esr(const struct vcpu *vcpu)
{
	return vcpu->arch.hyp.esr;
}

/* IPA of the last stage-2 abort, whole address. */
gpa_t vcpu_fault_ipa(const struct vcpu *vcpu);

/* vcpu.c: system register values, wherever they are.  Own thread, or vcpu->mutex held. */
u64 vcpu_sysreg_get(struct vcpu *vcpu, enum vcpu_sysreg reg);
void vcpu_sysreg_set(struct vcpu *vcpu, enum vcpu_sysreg reg, u64 val);

static inline bool vcpu_has_feature(const struct vcpu *vcpu, unsigned int feature)
{
	return test_bit(feature, vcpu->arch.features);
}

/* EL1 is in AArch32 state. */
static inline bool vcpu_is_aarch32(const struct vcpu *vcpu)
{
	return vcpu_has_feature(vcpu, KVM_ARM_VCPU_EL1_32BIT);
}

/* features.c: which KVM_ARM_VCPU_* bits and host features work */
bool feature_supported(unsigned int feature);
int vcpu_init_features(struct vcpu *vcpu, const struct kvm_vcpu_init *init);	/* KVM_ARM_VCPU_INIT */

/* reset.c: architectural reset state; vcpu->mutex held or own thread, not loaded */
void vcpu_reset(struct vcpu *vcpu);
void vm_reset_memory(struct vm *vm);		/* user space is going to load it anew */
unsigned int arm64_ipa_limit(void);		/* bits, from ID_AA64MMFR0_EL1.PARange */

/* inject.c: exceptions into the guest's EL1.  Own thread or vcpu->mutex held. */
void inject_undefined(struct vcpu *vcpu);
void inject_sysreg_trap(struct vcpu *vcpu);		/* the same trap, to EL1 */
void inject_id_trap(struct vcpu *vcpu);			/* the last exit was a trapped MRS */
void inject_data_abort(struct vcpu *vcpu, u64 far);	/* external, synchronous */
void inject_insn_abort(struct vcpu *vcpu, u64 far);
void inject_serror(struct vcpu *vcpu, bool has_esr, u64 esr);	/* made pending */
void inject_address_size_fault(struct vcpu *vcpu);

/* aarch32.c: guests whose EL1 is in AArch32 state, and EL0's coprocessor accesses */
bool aarch32_supported(void);
bool aarch32_skip(struct vcpu *vcpu);			/* the last exit's instruction does nothing */
enum exit_result aarch32_exit(struct vcpu *vcpu);
void aarch32_inject_undefined(struct vcpu *vcpu);
void aarch32_inject_abort(struct vcpu *vcpu, bool insn, u64 far, u64 iss);

/* sysreg.c: one table of trapped system registers serves guest and ONE_REG */
enum exit_result sysreg_trap_fast(struct vcpu *vcpu);	/* ESR EC 0x18 */
enum exit_result sysreg_trap(struct vcpu *vcpu);
void sysreg_reset_vcpu(struct vcpu *vcpu);
int sysreg_vm_init(struct vm *vm);			/* id_regs from the host's sanitised view */
void sysreg_vm_features(struct vm *vm);			/* after the features are known: less what is off */
int sysreg_get_one_reg(struct vcpu *vcpu, u64 id, u64 *val);	/* -ENOENT */
int sysreg_set_one_reg(struct vcpu *vcpu, u64 id, u64 val);
unsigned int sysreg_count(struct vcpu *vcpu);
int sysreg_list(struct vcpu *vcpu, u64 __user **ids);	/* writes ids, advances */
long sysreg_id_masks(void __user *arg);			/* KVM_ARM_GET_REG_WRITABLE_MASKS */
u64 sysreg_id_reg(struct vm *vm, u32 encoding);		/* guest's view of an ID register */
int sysreg_table_check(void);				/* init: sorted, complete */

/* onereg.c: KVM_GET/SET_ONE_REG, KVM_GET_REG_LIST */
int onereg_get(struct vcpu *vcpu, const struct kvm_one_reg *reg);
int onereg_set(struct vcpu *vcpu, const struct kvm_one_reg *reg);
int onereg_list(struct vcpu *vcpu, struct kvm_reg_list __user *user);

/* events.c */
int vcpu_events_get(struct vcpu *vcpu, struct kvm_vcpu_events *ev);
int vcpu_events_set(struct vcpu *vcpu, const struct kvm_vcpu_events *ev);

/* smccc.c, psci.c: HVC #0 with interrupts on or off; fast handles what needs nothing else */
enum exit_result smccc_call_fast(struct vcpu *vcpu);
enum exit_result smccc_call(struct vcpu *vcpu);
enum exit_result psci_call(struct vcpu *vcpu, u32 fn);
void psci_vm_init(struct vm *vm);
void psci_vm_destroy(struct vm *vm);
/* VM attributes of KVM_ARM_VM_SMCCC_CTRL; -ENXIO for others */
int smccc_vm_set_attr(struct vm *vm, struct kvm_device_attr *attr);
int smccc_vm_has_attr(struct vm *vm, struct kvm_device_attr *attr);
int psci_fw_reg_count(struct vcpu *vcpu);
int psci_fw_reg_list(struct vcpu *vcpu, u64 __user **ids);
int psci_fw_reg_get(struct vcpu *vcpu, u64 id, u64 *val);
int psci_fw_reg_set(struct vcpu *vcpu, u64 id, u64 val);
struct vcpu *vcpu_by_mpidr(struct vm *vm, u64 mpidr);
/* powers a vCPU off or wakes it; arch.mp_lock inside */
void vcpu_power_off(struct vcpu *vcpu);
bool vcpu_is_off(struct vcpu *vcpu);

/* pvtime.c: vCPU attributes of KVM_ARM_VCPU_PVTIME_CTRL; -ENXIO for others */
bool pvtime_supported(void);			/* KVM_CAP_STEAL_TIME */
int pvtime_set_attr(struct vcpu *vcpu, struct kvm_device_attr *attr);
int pvtime_get_attr(struct vcpu *vcpu, struct kvm_device_attr *attr);
int pvtime_has_attr(struct vcpu *vcpu, struct kvm_device_attr *attr);
void pvtime_update(struct vcpu *vcpu);		/* VCPU_REQ_STOLEN_TIME: own thread, may sleep */

/* At vcpu load: the thread may have waited for a CPU. */
static inline void pvtime_load(struct vcpu *vcpu)
{
	if (vcpu->arch.pvtime.set)
		vcpu_make_request(vcpu, VCPU_REQ_STOLEN_TIME);
}

/* mmio.c: data aborts outside of memory slots */
enum exit_result mmio_abort_fast(struct vcpu *vcpu);	/* only atomic in-kernel devices */
enum exit_result mmio_abort(struct vcpu *vcpu, gpa_t ipa);
int mmio_complete(struct vcpu *vcpu);			/* at KVM_RUN after KVM_EXIT_MMIO */

/* stage2 (stage2.h has its own types) */
int stage2_module_init(void);
void stage2_module_exit(void);
int stage2_vm_init(struct vm *vm, unsigned int ipa_bits);
void stage2_vm_destroy(struct vm *vm);
enum exit_result stage2_fault(struct vcpu *vcpu);	/* instruction and data aborts from the guest */
void stage2_flush_vm(struct vm *vm);			/* cleans guest memory to PoC (set/way, caches off) */
/* Interrupts off, before entry: valid VMID, returns VTTBR_EL2; reloads if it rolled over. */
u64 stage2_vttbr(struct vcpu *vcpu);
/* Preemption off, at load: a VMID used by two vCPUs of one VM on one CPU may need local invalidation. */
void stage2_load(struct vcpu *vcpu);
u64 stage2_vtcr(struct vm *vm);
bool stage2_uses_fwb(void);	/* then the guest's HCR_EL2 must have FWB */
void stage2_vcpu_destroy(struct vcpu *vcpu);	/* frees what the vCPU keeps for its faults */
bool stage2_granule_supported(u64 mmfr0);	/* stage 2 at the kernel's page size */
u64 stage2_block_sizes(void);			/* a mask; pages included */
int stage2_set_split_chunk(struct vm *vm, u64 size);

/* mte.c: memory tags */
struct gmem_page;
struct memslot;
bool mte_supported(void);
int mte_vm_enable(struct vm *vm);		/* KVM_CAP_ARM_MTE; vm->lock */
bool mte_slot_allowed(const struct memslot *slot);
int mte_prepare_pages(struct vm *vm, const struct gmem_page *page, unsigned long seq,
		      unsigned long pfn, unsigned long nr);
long mte_copy_tags(struct vm *vm, const struct kvm_arm_copy_mte_tags *copy);

/* sve.c: vector lengths, state and register names of SVE */
int sve_cpu_up(void);				/* on that CPU, may sleep */
void sve_init(void);				/* all CPUs have been up */
bool sve_supported(void);
void sve_vcpu_reset(struct vcpu *vcpu);
int sve_vcpu_finalize(struct vcpu *vcpu);	/* KVM_ARM_VCPU_FINALIZE */
void sve_vcpu_destroy(struct vcpu *vcpu);
bool sve_vcpu_finalized(const struct vcpu *vcpu);	/* also without SVE */
int sve_get_one_reg(struct vcpu *vcpu, u64 id, void __user *user);
int sve_set_one_reg(struct vcpu *vcpu, u64 id, void __user *user);
unsigned int sve_count(const struct vcpu *vcpu);
int sve_list(const struct vcpu *vcpu, u64 __user **ids);	/* writes ids, advances */

/* fp.c: the guest's FP registers in the CPU, between two exits to sleepable code.  Preemption off. */
bool fp_is_trap(const struct vcpu *vcpu);	/* the last exit was for want of them */
/* Softirqs are held up by a guest's vector registers: give them back. */
static inline bool fp_softirq_waits(const struct vcpu *vcpu)
{
	return vcpu->arch.sve.loaded && local_softirq_pending();
}

void fp_guest_load(struct vcpu *vcpu);		/* interrupts on */
void fp_guest_put(struct vcpu *vcpu);		/* interrupts on */

/* debug.c: MDCR_EL2, debug register banks */
void debug_vcpu_reset(struct vcpu *vcpu);
void debug_load(struct vcpu *vcpu);
void debug_put(struct vcpu *vcpu);
/* Around the inner loop, all exceptions masked: the guest's debug registers, if it uses them */
void debug_activate(struct vcpu *vcpu);
void debug_deactivate(struct vcpu *vcpu);

/* pmu.c, pmu-attr.c: vCPUs with KVM_ARM_VCPU_PMU_V3 have vcpu->arch.pmu */
struct arm_pmu;
unsigned int pmu_host_version(void);		/* ID_AA64DFR0_EL1.PMUVer for guests; 0: none */
int pmu_host_init(void);			/* module init */
void pmu_host_load(void);			/* EL0 of this CPU is the guest's: preemption off */
void pmu_host_enter(void);			/* still: interrupts off */
void pmu_host_put(void);			/* the host's again: preemption off */
int pmu_vm_choose(struct vm *vm);		/* config_lock */
void pmu_vm_set_host(struct vm *vm, struct arm_pmu *host);	/* config_lock */
void pmu_vm_destroy(struct vm *vm);
int pmu_vcpu_create(struct vcpu *vcpu);
void pmu_vcpu_destroy(struct vcpu *vcpu);
void pmu_vcpu_reset(struct vcpu *vcpu);
int pmu_vcpu_enable(struct vcpu *vcpu);		/* before the first run */
void pmu_load(struct vcpu *vcpu);
void pmu_put(struct vcpu *vcpu);
bool pmu_work(struct vcpu *vcpu);		/* VCPU_REQ_PMU; false: not on this CPU */
void pmu_new_thread(struct vcpu *vcpu);
bool pmu_is_new_thread(const struct vcpu *vcpu);
u64 pmu_levels(const struct vcpu *vcpu);	/* KVM_ARM_DEV_PMU */
int pmu_set_attr(struct vcpu *vcpu, struct kvm_device_attr *attr);
int pmu_get_attr(struct vcpu *vcpu, struct kvm_device_attr *attr);
int pmu_has_attr(struct vcpu *vcpu, struct kvm_device_attr *attr);

/* user-irq.c: the interrupt controller is in user space */
int user_irq_set_line(struct vm *vm, unsigned int index, unsigned int line, bool level);
void user_irq_clear(struct vcpu *vcpu);
void user_irq_apply(struct vcpu *vcpu);
bool user_irq_runnable(struct vcpu *vcpu);	/* any context */
bool user_irq_changed(struct vcpu *vcpu);
void user_irq_report(struct vcpu *vcpu);

/* vcpu.c: KVM_RUN's way in */
int vcpu_first_run(struct vcpu *vcpu);
int vcpu_complete_exit(struct vcpu *vcpu);	/* what the last exit to user space left to do */

/* host.c: device tree or ACPI */
struct host_gic_v2 {
	phys_addr_t hyp;			/* GICH, 4 KiB */
	phys_addr_t vcpu;			/* GICV, 8 KiB */
};

int host_gic_v2_find(struct host_gic_v2 *gic);
int host_gic_maintenance_irq(void);		/* Linux irq, or -errno */
int host_timer_irq(bool virt);			/* the EL1 virtual or physical timer's Linux irq */
int host_irq_intid(unsigned int irq);		/* the PPI's INTID, from its irq_data */

#endif
