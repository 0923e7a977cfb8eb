// SPDX-License-Identifier: GPL-2.0
/*
 * VMIDs: more VMs than numbers, on several CPUs, with operations of other CPUs
 * put between any two steps where the real ones could be.
 *
 * Each CPU has a TLB: which VM's entries are under which number.  It goes wrong
 * when a VM runs with a number under which this CPU has entries of another, or
 * when two CPUs run one VM with different numbers.
 */

#include "stage2.h"

#define VMS	400
#define STEPS	8000

struct stage2_features stage2_features;
unsigned int test_cpu;

static struct stage2_mmu vms[VMS];
static int tlb[SHIM_CPUS][1 << 16];		/* VM + 1 */
static int loaded[SHIM_CPUS];			/* VM, or -1 */
static bool busy[SHIM_CPUS];			/* in the middle of something */
static int running[SHIM_CPUS];			/* VM in the guest, or -1 */
static unsigned int running_number[SHIM_CPUS];
static unsigned int depth, renewals, flushes;
static u64 seed = 0x9e3779b97f4a7c15;
static unsigned int numbers;
static bool failed, in_lock;

void test_race(u64 *p) { }

static unsigned int rnd(unsigned int n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed >> 20) % n;
}

void test_tlbi_all(void)
{
	unsigned int cpu;

	flushes++;
	for (cpu = 0; cpu < SHIM_CPUS; cpu++)
		memset(tlb[cpu], 0, numbers * sizeof(tlb[cpu][0]));
	/* What runs goes on filling them. */
	for (cpu = 0; cpu < SHIM_CPUS; cpu++)
		if (running[cpu] >= 0)
			tlb[cpu][running_number[cpu]] = running[cpu] + 1;
}

static void fail(const char *what, unsigned int cpu, int vm, unsigned int number)
{
	if (!failed)
		printf("# %s: cpu %u vm %d number %u\n", what, cpu, vm, number);
	failed = true;
}

static void run(unsigned int cpu, int vm, unsigned int number)
{
	unsigned int other;

	if (!number)
		fail("number 0", cpu, vm, number);
	if (tlb[cpu][number] && tlb[cpu][number] != vm + 1)
		fail("entries of another VM", cpu, vm, number);
	tlb[cpu][number] = vm + 1;
	running[cpu] = vm;
	running_number[cpu] = number;
	for (other = 0; other < SHIM_CPUS; other++) {
		if (other == cpu || running[other] < 0)
			continue;
		if (running[other] == vm && running_number[other] != number)
			fail("two numbers", cpu, vm, number);
		if (running[other] != vm && running_number[other] == number)
			fail("two VMs", cpu, vm, number);
	}
}

/* A CPU that is not in the middle of something does one thing. */
static void step(unsigned int cpu)
{
	unsigned int before = test_cpu;
	u64 vmid;

	test_cpu = cpu;
	busy[cpu] = true;
	switch (rnd(4)) {
	case 0:				/* exit, load another */
		running[cpu] = -1;
		/* A few of the VMs are on several CPUs most of the time. */
		loaded[cpu] = rnd(rnd(2) ? VMS : 4);
		vmid_load(&vms[loaded[cpu]]);
		break;
	case 1:				/* exit */
		running[cpu] = -1;
		break;
	default:			/* enter */
		if (loaded[cpu] < 0)
			break;
		running[cpu] = -1;
		vmid = vmid_current(&vms[loaded[cpu]]);
		/* The number is in use from when it was read: others may work until the entry. */
		test_smp_mb();
		run(cpu, loaded[cpu], vmid_number(vmid));
	}
	busy[cpu] = false;
	test_cpu = before;
}

/* ---- Interleavings that chance does not find: what is to happen where others may act */

static void (*interject[2])(void);
static unsigned int interject_next, interject_count;

static bool interject_here(void)
{
	void (*fn)(void);

	if (!interject_count)
		return false;
	fn = interject[interject_next++];
	if (interject_next == interject_count)
		interject_count = 0;
	depth++;		/* nothing in it is interrupted */
	fn();
	depth--;
	return true;
}

static void interject_set(void (*first)(void), void (*second)(void))
{
	interject[0] = first;
	interject[1] = second;
	interject_next = 0;
	interject_count = second ? 2 : 1;
}

static u64 load_on(unsigned int cpu, unsigned int vm)
{
	unsigned int before = test_cpu;
	u64 vmid;

	test_cpu = cpu;
	vmid = vmid_load(&vms[vm]);
	test_cpu = before;
	return vmid;
}

#define VM_A	0
#define VM_B	1
#define VM_C	2
#define VM_REST	10

/* The VMs from VM_REST on take numbers, on a CPU of their own, until the generation has changed. */
static void use_up(void)
{
	u64 before = vmid_generation;
	unsigned int vm;

	for (vm = VM_REST; vmid_generation == before && vm < VMS; vm++) {
		atomic64_set(&vms[vm].vmid, 0);
		load_on(SHIM_CPUS - 1, vm);
	}
}

/* Has a VM other than @owner, in this generation, @number? */
static bool number_taken(unsigned int owner, unsigned int number)
{
	unsigned int vm;

	for (vm = 0; vm < VMS; vm++)
		if (vm != owner && vms[vm].vmid.counter >> VMID_SHIFT == vmid_generation &&
		    vmid_number(vms[vm].vmid.counter) == number)
			return true;
	return false;
}

