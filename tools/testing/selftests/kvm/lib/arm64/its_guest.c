// SPDX-License-Identifier: GPL-2.0
/* ITS and LPI driver for guest code. */
#include "its.h"

#define CMD_SIZE	32

enum {
	CMD_MOVI = 0x01, CMD_INT = 0x03, CMD_CLEAR = 0x04, CMD_SYNC = 0x05, CMD_MAPD = 0x08, CMD_MAPC = 0x09,
	CMD_MAPTI = 0x0a, CMD_MAPI = 0x0b, CMD_INV = 0x0c, CMD_INVALL = 0x0d, CMD_MOVALL = 0x0e, CMD_DISCARD = 0x0f,
};

#define CMD_VALID	(1ULL << 63)

/* ------------------------------------------------------------------------------------------- LPIs */

void lpi_enable_cpu(bool on)
{
	uint64_t r = gic_this_redist();

	guest_mmio_write32(r + GICR_CTLR, on ? GICR_CTLR_ENABLE_LPIS : 0);
	while (guest_mmio_read32(r + GICR_CTLR) & GICR_CTLR_RWP)
		cpu_relax();
}

void lpi_guest_init_cpu(struct lpi_memory *lpi)
{
	uint64_t r = gic_this_redist();
	uint64_t attributes = GICR_BASER_RAWAWB | GICR_BASER_SHARED;

	GUEST_ASSERT(guest_mmio_read64(r + GICR_TYPER) & GICR_TYPER_PLPIS);
	guest_mmio_write64(r + GICR_PROPBASER, lpi->config | attributes | (lpi->id_bits - 1));
	guest_mmio_write64(r + GICR_PENDBASER, (lpi->pending + guest_cpu()->index * LPI_PENDING_STRIDE) | attributes);
	lpi_enable_cpu(true);
	GUEST_ASSERT(guest_mmio_read32(r + GICR_CTLR) & GICR_CTLR_ENABLE_LPIS);
}

void lpi_configure(struct lpi_memory *lpi, unsigned int intid, unsigned int priority, bool enabled)
{
	volatile uint8_t *byte = (uint8_t *)lpi->config + (intid - LPI_FIRST);

	*byte = LPI_CONFIG(priority, enabled);
	dsb(ishst);
}

bool lpi_pending_bit(struct lpi_memory *lpi, unsigned int cpu, unsigned int intid)
{
	const volatile uint8_t *table = (uint8_t *)(lpi->pending + cpu * LPI_PENDING_STRIDE);

	return table[intid / 8] >> intid % 8 & 1;
}

void lpi_inv(unsigned int intid)
{
	guest_mmio_write64(gic_this_redist() + GICR_INVLPIR, intid);
	while (guest_mmio_read32(gic_this_redist() + GICR_SYNCR) & 1)
		cpu_relax();
}

void lpi_inv_all(void)
{
	guest_mmio_write64(gic_this_redist() + GICR_INVALLR, 0);
	while (guest_mmio_read32(gic_this_redist() + GICR_SYNCR) & 1)
		cpu_relax();
}

/* -------------------------------------------------------------------------------------------- ITS */

static void set_table(struct its_memory *its, uint64_t reg, uint64_t table, uint64_t size, uint64_t flags)
{
	static const unsigned char shift[] = { 12, 14, 16, 16 };
	uint64_t pages = size >> shift[flags >> 8 & 3];
	uint64_t fixed = GITS_BASER_VALID | GITS_BASER_INDIRECT | GITS_BASER_PAGE;

	flags |= GITS_BASER_VALID;
	guest_mmio_write64(reg, GITS_BASER_RAWAWB | GITS_BASER_SHARED | flags | table | (pages - 1));
	GUEST_ASSERT_EQ(flags & fixed, guest_mmio_read64(reg) & fixed);
}

void its_enable(struct its_memory *its, bool on)
{
	guest_mmio_write32(its->base + GITS_CTLR, on ? GITS_CTLR_ENABLED : 0);
	if (!on)
		while (!(guest_mmio_read32(its->base + GITS_CTLR) & GITS_CTLR_QUIESCENT))
			cpu_relax();
}

void its_guest_init(struct its_memory *its)
{
	GUEST_ASSERT(!(guest_mmio_read64(its->base + GITS_TYPER) & GITS_TYPER_PTA));
	its_enable(its, false);
	for (int i = 0; i < 8; i++) {
		uint64_t reg = its->base + GITS_BASER + 8 * i;

		switch (GITS_BASER_TYPE(guest_mmio_read64(reg))) {
		case GITS_TYPE_DEVICE:
			if (its->device)
				set_table(its, reg, its->device, its->device_size, its->device_flags);
			break;
		case GITS_TYPE_COLLECTION:
			if (its->collection)
				set_table(its, reg, its->collection, its->collection_size, GITS_BASER_64K);
			break;
		}
	}
	its->writer = 0;
	its->reader = 0;
	guest_mmio_write64(its->base + GITS_CBASER, GITS_BASER_VALID | GITS_BASER_RAWAWB | GITS_BASER_SHARED |
			   its->queue | (its->queue_size / 4096 - 1));
	guest_mmio_write64(its->base + GITS_CWRITER, 0);
	its_enable(its, true);
}

