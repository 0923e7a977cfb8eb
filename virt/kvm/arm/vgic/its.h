/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_VGIC_ITS_H
#define KVM_VGIC_ITS_H

/*
 * The Interrupt Translation Service, between the files that make it up.
 *
 *	its-dev.c	the KVM device and its attributes
 *	its-regs.c	the GITS register frame
 *	its-queue.c	the command queue: GITS_CWRITER to commands, in bounded steps
 *	its-cmd.c	what each command does
 *	its-table.c	DeviceID -> EventID -> translation, ICID -> collection
 *	its-map.c	what leads from an id to an object
 *	its-guest.c	the guest's device and collection tables, direct and two-level
 *	its-lpi.c	LPIs: mappings, targets, configuration
 *	its-redist.c	pending tables, EnableLPIs, direct invalidation
 *	its-msi.c	injection: KVM_SIGNAL_MSI, irqfd routes, the INT command
 *	its-save.c	the tables go to guest memory ...
 *	its-restore.c	... and come back
 *	its-debugfs.c	what is mapped, for people
 *
 * Locks, outermost first: vm->lock, vcpu->mutex, vm->config_lock, its->lock,
 * vgic_dist.lpi_lock, mmap_lock; then those of the core (irq->lock, queue lock).
 *
 * Who sees what.  Commands, register writes that matter, save, restore and reset run
 * under its->lock and are the only ones that change tables.  Injection looks
 * translations up under RCU and takes no lock of the ITS's.  A translation, a
 * device and a collection are freed by RCU.  A translation owns a reference of its
 * LPI until it is unmapped; an injection that found it takes one of its own.
 */

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/types.h>
#include <kvm/iobus.h>
#include <kvm/types.h>
#include <kvm/vgic.h>
#include "its-map.h"

/* What GITS_TYPER announces */
#define ITS_DEVICE_BITS		16
#define ITS_EVENT_BITS		16
#define ITS_COLLECTION_BITS	16
#define ITS_INTID_BITS		16		/* GICD_TYPER.IDbits with an ITS */
#define ITS_FRAME_SIZE		0x20000		/* control and translation frames */
#define ITS_TRANSLATER		0x10040		/* offset of GITS_TRANSLATER from the base */

/* Bytes of an entry of each guest table, table ABI revision 0 */
#define ITS_DTE_SIZE		8
#define ITS_CTE_SIZE		8
#define ITS_ITE_SIZE		8

#define ITS_CMD_SIZE		32
#define ITS_CMD_QUEUE_MAX	(256 * 4096UL)	/* GITS_CBASER.Size is 8 bits of 4 KiB pages */

/*
 * What a guest can make the host allocate, per ITS.  A guest that uses an
 * LPI for one event, as all do, cannot reach the first: there are 57,344 LPIs.
 */
#define ITS_MAX_TRANSLATIONS	131072
#define ITS_MAX_DEVICES		65536U		/* 2 to the power of ITS_DEVICE_BITS */
#define ITS_MAX_COLLECTIONS	65536U		/* likewise */

struct its;

/*
 * struct its_collection - an ICID
 *
 * Exists while it is mapped (MAPC V=1) or translations name it: one that an
 * ITE names without a MAPC has no target, and must survive save and restore.
 */
struct its_collection {
	u32 icid;
	bool mapped;			/* its->lock */
	struct vcpu *target;		/* NULL: not mapped; its->lock */
	struct list_head translations;	/* its_translation.by_collection; its->lock */
	struct rcu_head rcu;
};

/*
 * struct its_device - a DeviceID that is mapped
 */
struct its_device {
	u32 device_id;
	u8 event_bits;			/* width of EventIDs: MAPD's size + 1 */
	gpa_t itt;			/* guest's interrupt translation table, written by save only */
	struct its_map events;		/* EventID -> translation; read under RCU, written under its->lock */
	struct rcu_head rcu;
	struct its_map_node __rcu *events_root[];
};

/*
 * struct its_translation - (DeviceID, EventID) to an LPI
 *
 * @lpi never changes: MAPTI of what is mapped makes a new translation.
 */
struct its_translation {
	u32 event_id;
	struct its_device *device;	/* its->lock */
	struct its_collection *collection;	/* never NULL; its->lock */
	struct vgic_irq *lpi;		/* owns a reference until unmapped */
	struct list_head by_collection;	/* its->lock */
	bool unmapped;			/* an MSI that still finds it is too late; written before its_lpi_unmap() */
	struct rcu_head rcu;
};

