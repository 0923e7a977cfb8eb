/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVM_VGIC_ITS_FORMAT_H
#define KVM_VGIC_ITS_FORMAT_H

/*
 * What the ITS and the guest write to memory for each other, and to registers:
 * commands (IHI 0069, 5.3), GITS_BASER<n> and GITS_CBASER (12.19), and the
 * entries of the tables in table ABI revision 0
 * (Documentation/virt/kvm/devices/arm-vgic-its.rst).
 *
 * Everything is little-endian in memory; these functions see native words.
 */

#include <linux/bits.h>
#include <linux/types.h>
#include "its.h"

static inline u64 its_bits(u64 word, unsigned int high, unsigned int low)
{
	return (word & GENMASK_ULL(high, low)) >> low;
}

/* ---- Commands: word 0 is bytes 0 to 7 */

enum its_cmd_op {
	ITS_CMD_MOVI	= 0x01,
	ITS_CMD_INT	= 0x03,
	ITS_CMD_CLEAR	= 0x04,
	ITS_CMD_SYNC	= 0x05,
	ITS_CMD_MAPD	= 0x08,
	ITS_CMD_MAPC	= 0x09,
	ITS_CMD_MAPTI	= 0x0a,
	ITS_CMD_MAPI	= 0x0b,
	ITS_CMD_INV	= 0x0c,
	ITS_CMD_INVALL	= 0x0d,
	ITS_CMD_MOVALL	= 0x0e,
	ITS_CMD_DISCARD	= 0x0f,
};

/**
 * struct its_cmd - a command in the host's byte order
 * @word: its four words, the lowest address first
 */
struct its_cmd {
	u64 word[4];
};

static inline u8 its_cmd_op(const struct its_cmd *cmd)
{
	return its_bits(cmd->word[0], 7, 0);
}

static inline u32 its_cmd_device_id(const struct its_cmd *cmd)
{
	return its_bits(cmd->word[0], 63, 32);
}

static inline u32 its_cmd_event_id(const struct its_cmd *cmd)
{
	return its_bits(cmd->word[1], 31, 0);
}

/* MAPTI */
static inline u32 its_cmd_intid(const struct its_cmd *cmd)
{
	return its_bits(cmd->word[1], 63, 32);
}

static inline u32 its_cmd_icid(const struct its_cmd *cmd)
{
	return its_bits(cmd->word[2], 15, 0);
}

/* MAPD, MAPC: map, do not unmap */
static inline bool its_cmd_valid(const struct its_cmd *cmd)
{
	return its_bits(cmd->word[2], 63, 63);
}

/* MAPD: Size is one less than the width; 1 to 32 */
static inline unsigned int its_cmd_event_bits(const struct its_cmd *cmd)
{
	return its_bits(cmd->word[1], 4, 0) + 1;
}

/* MAPD: bits 51 to 8 of the address, in their place */
static inline gpa_t its_cmd_itt(const struct its_cmd *cmd)
{
	return cmd->word[2] & GENMASK_ULL(51, 8);
}

/* MAPC, SYNC, and the source of MOVALL; with TYPER.PTA = 0 a processor number */
static inline u64 its_cmd_rdbase(const struct its_cmd *cmd)
{
	return its_bits(cmd->word[2], 50, 16);
}

/* MOVALL: where to */
static inline u64 its_cmd_rdbase2(const struct its_cmd *cmd)
{
	return its_bits(cmd->word[3], 50, 16);
}

/* ---- GITS_CBASER, GITS_CWRITER, GITS_CREADR */

#define ITS_CBASER_VALID	BIT_ULL(63)
#define ITS_CBASER_ADDR		GENMASK_ULL(51, 12)
#define ITS_CBASER_SIZE		GENMASK_ULL(7, 0)

/* Bytes */
static inline u32 its_queue_size(u64 cbaser)
{
	return ((cbaser & ITS_CBASER_SIZE) + 1) * 4096;
}

static inline gpa_t its_queue_base(u64 cbaser)
{
	return cbaser & ITS_CBASER_ADDR;
}

/* What CREADR and CWRITER keep: Retry and Stalled are not implemented (TYPER.SEIS is 0) */
static inline u32 its_queue_offset(u64 val)
{
	return val & GENMASK_ULL(19, 5);
}

/* ---- GITS_BASER<n> */

