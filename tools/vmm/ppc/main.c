// SPDX-License-Identifier: GPL-2.0
/*
 * A virtual machine monitor for a board like a 440EP's: memory, UIC, a 16550, and
 * the clock and system registers behind pairs of DCRs. It boots a Linux kernel:
 *
 *	ppc-vmm MEGABYTES KERNEL DEVICE-TREE INITRAMFS INITRAMFS-ADDRESS
 *
 * Exit status: 0 when the guest resets the board, which is how such a kernel
 * ends; 1 when anything is out of order.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>
#include <linux/kvm.h>
#include "vmm.h"

#define CPR_DCR		0x0c	/* address; data is the next */
#define SDR_DCR		0x0e
#define DTB_ADDRESS	0x01000000

uint8_t *ram;
uint32_t ram_size;

static int kvm_fd, vm_fd, vcpu_fd;
static struct kvm_run *run;
static volatile sig_atomic_t print_report;
static unsigned long exits[64];

/* Registers behind a pair of DCRs. */
static struct indirect {
	uint16_t dcr;
	uint16_t address;
	uint32_t reg[0x800];
} indirect[] = { { .dcr = CPR_DCR }, { .dcr = SDR_DCR } };

void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("vmm: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputs("\n", stderr);
	exit(1);
}

static int checked(const char *what, int ret)
{
	if (ret < 0)
		die("%s: %s", what, strerror(errno));
	return ret;
}

/* The CPU's input follows the controller's output. */
static void update_interrupt(void)
{
	static bool level;
	struct kvm_interrupt irq;

	if (uic_output() == level)
		return;
	level = !level;
	irq.irq = level ? KVM_INTERRUPT_SET_LEVEL : KVM_INTERRUPT_UNSET;
	checked("KVM_INTERRUPT", ioctl(vcpu_fd, KVM_INTERRUPT, &irq));
}

static void do_mmio(void)
{
	uint64_t addr = run->mmio.phys_addr;
	unsigned int i;

	for (i = 0; i < run->mmio.len; i++, addr++) {
		bool uart = addr >= UART_BASE && addr < UART_BASE + UART_SIZE;

		if (run->mmio.is_write && uart)
			uart_write(addr - UART_BASE, run->mmio.data[i]);
		else if (!run->mmio.is_write)
			run->mmio.data[i] = uart ? uart_read(addr - UART_BASE) : 0xff;
	}
}

static bool do_indirect(struct indirect *ind)
{
	uint32_t *reg = &ind->reg[ind->address % 0x800];

	if (run->dcr.dcrn == ind->dcr) {
		if (run->dcr.is_write)
			ind->address = run->dcr.data;
		else
			run->dcr.data = ind->address;
		return true;
	}
	if (run->dcr.dcrn == ind->dcr + 1u) {
		if (run->dcr.is_write)
			*reg = run->dcr.data;
		else
			run->dcr.data = *reg;
		return true;
	}
	return false;
}

static void do_dcr(void)
{
	unsigned int reg = run->dcr.dcrn - UIC_DCR;

	if (reg < UIC_NR_DCRS) {
		if (run->dcr.is_write)
			uic_write(reg, run->dcr.data);
		else
			run->dcr.data = uic_read(reg);
		return;
	}
	if (do_indirect(&indirect[0]) || do_indirect(&indirect[1]))
		return;
	if (!run->dcr.is_write)
		run->dcr.data = 0;
}

static void set_up(unsigned int megabytes)
{
	struct kvm_userspace_memory_region slot = {};
	int size;

	kvm_fd = checked("/dev/kvm", open("/dev/kvm", O_RDWR));
	vm_fd = checked("KVM_CREATE_VM", ioctl(kvm_fd, KVM_CREATE_VM, 0));
	vcpu_fd = checked("KVM_CREATE_VCPU", ioctl(vm_fd, KVM_CREATE_VCPU, 0));
	size = checked("KVM_GET_VCPU_MMAP_SIZE", ioctl(kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0));
	run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu_fd, 0);
	ram_size = megabytes << 20;
	ram = mmap(NULL, ram_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (run == MAP_FAILED || ram == MAP_FAILED)
		die("no memory");
	slot.memory_size = ram_size;
	slot.userspace_addr = (uintptr_t)ram;
	checked("KVM_SET_USER_MEMORY_REGION", ioctl(vm_fd, KVM_SET_USER_MEMORY_REGION, &slot));
}