struct its {
	struct vm *vm;
	struct vm_device *dev;
	struct list_head node;		/* vgic_dist.its_list; RCU, writers config_lock */
	gpa_t base;			/* VGIC_ADDR_UNDEF: not set; config_lock, fixed once on the bus */
	struct io_device iodev;
	bool on_bus;

	struct mutex lock;		/* commands, registers, tables: see above */
	bool enabled;			/* GITS_CTLR.Enabled: written under lock, read by injection */
	u32 abi_rev;			/* of tables; 0 is the only one */

	/* registers, sanitised; lock.  creadr and cwriter are its_queue_offset()s. */
	u64 cbaser;
	u32 creadr;
	u32 cwriter;
	struct gmem_hint queue_hint;	/* the slot that the queue is in */
	u64 baser_device;
	u64 baser_collection;

	struct its_map devices;		/* DeviceID -> its_device */
	struct its_map collections;	/* ICID -> its_collection */
	struct its_map_node __rcu *devices_root[ITS_MAP_ROOT_MAX];
	struct its_map_node __rcu *collections_root[ITS_MAP_ROOT_MAX];
	u32 nr_translations;		/* lock */
	bool clearing;			/* its_tables_clear(): pending tables stay as they are; lock */
	int config_error;		/* the last one of its_lpi_map(), for a restore; lock */
};

/* Errors of commands and translations: negative, in the order of IHI 0069, 5.3; only for tests and tracing. */
enum its_result {
	ITS_OK = 0,
	ITS_UNMAPPED_DEVICE = -1,
	ITS_DEVICE_OUT_OF_RANGE = -2,
	ITS_EVENT_OUT_OF_RANGE = -3,
	ITS_UNMAPPED_EVENT = -4,
	ITS_INTID_OUT_OF_RANGE = -5,
	ITS_COLLECTION_OUT_OF_RANGE = -6,
	ITS_UNMAPPED_COLLECTION = -7,
	ITS_TARGET_OUT_OF_RANGE = -8,
	ITS_SIZE_OUT_OF_RANGE = -9,
	ITS_UNKNOWN_COMMAND = -10,
	ITS_NO_MEMORY = -11,		/* the host's, or a bound was reached */
};

/* ---- its-table.c: its->lock held but for its_find(). Hardware-free, builds natively */

void its_tables_init(struct its *its);
/* MAPD V=1 of a mapped device unmaps all its events first.  ERR_PTR(-ENOMEM). */
struct its_device *its_device_map(struct its *its, u32 device_id, u8 event_bits, gpa_t itt);
void its_device_unmap(struct its *its, struct its_device *device);
/* Finds or makes one without a target.  ERR_PTR(-ENOMEM). */
struct its_collection *its_collection_get(struct its *its, u32 icid);
/* Frees one that its_collection_get() made and nothing came of; leaves others alone. */
void its_collection_prune(struct its *its, struct its_collection *collection);
int its_collection_map(struct its *its, u32 icid, struct vcpu *target);	/* moves its LPIs at once */
void its_collection_unmap(struct its *its, struct its_collection *collection);
/* Replaces what is mapped.  0 or -ENOMEM with nothing changed; prunes @collection then. */
int its_event_map(struct its *its, struct its_device *device, u32 event_id, u32 intid,
		  struct its_collection *collection);
void its_event_unmap(struct its *its, struct its_translation *tr);
void its_event_move(struct its *its, struct its_translation *tr, struct its_collection *to);
/* All gone; long work reschedules. */
void its_tables_clear(struct its *its);

/* In ascending order; its->lock held.  @id is a u32; the current one may be unmapped. */
#define its_for_each_device(its, id, device)	its_map_for_each(&(its)->devices, id, device)
#define its_for_each_collection(its, id, coll)	its_map_for_each(&(its)->collections, id, coll)
#define its_for_each_event(device, id, tr)	its_map_for_each(&(device)->events, id, tr)

/* What an id stands for, or NULL.  Any value; its->lock held, or RCU. */
static inline struct its_device *its_device_find(const struct its *its, u32 device_id)
{
	return its_map_find(&its->devices, device_id);
}

static inline struct its_translation *its_event_find(const struct its_device *device, u32 event_id)
{
	return its_map_find(&device->events, event_id);
}

/* Mapped, or only named by translations */
static inline struct its_collection *its_collection_find(const struct its *its, u32 icid)
{
	return its_map_find(&its->collections, icid);
}

/*
 * The translation that an MSI goes through: RCU held, any context.  NULL if
 * the device or event is not mapped.  its_translation.lpi stays valid for the RCU
 * section; its collection's target is not to be read here (the LPI has its own).
 */
struct its_translation *its_translate(struct its *its, u32 device_id, u32 event_id);

