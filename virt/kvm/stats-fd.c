// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_GET_STATS_FD: the counters as a file.
 *
 *	header		struct kvm_stats_header
 *	id		name_size bytes: what the counters are of
 *	descriptors	num_desc times struct kvm_stats_desc and name_size bytes
 *	data		64-bit values
 *
 * What comes before the data never changes; it is made when the file is.
 *
 * No locks: the file holds a reference to the VM, and a vCPU lives as long as
 * its VM.  Each value is read once, so that it is one that the counter had.
 */

#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "generic.h"
#include "stats.h"

/* With the closing zero; a multiple of 8 keeps all that follows aligned. */
#define STATS_NAME_SIZE		48
#define STATS_DESC_SIZE		(sizeof(struct kvm_stats_desc) + STATS_NAME_SIZE)
#define STATS_ID_OFFSET		sizeof(struct kvm_stats_header)
#define STATS_DESC_OFFSET	(STATS_ID_OFFSET + STATS_NAME_SIZE)

static_assert(STATS_ID_OFFSET % 8 == 0 && STATS_NAME_SIZE % 8 == 0 && STATS_DESC_SIZE % 8 == 0);

/* Values that are copied in one go. */
#define STATS_PIECE		16

struct stats_file {
	struct vm *vm;		/* referenced */
	const u64 *data;
	size_t data_size;	/* in bytes */
	size_t head_size;
	u8 head[] __counted_by(head_size);
};

/* Copies what [@pos, @pos + @len) has of the file's first part. */
static ssize_t stats_read_head(const struct stats_file *sf, char __user *buf, size_t len,
			       loff_t pos)
{
	len = min_t(size_t, len, sf->head_size - pos);
	return copy_to_user(buf, sf->head + pos, len) ? -EFAULT : len;
}

/* Likewise of the data, and no more than a piece of it; @at is the offset in the data. */
static ssize_t stats_read_data(const struct stats_file *sf, char __user *buf, size_t len, size_t at)
{
	size_t first = at / sizeof(u64), skip = at % sizeof(u64);
	size_t nr = min_t(size_t, sf->data_size / sizeof(u64) - first, STATS_PIECE);
	u64 value[STATS_PIECE];

	for (size_t i = 0; i < nr; i++)
		value[i] = READ_ONCE(sf->data[first + i]);
	len = min(len, nr * sizeof(u64) - skip);
	return copy_to_user(buf, (u8 *)value + skip, len) ? -EFAULT : len;
}

static ssize_t stats_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	const struct stats_file *sf = file->private_data;
	loff_t size = sf->head_size + sf->data_size;
	ssize_t done = 0, n;

	while (len && *pos < size) {
		if (*pos < sf->head_size)
			n = stats_read_head(sf, buf, len, *pos);
		else
			n = stats_read_data(sf, buf, len, *pos - sf->head_size);
		if (n < 0)
			return done ? done : n;
		done += n;
		buf += n;
		len -= n;
		*pos += n;
	}
	return done;
}

static loff_t stats_llseek(struct file *file, loff_t offset, int whence)
{
	const struct stats_file *sf = file->private_data;

	return fixed_size_llseek(file, offset, whence, sf->head_size + sf->data_size);
}

static int stats_release(struct inode *inode, struct file *file)
{
	struct stats_file *sf = file->private_data;

	vm_put(sf->vm);
	kfree(sf);
	return 0;
}

static const struct file_operations stats_fops = {
	.owner		= THIS_MODULE,
	.read		= stats_read,
	.llseek		= stats_llseek,
	.release	= stats_release,
};

static void stats_fill_head(struct stats_file *sf, const char *id, const struct stat_desc *desc,
			    unsigned int nr)
{
	struct kvm_stats_header header = {
		.name_size = STATS_NAME_SIZE,
		.num_desc = nr,
		.id_offset = STATS_ID_OFFSET,
		.desc_offset = STATS_DESC_OFFSET,
		.data_offset = sf->head_size,
	};
	u8 *at = sf->head + STATS_DESC_OFFSET;

	memcpy(sf->head, &header, sizeof(header));
	strscpy(sf->head + STATS_ID_OFFSET, id, STATS_NAME_SIZE);
	for (; nr--; desc++, at += STATS_DESC_SIZE) {
		struct kvm_stats_desc out = {
			.flags = desc->flags,
			.exponent = desc->exponent,
			.size = desc->size,
			.offset = desc->offset,
		};

		memcpy(at, &out, sizeof(out));
		strscpy(at + sizeof(out), desc->name, STATS_NAME_SIZE);
	}
}

/* The file, which has a reference of its own to @vm, as a descriptor. */
static int stats_make_fd(struct vm *vm, struct stats_file *sf, const char *name)
{
	struct file *file;
	int fd;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;

	vm_get(vm);
	sf->vm = vm;
	file = anon_inode_getfile(name, &stats_fops, sf, O_RDONLY);
	if (IS_ERR(file)) {
		vm_put(vm);
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	file->f_mode |= FMODE_PREAD;
	fd_install(fd, file);
	return fd;
}

static int stats_create(struct vm *vm, const char *id, const char *name, const void *data,
			const struct stat_desc *desc, unsigned int nr)
{
	size_t head_size = STATS_DESC_OFFSET + nr * STATS_DESC_SIZE;
	struct stats_file *sf;
	int fd;

	sf = kzalloc(struct_size(sf, head, head_size), GFP_KERNEL_ACCOUNT);
	if (!sf)
		return -ENOMEM;
	sf->head_size = head_size;
	sf->data = data;
	sf->data_size = desc[nr - 1].offset + desc[nr - 1].size * sizeof(u64);
	stats_fill_head(sf, id, desc, nr);

	fd = stats_make_fd(vm, sf, name);
	if (fd < 0)
		kfree(sf);
	return fd;
}

/**
 * stats_vm_fd() - KVM_GET_STATS_FD of a VM
 * @vm: the VM
 *
 * Return: a file descriptor, or -ENOMEM, -EMFILE, -ENFILE.
 */
int stats_vm_fd(struct vm *vm)
{
	char id[STATS_NAME_SIZE];

	snprintf(id, sizeof(id), "kvm-%d", task_tgid_nr(current));
	return stats_create(vm, id, "kvm-vm-stats", &vm->stats, vm_stat_descs, vm_stat_nr);
}

/**
 * stats_vcpu_fd() - KVM_GET_STATS_FD of a vCPU
 * @vcpu: the vCPU, whether it runs or not
 *
 * Return: a file descriptor, or -ENOMEM, -EMFILE, -ENFILE.
 */
int stats_vcpu_fd(struct vcpu *vcpu)
{
	char id[STATS_NAME_SIZE], name[32];

	snprintf(id, sizeof(id), "kvm-%d/vcpu-%u", task_tgid_nr(current), vcpu->id);
	snprintf(name, sizeof(name), "kvm-vcpu-stats:%u", vcpu->id);
	return stats_create(vcpu->vm, id, name, &vcpu->stats, vcpu_stat_descs, vcpu_stat_nr);
}
