// SPDX-License-Identifier: GPL-2.0
/* The machine around the ITS; see world.h. */

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <asm/byteorder.h>
#include "world.h"

struct world world;
unsigned long jiffies = -1000;		/* wraps early, as in the kernel */

/* ---- Allocator, RCU, scheduler */

void *host_alloc(size_t size)
{
	if (world.fail_alloc >= 0 && world.fail_alloc-- == 0)
		return NULL;
	world.nr_allocs++;
	return calloc(1, size);
}

void kfree(const void *p)
{
	if (p)
		world.nr_allocs--;
	free((void *)p);
}

void rcu_read_lock(void)
{
	world.rcu_depth++;
}

bool rcu_read_lock_held(void)
{
	return world.rcu_depth;
}

void rcu_read_unlock(void)
{
	assert(world.rcu_depth);
	if (--world.rcu_depth)
		return;
	while (world.deferred.nr)
		kfree(world.deferred.p[--world.deferred.nr]);
}

void host_free_rcu(void *p)
{
	struct vec_rcu *d = &world.deferred;

	if (!world.rcu_depth) {
		kfree(p);
		return;
	}
	d->p = realloc(d->p, (d->nr + 1) * sizeof(*d->p));
	assert(d->p);
	d->p[d->nr++] = p;
}

int cond_resched(void)
{
	assert(!world.rcu_depth);
	world.rescheds++;
	world.unlocked_rescheds += world.watch && !world.watch->held;
	world.work = 0;
	if (world.on_turn && !world.watch->held)
		world.on_turn();
	return 0;
}

static void worked(void)
{
	if (++world.work > world.max_work)
		world.max_work = world.work;
	if (++world.total_work % 1024 == 0)
		jiffies++;
}

bool fatal_signal_pending(void *task)
{
	return world.fatal_signal;
}

/* ---- Guest memory */

static u8 *mem_at(gpa_t gpa, u64 len)
{
	u64 page;

	if (gpa >= MEM_HIGH && gpa - MEM_HIGH < 65536 && len <= 65536 - (gpa - MEM_HIGH))
		return world.high + (gpa - MEM_HIGH);
	if (gpa < MEM_BASE || gpa - MEM_BASE >= MEM_SIZE || len > MEM_SIZE - (gpa - MEM_BASE))
		return NULL;
	gpa -= MEM_BASE;
	for (page = gpa / MEM_PAGE; page <= (gpa + len - 1) / MEM_PAGE; page++)
		if (world.hole[page])
			return NULL;
	return world.mem + gpa;
}

int gmem_read(struct vm *vm, gpa_t gpa, void *data, size_t len)
{
	const u8 *p = mem_at(gpa, len);

	assert(vm == &world.vm && len);
	world.reads++;
	if (!p) {
		world.failed_reads++;
		return -EFAULT;
	}
	memcpy(data, p, len);
	return 0;
}

int gmem_read_near(struct vm *vm, struct gmem_hint *hint, gpa_t gpa, void *data, size_t len)
{
	return gmem_read(vm, gpa, data, len);
}

int gmem_write(struct vm *vm, gpa_t gpa, const void *data, size_t len)
{
	u8 *p = mem_at(gpa, len);

	assert(vm == &world.vm && len);
	world.writes++;
	if (!p)
		return -EFAULT;
	memcpy(p, data, len);
	return 0;
}

u64 mem_read64(gpa_t gpa)
{
	u8 *p = mem_at(gpa, 8);
	u64 val;

	assert(p);
	memcpy(&val, p, sizeof(val));
	return le64_to_cpu(val);
}

void mem_write64(gpa_t gpa, u64 val)
{
	u8 *p = mem_at(gpa, 8);

	assert(p);
	val = cpu_to_le64(val);
	memcpy(p, &val, sizeof(val));
}

void mem_set_hole(gpa_t gpa, u64 len, bool hole)
{
	memset(&world.hole[(gpa - MEM_BASE) / MEM_PAGE], hole, len / MEM_PAGE);
}

