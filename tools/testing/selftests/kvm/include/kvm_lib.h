/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Host side of the test library: virtual machines, their memory and their vCPUs.
 *
 * A test program is host and guest at once: a function of the program is given to a vCPU as its code. The guest gets
 * a copy of the program's image at the addresses where the host has it, made when the VM is created, so that guest
 * code sees the program's constants and its own private copy of the variables. Variables marked __shared are one
 * and the same memory in host and guest.
 *
 *	GUEST_CODE	entered by vcpu_add()'s function pointer; see guest.h for what it can call
 *	HOST		vm_create(), vcpu_add(), then vcpu_sync() / vcpu_done() or vcpu_run() for other exits
 *
 * Functions that return nothing to check end the test with a message when they fail. What a test is about is done
 * with the plain ioctl (vm_ioctl(), vcpu_ioctl(), EXPECT_ERRNO()), what it only needs with these functions.
 */
#ifndef KVM_LIB_H
#define KVM_LIB_H

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/kvm.h>

#include "guest.h"

#define VM_MAX_VCPUS		512
#define VM_MAX_SLOTS		32

/* Where things are in the guest's physical address space. Below RAM there is only what causes MMIO exits. */
#define VM_UCALL_GPA		0x09000000ULL
#define VM_MMIO_GPA		0x0a000000ULL	/* 1 MiB that no slot has and that the guest has mapped as device */
#define VM_MMIO_SIZE		0x00100000ULL
#define VM_RAM_GPA		0x40000000ULL
#define VM_RAM_SIZE		0x00800000ULL
#define VM_SHARED_GPA		0x50000000ULL

#define VM_SLOT_RAM		0
#define VM_SLOT_SHARED		1
#define VM_SLOT_FREE		2	/* the first one that a test may use */

struct vm_slot {
	uint32_t flags;
	uint64_t gpa;
	uint64_t size;
	void *hva;
	bool mapped;			/* hva was mapped by the library */
};

struct vcpu {
	struct vm *vm;
	unsigned int id;
	int fd;
	struct kvm_run *run;
	size_t run_size;
	struct guest_cpu *cpu;		/* the host's view of the guest's per-CPU data; NULL in a bare VM */
	uint64_t cpu_gpa;
	uint32_t features;		/* the architecture's, of the last initialisation */
};

struct vm {
	int fd;
	unsigned int ipa_bits;
	struct vm_slot slot[VM_MAX_SLOTS];
	uint64_t next;			/* first free guest physical address in RAM */
	uint64_t image_gpa;		/* where the copy of the program is */
	uint64_t root;			/* the guest's top level translation table */
	struct vcpu *vcpu[VM_MAX_VCPUS];
	unsigned int nr_vcpus;
};

/* ------------------------------------------------------------------------------------------ Failing */

void __attribute__((noreturn, format(printf, 3, 4))) lib_fail(const char *file, int line, const char *fmt, ...);

#define test_fail(...)		lib_fail(__FILE__, __LINE__, __VA_ARGS__)

/* Evaluate a call that has to succeed. */
#define must(call) ({								\
	__typeof__(call) must_ = (call);					\
	if ((long)must_ == -1)							\
		lib_fail(__FILE__, __LINE__, "%s: %s", #call, strerror(errno));	\
	must_; })

/* Wait for something that another thread or the guest does. */
#define wait_until(condition, milliseconds) ({					\
	long left_ = (milliseconds) * 10L;					\
	while (!(condition) && left_-- > 0)					\
		usleep(100);							\
	(bool)(condition); })

/* ------------------------------------------------------------------------------------------ /dev/kvm */

int  kvm_open(void);
int  kvm_check(unsigned int cap);		/* KVM_CHECK_EXTENSION of /dev/kvm */
const char *kvm_exit_name(unsigned int reason);
/* Does the kernel look for errors of its own, so that it is worth while to race for longer? */
bool kernel_checks_itself(void);

/* ------------------------------------------------------------------------------------------------ VM */

struct vm *vm_create(void);			/* with memory, shared variables and translation tables */
struct vm *vm_create_bare(unsigned int ipa_bits); /* with nothing; 0 is the default width */
struct vm *vm_create_sized(unsigned int ipa_bits, uint64_t ram);
void vm_populate(struct vm *vm, uint64_t ram);	/* makes one of a bare one */
/* Where debugfs has a file of the VM. False: nowhere. */
bool vm_debugfs_path(struct vm *vm, const char *file, char *path, size_t size);
void vm_destroy(struct vm *vm);			/* closes and unmaps all, vCPUs included */
int  vm_check(struct vm *vm, unsigned int cap);

#define vm_ioctl(vm, request, arg)	ioctl((vm)->fd, (request), (arg))
#define vcpu_ioctl(vcpu, request, arg)	ioctl((vcpu)->fd, (request), (arg))

/* A slot of size bytes at gpa with memory of its own, of which the address is returned. */
void *vm_add_slot(struct vm *vm, unsigned int slot, uint64_t gpa, uint64_t size, unsigned int flags);
int   vm_set_slot(struct vm *vm, unsigned int slot, uint64_t gpa, uint64_t size, unsigned int flags, void *hva);
void  vm_delete_slot(struct vm *vm, unsigned int slot);

