// SPDX-License-Identifier: GPL-2.0
/* Virtual machines: memory slots, the copy of the program that the guest runs, and what both share. */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#include "kvm_lib.h"

#define ALIGN_DOWN(x, a)	((x) & ~((uint64_t)(a) - 1))
#define ALIGN_UP(x, a)		ALIGN_DOWN((x) + (a) - 1, a)
#define IMAGE_ALIGN		0x10000
#define HUGE			0x200000

extern char kvm_shared_start[], kvm_shared_end[], __executable_start[], _end[];

static size_t host_page(void)
{
	return sysconf(_SC_PAGESIZE);
}

/*
 * Turn the shared variables into shared memory, with their values. Not done before the first VM of the process, so
 * that the processes of different tests do not meet in it.
 */
static void share_variables(void)
{
	static pid_t owner;
	size_t size = kvm_shared_end - kvm_shared_start;
	void *copy;
	int fd;

	if (owner == getpid())
		return;
	owner = getpid();
	copy = malloc(size);
	memcpy(copy, kvm_shared_start, size);
	fd = must(memfd_create("kvm-shared", MFD_CLOEXEC));
	must(ftruncate(fd, size));
	if (mmap(kvm_shared_start, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
		test_fail("shared variables: %s", strerror(errno));
	memcpy(kvm_shared_start, copy, size);
	close(fd);
	free(copy);
}

static void *anonymous(size_t size)
{
	size_t extra = size >= HUGE ? HUGE : 0;
	char *p = mmap(NULL, size + extra, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		test_fail("mmap of %zu bytes: %s", size, strerror(errno));
	if (extra) {
		size_t head = ALIGN_UP((uintptr_t)p, HUGE) - (uintptr_t)p;

		if (head)
			munmap(p, head);
		if (extra - head)
			munmap(p + head + size, extra - head);
		p += head;
	}
	return p;
}

int vm_set_slot(struct vm *vm, unsigned int slot, uint64_t gpa, uint64_t size, unsigned int flags, void *hva)
{
	struct kvm_userspace_memory_region r = { .slot = slot, .flags = flags };
	int ret;

	r.userspace_addr = (uintptr_t)hva;
	r.memory_size = size;
	r.guest_phys_addr = gpa;
	ret = vm_ioctl(vm, KVM_SET_USER_MEMORY_REGION, &r);

	if (ret == 0 && slot < VM_MAX_SLOTS) {
		struct vm_slot *s = &vm->slot[slot];

		s->flags = flags;
		s->gpa = gpa;
		s->size = size;
		s->hva = hva;
	}
	return ret;
}

void *vm_add_slot(struct vm *vm, unsigned int slot, uint64_t gpa, uint64_t size, unsigned int flags)
{
	void *hva = anonymous(size);

	must(vm_set_slot(vm, slot, gpa, size, flags, hva));
	vm->slot[slot].mapped = true;
	return hva;
}

void vm_delete_slot(struct vm *vm, unsigned int slot)
{
	struct vm_slot old = vm->slot[slot];

	must(vm_set_slot(vm, slot, old.gpa, 0, 0, NULL));
	if (old.mapped)
		munmap(old.hva, old.size);
	vm->slot[slot].mapped = false;
}

void *vm_gpa_to_hva(struct vm *vm, uint64_t gpa)
{
	for (int i = 0; i < VM_MAX_SLOTS; i++) {
		struct vm_slot *s = &vm->slot[i];

		if (s->size && gpa >= s->gpa && gpa - s->gpa < s->size)
			return (char *)s->hva + (gpa - s->gpa);
	}
	return NULL;
}

uint64_t vm_alloc(struct vm *vm, uint64_t bytes)
{
	struct vm_slot *ram = &vm->slot[VM_SLOT_RAM];
	uint64_t gpa = vm->next;

	bytes = ALIGN_UP(bytes, 4096);
	if (gpa + bytes > ram->gpa + ram->size)
		test_fail("out of guest memory");
	vm->next = gpa + bytes;
	memset(vm_gpa_to_hva(vm, gpa), 0, bytes);
	return gpa;
}

/* Copy the program as it is now, and map the copy where the program is. */
static void load_image(struct vm *vm)
{
	const Elf64_Phdr *ph = (const void *)getauxval(AT_PHDR);
	unsigned long n = getauxval(AT_PHNUM);
	uint64_t start = ALIGN_DOWN((uintptr_t)__executable_start, IMAGE_ALIGN);
	uint64_t end = ALIGN_UP((uintptr_t)_end, IMAGE_ALIGN);
	uint64_t shared = (uintptr_t)kvm_shared_start, shared_end = (uintptr_t)kvm_shared_end;
	char *copy;

	vm->image_gpa = vm_alloc(vm, end - start);
	copy = vm_gpa_to_hva(vm, vm->image_gpa);
	for (unsigned long i = 0; i < n; i++) {
		uint64_t from = ph[i].p_vaddr, to = from + ph[i].p_memsz;

		if (ph[i].p_type != PT_LOAD)
			continue;
		if (from < shared && shared < to) {
			memcpy(copy + (from - start), (void *)from, shared - from);
			from = shared_end;
		}
		memcpy(copy + (from - start), (void *)from, to - from);
	}
	vm_map(vm, start, vm->image_gpa, shared - start, MAP_CODE);
	vm_map(vm, shared, VM_SHARED_GPA, shared_end - shared, MAP_DATA);
	vm_map(vm, shared_end, vm->image_gpa + (shared_end - start), end - shared_end, MAP_CODE);
}

struct vm *vm_create_bare(unsigned int ipa_bits)
{
	struct vm *vm = calloc(1, sizeof(*vm));
	int kvm = kvm_open();

	vm->fd = must(ioctl(kvm, KVM_CREATE_VM, KVM_VM_TYPE_ARM_IPA_SIZE(ipa_bits)));
	vm->ipa_bits = ipa_bits ?: 40;
	close(kvm);
	return vm;
}

void vm_populate(struct vm *vm, uint64_t ram)
{
	size_t size = kvm_shared_end - kvm_shared_start;

	share_variables();
	vm_add_slot(vm, VM_SLOT_RAM, VM_RAM_GPA, ram, 0);
	vm->next = VM_RAM_GPA;
	must(vm_set_slot(vm, VM_SLOT_SHARED, VM_SHARED_GPA, ALIGN_UP(size, host_page()), 0, kvm_shared_start));

	arch_vm_init(vm);
	load_image(vm);
	vm_map(vm, VM_RAM_GPA, VM_RAM_GPA, ram, MAP_CODE);
	vm_map(vm, VM_UCALL_GPA, VM_UCALL_GPA, 4096, MAP_DEVICE);
	vm_map(vm, VM_MMIO_GPA, VM_MMIO_GPA, VM_MMIO_SIZE, MAP_DEVICE);
}

struct vm *vm_create_sized(unsigned int ipa_bits, uint64_t ram)
{
	struct vm *vm = vm_create_bare(ipa_bits);

	vm_populate(vm, ram);
	return vm;
}

struct vm *vm_create(void)
{
	return vm_create_sized(0, VM_RAM_SIZE);
}

/* Directories are called after the process and the descriptor. */
bool vm_debugfs_path(struct vm *vm, const char *file, char *path, size_t size)
{
	static const char *const root[] = { "kvm", "kvm_arm" };

	for (unsigned int i = 0; i < sizeof(root) / sizeof(*root); i++) {
		snprintf(path, size, "/sys/kernel/debug/%s/%d-%d/%s", root[i], getpid(), vm->fd, file);
		if (!access(path, F_OK))
			return true;
	}
	return false;
}

void vm_destroy(struct vm *vm)
{
	for (unsigned int i = 0; i < vm->nr_vcpus; i++)
		if (vm->vcpu[i])
			vcpu_close(vm->vcpu[i]);
	close(vm->fd);
	for (int i = 0; i < VM_MAX_SLOTS; i++)
		if (vm->slot[i].mapped)
			munmap(vm->slot[i].hva, vm->slot[i].size);
	free(vm);
}

int vm_check(struct vm *vm, unsigned int cap)
{
	return must(vm_ioctl(vm, KVM_CHECK_EXTENSION, (unsigned long)cap));
}