/* ---- LPIs */

static void lpi_reload(struct vgic_irq *lpi)
{
	lpi->enabled = world.config[lpi->intid] & 1;
	lpi->priority = world.config[lpi->intid] & 0xfc;
	world.reloads++;
	worked();
}

struct vgic_irq *its_lpi_map(struct its *its, u32 intid, struct vcpu *target)
{
	struct vgic_irq *lpi;

	assert(its_lpi_in_range(its, intid));
	lpi = world.lpi[intid];
	if (!lpi) {
		lpi = host_alloc(sizeof(*lpi));
		if (!lpi)
			return ERR_PTR(-ENOMEM);
		lpi->intid = intid;
		world.lpi[intid] = lpi;
		world.nr_lpis++;
		lpi_reload(lpi);
	}
	lpi->refs.refs++;
	if (target)
		lpi->target = target;
	worked();
	return lpi;
}

void its_lpi_unmap(struct its *its, struct vgic_irq *lpi)
{
	assert(its->lock.held && lpi->refs.refs > 0);
	worked();
	if (world.on_unmap)
		world.on_unmap(its, lpi);
	lpi->latch = false;
	if (--lpi->refs.refs)
		return;
	world.lpi[lpi->intid] = NULL;
	world.nr_lpis--;
	host_free_rcu(lpi);
}

void its_lpi_set_target(struct its *its, struct vgic_irq *lpi, struct vcpu *target)
{
	assert(its->lock.held && lpi->refs.refs > 0);
	lpi->target = target;
	worked();
}

void its_lpi_pend(struct its *its, struct vgic_irq *lpi)
{
	assert(its->lock.held && lpi->refs.refs > 0);
	/* Without a target there is no redistributor to hold it. */
	if (lpi->target)
		lpi->latch = true;
	worked();
}

void its_lpi_clear(struct its *its, struct vgic_irq *lpi)
{
	assert(its->lock.held && lpi->refs.refs > 0);
	lpi->latch = false;
	worked();
}

int its_lpi_reload(struct its *its, struct vgic_irq *lpi)
{
	lpi_reload(lpi);
	return 0;
}

int its_lpi_reload_collection(struct its *its, struct its_collection *collection)
{
	struct its_translation *tr;

	list_for_each_entry(tr, &collection->translations, by_collection) {
		lpi_reload(tr->lpi);
		cond_resched();
	}
	return 0;
}

void its_lpi_move_all(struct its *its, struct vcpu *from, struct vcpu *to)
{
	unsigned int i;

	assert(from != to);
	for (i = 0; i < NR_INTIDS; i++)
		if (world.lpi[i] && world.lpi[i]->target == from)
			world.lpi[i]->target = to;
}

bool its_lpi_in_range(struct its *its, u32 intid)
{
	return intid >= VGIC_MIN_LPI && !(intid >> world.id_bits);
}

struct vcpu *its_target(struct its *its, u64 rdbase)
{
	return rdbase < NR_VCPUS ? &world.vcpus[rdbase] : NULL;
}

u64 its_rdbase(const struct vcpu *target)
{
	return target->index;
}

/* ---- Setting up */

void world_reset(void)
{
	u8 *mem = world.mem, *high = world.high;
	void **deferred = world.deferred.p;
	unsigned int i;

	assert(!world.nr_allocs && !world.rcu_depth);
	if (!mem) {
		mem = malloc(MEM_SIZE);
		high = malloc(65536);
		assert(mem && high);
	}
	memset(mem, 0, MEM_SIZE);
	memset(high, 0, 65536);
	memset(&world, 0, sizeof(world));
	if (its_map_module_init())
		abort();
	world.mem = mem;
	world.high = high;
	world.deferred.p = deferred;
	world.id_bits = 16;
	world.fail_alloc = -1;
	for (i = 0; i < NR_VCPUS; i++)
		world.vcpus[i].index = i;
}

