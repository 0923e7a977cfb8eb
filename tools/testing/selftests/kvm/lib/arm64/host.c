// SPDX-License-Identifier: GPL-2.0
/* arm64, host side: the guest's translation tables, vCPU set-up. */
#include <stdio.h>

#include "arch.h"

#define LEVEL_BITS	9
#define PAGE_BITS	12
#define TOP_LEVEL	1			/* 39 bits of virtual address */
#define ADDRESS_MASK	0x0000fffffffff000ULL

#define PTE_VALID	(1ULL << 0)
#define PTE_TABLE	(1ULL << 1)		/* levels 1, 2: a table; level 3: a page */
#define PTE_ATTR(i)	((uint64_t)(i) << 2)
#define PTE_EL0		(1ULL << 6)		/* EL0 has access as EL1 has */
#define PTE_INNER	(3ULL << 8)
#define PTE_AF		(1ULL << 10)
#define PTE_PXN		(1ULL << 53)
#define PTE_UXN		(1ULL << 54)

#define GUEST_STACK	0x4000

extern char guest_start[], guest_vectors[];
extern uint64_t guest_entry_address;

static unsigned int shift_of(unsigned int level)
{
	return PAGE_BITS + (3 - level) * LEVEL_BITS;
}

static uint64_t attributes(unsigned int type)
{
	/* MAP_CODE, MAP_DATA and MAP_USER are the same memory, but for who may execute it. */
	bool normal = type == MAP_DATA || type == MAP_USER;
	uint64_t pte = PTE_VALID | PTE_AF | PTE_INNER | PTE_ATTR(normal ? MAP_CODE : type);

	pte |= type == MAP_USER ? PTE_EL0 : PTE_UXN;

	return type == MAP_CODE ? pte : pte | PTE_PXN;
}

static void map_one(struct vm *vm, uint64_t gva, uint64_t gpa, unsigned int leaf, unsigned int type)
{
	uint64_t *table = vm_gpa_to_hva(vm, vm->root);
	unsigned int level;

	for (level = TOP_LEVEL; level < leaf; level++) {
		uint64_t *pte = &table[gva >> shift_of(level) & 511];

		if (!(*pte & PTE_VALID))
			*pte = vm_alloc(vm, 4096) | PTE_TABLE | PTE_VALID;
		table = vm_gpa_to_hva(vm, *pte & ADDRESS_MASK);
	}
	table[gva >> shift_of(leaf) & 511] = gpa | attributes(type) | (leaf == 3 ? PTE_TABLE : 0);
}

void vm_map(struct vm *vm, uint64_t gva, uint64_t gpa, uint64_t size, unsigned int type)
{
	uint64_t end = gva + size, block = 1ULL << shift_of(2);

	if (end >> (shift_of(TOP_LEVEL) + LEVEL_BITS))
		test_fail("guest address %#lx is too wide", (unsigned long)gva);
	while (gva < end) {
		bool big = !((gva | gpa) & (block - 1)) && end - gva >= block;
		uint64_t step = big ? block : 4096;

		map_one(vm, gva, gpa, big ? 2 : 3, type);
		gva += step;
		gpa += step;
	}
}

void *vm_gva_to_hva(struct vm *vm, uint64_t gva)
{
	uint64_t *table = vm_gpa_to_hva(vm, vm->root);

	for (unsigned int level = TOP_LEVEL; level <= 3; level++) {
		uint64_t pte = table[gva >> shift_of(level) & 511];
		uint64_t low = gva & ((1ULL << shift_of(level)) - 1);

		if (!(pte & PTE_VALID))
			return NULL;
		if (level == 3 || !(pte & PTE_TABLE))
			return vm_gpa_to_hva(vm, (pte & ADDRESS_MASK) + low);
		table = vm_gpa_to_hva(vm, pte & ADDRESS_MASK);
	}
	return NULL;
}

static uint64_t image_pa(struct vm *vm, const void *p)
{
	return VM_RAM_GPA + ((const char *)vm_gva_to_hva(vm, (uintptr_t)p) -
			     (const char *)vm_gpa_to_hva(vm, VM_RAM_GPA));
}

void arch_vm_init(struct vm *vm)
{
	vm->root = vm_alloc(vm, 4096);
}

void vcpu_preferred_init(struct vm *vm, struct kvm_vcpu_init *init)
{
	memset(init, 0, sizeof(*init));
	must(vm_ioctl(vm, KVM_ARM_PREFERRED_TARGET, init));
}

