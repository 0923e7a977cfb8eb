// SPDX-License-Identifier: GPL-2.0
/*
 * What an operation costs, as the guest sees it.
 *
 * The guest reads its counter around many rounds of one operation. Under
 * QEMU's -icount the counter counts instructions, so the numbers repeat; on a
 * real machine they are nanoseconds. Prints "name value" per line, for one and
 * for two vCPUs, the same program on whatever KVM there is.
 */
#include <stdio.h>
#include <stdlib.h>

#include "gic.h"
#include "timer.h"

#define ROUNDS		1024	/* of one measurement */
#define REPEATS		8	/* the best counts: another thread of the host's costs a whole slice */
#define WARM_UP		64
#define SGI_ID		4
#define TIMER_DELAY	2000	/* ns, longer than programming it takes */

enum op {
	OP_LOOP,		/* nothing: what the measuring costs */
	OP_HYPERCALL,
	OP_ID_REGISTER,
	OP_GICD_READ,
	OP_MMIO_USER,
	OP_EOI,
	OP_SGI_SELF,
	OP_TIMER,
	OP_SGI_OTHER,
	NR_OPS
};

static const char * const op_name[NR_OPS] = {
	[OP_LOOP]	= "loop",
	[OP_HYPERCALL]	= "hypercall",
	[OP_ID_REGISTER] = "id-register-read",
	[OP_GICD_READ]	= "gicd-read",
	[OP_MMIO_USER]	= "mmio-read-user",
	[OP_EOI]	= "eoi",
	[OP_SGI_SELF]	= "sgi-self",
	[OP_TIMER]	= "timer",
	[OP_SGI_OTHER]	= "sgi-other",
};

static __shared volatile uint64_t ticks[NR_OPS], frequency;
static __shared volatile uint64_t other_ready, other_taken;

static uint64_t now(void)
{
	return timer_count(TIMER_VIRTUAL);
}

static void hypercall(void)
{
	register uint64_t x0 asm("x0") = 0xc400ffff;	/* nobody's: NOT_SUPPORTED */

	asm volatile("hvc #0" : "+r" (x0) :: "x1", "x2", "x3", "memory");
}

static void take_self(void)
{
	unsigned int intid;

	gic_send_sgi(read_sysreg(mpidr_el1), SGI_ID);
	do
		intid = gic_ack();
	while (intid == GIC_SPURIOUS);
	gic_eoi(intid);
}

static uint64_t take_timer(void)
{
	uint64_t due = now() + TIMER_DELAY * frequency / 1000000000;
	unsigned int intid;

	timer_set_cval(TIMER_VIRTUAL, due);
	timer_set_ctl(TIMER_VIRTUAL, TIMER_ENABLE);
	do
		intid = gic_ack();
	while (intid == GIC_SPURIOUS);
	timer_set_ctl(TIMER_VIRTUAL, 0);
	gic_eoi(intid);
	return now() - due;
}

static void to_other(uint64_t other)
{
	uint64_t before = other_taken;

	gic_send_sgi(other, SGI_ID);
	while (other_taken == before)
		cpu_relax();	/* where one thread emulates both CPUs, lets the other one on */
}

static uint64_t run(enum op op, uint64_t other, uint64_t n)
{
	uint64_t start = now(), sum = 0;

	for (uint64_t i = 0; i < n; i++) {
		switch (op) {
		case OP_HYPERCALL:
			hypercall();
			break;
		case OP_ID_REGISTER:
			read_sysreg(id_aa64pfr0_el1);
			break;
		case OP_GICD_READ:
			guest_mmio_read32(GIC_DIST_GPA + GICD_TYPER);
			break;
		case OP_MMIO_USER:
			guest_mmio_read32(VM_MMIO_GPA);
			break;
		case OP_EOI:
			gic_eoi(SGI_ID);
			break;
		case OP_SGI_SELF:
			take_self();
			break;
		case OP_TIMER:
			sum += take_timer();
			break;
		case OP_SGI_OTHER:
			to_other(other);
			break;
		default:
			asm volatile("" ::: "memory");
			break;
		}
	}
	return op == OP_TIMER ? sum : now() - start;
}

static void guest_measure(uint64_t first, uint64_t last, uint64_t other, uint64_t unused)
{
	frequency = read_sysreg(cntfrq_el0);
	gic_guest_init();
	gic_enable(SGI_ID);
	gic_enable(PPI_VTIMER);
	for (uint64_t op = first; op <= last; op++) {
		run(op, other, WARM_UP);
		ticks[op] = ~0ULL;
		for (unsigned int i = 0; i < REPEATS; i++) {
			uint64_t t = run(op, other, ROUNDS);

			if (t < ticks[op])
				ticks[op] = t;
		}
	}
}

static void guest_other(void)
{
	gic_guest_init_cpu();
	gic_enable(SGI_ID);
	other_ready = 1;
	while (other_taken < REPEATS * ROUNDS + WARM_UP) {
		unsigned int intid = gic_ack();

		if (intid == GIC_SPURIOUS) {
			cpu_relax();
			continue;
		}
		gic_eoi(intid);
		other_taken++;
	}
}

/* The smallest VMM: a device that reads as zero. */
static void vmm_loop(struct vcpu *vcpu)
{
	for (;;) {
		must(vcpu_ioctl(vcpu, KVM_RUN, 0));
		if (vcpu->run->exit_reason == KVM_EXIT_MMIO &&
		    vcpu->run->mmio.phys_addr == VM_MMIO_GPA)
			continue;
		if (vcpu_exit(vcpu) == EXIT_GUEST_DONE)
			return;
	}
}

static void report(enum op first, enum op last)
{
	double loop = (double)ticks[OP_LOOP] / ROUNDS;

	for (enum op op = first; op <= last; op++) {
		double each = (double)ticks[op] / ROUNDS - (op == OP_TIMER ? 0 : loop);

		printf("%s %.1f\n", op_name[op], each * 1e9 / frequency);
	}
}

static void one_vcpu(void)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add_args(vm, guest_measure, OP_LOOP, OP_TIMER, 0, 0);
	int gic = gic_create(vm, 0);

	vmm_loop(vcpu);
	report(OP_HYPERCALL, OP_TIMER);
	close(gic);
	vm_destroy(vm);
}

static void two_vcpus(void)
{
	struct vm *vm = vm_create();
	struct vcpu *from = vcpu_add_args(vm, guest_measure, OP_SGI_OTHER, OP_SGI_OTHER, 0, 0);
	struct vcpu *to = vcpu_add(vm, guest_other);
	int gic = gic_create(vm, 0);
	struct vcpu_thread t;

	from->cpu->boot.arg[2] = vcpu_mpidr(to);
	vcpu_thread_start(&t, to);
	if (!wait_until(other_ready, 30000))
		test_fail("the second vCPU does not come up");
	vmm_loop(from);
	vcpu_thread_join(&t);
	report(OP_SGI_OTHER, OP_SGI_OTHER);
	close(gic);
	vm_destroy(vm);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "1"))
		one_vcpu();
	else if (argc == 2 && !strcmp(argv[1], "2"))
		two_vcpus();
	else
		return fprintf(stderr, "usage: ops 1|2 (vCPUs)\n"), 2;
	return 0;
}