/* ---- What the tables ask of the interrupt core (its-lpi.c; the native build brings a model) */

/* A reference to the LPI, made if need be, configuration read from the guest's table.  Process context. */
struct vgic_irq *its_lpi_map(struct its *its, u32 intid, struct vcpu *target);	/* ERR_PTR */
void its_lpi_unmap(struct its *its, struct vgic_irq *lpi);	/* loses its pending state, drops the reference */
void its_lpi_set_target(struct its *its, struct vgic_irq *lpi, struct vcpu *target);	/* at once, also from a list register */
void its_lpi_pend(struct its *its, struct vgic_irq *lpi);
void its_lpi_clear(struct its *its, struct vgic_irq *lpi);
int its_lpi_reload(struct its *its, struct vgic_irq *lpi);	/* INV: configuration of one */
int its_lpi_reload_collection(struct its *its, struct its_collection *collection);	/* INVALL: blocks of the table */
void its_lpi_move_all(struct its *its, struct vcpu *from, struct vcpu *to);	/* MOVALL */
bool its_lpi_in_range(struct its *its, u32 intid);	/* 8192 .. what PROPBASER.IDbits and ours allow */
struct vcpu *its_target(struct its *its, u64 rdbase);	/* RDbase as a processor number (TYPER.PTA = 0), or NULL */
u64 its_rdbase(const struct vcpu *target);		/* ... and back */

/* ---- its-guest.c: is an id covered by the guest's table, and where is its entry? its->lock */

bool its_device_in_table(struct its *its, u32 device_id, gpa_t *entry);
bool its_collection_in_table(struct its *its, u32 icid, gpa_t *entry);

/**
 * struct its_span - device table entries one after the other
 * @gpa: of the first, if @present
 * @nr: of DeviceIDs; 0: the table does not reach so far
 * @present: there is a page for them; false only in two-level tables
 */
struct its_span {
	gpa_t gpa;
	u32 nr;
	bool present;
};

/* To the end of the table, or of the page that @device_id is in. 0 or -EFAULT. */
int its_device_span(struct its *its, u32 device_id, struct its_span *span);
/* Registers GITS_BASERn: keeps what is writable (IHI 0069, 12.19.1) */
u64 its_sanitise_baser(u64 val, unsigned int type, unsigned int entry_size);
u64 its_sanitise_cbaser(u64 val);

/* ---- its-cmd.c */

/* One command, 4 little-endian words as in memory.  its->lock held.  Never fails the queue. */
enum its_result its_cmd_run(struct its *its, const __le64 cmd[4]);

/* ---- its-queue.c */

/*
 * Runs commands until CREADR reaches CWRITER, in bounded steps: reschedules and
 * drops its->lock between batches.  0, or -EINTR if a fatal signal is pending
 * (the rest stays in the queue and goes on with the next write).  its->lock held
 * on entry and return.  Process context.
 */
int its_queue_run(struct its *its);

/* ---- its-redist.c.  @guest: the guest wrote the register, not user space */

/* GICR_CTLR.EnableLPIs 0 -> 1: pending table is read in blocks; 1 -> 0: pending LPIs of the vCPU are written back and dropped */
void its_redist_enable_lpis(struct vcpu *vcpu, bool guest);
void its_redist_disable_lpis(struct vcpu *vcpu, bool guest);
void its_redist_inv_lpi(struct vcpu *vcpu, u32 intid);	/* GICR_INVLPIR */
void its_redist_inv_all(struct vcpu *vcpu);		/* GICR_INVALLR */

/* ---- its-msi.c: any context */

/* @doorbell: address that the MSI is written to.  1 delivered, 0 blocked by the guest, -errno as KVM_SIGNAL_MSI. */
int its_inject_msi(struct vm *vm, gpa_t doorbell, u32 device_id, u32 event_id);
/* Same, with the ITS at hand (GITS_TRANSLATER, INT). */
int its_trigger(struct its *its, u32 device_id, u32 event_id);

/* ---- its-save.c, its-restore.c: vm->lock, all vCPUs, config_lock and its->lock held */

int its_save_tables(struct its *its);
int its_restore_tables(struct its *its);		/* unwinds to nothing mapped on error */

/* ---- its-regs.c, its-dev.c */

extern const struct vgic_frame its_frame;
int its_register(struct its *its);			/* frame on the bus */
void its_unregister(struct its *its);
bool its_overlaps(struct vm *vm, gpa_t base, u64 size);
int its_module_init(void);				/* device type */
void its_module_exit(void);
void its_reset(struct its *its);			/* CTRL_RESET; its->lock held */

/* ---- its-debugfs.c */

void its_debugfs_add(struct vm *vm);

#endif
