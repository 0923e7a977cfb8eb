// SPDX-License-Identifier: GPL-2.0
/*
 * The register engine: from an access to a handler.
 *
 * An access that no register takes (a reserved offset, a size that the
 * register does not support, a misaligned one) reads as zero and writes
 * nothing, which IHI 0069 permits in each of these cases (12.1.3), and is
 * recorded for GICx_STATUSR.
 */

#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>
#include "mmio.h"

static u64 mmio_ones(unsigned int bytes)
{
	return ~0ULL >> (64 - bytes * 8);
}

static bool mmio_reg_valid(const struct vgic_reg *r)
{
	unsigned int sizes = VGIC_ACC_8 | VGIC_ACC_16 | VGIC_ACC_32 | VGIC_ACC_64;

	if (r->width != 4 && r->width != 8)
		return false;
	if (!r->size || r->offset % r->width || r->size % r->width)
		return false;
	if (r->access & ~sizes || !(r->access & r->width) || r->access >= 2 * r->width)
		return false;
	if (!r->field)
		return !r->bits;
	/* A byte access must cover whole interrupts, and user space reads 32 bits. */
	if (r->width != 4 || !r->bits || r->bits > 8 || 8 % r->bits)
		return false;
	return r->field->get && !r->read && !r->write && !r->user_read && !r->user_write;
}

/**
 * vgic_frame_check - is the table one that the engine can search?
 * @f: the frame
 *
 * For module init and tests: ascending, no overlap, nothing beyond the frame,
 * each descriptor sound in itself.
 *
 * Return: true if it is.
 */
bool vgic_frame_check(const struct vgic_frame *f)
{
	unsigned int i;
	u32 end = 0;

	for (i = 0; i < f->nr; i++) {
		const struct vgic_reg *r = &f->regs[i];

		if (!mmio_reg_valid(r) || r->offset < end)
			return false;
		if (r->offset >= f->size || r->size > f->size - r->offset)
			return false;
		end = r->offset + r->size;
	}
	return f->nr;
}

/**
 * vgic_frame_find - the register at an offset
 * @f: the frame
 * @offset: from its start, bytes
 *
 * Return: the descriptor, NULL if the location is reserved.
 */
const struct vgic_reg *vgic_frame_find(const struct vgic_frame *f, u32 offset)
{
	unsigned int lo = 0, hi = f->nr;

	while (lo < hi) {
		unsigned int mid = (lo + hi) / 2;
		const struct vgic_reg *r = &f->regs[mid];

		if (offset < r->offset)
			hi = mid;
		else if (offset - r->offset >= r->size)
			lo = mid + 1;
		else
			return r;
	}
	return NULL;
}

/* The register that takes this access of the guest, or NULL. */
static const struct vgic_reg *mmio_decode(const struct vgic_frame *f, u32 offset, unsigned int len)
{
	const struct vgic_reg *r = vgic_frame_find(f, offset);

	if (!r || !(r->access & len) || offset & (len - 1))
		return NULL;
	return r;
}

static int mmio_read(const struct vgic_reg *r, const struct vgic_access *a, u32 pos,
		     unsigned int len, bool user, u64 *val)
{
	int (*read)(const struct vgic_access *a, unsigned int n, u64 *val) = r->read;
	u64 v = r->reset;
	int ret = 0;

	if (r->field) {
		ret = vgic_field_read(a, r->field, pos * 8 / r->bits, len * 8 / r->bits,
				      r->bits, &v);
	} else {
		if (user && r->user_read)
			read = r->user_read;
		if (read)
			ret = read(a, pos / r->width, &v);
		v >>= (pos & (r->width - 1)) * 8;
	}
	*val = v & mmio_ones(len);
	return ret;
}

static int mmio_write(const struct vgic_reg *r, const struct vgic_access *a, u32 pos,
		      unsigned int len, bool user, u64 val)
{
	int (*write)(const struct vgic_access *a, unsigned int n, u64 val, u64 mask) = r->write;
	unsigned int shift = (pos & (r->width - 1)) * 8;
	u64 mask = mmio_ones(len);

	val &= mask;
	if (r->field)
		return vgic_field_write(a, r->field, pos * 8 / r->bits, len * 8 / r->bits,
					r->bits, val);
	if (user && r->user_write)
		write = r->user_write;
	if (!write)
		return 0;
	return write(a, pos / r->width, val << shift, mask << shift);
}

/**
 * vgic_frame_read - a guest's load
 * @f: the frame
 * @a: who; @a->status collects errors
 * @offset: from the start of the frame, bytes
 * @len: 1, 2, 4 or 8 bytes
 * @val: receives the value, zero-extended
 *
 * Context: as @a->atomic says; no locks of interrupts held.
 * Return: 0, or -EAGAIN in atomic context if it takes sleeping; nothing has
 *	   changed then.
 */