void its_world_init(struct its *its)
{
	memset(its, 0, sizeof(*its));
	its->vm = &world.vm;
	its->enabled = true;
	its->cbaser = its_sanitise_cbaser(1ULL << 63 | MEM_QUEUE | 15);
	its->baser_device = its_sanitise_baser(1ULL << 63 | MEM_DEVICES | 7, ITS_BASER_DEVICE,
					       ITS_DTE_SIZE);
	its->baser_collection = its_sanitise_baser(1ULL << 63 | MEM_COLLECTIONS | 7,
						   ITS_BASER_COLLECTION, ITS_CTE_SIZE);
	its_tables_init(its);
	world.watch = &its->lock;
}

void its_world_destroy(struct its *its)
{
	mutex_lock(&its->lock);
	its_tables_clear(its);
	mutex_unlock(&its->lock);
	assert(!its->devices.nr && !its->collections.nr);
	assert(!its->nr_translations);
}

/* ---- Commands */

struct cmd cmd_raw(u64 w0, u64 w1, u64 w2, u64 w3)
{
	return (struct cmd) {{
		cpu_to_le64(w0), cpu_to_le64(w1), cpu_to_le64(w2), cpu_to_le64(w3),
	}};
}

static struct cmd cmd_event(u8 op, u32 device, u32 event, u32 high, u16 icid)
{
	return cmd_raw((u64)device << 32 | op, (u64)high << 32 | event, icid, 0);
}

struct cmd cmd_mapd(u32 device, unsigned int bits, u64 itt, bool valid)
{
	return cmd_raw((u64)device << 32 | 0x08, bits - 1, itt | (u64)valid << 63, 0);
}

struct cmd cmd_mapc(u16 icid, u64 rdbase, bool valid)
{
	return cmd_raw(0x09, 0, icid | rdbase << 16 | (u64)valid << 63, 0);
}

struct cmd cmd_mapti(u32 device, u32 event, u32 intid, u16 icid)
{
	return cmd_event(0x0a, device, event, intid, icid);
}

struct cmd cmd_mapi(u32 device, u32 event, u16 icid)
{
	return cmd_event(0x0b, device, event, 0, icid);
}

struct cmd cmd_movi(u32 device, u32 event, u16 icid)
{
	return cmd_event(0x01, device, event, 0, icid);
}

struct cmd cmd_discard(u32 device, u32 event)
{
	return cmd_event(0x0f, device, event, 0, 0);
}

struct cmd cmd_clear(u32 device, u32 event)
{
	return cmd_event(0x04, device, event, 0, 0);
}

struct cmd cmd_int(u32 device, u32 event)
{
	return cmd_event(0x03, device, event, 0, 0);
}

struct cmd cmd_inv(u32 device, u32 event)
{
	return cmd_event(0x0c, device, event, 0, 0);
}

struct cmd cmd_invall(u16 icid)
{
	return cmd_raw(0x0d, 0, icid, 0);
}

struct cmd cmd_movall(u64 from, u64 to)
{
	return cmd_raw(0x0e, 0, from << 16, to << 16);
}

struct cmd cmd_sync(u64 rdbase)
{
	return cmd_raw(0x05, 0, rdbase << 16, 0);
}

enum its_result run(struct its *its, struct cmd cmd)
{
	enum its_result ret;

	mutex_lock(&its->lock);
	ret = its_cmd_run(its, cmd.word);
	mutex_unlock(&its->lock);
	return ret;
}

void queue_put(struct its *its, u32 offset, struct cmd cmd)
{
	u8 *p = mem_at(MEM_QUEUE + offset, sizeof(cmd));

	assert(p);
	memcpy(p, &cmd, sizeof(cmd));
}

u32 translate(struct its *its, u32 device, u32 event)
{
	struct its_translation *tr;
	u32 intid;

	rcu_read_lock();
	tr = its_translate(its, device, event);
	intid = tr ? tr->lpi->intid : 0;
	rcu_read_unlock();
	return intid;
}
