// SPDX-License-Identifier: GPL-2.0
/*
 * Each allocation and each copy in the ioctls of VMs, vCPUs and interrupt controllers fails once: the ioctl says so,
 * nothing is left behind, and the next try succeeds. On a kernel that looks for leaks and for use after free.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "kvm_test.h"
#include "fault.h"
#include "gic.h"
#include "its.h"

REQUIRE_GICV3

#define SLOT_GPA	0x80000000ULL
#define SLOT_SIZE	0x400000ULL
#define SPI		(GIC_SPI + 8)
#define LPI		(LPI_FIRST + 5)
#define DEVICE		3
#define EVENT		2
#define ICID		7

enum { GIC, ITS, EVENT_FD, OTHER };	/* in fault_state.fd */

static __shared volatile uint64_t taken;

static void bare_vm(struct fault_state *s)
{
	s->vm = vm_create_bare(0);
}

static void bare_vcpu(struct fault_state *s)
{
	bare_vm(s);
	s->vcpu = vcpu_create(s->vm, 0);
}

static void initialised_vcpu(struct fault_state *s)
{
	bare_vcpu(s);
	vcpu_init_features(s->vcpu, FEATURE(PSCI_0_2));
}

static void uninitialised_gic(struct fault_state *s)
{
	initialised_vcpu(s);
	s->fd[GIC] = gic_create_uninitialised(s->vm, 64);
}

static void whole_gic(struct fault_state *s)
{
	uninitialised_gic(s);
	must(gic_initialise(s->fd[GIC]));
}

static void whole_its(struct fault_state *s)
{
	whole_gic(s);
	s->fd[ITS] = its_create(s->vm, its_gpa(0));
}

static void keep_other(struct fault_state *s, long ret)
{
	s->fd[OTHER] = ret;
}