int vcpu_try_init(struct vcpu *vcpu, uint32_t features)
{
	struct kvm_vcpu_init init;

	vcpu_preferred_init(vcpu->vm, &init);
	init.features[0] = features;
	return vcpu_ioctl(vcpu, KVM_ARM_VCPU_INIT, &init);
}

void vcpu_init_features(struct vcpu *vcpu, uint32_t features)
{
	must(vcpu_try_init(vcpu, features));
	vcpu->features = features;
}

void arch_vcpu_reset(struct vcpu *vcpu)
{
	vcpu_init_features(vcpu, vcpu->features & ~FEATURE(POWER_OFF));
}

/* TCR_EL1.IPS for a width */
static uint64_t tcr_ips(unsigned int bits)
{
	static const unsigned char width[] = { 32, 36, 40, 42, 44, 48 };
	unsigned int i = 0;

	while (i < sizeof(width) - 1 && width[i] < bits)
		i++;
	return i;
}

static void set_up_cpu(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	struct guest_cpu *cpu;

	if (!vm->root)
		return;
	vcpu->cpu_gpa = vm_alloc(vm, sizeof(*cpu));
	cpu = vm_gpa_to_hva(vm, vcpu->cpu_gpa);
	vcpu->cpu = cpu;
	cpu->index = vcpu->id;
	cpu->boot.ttbr0 = vm->root;
	/* 39 bits, write-back inner shareable walks, 4 KiB granule, nothing in the upper half. */
	cpu->boot.tcr = 25 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23 | tcr_ips(vm->ipa_bits) << 32;
	cpu->boot.mair = 0x00ULL << 8 * MAP_DEVICE | 0xffULL << 8 * MAP_CODE | 0x44ULL << 8 * MAP_UNCACHED;
	/* The bits that are one, caches, stack alignment, MMU. */
	cpu->boot.sctlr = 0x30d00800 | 1 << 12 | 1 << 3 | 1 << 2 | 1 << 0;
	cpu->boot.vbar = (uintptr_t)guest_vectors;
	cpu->boot.sp = vm_alloc(vm, GUEST_STACK) + GUEST_STACK;
	cpu->boot.main = (uintptr_t)guest_start;
	*(uint64_t *)vm_gva_to_hva(vm, (uintptr_t)&guest_entry_address) = image_pa(vm, guest_entry);
}

void arch_vcpu_init(struct vcpu *vcpu)
{
	vcpu_init_features(vcpu, FEATURE(PSCI_0_2));
	set_up_cpu(vcpu);
}

void arch_vcpu_start(struct vcpu *vcpu)
{
	vcpu_write_reg(vcpu, REG_PC, image_pa(vcpu->vm, guest_entry));
	vcpu_write_reg(vcpu, REG_X(0), vcpu->cpu_gpa);
}

struct vcpu *vcpu_add_features(struct vm *vm, guest_fn fn, uint32_t features)
{
	struct vcpu *vcpu = vcpu_create(vm, vm->nr_vcpus);

	vcpu_init_features(vcpu, features);
	set_up_cpu(vcpu);
	vcpu_start(vcpu, fn, 0, 0, 0, 0);
	return vcpu;
}

struct vcpu *vcpu_add_off(struct vm *vm, guest_fn fn, uint64_t a0)
{
	struct vcpu *vcpu = vcpu_create(vm, vm->nr_vcpus);

	vcpu_init_features(vcpu, FEATURE(PSCI_0_2) | FEATURE(POWER_OFF));
	set_up_cpu(vcpu);
	vcpu->cpu->boot.fn = (uintptr_t)fn;
	vcpu->cpu->boot.arg[0] = a0;
	return vcpu;
}

uint64_t vcpu_mpidr(struct vcpu *vcpu)
{
	return vcpu_reg(vcpu, REG_MPIDR_EL1) & 0xff00ffffffULL;
}

void arch_vcpu_dump(struct vcpu *vcpu)
{
	static const struct {
		const char *name;
		uint64_t id;
	} reg[] = {
		{ "pc", REG_PC }, { "pstate", REG_PSTATE }, { "lr", REG_X(30) }, { "x0", REG_X(0) }, { "x1", REG_X(1) },
		{ "esr_el1", REG_ESR_EL1 }, { "far_el1", REG_FAR_EL1 }, { "elr_el1", REG_ELR_EL1 },
	};

	for (size_t i = 0; i < sizeof(reg) / sizeof(reg[0]); i++) {
		uint64_t value = 0;

		if (vcpu_get_reg(vcpu, reg[i].id, &value) == 0)
			fprintf(stderr, "# vCPU %u: %-8s %#018lx\n", vcpu->id, reg[i].name, (unsigned long)value);
	}
}