static unsigned int number_of(unsigned int vm)
{
	return vmid_number(vms[vm].vmid.counter);
}

static void elsewhere_renewed(void)
{
	use_up();
	load_on(1, VM_A);
}

/*
 * CPU 0 reads A's VMID and stops; the generation changes; A is renewed on CPU 1;
 * CPU 0 goes on to publish the old one, and runs A with the new one that it
 * finds.  Then CPU 1 leaves A, and the generation changes again.
 */
static bool test_publish_late(void)
{
	unsigned int number, vm;

	load_on(0, VM_A);
	load_on(0, VM_B);
	interject_set(elsewhere_renewed, NULL);
	load_on(0, VM_A);
	test_cpu = 0;
	number = vmid_number(vmid_current(&vms[VM_A]));
	/* CPU 0 is in the guest from here on. */
	load_on(1, VM_C);
	use_up();
	for (vm = VM_REST; vm < VM_REST + 200; vm++) {
		atomic64_set(&vms[vm].vmid, 0);
		load_on(SHIM_CPUS - 1, vm);
	}
	return !number_taken(VM_A, number);
}

/* Somebody else gets A's number, and runs. */
static void number_goes_to_other(void)
{
	unsigned int number = number_of(VM_A), vm;

	use_up();
	for (vm = VM_REST; vm < VMS; vm++) {
		atomic64_set(&vms[vm].vmid, 0);
		if (vmid_number(load_on(1, vm)) == number) {
			vms[VM_C] = vms[vm];
			atomic64_set(&vms[vm].vmid, 0);
			return;
		}
	}
}

/*
 * CPU 0 reads A's VMID and stops; the generation changes and A's number becomes
 * C's, which runs on CPU 1; CPU 0 publishes the old VMID and stops; the
 * generation changes again, so C's is reserved; then CPU 0 renews A.
 */
static bool test_publish_stale(void)
{
	unsigned int vm;

	/* A's number is not one of those that go first. */
	for (vm = VM_REST; vm < VM_REST + 20; vm++)
		load_on(SHIM_CPUS - 1, vm);
	load_on(0, VM_A);
	load_on(0, VM_B);
	interject_set(number_goes_to_other, use_up);
	load_on(0, VM_A);
	load_on(1, VM_C);
	return vms[VM_C].vmid.counter && !number_taken(VM_A, number_of(VM_A)) &&
	       !number_taken(VM_C, number_of(VM_C));
}

static bool test_directed(bool (*fn)(void))
{
	bool ok;

	memset(vms, 0, sizeof(vms));
	memset(tlb, 0, sizeof(tlb));
	numbers = 1U << 8;
	vmid_generation++;	/* the VMs of the test before are gone */
	for (unsigned int cpu = 0; cpu < SHIM_CPUS; cpu++)
		running[cpu] = -1;
	if (vmid_module_init(false))
		return false;
	depth = 9;		/* only what is interjected */
	ok = fn();
	depth = 0;
	vmid_module_exit();
	return ok && !interject_count;
}

/*
 * Others act, at times enough for a change of generation.  In vmid_renew() and
 * vmid_roll_over() the lock is held: they only run what they run.
 */
void test_smp_mb(void)
{
	unsigned int cpu, steps;

	if (depth == 9 && !in_lock && interject_here())
		return;
	if (in_lock || depth > 2 || rnd(3))
		return;
	depth++;
	for (steps = depth > 1 || rnd(20) ? rnd(6) : rnd(50 * VMS); steps; steps--) {
		cpu = rnd(SHIM_CPUS);
		if (!busy[cpu])
			step(cpu);
	}
	depth--;
}

void test_lock(bool held)
{
	in_lock = held;
	renewals += held;
}

static bool test(bool vmid16, unsigned int steps)
{
	unsigned int i;

	memset(vms, 0, sizeof(vms));
	memset(tlb, 0, sizeof(tlb));
	for (i = 0; i < SHIM_CPUS; i++) {
		loaded[i] = -1;
		running[i] = -1;
	}
	numbers = vmid16 ? 1U << 16 : 1U << 8;
	failed = false;
	renewals = 0;
	flushes = 0;
	if (vmid_module_init(vmid16))
		return false;
	for (i = 0; i < steps && !failed; i++)
		step(rnd(SHIM_CPUS));
	vmid_module_exit();
	printf("# %u renewals, %u generations\n", renewals, flushes);
	return !failed;
}

int main(void)
{
	bool ok8, ok16, late, stale;

	printf("TAP version 13\n1..4\n");
	ok8 = test(false, STEPS) && flushes > 10;
	printf("%sok 1 vmid: 8 bits, many changes of generation\n", ok8 ? "" : "not ");
	vmid_generation++;	/* the VMs of the first test are gone */
	ok16 = test(true, STEPS / 20) && renewals;
	printf("%sok 2 vmid: 16 bits\n", ok16 ? "" : "not ");
	late = test_directed(test_publish_late);
	printf("%sok 3 vmid: published after it was renewed elsewhere\n", late ? "" : "not ");
	stale = test_directed(test_publish_stale);
	printf("%sok 4 vmid: published after its number went to another\n", stale ? "" : "not ");
	return !(ok8 && ok16 && late && stale);
}