/* How the guest makes calls of the hypervisor, into its device tree. */
static void set_calls(uint32_t dtb, uint32_t size)
{
	static const char words[] = "KVM_HCALL_INSTRS";
	struct kvm_ppc_pvinfo info;
	void *at = memmem(ram + dtb, size, words, sizeof(info.hcall));

	if (!at)
		return;
	checked("KVM_PPC_GET_PVINFO", ioctl(vm_fd, KVM_PPC_GET_PVINFO, &info));
	memcpy(at, info.hcall, sizeof(info.hcall));
}

static void boot(uint32_t entry)
{
	struct kvm_regs regs;

	checked("KVM_GET_REGS", ioctl(vcpu_fd, KVM_GET_REGS, &regs));
	memset(regs.gpr, 0, sizeof(regs.gpr));
	regs.gpr[1] = (16 << 20) - 8;
	regs.gpr[3] = DTB_ADDRESS;
	regs.pc = entry;
	regs.msr = 0;
	checked("KVM_SET_REGS", ioctl(vcpu_fd, KVM_SET_REGS, &regs));
}

/* The counters that matter, from the binary statistics (api.rst). */
static void report(void)
{
	static const char * const wanted[] = {
		"exits", "irq_exits", "sysreg_exits", "stage2_faults", "mmio_exit_user", "hvc_exit_stat",
	};
	struct kvm_stats_header head;
	struct kvm_stats_desc *desc;
	unsigned int i, j;
	int fd = ioctl(vcpu_fd, KVM_GET_STATS_FD, 0);

	fprintf(stderr, "vmm: to user space: %lu MMIO, %lu DCR; in all:", exits[KVM_EXIT_MMIO],
		exits[KVM_EXIT_DCR]);
	if (fd >= 0 && pread(fd, &head, sizeof(head), 0) == sizeof(head)) {
		size_t size = sizeof(*desc) + head.name_size;

		desc = malloc(size);
		for (i = 0; desc && i < head.num_desc; i++) {
			uint64_t value = 0;

			if (pread(fd, desc, size, head.desc_offset + i * size) != (ssize_t)size ||
			    pread(fd, &value, 8, head.data_offset + desc->offset) != 8)
				break;
			for (j = 0; j < sizeof(wanted) / sizeof(*wanted); j++)
				if (!strcmp(desc->name, wanted[j]))
					fprintf(stderr, " %s %llu", desc->name,
						(unsigned long long)value);
		}
	}
	fprintf(stderr, "\n");
}

static void on_alarm(int sig)
{
	print_report = true;
}

int main(int argc, char **argv)
{
	const char *every = getenv("VMM_REPORT");
	struct itimerval timer = {};
	int ret;

	if (argc != 6)
		die("MEGABYTES KERNEL DEVICE-TREE INITRAMFS INITRAMFS-ADDRESS");
	set_up(atoi(argv[1]));
	set_calls(DTB_ADDRESS, load_file(argv[3], DTB_ADDRESS));
	load_file(argv[4], strtoul(argv[5], NULL, 0));
	boot(load_elf(argv[2]));
	if (every) {
		/* Counters now and then: how far a slow guest has come. */
		signal(SIGALRM, on_alarm);
		timer.it_value.tv_sec = timer.it_interval.tv_sec = atoi(every);
		setitimer(ITIMER_REAL, &timer, NULL);
	}

	for (;;) {
		update_interrupt();
		ret = ioctl(vcpu_fd, KVM_RUN, 0);
		if (ret && errno != EINTR)
			die("KVM_RUN: %s", strerror(errno));
		if (ret) {
			if (print_report)
				report();
			print_report = false;
			continue;
		}
		if (run->exit_reason < 64)
			exits[run->exit_reason]++;
		switch (run->exit_reason) {
		case KVM_EXIT_MMIO:
			do_mmio();
			break;
		case KVM_EXIT_DCR:
			do_dcr();
			break;
		case KVM_EXIT_SYSTEM_EVENT:
			report();
			return 0;
		default:
			die("exit reason %u", run->exit_reason);
		}
	}
}
