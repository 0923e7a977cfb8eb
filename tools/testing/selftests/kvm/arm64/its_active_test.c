// SPDX-License-Identifier: GPL-2.0
/*
 * LPIs have no active state. One that was acknowledged and not yet ended gives way to others in the list registers, its
 * EOI then names nothing that the hypervisor keeps, and it can become pending and be taken again.
 */
#include "kvm_test.h"
#include "its.h"

REQUIRE_GICV3

#define NR		24		/* more than there are list registers */
#define DEVICE		7

static void guest(struct its_memory *its, struct lpi_memory *lpi)
{
	gic_guest_init();
	lpi_guest_init_cpu(lpi);
	its_guest_init(its);
	its_mapc(its, 0, its_rdbase());
	its_mapd(its, DEVICE, its_itt_alloc(its, 5), 5);
	for (int i = 0; i < NR; i++) {
		lpi_configure(lpi, LPI_FIRST + i, 0xa0, true);
		its_mapti(its, DEVICE, i, LPI_FIRST + i, 0);
	}
	its_sync(its);

	for (int round = 0; round < 3; round++) {
		uint32_t seen = 0;

		its_int(its, DEVICE, 0);
		its_sync(its);
		GUEST_ASSERT_EQ(LPI_FIRST, gic_ack());
		/* Again while the guest is at it: pending, but not to be seen before the EOI. */
		if (round == 1) {
			its_int(its, DEVICE, 0);
			its_sync(its);
		}
		for (int i = 1; i < NR; i++)
			its_int(its, DEVICE, i);
		its_sync(its);
		GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
		gic_eoi(LPI_FIRST);

		for (int i = round == 1 ? 0 : 1; i < NR; i++) {
			unsigned int intid = gic_ack();

			GUEST_ASSERT(intid >= LPI_FIRST && intid < LPI_FIRST + NR);
			GUEST_ASSERT(!(seen >> (intid - LPI_FIRST) & 1));
			seen |= 1u << (intid - LPI_FIRST);
			gic_eoi(intid);
			/* Every exit is an occasion to lose it. */
			guest_sync(0);
		}
		GUEST_ASSERT_EQ(GIC_SPURIOUS, gic_ack());
		GUEST_ASSERT_EQ((1u << NR) - (round == 1 ? 1 : 2), seen);
	}
}

TEST(lpi_is_never_active)
{
	const struct its_params params = {};
	struct its_memory *mem;
	struct lpi_memory *lpi;
	struct vcpu *vcpu;
	struct vm *vm;
	int gic, its;

	if (!its_available())
		SKIP(return, "no ITS");
	vm = vm_create();
	mem = its_memory(vm, &params);
	lpi = lpi_memory(vm, 1);
	vcpu = vcpu_add2(vm, guest, vm_gva_of(vm, mem), vm_gva_of(vm, lpi));
	gic = gic_create(vm, 64);
	its = its_create(vm, mem->base);
	while (vcpu_run(vcpu) == EXIT_GUEST_SYNC)
		;
	close(its);
	close(gic);
	vm_destroy(vm);
}

TEST_HARNESS_MAIN