void *vm_gpa_to_hva(struct vm *vm, uint64_t gpa);
void *vm_gva_to_hva(struct vm *vm, uint64_t gva); /* an address of guest code; NULL if it has no memory */
uint64_t vm_alloc(struct vm *vm, uint64_t bytes); /* page aligned, zeroed guest RAM; its address, va == pa */

/* Guest translations. Types of memory are the architecture's MAP_*. */
void vm_map(struct vm *vm, uint64_t gva, uint64_t gpa, uint64_t size, unsigned int type);

/* ---------------------------------------------------------------------------------------------- vCPU */

struct vcpu *vcpu_create(struct vm *vm, unsigned int id);	/* KVM_CREATE_VCPU and its mapping, no more */
void vcpu_close(struct vcpu *vcpu);				/* of one that was created by the above */

/* A vCPU that is ready to run fn with up to four arguments. */
struct vcpu *vcpu_add_args(struct vm *vm, guest_fn fn, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3);
#define vcpu_add(vm, fn)	vcpu_add_args(vm, (guest_fn)(fn), 0, 0, 0, 0)
#define vcpu_add1(vm, fn, a)	vcpu_add_args(vm, (guest_fn)(fn), (uint64_t)(a), 0, 0, 0)
#define vcpu_add2(vm, fn, a, b)	vcpu_add_args(vm, (guest_fn)(fn), (uint64_t)(a), (uint64_t)(b), 0, 0)

/* Have an existing vCPU begin fn, as it does after vcpu_add(). */
void vcpu_start(struct vcpu *vcpu, guest_fn fn, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3);

/* The same for one that has run: completes its last exit, resets it, and has it begin fn. */
void vcpu_restart(struct vcpu *vcpu, guest_fn fn, uint64_t a0);

/* The architecture's part of these. */
void arch_vcpu_reset(struct vcpu *vcpu);
void arch_vm_init(struct vm *vm);
void arch_vcpu_init(struct vcpu *vcpu);
void arch_vcpu_start(struct vcpu *vcpu);
void arch_vcpu_dump(struct vcpu *vcpu);

/* One KVM_RUN: 0 or -errno. */
int vcpu_run_once(struct vcpu *vcpu);

/*
 * Run until an exit that is not the library's own business: what the guest prints is printed, a failed assertion
 * ends the test. Returns the exit reason; a guest_sync() or the end of the guest function is returned as one of
 * these, with the message in vcpu->cpu->ucall.
 */
#define EXIT_GUEST_SYNC		0x10001
#define EXIT_GUEST_DONE		0x10002
#define EXIT_NOTHING		0x10003		/* vcpu_exit() only: was dealt with, run on */

unsigned int vcpu_exit(struct vcpu *vcpu);	/* the same for the exit that a vcpu_run_once() ended with */
unsigned int vcpu_run(struct vcpu *vcpu);

uint64_t vcpu_sync(struct vcpu *vcpu);		/* run to the next guest_sync(), return its value */
void vcpu_done(struct vcpu *vcpu);		/* run to the end of the guest function */
void vcpu_expect_exit(struct vcpu *vcpu, unsigned int reason);
void vcpu_complete(struct vcpu *vcpu);		/* complete the last exit without running guest code */

int  vcpu_get_reg(struct vcpu *vcpu, uint64_t id, void *value);	/* 0 or -1 with errno */
int  vcpu_set_reg(struct vcpu *vcpu, uint64_t id, const void *value);
uint64_t vcpu_reg(struct vcpu *vcpu, uint64_t id);		/* of at most 64 bits; ends the test on failure */
void vcpu_write_reg(struct vcpu *vcpu, uint64_t id, uint64_t value);
struct kvm_reg_list *vcpu_reg_list(struct vcpu *vcpu);		/* to be freed by the caller */

/* ------------------------------------------------------------------------------------------- Threads */

/* A thread that runs a vCPU until its guest function ends or stop is set. Signals only interrupt KVM_RUN. */
struct vcpu_thread {
	pthread_t thread;
	struct vcpu *vcpu;
	volatile bool stop;
	volatile bool finished;
	volatile pid_t tid;
	volatile int error;			/* what ended it otherwise: -errno of KVM_RUN or an exit reason */
	volatile uint64_t syncs;		/* how often the guest called guest_sync() */
};

void vcpu_thread_start(struct vcpu_thread *t, struct vcpu *vcpu);
void vcpu_thread_kick(struct vcpu_thread *t);
void vcpu_thread_join(struct vcpu_thread *t);	/* waits for the guest function's end */
void vcpu_thread_stop(struct vcpu_thread *t);	/* does not wait for it */

void kick_signal_init(void);			/* SIGUSR1 interrupts system calls, and does nothing else */

/* ------------------------------------------------------------------------------- Devices, attributes */

int  vm_create_device(struct vm *vm, unsigned int type); /* the fd, or -1 with errno */
int  attr_has(int fd, unsigned int group, uint64_t attr);
int  attr_get(int fd, unsigned int group, uint64_t attr, void *value);
int  attr_set(int fd, unsigned int group, uint64_t attr, const void *value);

void vm_irq_line(struct vm *vm, unsigned int irq, unsigned int level);
int  event_fd(void);
uint64_t event_count(int fd);			/* what the eventfd has counted, 0 if nothing */

#endif /* KVM_LIB_H */
