// SPDX-License-Identifier: GPL-2.0
/* See world.h. */

#include "its-format.h"
#include "its-lpi.h"
#include "world.h"

#define MEM_BASE	0x40000000ULL
#define MEM_SIZE	0x80000
#define MEM_PENDING	(MEM_BASE + 0x10000)	/* 64 KiB for each vCPU; configuration before it */
#define MEM_DEVICES	(MEM_BASE + 0x40000)
#define MEM_COLLECTIONS	(MEM_BASE + 0x50000)
#define MEM_ITT		(MEM_BASE + 0x60000)
#define EVENT_BITS	12

struct vm vm;
struct its its[NR_ITS];
u32 lpi_first;
int lpi_at[NR_LPIS];
bool lpis_off[NR_VCPUS];
unsigned long lpi_taken;
struct vgic_hw vgic_hw = { .nr_lr = 2, .pre_bits = VGIC_PRIO_BITS, .nr_apr = 1 };

static u8 mem[MEM_SIZE];
static u64 hw_lr[NR_VCPUS][VGIC_MAX_LRS];
static struct vcpu *here[SCHED_THREADS];	/* who is out of the guest on the thread */
static bool is_vcpu[SCHED_THREADS];

/* ---- The machine */

int gmem_read(struct vm *vm, gpa_t gpa, void *data, size_t len)
{
	sched_may_sleep();
	sched_point();
	if (gpa < MEM_BASE || gpa - MEM_BASE > MEM_SIZE - len)
		return -EFAULT;
	memcpy(data, &mem[gpa - MEM_BASE], len);
	return 0;
}

int gmem_write(struct vm *vm, gpa_t gpa, const void *data, size_t len)
{
	sched_may_sleep();
	sched_point();
	if (gpa < MEM_BASE || gpa - MEM_BASE > MEM_SIZE - len)
		return -EFAULT;
	memcpy(&mem[gpa - MEM_BASE], data, len);
	return 0;
}

void vcpu_kick(struct vcpu *vcpu)
{
	vcpu->kicked = true;
	sched_point();
}

struct vcpu *vcpu_running_here(void)
{
	return here[sched_self()];
}

u64 vgic_v3_read_lr(unsigned int n)
{
	return hw_lr[vcpu_running_here()->id][n];
}

void vgic_v3_write_lr(unsigned int n, u64 val)
{
	hw_lr[vcpu_running_here()->id][n] = val;
}

u32 vgic_v3_read_hcr(void)
{
	return 0;
}

void vgic_v3_write_hcr(u32 val)
{
}

u32 vgic_v3_read_vmcr(void)
{
	return VMCR_ENG0 | VMCR_ENG1;
}

u32 vgic_v3_read_apr(unsigned int group, unsigned int n)
{
	return 0;
}

/* No interrupt here is the host's, or has a line. */
void vgic_hw_sample(struct vcpu *vcpu, struct vgic_irq *irq)
{
	abort();
}

void vgic_hw_sync_active(struct vcpu *vcpu, struct vgic_irq *irq)
{
	abort();
}

void vgic_hw_resync(struct vcpu *vcpu)
{
	abort();
}

struct vcpu *vgic_vcpu_by_affinity(struct vm *vm, u64 mpidr)
{
	abort();
}

/* ---- vCPUs */

/* The guest acknowledges what is in a list register, and ends it. */
static void take(struct vcpu *vcpu, unsigned int n)
{
	u64 *lr = &hw_lr[vcpu->id][n];
	u32 lpi = FIELD_GET(LR_INTID, *lr) - LPI(0);

	if (!(*lr & LR_PENDING))
		return;
	*lr &= ~LR_STATE;
	assert(lpi < NR_LPIS && !lpis_off[vcpu->id]);
	assert(lpi_at[lpi] < 0 || lpi_at[lpi] == vcpu->id);
	lpi_taken++;
}

static void run_once(struct vcpu *vcpu)
{
	unsigned int self = sched_self(), steps, n;

	/* Seldom longer than anything that others do */
	steps = sched_random() % (sched_random() % 4 ? 10 : 80);
	sched_irq_off();
	here[self] = vcpu;
	vcpu->kicked = false;
	vgic_flush(vcpu);
	here[self] = NULL;
	/* Guests are not in a read section of the host's. */
	sched_irq_on();
	/* It takes a while until the guest feels a kick. */
	while (steps-- && (!vcpu->kicked || sched_random() % 4)) {
		n = sched_random() % vgic_hw.nr_lr;
		/* Interrupts are masked there until shortly before the end. */
		if (steps < 6 && n < vcpu->arch.vgic.used_lrs)
			take(vcpu, n);
		sched_yield_cpu();
	}
	sched_irq_off();
	here[self] = vcpu;
	vgic_sync(vcpu);
	here[self] = NULL;
	sched_irq_on();
}

static unsigned int vcpus_running(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < SCHED_THREADS; i++)
		n += is_vcpu[i];
	return n;
}

void run_vcpu(unsigned int n)
{
	struct vcpu *vcpu = &vm.vcpu[n];

	is_vcpu[sched_self()] = true;
	while (sched_running() > vcpus_running() || vcpu->arch.vgic.queue.count) {
		run_once(vcpu);
		sched_yield_cpu();
	}
	is_vcpu[sched_self()] = false;
}

/* ---- Commands */

static int command(unsigned int n, u64 w0, u64 w1, u64 w2, u64 w3)
{
	const __le64 cmd[4] = { w0, w1, w2, w3 };
	int ret;

	mutex_lock(&its[n].lock);
	ret = its_cmd_run(&its[n], cmd);
	mutex_unlock(&its[n].lock);
	return ret;
}

