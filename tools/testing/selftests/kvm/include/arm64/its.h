/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ITS and LPIs: the devices that the host creates, their memory, and a driver for guest code. Register names,
 * offsets and commands are those of the GIC architecture specification (IHI 0069).
 *
 * Guest and host see the same structures: lpi_memory() and its_memory() make them in guest RAM, where addresses are
 * the same virtual and physical; guest functions get them as arguments of the guest function, host functions use
 * what these two return. Typical use:
 *
 *	HOST	vm_create(), its_memory(), lpi_memory(), vcpu_add2(fn, their vm_gva_of()), gic_create(), its_create()
 *	GUEST	gic_guest_init(), lpi_guest_init_cpu(), its_guest_init(), its_mapc(), its_mapd(), its_mapti(),
 *		lpi_configure(), its_inv(), its_sync()
 */
#ifndef ITS_H
#define ITS_H

#include "gic.h"

#define ITS_FRAME_SIZE		0x20000ULL
#define LPI_FIRST		8192u
#define LPI_END			65536u		/* 16 bits of INTID */

/* GITS_* */
#define GITS_CTLR		0x0000
#define  GITS_CTLR_ENABLED	(1u << 0)
#define  GITS_CTLR_QUIESCENT	(1u << 31)
#define GITS_IIDR		0x0004
#define GITS_TYPER		0x0008
#define  GITS_TYPER_PTA		(1ULL << 19)
#define GITS_CBASER		0x0080
#define GITS_CWRITER		0x0088
#define GITS_CREADR		0x0090
#define GITS_BASER		0x0100		/* eight of them */
#define  GITS_BASER_VALID	(1ULL << 63)
#define  GITS_BASER_INDIRECT	(1ULL << 62)
#define  GITS_BASER_TYPE(v)	((v) >> 56 & 7)
#define   GITS_TYPE_DEVICE	1
#define   GITS_TYPE_COLLECTION	4
#define  GITS_BASER_RAWAWB	(7ULL << 59)
#define  GITS_BASER_SHARED	(1ULL << 10)
#define  GITS_BASER_PAGE	(3ULL << 8)
#define  GITS_BASER_64K		(2ULL << 8)
#define  GITS_BASER_16K		(1ULL << 8)
#define  GITS_BASER_4K		(0ULL << 8)
#define GITS_PIDR2		0xffe8
#define GITS_TRANSLATER		0x10040
#define ITS_L1_VALID		(1ULL << 63)	/* first level of a two-level table */
#define ITS_PAGE		0x10000ULL	/* of tables; Linux's KVM has no others */
#define ITS_PAGE_DEVICES	(ITS_PAGE / 8)	/* DeviceIDs of a second level */

/* GICR_*, what LPIs are about */
#define GICR_CTLR_ENABLE_LPIS	(1u << 0)
#define GICR_CTLR_RWP		(1u << 3)
#define GICR_TYPER_PLPIS	(1ULL << 0)
#define GICR_PROPBASER		0x0070
#define GICR_PENDBASER		0x0078
#define  GICR_PENDBASER_PTZ	(1ULL << 62)
#define  GICR_BASER_RAWAWB	(7ULL << 7)
#define  GICR_BASER_SHARED	(1ULL << 10)
#define GICR_INVLPIR		0x00a0
#define GICR_INVALLR		0x00b0
#define GICR_SYNCR		0x00c0

/* An LPI's byte in the configuration table: priority in bits 7:2, bit 1 reads as one */
#define LPI_ENABLED		1
#define LPI_CONFIG(priority, enabled)	(((priority) & 0xfc) | 2 | ((enabled) ? LPI_ENABLED : 0))

/* LPIs of a VM: one configuration table, a pending table for each vCPU. */
struct lpi_memory {
	uint64_t config;		/* byte of LPI n at n - 8192 */
	uint64_t pending;		/* of vCPU 0; those of the others follow */
	uint64_t id_bits;
};

#define LPI_PENDING_STRIDE	0x10000ULL

/* One ITS and its memory. */
struct its_memory {
	uint64_t base;			/* of the register frame */
	uint64_t queue, queue_size;
	uint64_t device, device_size;	/* the table, or its first level; 0: the guest brings its own */
	uint64_t device_flags;		/* GITS_BASER_INDIRECT, GITS_BASER_64K ... */
	uint64_t collection, collection_size;
	uint64_t itt, itt_end;		/* pool of its_itt_alloc() */
	uint64_t writer;		/* offset of the next command */
	uint64_t reader;		/* GITS_CREADR when it was last looked at, or behind that */
	uint32_t lock;
};

/* ---------------------------------------------------------------------------------------------- Host */

bool its_available(void);			/* can this host have an ITS? */

