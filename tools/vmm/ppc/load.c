// SPDX-License-Identifier: GPL-2.0
/* Files into the guest's memory.  Both sides are big-endian. */
#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "vmm.h"

static void read_at(int fd, off_t from, uint32_t at, uint32_t len, const char *path)
{
	if (at > ram_size || len > ram_size - at)
		die("%s does not fit into the guest's memory", path);
	while (len) {
		ssize_t n = pread(fd, ram + at, len, from);

		if (n <= 0)
			die("cannot read %s", path);
		from += n;
		at += n;
		len -= n;
	}
}

uint32_t load_file(const char *path, uint32_t at)
{
	int fd = open(path, O_RDONLY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		die("cannot open %s", path);
	read_at(fd, 0, at, st.st_size, path);
	close(fd);
	return st.st_size;
}

uint32_t load_elf(const char *path)
{
	int fd = open(path, O_RDONLY), i;
	Elf32_Ehdr head;
	Elf32_Phdr ph;

	if (fd < 0 || pread(fd, &head, sizeof(head), 0) != sizeof(head) ||
	    memcmp(head.e_ident, ELFMAG, SELFMAG) || head.e_machine != EM_PPC)
		die("%s is no PowerPC ELF file", path);
	for (i = 0; i < head.e_phnum; i++) {
		if (pread(fd, &ph, sizeof(ph), head.e_phoff + i * sizeof(ph)) != sizeof(ph))
			die("cannot read %s", path);
		if (ph.p_type == PT_LOAD)
			read_at(fd, ph.p_offset, ph.p_paddr, ph.p_filesz, path);
	}
	close(fd);
	/* A kernel is entered where it lies in physical memory. */
	return head.e_entry & 0x0fffffff;
}