uint64_t its_itt_alloc(struct its_memory *its, unsigned int event_bits)
{
	uint64_t size = 8ULL << event_bits;
	uint64_t itt = __atomic_fetch_add(&its->itt, (size + 255) & ~255ULL, __ATOMIC_RELAXED);

	GUEST_ASSERT(itt + size <= its->itt_end);
	return itt;
}

uint64_t its_rdbase(void)
{
	return guest_mmio_read64(gic_this_redist() + GICR_TYPER) >> 8 & 0xffff;
}

uint64_t its_reader(struct its_memory *its)
{
	return guest_mmio_read64(its->base + GITS_CREADR) & ~(uint64_t)(CMD_SIZE - 1);
}

static void lock(struct its_memory *its)
{
	while (__atomic_exchange_n(&its->lock, 1, __ATOMIC_ACQUIRE))
		cpu_relax();
}

static void unlock(struct its_memory *its)
{
	__atomic_store_n(&its->lock, 0, __ATOMIC_RELEASE);
}

static void kick(struct its_memory *its)
{
	dsb(ishst);
	guest_mmio_write64(its->base + GITS_CWRITER, its->writer);
}

void its_kick(struct its_memory *its)
{
	lock(its);
	kick(its);
	unlock(its);
}

void its_sync(struct its_memory *its)
{
	lock(its);
	kick(its);
	GUEST_WAIT_FOR(its_reader(its) == its->writer);
	unlock(its);
}

void its_post(struct its_memory *its, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3)
{
	volatile uint64_t *slot;
	uint64_t next;

	lock(its);
	slot = (uint64_t *)(its->queue + its->writer);
	slot[0] = w0;
	slot[1] = w1;
	slot[2] = w2;
	slot[3] = w3;
	next = (its->writer + CMD_SIZE) % its->queue_size;
	/* A full queue looks empty. Reading the register is an exit: only if what is known is in the way. */
	if ((next + CMD_SIZE) % its->queue_size == its->reader)
		its->reader = its_reader(its);
	if ((next + CMD_SIZE) % its->queue_size == its->reader) {
		its->writer = next;
		kick(its);
		GUEST_WAIT_FOR(its_reader(its) == next);
		its->reader = next;
	}
	its->writer = next;
	unlock(its);
}

void its_mapd(struct its_memory *its, uint32_t device_id, uint64_t itt, unsigned int event_bits)
{
	its_post(its, (uint64_t)device_id << 32 | CMD_MAPD, event_bits - 1, CMD_VALID | itt, 0);
}

void its_unmapd(struct its_memory *its, uint32_t device_id)
{
	its_post(its, (uint64_t)device_id << 32 | CMD_MAPD, 0, 0, 0);
}

void its_mapc(struct its_memory *its, uint32_t icid, uint64_t rdbase)
{
	its_post(its, CMD_MAPC, 0, CMD_VALID | rdbase << 16 | icid, 0);
}

void its_unmapc(struct its_memory *its, uint32_t icid)
{
	its_post(its, CMD_MAPC, 0, icid, 0);
}

void its_mapti(struct its_memory *its, uint32_t device_id, uint32_t event_id, uint32_t intid, uint32_t icid)
{
	its_post(its, (uint64_t)device_id << 32 | CMD_MAPTI, (uint64_t)intid << 32 | event_id, icid, 0);
}

void its_mapi(struct its_memory *its, uint32_t device_id, uint32_t event_id, uint32_t icid)
{
	its_post(its, (uint64_t)device_id << 32 | CMD_MAPI, event_id, icid, 0);
}

void its_movi(struct its_memory *its, uint32_t device_id, uint32_t event_id, uint32_t icid)
{
	its_post(its, (uint64_t)device_id << 32 | CMD_MOVI, event_id, icid, 0);
}

void its_movall(struct its_memory *its, uint64_t from, uint64_t to)
{
	its_post(its, CMD_MOVALL, 0, from << 16, to << 16);
}

void its_discard(struct its_memory *its, uint32_t device_id, uint32_t event_id)
{
	its_post(its, (uint64_t)device_id << 32 | CMD_DISCARD, event_id, 0, 0);
}

void its_int(struct its_memory *its, uint32_t device_id, uint32_t event_id)
{
	its_post(its, (uint64_t)device_id << 32 | CMD_INT, event_id, 0, 0);
}

void its_clear(struct its_memory *its, uint32_t device_id, uint32_t event_id)
{
	its_post(its, (uint64_t)device_id << 32 | CMD_CLEAR, event_id, 0, 0);
}

void its_inv(struct its_memory *its, uint32_t device_id, uint32_t event_id)
{
	its_post(its, (uint64_t)device_id << 32 | CMD_INV, event_id, 0, 0);
}

void its_invall(struct its_memory *its, uint32_t icid)
{
	its_post(its, CMD_INVALL, 0, icid, 0);
}

void its_cmd_sync(struct its_memory *its, uint64_t rdbase)
{
	its_post(its, CMD_SYNC, 0, rdbase << 16, 0);
}