int mapti(unsigned int n, u32 event, u32 lpi, u32 icid)
{
	return command(n, ITS_CMD_MAPTI, event | (u64)LPI(lpi) << 32, icid, 0);
}

int movi(unsigned int n, u32 event, u32 icid)
{
	return command(n, ITS_CMD_MOVI, event, icid, 0);
}

int discard(unsigned int n, u32 event)
{
	return command(n, ITS_CMD_DISCARD, event, 0, 0);
}

int pend(unsigned int n, u32 event)
{
	return command(n, ITS_CMD_INT, event, 0, 0);
}

int inv(unsigned int n, u32 event)
{
	return command(n, ITS_CMD_INV, event, 0, 0);
}

int movall(unsigned int n, u64 from, u64 to)
{
	return command(n, ITS_CMD_MOVALL, 0, from << 16, to << 16);
}

int mapc(unsigned int n, u32 icid, u64 rdbase, bool valid)
{
	return command(n, ITS_CMD_MAPC, 0, icid | rdbase << 16 | (u64)valid << 63, 0);
}

int mapd(unsigned int n, bool valid)
{
	return command(n, ITS_CMD_MAPD, EVENT_BITS - 1, MEM_ITT | (u64)valid << 63, 0);
}

void msi(unsigned int n, u32 event)
{
	its_trigger(&its[n], 0, event);
}

void enable(unsigned int vcpu, bool on)
{
	if (on)
		its_redist_enable_lpis(&vm.vcpu[vcpu], false);
	else
		its_redist_disable_lpis(&vm.vcpu[vcpu], true);
}

static u8 *pending_byte(unsigned int vcpu, u32 lpi)
{
	return &mem[MEM_PENDING - MEM_BASE + 0x10000 * vcpu + LPI(lpi) / 8];
}

void set_pending_bit(unsigned int vcpu, u32 lpi)
{
	*pending_byte(vcpu, lpi) |= BIT(LPI(lpi) % 8);
}


/* ---- Beginning and end */

static void start_vcpu(unsigned int i)
{
	struct vcpu *vcpu = &vm.vcpu[i];

	vcpu->vm = &vm;
	vcpu->id = i;
	vgic_queue_init(&vcpu->arch.vgic.queue);
	vcpu->arch.vgic.hcr = ICHCR_EN;
	vcpu->arch.vgic.pendbaser = MEM_PENDING + 0x10000 * i;
	enable(i, true);
}

static void start_its(unsigned int n)
{
	struct its *i = &its[n];

	i->vm = &vm;
	i->enabled = true;
	i->baser_device = its_sanitise_baser(ITS_BASER_VALID | MEM_DEVICES, ITS_BASER_DEVICE, 8);
	i->baser_collection = its_sanitise_baser(ITS_BASER_VALID | MEM_COLLECTIONS, ITS_BASER_COLLECTION, 8);
	its_tables_init(i);
	if (mapc(n, 0, 0, true) || mapc(n, 1, 1, true) || mapd(n, true))
		abort();
}

void world_start(void)
{
	unsigned int i;

	assert(!sched_allocs());
	lpi_first = VGIC_MIN_LPI;
	memset(&vm, 0, sizeof(vm));
	memset(its, 0, sizeof(its));
	memset(hw_lr, 0, sizeof(hw_lr));
	memset(lpi_at, -1, sizeof(lpi_at));
	memset(lpis_off, 0, sizeof(lpis_off));
	memset(mem, 0, sizeof(mem));
	memset(mem, 0xa0 | LPI_PROP_ENABLED, 0x10000);
	its_map_module_init();
	vm.arch.vgic.initialized = true;
	vm.arch.vgic.ctlr = VGIC_CTLR_GRP0 | VGIC_CTLR_GRP1;
	vm.arch.vgic.propbaser = MEM_BASE | (ITS_INTID_BITS - 1);
	for (i = 0; i < NR_VCPUS; i++)
		start_vcpu(i);
	for (i = 0; i < NR_ITS; i++)
		start_its(i);
}

/* References are translations', and the queue's that it is on. */
static void check_lpi(u32 lpi)
{
	struct vgic_irq *irq = vgic_lpi_get(&vm, LPI(lpi));
	unsigned int n, names = 0;
	struct its_translation *tr;
	struct its_device *device;
	u32 id;

	for (n = 0; n < NR_ITS; n++) {
		device = its_device_find(&its[n], 0);
		if (!device)
			continue;
		its_for_each_event(device, id, tr) {
			assert(tr->event_id == id && !tr->unmapped);
			names += tr->lpi == irq;
			assert(irq == tr->lpi || tr->lpi->intid != LPI(lpi));
		}
	}
	assert(!names == !irq);
	if (!irq)
		return;
	assert(irq->mappings == names && !irq->lr_vcpu && !irq->holds);
	assert(irq->refs.refs == names + !!irq->queued_on + 1);
	assert(irq->queued_on == vgic_irq_target(irq));
	vgic_irq_put(&vm, irq);
}

void world_end(void)
{
	unsigned int i;

	for (i = 0; i < NR_LPIS; i++)
		check_lpi(i);
	for (i = 0; i < NR_ITS; i++) {
		mutex_lock(&its[i].lock);
		its_tables_clear(&its[i]);
		mutex_unlock(&its[i].lock);
		assert(!its[i].nr_translations);
	}
	for (i = 0; i < NR_VCPUS; i++)
		assert(!vm.vcpu[i].arch.vgic.queue.count);
	assert(!vm.arch.vgic.nr_lpis);
	vgic_lpi_destroy_all(&vm);
	assert(!sched_allocs());
}