#define ITS_BASER_VALID		BIT_ULL(63)
#define ITS_BASER_INDIRECT	BIT_ULL(62)
#define ITS_BASER_INNER		GENMASK_ULL(61, 59)
#define ITS_BASER_ADDR		GENMASK_ULL(47, 12)
#define ITS_BASER_SHARE		GENMASK_ULL(11, 10)
#define ITS_BASER_PAGE_64K	BIT_ULL(9)
#define ITS_BASER_SIZE		GENMASK_ULL(7, 0)
#define ITS_BASER_TYPE_SHIFT	56
#define ITS_BASER_ENTRY_SHIFT	48

/* Pages of tables have a fixed size, as register values that VMMs move have it: 64 KiB */
#define ITS_TABLE_PAGE		BIT_ULL(16)

enum its_baser_type {
	ITS_BASER_NONE		= 0,
	ITS_BASER_DEVICE	= 1,
	ITS_BASER_COLLECTION	= 4,
};

/* Bits 15 to 12 of the register are 51 to 48 of the address. */
static inline gpa_t its_baser_addr(u64 baser)
{
	return (baser & GENMASK_ULL(47, 16)) | its_bits(baser, 15, 12) << 48;
}

/* Bytes of the table, of its first level if it has two */
static inline u64 its_baser_bytes(u64 baser)
{
	return ((baser & ITS_BASER_SIZE) + 1) * ITS_TABLE_PAGE;
}

/* Entries of the first level of a two-level table */
#define ITS_L1E_SIZE		8
#define ITS_L1E_VALID		BIT_ULL(63)

/* Second level: one page, aligned to its size */
static inline gpa_t its_l1e_addr(u64 entry)
{
	return entry & GENMASK_ULL(51, 16);
}

/* ---- Table ABI revision 0 */

#define ITS_DTE_MAX_NEXT	GENMASK(13, 0)
#define ITS_ITE_MAX_NEXT	GENMASK(15, 0)

/**
 * struct its_dte - device table entry
 * @valid: nothing else counts if not
 * @next: DeviceIDs to the next valid entry, at most ITS_DTE_MAX_NEXT; 0: none
 * @itt: address, 256 byte aligned
 * @event_bits: 1 to 32, to be checked with its_event_bits_ok()
 */
struct its_dte {
	bool valid;
	u16 next;
	u8 event_bits;
	gpa_t itt;
};

static inline struct its_dte its_dte_unpack(u64 val)
{
	return (struct its_dte) {
		.valid = its_bits(val, 63, 63),
		.next = its_bits(val, 62, 49),
		.itt = its_bits(val, 48, 5) << 8,
		.event_bits = its_bits(val, 4, 0) + 1,
	};
}

static inline u64 its_dte_pack(struct its_dte dte)
{
	if (!dte.valid)
		return 0;
	return BIT_ULL(63) | (dte.next & GENMASK_ULL(13, 0)) << 49 |
	       (dte.itt & GENMASK_ULL(51, 8)) >> 3 | (dte.event_bits - 1);
}

/* What MAPD accepts, and a restored entry may have */
static inline bool its_event_bits_ok(unsigned int event_bits)
{
	return event_bits && event_bits <= ITS_EVENT_BITS;
}

/**
 * struct its_ite - interrupt translation entry
 * @next: EventIDs to the next valid entry, at most ITS_ITE_MAX_NEXT; 0: none
 * @intid: 0: not valid
 * @icid: collection, which need not be mapped
 */
struct its_ite {
	u16 next;
	u16 icid;
	u32 intid;
};

static inline struct its_ite its_ite_unpack(u64 val)
{
	return (struct its_ite) {
		.next = its_bits(val, 63, 48),
		.intid = its_bits(val, 47, 16),
		.icid = its_bits(val, 15, 0),
	};
}

static inline u64 its_ite_pack(struct its_ite ite)
{
	if (!ite.intid)
		return 0;
	return (u64)ite.next << 48 | (u64)ite.intid << 16 | ite.icid;
}

#define ITS_CTE_UNMAPPED	0xffffffffULL

/**
 * struct its_cte - collection table entry
 * @valid: if not, the table ends here
 * @icid: collection
 * @rdbase: processor number; ITS_CTE_UNMAPPED: ITEs name it, but it has no target
 */
struct its_cte {
	bool valid;
	u16 icid;
	u64 rdbase;
};

static inline struct its_cte its_cte_unpack(u64 val)
{
	return (struct its_cte) {
		.valid = its_bits(val, 63, 63),
		.rdbase = its_bits(val, 51, 16),
		.icid = its_bits(val, 15, 0),
	};
}

static inline u64 its_cte_pack(struct its_cte cte)
{
	if (!cte.valid)
		return 0;
	return BIT_ULL(63) | (cte.rdbase & GENMASK_ULL(35, 0)) << 16 | cte.icid;
}

#endif
