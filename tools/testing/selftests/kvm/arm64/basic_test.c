// SPDX-License-Identifier: GPL-2.0
/* The shortest way through everything: a guest runs, talks, fails where it should, shares memory. */
#include "kvm_test.h"
#include "arch.h"

static __shared uint64_t counter;
static uint64_t private = 5;

static void guest_counts(uint64_t step)
{
	for (int i = 0; i < 3; i++) {
		WRITE_ONCE(counter, READ_ONCE(counter) + step);
		guest_sync(READ_ONCE(counter));
	}
	private = 6;
}

TEST(runs_and_shares_memory)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add1(vm, guest_counts, 7);

	ASSERT_EQ(7, vcpu_sync(vcpu));
	ASSERT_EQ(14, vcpu_sync(vcpu));
	counter = 100;
	ASSERT_EQ(107, vcpu_sync(vcpu));
	vcpu_done(vcpu);
	EXPECT_EQ(107, counter);
	EXPECT_EQ(5, private);
	EXPECT_EQ(6, *(uint64_t *)vm_gva_to_hva(vm, (uintptr_t)&private));
	vm_destroy(vm);
}

static void guest_catches(void)
{
	uint64_t x = 3, esr;

	esr = guest_catch(asm volatile("brk #5"));
	GUEST_ASSERT_EQ(EC_BRK64, ESR_EC(esr));
	GUEST_ASSERT_EQ(5, ESR_ISS(esr));
	GUEST_ASSERT_EQ(0, guest_catch(asm volatile("nop")));
	GUEST_ASSERT_EQ(0, guest_exec(0x91001000, &x));		/* add x0, x0, #4 */
	GUEST_ASSERT_EQ(7, x);
	GUEST_ASSERT_EQ(EC_UNKNOWN, ESR_EC(guest_exec(0x00000000, &x)));	/* udf #0 */
	GUEST_ASSERT(guest_exec(0x00000000, &x) != 0);
	guest_print("x is %lu", x);
}

TEST(exceptions_in_the_guest)
{
	struct vm *vm = vm_create();

	vcpu_done(vcpu_add(vm, guest_catches));
	vm_destroy(vm);
}

static void guest_fp(void)
{
	double a = 1.5;

	asm volatile("fmov d8, %d0\n\tfadd d8, d8, d8" :: "w" (a) : "d8");
	guest_sync(1);
	asm volatile("fmov %d0, d8" : "=w" (a));
	GUEST_ASSERT(a == 3.0);
}

TEST(fp_survives_an_exit)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_add(vm, guest_fp);

	vcpu_sync(vcpu);
	asm volatile("movi v8.16b, #0xff" ::: "v8");
	vcpu_done(vcpu);
	vm_destroy(vm);
}

static __shared uint64_t turns;

static void guest_spins(uint64_t id)
{
	for (int i = 0; i < 100; i++)
		__atomic_fetch_add(&turns, id, __ATOMIC_SEQ_CST);
}

TEST(four_vcpus)
{
	struct vm *vm = vm_create();
	struct vcpu_thread t[4];

	for (int i = 0; i < 4; i++)
		vcpu_thread_start(&t[i], vcpu_add1(vm, guest_spins, i + 1));
	for (int i = 0; i < 4; i++)
		vcpu_thread_join(&t[i]);
	EXPECT_EQ(1000, turns);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
