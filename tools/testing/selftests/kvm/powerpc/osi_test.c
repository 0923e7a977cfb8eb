// SPDX-License-Identifier: GPL-2.0
/* OSI calls and calls of the hypervisor. */
#include "kvm_test.h"
#include "ppc.h"

#define OSI_R3	0x113724fa
#define OSI_R4	0x77810f9b

static void enable(struct ppc *p)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_PPC_OSI };

	must(ioctl(p->vcpu, KVM_ENABLE_CAP, &cap));
}

static void magic(struct ppc *p)
{
	emit_li(p, 3, OSI_R3);
	emit_li(p, 4, OSI_R4);
	emit(p, I_SC);
	emit_stop(p);
}

TEST(registers_out_and_in)
{
	struct ppc *p = ppc_create();

	EXPECT_EQ(1, kvm_check(KVM_CAP_PPC_OSI));
	enable(p);
	magic(p);
	for (unsigned int i = 5; i < 32; i++)
		ppc_set_gpr(p, i, 0x100 + i);
	ppc_begin(p);
	ASSERT_EQ(KVM_EXIT_OSI, p->run->exit_reason);
	EXPECT_EQ(OSI_R3, p->run->osi.gprs[3]);
	for (unsigned int i = 5; i < 32; i++)
		EXPECT_EQ(0x100 + i, p->run->osi.gprs[i]);
	for (unsigned int i = 0; i < 32; i++)
		p->run->osi.gprs[i] = 0x2000 + i;
	ppc_run(p);
	ppc_expect_stop(p);
	for (unsigned int i = 0; i < 32; i++)
		EXPECT_EQ(0x2000 + i, ppc_gpr(p, i));
	ppc_destroy(p);
}

/* Without the capability the call is the guest's own, and nothing is completed that was not begun. */
TEST(osi_gate)
{
	struct ppc *p = ppc_create();

	ppc_handlers(p);
	magic(p);
	ppc_begin(p);
	EXPECT_EQ(VEC_SYSCALL, ppc_trap(p));
	for (unsigned int i = 0; i < 32; i++)
		p->run->osi.gprs[i] = 0xdead;
	p->run->exit_reason = KVM_EXIT_OSI;
	ppc_run(p);
	ppc_expect_stop(p);
	EXPECT_EQ(OSI_R3, ppc_gpr(p, 3));
	EXPECT_EQ(OSI_R4, ppc_gpr(p, 4));

	/* And with it: only the magic counts. */
	enable(p);
	ppc_new(p);
	emit_li(p, 3, OSI_R3);
	emit_li(p, 4, OSI_R4 + 1);
	emit(p, I_SC);
	emit_stop(p);
	ppc_begin(p);
	EXPECT_EQ(VEC_SYSCALL, ppc_trap(p));
	ppc_destroy(p);
}

/* The guest's way to call: what KVM_PPC_GET_PVINFO says, with the number in r11. */
static uint32_t call(struct ppc *p, uint32_t number, uint32_t *out)
{
	struct kvm_ppc_pvinfo info;

	must(ioctl(p->vm, KVM_PPC_GET_PVINFO, &info));
	ppc_new(p);
	emit_li(p, 11, number);
	for (unsigned int i = 0; i < 4; i++)
		emit(p, info.hcall[i]);
	ppc_exec(p);
	*out = ppc_gpr(p, 4);
	return ppc_gpr(p, 3);
}

TEST(hypercalls)
{
	struct ppc *p = ppc_create();
	uint32_t out;

	EXPECT_EQ(0, call(p, 42 << 16 | 3, &out));	/* features */
	EXPECT_EQ(12, call(p, 42 << 16 | 99, &out));	/* not implemented */
	EXPECT_EQ(12, call(p, 0, &out));
	ppc_destroy(p);
}

TEST_HARNESS_MAIN