int vgic_frame_read(const struct vgic_frame *f, struct vgic_access *a, u32 offset,
		    unsigned int len, u64 *val)
{
	const struct vgic_reg *r = mmio_decode(f, offset, len);

	*val = 0;
	if (!r) {
		a->status |= VGIC_STATUS_RRD;
		return 0;
	}
	if (r->flags & VGIC_REG_WO) {
		a->status |= VGIC_STATUS_RWOD;
		return 0;
	}
	return mmio_read(r, a, offset - r->offset, len, false, val);
}

/**
 * vgic_frame_write - a guest's store
 * @f: the frame
 * @a: who; @a->status collects errors
 * @offset: from the start of the frame, bytes
 * @len: 1, 2, 4 or 8 bytes
 * @val: the value; bits beyond @len are ignored
 *
 * Context: as @a->atomic says; no locks of interrupts held.
 * Return: 0, or -EAGAIN in atomic context if it takes sleeping; what was done
 *	   by then may be done again.
 */
int vgic_frame_write(const struct vgic_frame *f, struct vgic_access *a, u32 offset,
		     unsigned int len, u64 val)
{
	const struct vgic_reg *r = mmio_decode(f, offset, len);

	if (!r) {
		a->status |= VGIC_STATUS_WRD;
		return 0;
	}
	if (r->flags & VGIC_REG_RO) {
		a->status |= VGIC_STATUS_WROD;
		return 0;
	}
	return mmio_write(r, a, offset - r->offset, len, false, val);
}

/**
 * vgic_frame_user_has - may user space access the register at an offset?
 * @f: the frame
 * @offset: from its start; user space accesses aligned 32-bit words
 *
 * Return: 0, or -ENXIO.
 */
int vgic_frame_user_has(const struct vgic_frame *f, u32 offset)
{
	if (offset & 3 || !vgic_frame_find(f, offset))
		return -ENXIO;
	return 0;
}

/**
 * vgic_frame_user_read - KVM_GET_DEVICE_ATTR of a register
 * @f: the frame
 * @a: who; @a->actor NULL
 * @offset: of a 32-bit register or of a half of a 64-bit one
 * @val: receives the word
 *
 * Context: process, no vCPU of the VM runs.
 * Return: 0, -ENXIO if there is no such register.
 */
int vgic_frame_user_read(const struct vgic_frame *f, struct vgic_access *a, u32 offset, u32 *val)
{
	const struct vgic_reg *r = vgic_frame_find(f, offset);
	u64 v = 0;
	int ret;

	if (!r || offset & 3)
		return -ENXIO;
	ret = mmio_read(r, a, offset - r->offset, 4, true, &v);
	*val = v;
	return ret;
}

/**
 * vgic_frame_user_write - KVM_SET_DEVICE_ATTR of a register
 * @f: the frame
 * @a: who; @a->actor NULL
 * @offset: of a 32-bit register or of a half of a 64-bit one
 * @val: the word
 *
 * Context: process, no vCPU of the VM runs.
 * Return: 0, -ENXIO if there is no such register, -EINVAL if it refuses.
 */
int vgic_frame_user_write(const struct vgic_frame *f, struct vgic_access *a, u32 offset, u32 val)
{
	const struct vgic_reg *r = vgic_frame_find(f, offset);

	if (!r || offset & 3)
		return -ENXIO;
	return mmio_write(r, a, offset - r->offset, 4, true, val);
}

/**
 * vgic_bytes_get - the value of a bus access
 * @data: @len bytes, little-endian, of any alignment
 * @len: 1, 2, 4 or 8
 *
 * Return: the value, zero-extended.
 */
u64 vgic_bytes_get(const void *data, unsigned int len)
{
	__le16 v16;
	__le32 v32;
	__le64 v64;

	switch (len) {
	case 1:
		return *(const u8 *)data;
	case 2:
		memcpy(&v16, data, sizeof(v16));
		return le16_to_cpu(v16);
	case 4:
		memcpy(&v32, data, sizeof(v32));
		return le32_to_cpu(v32);
	default:
		memcpy(&v64, data, sizeof(v64));
		return le64_to_cpu(v64);
	}
}

/**
 * vgic_bytes_put - the bytes of a bus access
 * @data: receives @len bytes, little-endian; of any alignment
 * @len: 1, 2, 4 or 8
 * @val: the value
 */
void vgic_bytes_put(void *data, unsigned int len, u64 val)
{
	__le64 v = cpu_to_le64(val);

	switch (len) {
	case 1:
		*(u8 *)data = val;
		break;
	case 2:
		memcpy(data, &v, 2);
		break;
	case 4:
		memcpy(data, &v, 4);
		break;
	default:
		memcpy(data, &v, 8);
		break;
	}
}