#define FAULT_TEST(id, ...)							\
TEST(in_##id)									\
{										\
	static const struct fault_op op = { .name = #id, __VA_ARGS__ };		\
										\
	if (!fault_available())							\
		SKIP(return, "a kernel without fault injection");		\
	EXPECT_LT(0, fault_each(&op));						\
}

/* ------------------------------------------------------------------------------------------ /dev/kvm, VMs */

static long create_vm(struct fault_state *s)
{
	return ioctl(s->fd[EVENT_FD], KVM_CREATE_VM, 0);
}

static void open_kvm(struct fault_state *s)
{
	s->fd[EVENT_FD] = kvm_open();
}

FAULT_TEST(vm_create, .setup = open_kvm, .run = create_vm, .done = keep_other);

static long create_vcpu(struct fault_state *s)
{
	return vm_ioctl(s->vm, KVM_CREATE_VCPU, 0);
}

FAULT_TEST(vcpu_create, .setup = bare_vm, .run = create_vcpu, .done = keep_other);

static void second_vcpu(struct fault_state *s)
{
	initialised_vcpu(s);
	s->fd[OTHER] = must(vm_ioctl(s->vm, KVM_CREATE_VCPU, 1));
}

static long create_third_vcpu(struct fault_state *s)
{
	return vm_ioctl(s->vm, KVM_CREATE_VCPU, 300);
}

static void close_third_vcpu(struct fault_state *s, long ret)
{
	close(ret);
}

FAULT_TEST(vcpu_create_third, .setup = second_vcpu, .run = create_third_vcpu, .done = close_third_vcpu);

static long map_vcpu(struct fault_state *s)
{
	void *p = mmap(NULL, s->vcpu->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, s->vcpu->fd, 0);

	if (p == MAP_FAILED)
		return -1;
	munmap(p, s->vcpu->run_size);
	return 0;
}

FAULT_TEST(vcpu_mmap, .setup = bare_vcpu, .run = map_vcpu);

static long init_vcpu(struct fault_state *s)
{
	struct kvm_vcpu_init init = { .target = KVM_ARM_TARGET_GENERIC_V8, .features[0] = FEATURE(PSCI_0_2) };

	return vcpu_ioctl(s->vcpu, KVM_ARM_VCPU_INIT, &init);
}

FAULT_TEST(vcpu_init, .setup = bare_vcpu, .run = init_vcpu);
FAULT_TEST(vcpu_init_again, .setup = initialised_vcpu, .run = init_vcpu);

static long get_and_set_reg(struct fault_state *s)
{
	uint64_t value;

	return vcpu_get_reg(s->vcpu, REG_X(3), &value) ?: vcpu_set_reg(s->vcpu, REG_X(3), &value) ?:
	       vcpu_get_reg(s->vcpu, REG_TPIDR_EL1, &value) ?: vcpu_set_reg(s->vcpu, REG_TPIDR_EL1, &value);
}

FAULT_TEST(vcpu_one_reg, .setup = initialised_vcpu, .run = get_and_set_reg);

static long vcpu_state(struct fault_state *s)
{
	struct kvm_vcpu_events events;
	struct kvm_mp_state state;

	return vcpu_ioctl(s->vcpu, KVM_GET_VCPU_EVENTS, &events) ?: vcpu_ioctl(s->vcpu, KVM_SET_VCPU_EVENTS, &events) ?:
	       vcpu_ioctl(s->vcpu, KVM_GET_MP_STATE, &state) ?: vcpu_ioctl(s->vcpu, KVM_SET_MP_STATE, &state);
}

FAULT_TEST(vcpu_events_and_mp_state, .setup = initialised_vcpu, .run = vcpu_state);

static long filter_smccc(struct fault_state *s)
{
	struct kvm_smccc_filter filter = { .base = 0x84000001, .nr_functions = 5, .action = KVM_SMCCC_FILTER_DENY };
	struct kvm_device_attr a = {
		.group = KVM_ARM_VM_SMCCC_CTRL, .attr = KVM_ARM_VM_SMCCC_FILTER, .addr = (uintptr_t)&filter,
	};

	return vm_ioctl(s->vm, KVM_SET_DEVICE_ATTR, &a);
}

FAULT_TEST(vm_smccc_filter, .setup = initialised_vcpu, .run = filter_smccc);

static long get_stats_fd(struct fault_state *s)
{
	return vm_ioctl(s->vm, KVM_GET_STATS_FD, NULL);
}

TEST(in_vm_stats_fd)
{
	static const struct fault_op op = {
		.name = "vm_stats_fd", .setup = bare_vm, .run = get_stats_fd, .done = keep_other,
	};

	if (!fault_available())
		SKIP(return, "a kernel without fault injection");
	if (kvm_check(KVM_CAP_BINARY_STATS_FD) <= 0)
		SKIP(return, "no KVM_CAP_BINARY_STATS_FD");
	EXPECT_LT(0, fault_each(&op));
}

/* ------------------------------------------------------------------------------------------------ Memory */

static void spare_memory(struct fault_state *s)
{
	static void *mem;

	if (!mem)
		mem = mmap(NULL, SLOT_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	s->value = (uintptr_t)mem;
}

static void memory(struct fault_state *s)
{
	bare_vm(s);
	spare_memory(s);
}

static long set_slot(struct fault_state *s, uint64_t gpa, uint64_t size, unsigned int flags)
{
	return vm_set_slot(s->vm, 5, gpa, size, flags, (void *)s->value);
}

static void with_slot(struct fault_state *s)
{
	memory(s);
	must(set_slot(s, SLOT_GPA, SLOT_SIZE, 0));
}

static void with_logged_slot(struct fault_state *s)
{
	memory(s);
	must(set_slot(s, SLOT_GPA, SLOT_SIZE, KVM_MEM_LOG_DIRTY_PAGES));
}

static long create_slot(struct fault_state *s)
{
	return set_slot(s, SLOT_GPA, SLOT_SIZE, 0);
}

static long create_logged_slot(struct fault_state *s)
{
	return set_slot(s, SLOT_GPA, SLOT_SIZE, KVM_MEM_LOG_DIRTY_PAGES);
}

static long move_slot(struct fault_state *s)
{
	return set_slot(s, SLOT_GPA + SLOT_SIZE, SLOT_SIZE, 0);
}

static long delete_slot(struct fault_state *s)
{
	return set_slot(s, SLOT_GPA, 0, 0);
}

FAULT_TEST(slot_create, .setup = memory, .run = create_slot);
FAULT_TEST(slot_create_logged, .setup = memory, .run = create_logged_slot);
FAULT_TEST(slot_move, .setup = with_slot, .run = move_slot);
FAULT_TEST(slot_log, .setup = with_slot, .run = create_logged_slot);
FAULT_TEST(slot_unlog, .setup = with_logged_slot, .run = create_slot);
FAULT_TEST(slot_delete, .setup = with_slot, .run = delete_slot);

static long dirty_log(struct fault_state *s)
{
	static uint64_t bitmap[SLOT_SIZE / 4096 / 64];
	struct kvm_dirty_log log = { .slot = 5, .dirty_bitmap = bitmap };

	return vm_ioctl(s->vm, KVM_GET_DIRTY_LOG, &log);
}

FAULT_TEST(slot_dirty_log, .setup = with_logged_slot, .run = dirty_log);

/* --------------------------------------------------------------------------------------------- The vGIC */

static long create_gic(struct fault_state *s)
{
	return vm_create_device(s->vm, KVM_DEV_TYPE_ARM_VGIC_V3);
}

FAULT_TEST(gic_create, .setup = initialised_vcpu, .run = create_gic, .done = keep_other);

static void gic_without_address(struct fault_state *s)
{
	initialised_vcpu(s);
	s->fd[GIC] = create_gic(s);
}

static long set_dist(struct fault_state *s)
{
	uint64_t dist = GIC_DIST_GPA;

	return attr_set(s->fd[GIC], KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, &dist);
}

static long set_redist(struct fault_state *s)
{
	uint64_t redist = GIC_REDIST_GPA;

	return attr_set(s->fd[GIC], KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST, &redist);
}

static long set_redist_region(struct fault_state *s)
{
	uint64_t region = 4ULL << 52 | GIC_REDIST_GPA;

	return attr_set(s->fd[GIC], KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, &region);
}

static long set_nr_irqs(struct fault_state *s)
{
	uint32_t nr = 128;

	return attr_set(s->fd[GIC], KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &nr);
}

static long get_addresses(struct fault_state *s)
{
	uint64_t address;

	return attr_get(s->fd[GIC], KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, &address) ?:
	       attr_get(s->fd[GIC], KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST, &address);
}

static long init_gic(struct fault_state *s)
{
	return gic_initialise(s->fd[GIC]);
}

FAULT_TEST(gic_dist_address, .setup = gic_without_address, .run = set_dist);
FAULT_TEST(gic_redist_address, .setup = gic_without_address, .run = set_redist);
FAULT_TEST(gic_redist_region, .setup = gic_without_address, .run = set_redist_region);
FAULT_TEST(gic_nr_irqs, .setup = gic_without_address, .run = set_nr_irqs);
FAULT_TEST(gic_get_addresses, .setup = uninitialised_gic, .run = get_addresses);

static void default_gic(struct fault_state *s)
{
	initialised_vcpu(s);
	s->fd[GIC] = gic_create_uninitialised(s->vm, 0);
}

/* Not initialised, not even in part: the number can still be given. */
static void give_nr_irqs(struct fault_state *s)
{
	must(set_nr_irqs(s));
}

FAULT_TEST(gic_init, .setup = default_gic, .run = init_gic, .failed = give_nr_irqs);

static long save_pending(struct fault_state *s)
{
	return gic_save_pending_tables(s->fd[GIC]);
}

FAULT_TEST(gic_save_pending_tables, .setup = whole_its, .run = save_pending);

static void whole_gic_with_mpidr(struct fault_state *s)
{
	whole_gic(s);
	s->value = vcpu_mpidr(s->vcpu);
}

static long gic_registers(struct fault_state *s)
{
	uint64_t mpidr = s->value, wide;
	uint32_t value;
	int gic = s->fd[GIC];

	return gic_dist_get(gic, mpidr, GICD_ISENABLER + 4, &value) ?: gic_dist_set(gic, mpidr, GICD_ISENABLER + 4, 1) ?:
	       gic_redist_get(gic, mpidr, GICR_CTLR, &value) ?: gic_redist_set(gic, mpidr, GICR_CTLR, value) ?:
	       gic_cpu_get(gic, mpidr, GIC_SYSREG(3, 0, 4, 6, 0), &wide) ?:
	       gic_cpu_set(gic, mpidr, GIC_SYSREG(3, 0, 4, 6, 0), wide) ?:
	       gic_level_get(gic, mpidr, 32, &value) ?: gic_level_set(gic, mpidr, 32, value);
}

FAULT_TEST(gic_registers, .setup = whole_gic_with_mpidr, .run = gic_registers);

/* ----------------------------------------------------------------------------------- Events and routing */

static void gic_and_event(struct fault_state *s)
{
	whole_gic(s);
	s->fd[EVENT_FD] = event_fd();
}

static long irqfd(struct fault_state *s, unsigned int flags, int resample)
{
	struct kvm_irqfd args = { .fd = s->fd[EVENT_FD], .gsi = 8, .flags = flags, .resamplefd = resample };

	return vm_ioctl(s->vm, KVM_IRQFD, &args);
}

static long assign_irqfd(struct fault_state *s)
{
	return irqfd(s, 0, 0);
}

static void gic_and_two_events(struct fault_state *s)
{
	gic_and_event(s);
	s->fd[OTHER] = event_fd();
}

static long assign_resampling_irqfd(struct fault_state *s)
{
	return irqfd(s, KVM_IRQFD_FLAG_RESAMPLE, s->fd[OTHER]);
}

static long deassign_irqfd(struct fault_state *s)
{
	return irqfd(s, KVM_IRQFD_FLAG_DEASSIGN, 0);
}

static void with_irqfd(struct fault_state *s)
{
	gic_and_event(s);
	must(assign_irqfd(s));
}

FAULT_TEST(irqfd_assign, .setup = gic_and_event, .run = assign_irqfd);
FAULT_TEST(irqfd_assign_resampling, .setup = gic_and_two_events, .run = assign_resampling_irqfd);
FAULT_TEST(irqfd_deassign, .setup = with_irqfd, .run = deassign_irqfd);

static long ioeventfd(struct fault_state *s, unsigned int flags)
{
	struct kvm_ioeventfd args = { .addr = VM_MMIO_GPA, .len = 4, .fd = s->fd[EVENT_FD], .flags = flags };

	return vm_ioctl(s->vm, KVM_IOEVENTFD, &args);
}

static long assign_ioeventfd(struct fault_state *s)
{
	return ioeventfd(s, 0);
}

static long deassign_ioeventfd(struct fault_state *s)
{
	return ioeventfd(s, KVM_IOEVENTFD_FLAG_DEASSIGN);
}

static void with_ioeventfd(struct fault_state *s)
{
	gic_and_event(s);
	must(assign_ioeventfd(s));
}

FAULT_TEST(ioeventfd_assign, .setup = gic_and_event, .run = assign_ioeventfd);
FAULT_TEST(ioeventfd_deassign, .setup = with_ioeventfd, .run = deassign_ioeventfd);

static long set_routes(struct fault_state *s)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entry[2];
	} table = {
		.head.nr = 2,
		.entry = {
			{ .gsi = 8, .type = KVM_IRQ_ROUTING_IRQCHIP, .u.irqchip.pin = 9 },
			{ .gsi = 40, .type = KVM_IRQ_ROUTING_MSI, .flags = KVM_MSI_VALID_DEVID,
			  .u.msi = { .address_lo = GIC_ITS_GPA + GITS_TRANSLATER, .data = EVENT, .devid = DEVICE } },
		},
	};

	return vm_ioctl(s->vm, KVM_SET_GSI_ROUTING, &table);
}

static void its_with_irqfd(struct fault_state *s)
{
	with_irqfd(s);
	s->fd[ITS] = its_create(s->vm, its_gpa(0));
}

FAULT_TEST(routing_set, .setup = whole_its, .run = set_routes);
FAULT_TEST(routing_set_with_irqfd, .setup = its_with_irqfd, .run = set_routes);

/* ---------------------------------------------------------------------------------------------- The ITS */

static long create_its(struct fault_state *s)
{
	return vm_create_device(s->vm, KVM_DEV_TYPE_ARM_VGIC_ITS);
}

FAULT_TEST(its_create, .setup = whole_gic, .run = create_its, .done = keep_other);

static void its_without_address(struct fault_state *s)
{
	whole_gic(s);
	s->fd[ITS] = create_its(s);
}

static long set_its_address(struct fault_state *s)
{
	uint64_t gpa = its_gpa(0);

	return attr_set(s->fd[ITS], KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_ITS_ADDR_TYPE, &gpa);
}

static long init_its(struct fault_state *s)
{
	return its_initialise(s->fd[ITS]);
}

FAULT_TEST(its_address, .setup = its_without_address, .run = set_its_address);
FAULT_TEST(its_init, .setup = its_without_address, .run = init_its);

static void take_lpi(struct ex_regs *regs, uint64_t esr)
{
	unsigned int intid = gic_ack();

	GUEST_ASSERT_EQ(LPI, intid);
	gic_eoi(intid);
	taken++;
}

static void map_event(struct its_memory *its)
{
	its_mapc(its, ICID, its_rdbase());
	its_mapd(its, DEVICE, its_itt_alloc(its, 4), 4);
	its_mapti(its, DEVICE, EVENT, LPI, ICID);
	its_inv(its, DEVICE, EVENT);
	its_sync(its);
}

static bool event_arrives(struct its_memory *its, uint64_t was)
{
	its_int(its, DEVICE, EVENT);
	its_sync(its);
	for (int i = 0; i < 100 && taken == was; i++)
		guest_delay_us(10);
	return taken != was;
}

/* A command that the host has no memory for has no effect; this asks for what is missing until it works. */
static void guest_maps(struct its_memory *its, struct lpi_memory *lpi)
{
	uint64_t was = taken;

	on_irq(take_lpi);
	gic_guest_init();
	lpi_guest_init_cpu(lpi);
	its_guest_init(its);
	lpi_configure(lpi, LPI, 0x80, true);
	irq_enable();
	guest_sync(1);
	map_event(its);
	for (int i = 0; !event_arrives(its, was); i++) {
		GUEST_ASSERT(i < 10);
		map_event(its);
	}
	guest_sync(2);
	for (;;) {
		was = taken;
		GUEST_ASSERT(event_arrives(its, was));
		its_movi(its, DEVICE, EVENT, ICID);
		its_discard(its, DEVICE, EVENT);
		map_event(its);
		guest_sync(3);
	}
}

static void stopped_before_mapping(struct fault_state *s)
{
	const struct its_params params = { .itt_bytes = 0x10000, .devices = 64, .collections = 64 };
	struct its_memory *its;
	struct lpi_memory *lpi;

	s->vm = vm_create();
	its = its_memory(s->vm, &params);
	lpi = lpi_memory(s->vm, 1);
	s->vcpu = vcpu_add2(s->vm, guest_maps, vm_gva_of(s->vm, its), vm_gva_of(s->vm, lpi));
	s->fd[GIC] = gic_create(s->vm, 64);
	s->fd[ITS] = its_create(s->vm, its_gpa(0));
	if (vcpu_sync(s->vcpu) != 1)
		test_fail("the guest did not get ready");
}

static void mapped_its(struct fault_state *s)
{
	stopped_before_mapping(s);
	if (vcpu_sync(s->vcpu) != 2)
		test_fail("the guest has not mapped its event");
}

/* After whatever happened to the ITS's user interface: the guest's event still arrives. */
static void event_still_arrives(struct fault_state *s, long ret)
{
	if (vcpu_sync(s->vcpu) != 3)
		test_fail("the guest's event did not arrive");
}

/* Until the guest stops by itself; one of the runs is the one with the failure. */
static long run_guest(struct fault_state *s)
{
	unsigned int reason;
	int ret;

	do {
		ret = vcpu_run_once(s->vcpu);
		if (ret < 0) {
			errno = -ret;
			return -1;
		}
		reason = vcpu_exit(s->vcpu);
	} while (reason == EXIT_NOTHING);
	if (reason != EXIT_GUEST_SYNC)
		test_fail("KVM_RUN ended with %s", kvm_exit_name(reason));
	return 0;
}

/* KVM_RUN does not fail for it: the guest's command has no effect, and the guest tries again. */
FAULT_TEST(its_commands, .absorbed = true, .setup = stopped_before_mapping, .run = run_guest, .done = event_still_arrives);

static long its_registers(struct fault_state *s)
{
	static const uint32_t offset[] = { GITS_BASER, GITS_BASER + 8, GITS_CBASER, GITS_CREADR, GITS_CWRITER, GITS_CTLR };
	uint64_t value;

	for (unsigned int i = 0; i < sizeof(offset) / sizeof(offset[0]); i++)
		if (its_reg_get(s->fd[ITS], offset[i], &value))
			return -1;
	return 0;
}

FAULT_TEST(its_registers_get, .setup = mapped_its, .run = its_registers, .done = event_still_arrives);

static long save_its(struct fault_state *s)
{
	return its_save_tables(s->fd[ITS]);
}

FAULT_TEST(its_save_tables, .setup = mapped_its, .run = save_its, .done = event_still_arrives);

struct its_saved {
	uint64_t ctlr, cbaser, creadr, cwriter, baser[8];
};

static void read_its(int its, struct its_saved *r)
{
	must(its_reg_get(its, GITS_CTLR, &r->ctlr));
	must(its_reg_get(its, GITS_CBASER, &r->cbaser));
	must(its_reg_get(its, GITS_CREADR, &r->creadr));
	must(its_reg_get(its, GITS_CWRITER, &r->cwriter));
	for (int i = 0; i < 8; i++)
		must(its_reg_get(its, GITS_BASER + 8 * i, &r->baser[i]));
}

/* As a VMM that resumes: registers, tables, then GITS_CTLR. */
static void reset_its(struct fault_state *s)
{
	const struct its_saved *r = s->data;
	int its = s->fd[ITS];

	must(its_reset(its));
	must(its_reg_set(its, GITS_CBASER, r->cbaser));
	must(its_reg_set(its, GITS_CREADR, r->creadr));
	must(its_reg_set(its, GITS_CWRITER, r->cwriter));
	for (int i = 0; i < 8; i++)
		must(its_reg_set(its, GITS_BASER + 8 * i, r->baser[i]));
}

static void saved_its(struct fault_state *s)
{
	mapped_its(s);
	s->data = malloc(sizeof(struct its_saved));
	read_its(s->fd[ITS], s->data);
	must(save_its(s));
	reset_its(s);
}

static long restore_its(struct fault_state *s)
{
	return its_restore_tables(s->fd[ITS]);
}

static void enable_its(struct fault_state *s, long ret)
{
	const struct its_saved *r = s->data;

	must(its_reg_set(s->fd[ITS], GITS_CTLR, r->ctlr));
	event_still_arrives(s, ret);
}

/* EINVAL: an ICID whose place in the table cannot be read */
FAULT_TEST(its_restore_tables, .error = EINVAL, .setup = saved_its, .run = restore_its, .failed = reset_its, .done = enable_its);

static long reset_once(struct fault_state *s)
{
	return its_reset(s->fd[ITS]);
}

FAULT_TEST(its_reset, .setup = mapped_its, .run = reset_once);

static long signal_msi(struct fault_state *s)
{
	int ret = vm_signal_msi(s->vm, its_gpa(0), DEVICE, EVENT);

	if (ret < 0) {
		errno = -ret;
		return -1;
	}
	if (ret != 1)
		test_fail("KVM_SIGNAL_MSI returned %d", ret);
	return 0;
}

FAULT_TEST(its_signal_msi, .setup = mapped_its, .run = signal_msi, .done = event_still_arrives);

/* ---------------------------------------------------------------------------------------------- KVM_RUN */

static void guest_touches(uint64_t far, uint64_t unused)
{
	for (uint64_t i = 0; i < 3; i++)
		*(volatile uint64_t *)(far + i * 0x1000) = i + 1;
	gic_guest_init();
	gic_send_sgi(read_sysreg(mpidr_el1), 3);
	for (uint64_t i = 0; i < 3; i++)
		GUEST_ASSERT_EQ(i + 1, *(volatile uint64_t *)(far + i * 0x1000));
	guest_sync(9);
}

static void guest_and_memory(struct fault_state *s)
{
	uint64_t far = 0x180000000ULL;

	s->vm = vm_create();
	spare_memory(s);
	must(set_slot(s, far, SLOT_SIZE, 0));
	vm_map(s->vm, far, far, SLOT_SIZE, MAP_DATA);
	s->vcpu = vcpu_add1(s->vm, guest_touches, far);
	s->fd[GIC] = gic_create(s->vm, 64);
}

FAULT_TEST(run_first, .setup = guest_and_memory, .run = run_guest);

TEST_HARNESS_MAIN