/* Device, address and mapping in the guest, but no CTRL_INIT. The fd. */
int its_create_uninitialised(struct vm *vm, uint64_t gpa);
int its_create(struct vm *vm, uint64_t gpa);	/* and initialised */
int its_initialise(int its);			/* this and the following: 0 or -1 with errno */
int its_reset(int its);
int its_save_tables(int its);
int its_restore_tables(int its);
int its_reg_get(int its, uint32_t offset, uint64_t *value);
int its_reg_set(int its, uint32_t offset, uint64_t value);
int gic_save_pending_tables(int gic);

/* Where the n-th ITS goes: up to four, clear of everything else. */
uint64_t its_gpa(unsigned int n);

struct its_params {
	uint64_t gpa;			/* its_gpa(0) if 0 */
	uint32_t queue_size;		/* 64 KiB */
	uint32_t devices;		/* DeviceIDs that the table is for: 4096 */
	uint32_t collections;		/* 1024 */
	uint32_t itt_bytes;		/* 512 KiB */
	bool indirect;			/* a two-level device table; all second levels are there */
};

/* In guest RAM, at an address that is the same for the guest. Zero fields of @params are the defaults. */
struct lpi_memory *lpi_memory(struct vm *vm, unsigned int nr_vcpus);
struct its_memory *its_memory(struct vm *vm, const struct its_params *params);
uint64_t vm_gva_of(struct vm *vm, const void *ram);	/* the guest's address of what these return */
bool vm_lpi_pending_bit(struct vm *vm, struct lpi_memory *lpi, unsigned int cpu, unsigned int intid);
uint64_t vm_alloc_aligned(struct vm *vm, uint64_t bytes, uint64_t align);

/* An MSI as a device would write it, through ioctl: what KVM_SIGNAL_MSI returns, or -errno. */
int vm_signal_msi(struct vm *vm, uint64_t its_base, uint32_t device_id, uint32_t event_id);

/* --------------------------------------------------------------------------------------------- Guest */

/* Tables of this vCPU's redistributor, and LPIs on. The configuration table is the VM's. */
void lpi_guest_init_cpu(struct lpi_memory *lpi);
void lpi_enable_cpu(bool on);			/* GICR_CTLR.EnableLPIs */
/* Writes the configuration table; ITS or redistributor learn of it by INV, INVALL, INVLPIR or MAPTI. */
void lpi_configure(struct lpi_memory *lpi, unsigned int intid, unsigned int priority, bool enabled);
void lpi_inv(unsigned int intid);		/* GICR_INVLPIR of this vCPU */
void lpi_inv_all(void);
bool lpi_pending_bit(struct lpi_memory *lpi, unsigned int cpu, unsigned int intid);	/* in the table */

void its_guest_init(struct its_memory *its);	/* tables, queue, enabled */
void its_enable(struct its_memory *its, bool on);
uint64_t its_itt_alloc(struct its_memory *its, unsigned int event_bits);
uint64_t its_rdbase(void);			/* this vCPU as commands name it */

/*
 * Commands. They are in the queue when the function returns, and done after its_sync(); a queue that is full is run.
 * All vCPUs may post, but not from interrupt handlers.
 */
void its_post(struct its_memory *its, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3);
void its_kick(struct its_memory *its);		/* GITS_CWRITER */
void its_sync(struct its_memory *its);		/* that, and waits until GITS_CREADR is there */
uint64_t its_reader(struct its_memory *its);

void its_mapd(struct its_memory *its, uint32_t device_id, uint64_t itt, unsigned int event_bits);
void its_unmapd(struct its_memory *its, uint32_t device_id);
void its_mapc(struct its_memory *its, uint32_t icid, uint64_t rdbase);
void its_unmapc(struct its_memory *its, uint32_t icid);
void its_mapti(struct its_memory *its, uint32_t device_id, uint32_t event_id, uint32_t intid, uint32_t icid);
void its_mapi(struct its_memory *its, uint32_t device_id, uint32_t event_id, uint32_t icid);
void its_movi(struct its_memory *its, uint32_t device_id, uint32_t event_id, uint32_t icid);
void its_movall(struct its_memory *its, uint64_t from, uint64_t to);
void its_discard(struct its_memory *its, uint32_t device_id, uint32_t event_id);
void its_int(struct its_memory *its, uint32_t device_id, uint32_t event_id);
void its_clear(struct its_memory *its, uint32_t device_id, uint32_t event_id);
void its_inv(struct its_memory *its, uint32_t device_id, uint32_t event_id);
void its_invall(struct its_memory *its, uint32_t icid);
void its_cmd_sync(struct its_memory *its, uint64_t rdbase);

#endif /* ITS_H */
