// SPDX-License-Identifier: GPL-2.0
/* Bad input to the ioctls of the device, of VMs and of vCPUs; what this core does not have; and every number there is. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "kvm_test.h"
#include "ppc.h"

TEST(device_node)
{
	int kvm = kvm_open();

	EXPECT_EQ(KVM_API_VERSION, ioctl(kvm, KVM_GET_API_VERSION, 0));
	EXPECT_ERRNO(EINVAL, ioctl(kvm, KVM_GET_API_VERSION, 1));
	EXPECT_ERRNO(EINVAL, ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 1));
	EXPECT_ERRNO(EINVAL, ioctl(kvm, KVM_CREATE_VM, KVM_VM_PPC_HV));
	EXPECT_ERRNO(EINVAL, ioctl(kvm, KVM_CREATE_VM, -1));
	EXPECT_OK(close(must(ioctl(kvm, KVM_CREATE_VM, KVM_VM_PPC_PR))));
	EXPECT_EQ(0, ioctl(kvm, KVM_CHECK_EXTENSION, 0xffffffffUL));
}

/* Announced is what is there; what is announced as missing says EINVAL. */
TEST(capabilities)
{
	static const int there[] = {
		KVM_CAP_USER_MEMORY, KVM_CAP_COALESCED_MMIO, KVM_CAP_IOEVENTFD, KVM_CAP_ONE_REG, KVM_CAP_ENABLE_CAP,
		KVM_CAP_PPC_UNSET_IRQ, KVM_CAP_PPC_IRQ_LEVEL, KVM_CAP_PPC_OSI, KVM_CAP_PPC_GET_PVINFO,
		KVM_CAP_PPC_BOOKE_SREGS, KVM_CAP_PPC_BOOKE_WATCHDOG, KVM_CAP_SET_GUEST_DEBUG, KVM_CAP_IMMEDIATE_EXIT,
		KVM_CAP_READONLY_MEM, KVM_CAP_CHECK_EXTENSION_VM,
	};
	static const int not_there[] = {
		KVM_CAP_IRQCHIP, KVM_CAP_IRQFD, KVM_CAP_IRQ_ROUTING, KVM_CAP_SIGNAL_MSI, KVM_CAP_MP_STATE,
		KVM_CAP_SW_TLB, KVM_CAP_PPC_SEGSTATE, KVM_CAP_PPC_PAPR, KVM_CAP_PPC_EPR, KVM_CAP_IRQ_MPIC,
		KVM_CAP_PPC_HIOR, KVM_CAP_PPC_SMT, KVM_CAP_PPC_RMA, KVM_CAP_SPAPR_TCE, KVM_CAP_PPC_ALLOC_HTAB,
	};

	for (unsigned int i = 0; i < sizeof(there) / sizeof(*there); i++) {
		EXPECT_LT(0, kvm_check(there[i])) TH_LOG("capability %d", there[i]);
	}
	for (unsigned int i = 0; i < sizeof(not_there) / sizeof(*not_there); i++) {
		EXPECT_EQ(0, kvm_check(not_there[i])) TH_LOG("capability %d", not_there[i]);
	}
}

TEST(vm)
{
	struct kvm_userspace_memory_region r = { .slot = 1, .guest_phys_addr = 0x04000000, .memory_size = 4096 };
	struct kvm_enable_cap cap = { .cap = KVM_CAP_PPC_OSI };
	struct ppc *p = ppc_create();

	EXPECT_ERRNO(EEXIST, ioctl(p->vm, KVM_CREATE_VCPU, 0));
	EXPECT_ERRNO(EINVAL, ioctl(p->vm, KVM_CREATE_VCPU, 0x10000));
	EXPECT_ERRNO(EINVAL, ioctl(p->vm, KVM_CREATE_VCPU, -1));

	r.userspace_addr = (uintptr_t)p->ram;
	r.flags = 0x80;
	EXPECT_ERRNO(EINVAL, ioctl(p->vm, KVM_SET_USER_MEMORY_REGION, &r));
	r.flags = 0;
	r.memory_size = 4095;
	EXPECT_ERRNO(EINVAL, ioctl(p->vm, KVM_SET_USER_MEMORY_REGION, &r));
	r.memory_size = 4096;
	r.guest_phys_addr |= 4;
	EXPECT_ERRNO(EINVAL, ioctl(p->vm, KVM_SET_USER_MEMORY_REGION, &r));
	r.guest_phys_addr = 0;
	EXPECT_ERRNO(EEXIST, ioctl(p->vm, KVM_SET_USER_MEMORY_REGION, &r));
	r.slot = 0x7fff;
	EXPECT_ERRNO(EINVAL, ioctl(p->vm, KVM_SET_USER_MEMORY_REGION, &r));
	EXPECT_ERRNO(EFAULT, ioctl(p->vm, KVM_SET_USER_MEMORY_REGION, 8));

	/* The vCPU's, not the VM's */
	EXPECT_ERRNO(EINVAL, ioctl(p->vm, KVM_ENABLE_CAP, &cap));
	EXPECT_ERRNO(EFAULT, ioctl(p->vm, KVM_ENABLE_CAP, 8));
	EXPECT_ERRNO(EFAULT, ioctl(p->vm, KVM_PPC_GET_PVINFO, 8));
	EXPECT_ERRNO(EINVAL, ioctl(p->vm, KVM_CREATE_IRQCHIP, 0));
	ppc_destroy(p);
}

/* The guest's TLB has no layout in the ABI for this core: user space is told so. */
TEST(no_tlb_for_user_space)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_SW_TLB };
	struct kvm_dirty_tlb dirty = {};
	struct ppc *p = ppc_create();

	EXPECT_ERRNO(EINVAL, ioctl(p->vcpu, KVM_ENABLE_CAP, &cap));
	EXPECT_ERRNO(EINVAL, ioctl(p->vcpu, KVM_DIRTY_TLB, &dirty));
	ppc_destroy(p);
}

TEST(mappings)
{
	long page = sysconf(_SC_PAGESIZE);
	struct ppc *p = ppc_create();

	/* Beyond the last page there is nothing, and to touch it is a signal. */
	EXPECT_TRUE(mmap(NULL, page, PROT_READ, MAP_SHARED, p->vcpu, 64 * page) == MAP_FAILED ||
		    ioctl(p->kvm, KVM_GET_VCPU_MMAP_SIZE, 0) < 65 * page);
	EXPECT_TRUE(mmap(NULL, page, PROT_READ | PROT_EXEC, MAP_PRIVATE, p->vm, 0) == MAP_FAILED);
	ppc_destroy(p);
}

/* ONE_REG: each register that there is, written and read; a pointer to nothing for each; and what there is not. */
TEST(one_reg)
{
	static const uint64_t ids[] = {
		KVM_REG_PPC_TCR, KVM_REG_PPC_TSR, KVM_REG_PPC_IAC1, KVM_REG_PPC_IAC2, KVM_REG_PPC_IAC3,
		KVM_REG_PPC_IAC4, KVM_REG_PPC_DAC1, KVM_REG_PPC_DAC2, KVM_REG_PPC_FPR0, KVM_REG_PPC_FPR0 + 17,
		KVM_REG_PPC_FPR31, KVM_REG_PPC_FPSCR, KVM_REG_PPC_TB_OFFSET,
	};
	static const struct {
		uint64_t id;
		uint32_t bits;
		uint32_t tsr;	/* afterwards */
	} changes[] = {
		{ KVM_REG_PPC_OR_TSR, 0x08000000, 0x0c000000 },
		{ KVM_REG_PPC_CLEAR_TSR, 0x04000000, 0x08000000 },
	};
	struct ppc *p = ppc_create();
	struct kvm_one_reg reg;
	uint32_t word = 0, want;
	uint64_t value, back;

	for (unsigned int i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		bool wide = (ids[i] & KVM_REG_SIZE_MASK) == KVM_REG_SIZE_U64;

		/* Bits that a timer's register has (long periods: none ends); high ones where a register has them */
		want = ids[i] == KVM_REG_PPC_TCR ? 0xc7000000 : 0x04000000;
		word = want;
		value = ids[i] >= KVM_REG_PPC_FPR0 ? 0x1122334455667788ULL : 0x55667788;
		back = 0;
		reg.id = ids[i];
		reg.addr = wide ? (uintptr_t)&value : (uintptr_t)&word;
		EXPECT_OK(ioctl(p->vcpu, KVM_SET_ONE_REG, &reg));
		word = 0;
		if (wide)
			reg.addr = (uintptr_t)&back;
		EXPECT_OK(ioctl(p->vcpu, KVM_GET_ONE_REG, &reg));
		if (wide) {
			EXPECT_EQ(value, back) TH_LOG("%#llx", (unsigned long long)ids[i]);
		} else {
			EXPECT_EQ(want, word) TH_LOG("%#llx", (unsigned long long)ids[i]);
		}
		reg.addr = 8;
		EXPECT_ERRNO(EFAULT, ioctl(p->vcpu, KVM_SET_ONE_REG, &reg));
		EXPECT_ERRNO(EFAULT, ioctl(p->vcpu, KVM_GET_ONE_REG, &reg));
	}
	/* The two ways to change bits of TSR can be written only; the breakpoint's instruction read only. */
	reg.addr = (uintptr_t)&word;
	for (unsigned int i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		reg.id = changes[i].id;
		word = changes[i].bits;
		EXPECT_OK(ioctl(p->vcpu, KVM_SET_ONE_REG, &reg));
		EXPECT_ERRNO(EINVAL, ioctl(p->vcpu, KVM_GET_ONE_REG, &reg));
		reg.id = KVM_REG_PPC_TSR;
		EXPECT_OK(ioctl(p->vcpu, KVM_GET_ONE_REG, &reg));
		EXPECT_EQ(changes[i].tsr, word);
	}
	reg.id = KVM_REG_PPC_DEBUG_INST;
	EXPECT_ERRNO(EINVAL, ioctl(p->vcpu, KVM_SET_ONE_REG, &reg));
	for (unsigned int i = 0; i < 2000; i++) {
		reg.id = i % 2 ? KVM_REG_PPC | (uint64_t)(random() % 16) << 52 | random() % 0x400 :
				 (uint64_t)random() << 33 ^ random();
		reg.addr = i % 3 ? (uintptr_t)p->ram : 8;
		ioctl(p->vcpu, KVM_GET_ONE_REG, &reg);
		ioctl(p->vcpu, KVM_SET_ONE_REG, &reg);
	}
	ppc_destroy(p);
}

/* Every number of KVM's, of every size and direction, on each kind of file, with arguments of many kinds. */
TEST(every_number)
{
	static const unsigned int sizes[] = { 0, 1, 4, 8, 16, 24, 64, 128, 400, 1024 };
	struct ppc *p = ppc_create();
	uint32_t *words;
	uint8_t *buf = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	words = (uint32_t *)buf;
	for (unsigned int nr = 0; nr < 256; nr++) {
		for (unsigned int n = 0; n < 4 * 10; n++) {
			unsigned long request = _IOC(n % 4, KVMIO, nr, sizes[n / 4]);
			int fds[] = { p->kvm, p->vm, p->vcpu };

			/* These would block, or make what has to be closed again. */
			if (nr == _IOC_NR(KVM_RUN) || nr == _IOC_NR(KVM_CREATE_VM) || nr == _IOC_NR(KVM_CREATE_VCPU))
				continue;
			for (unsigned int i = 0; i < 3; i++) {
				int ret;

				/* The longest structures' later parts are what the last round left. */
				for (unsigned int k = 0; k < 32; k++)
					words[n % 3 ? random() % 256 : k] = n % 3 ? random() << 1 : 0;
				ret = ioctl(fds[i], request, buf);
				/* KVM_GET_STATS_FD and the like */
				if (ret > 2 && fcntl(ret, F_GETFD) >= 0 && ret > p->vcpu)
					close(ret);
				ioctl(fds[i], request, 0);
				ioctl(fds[i], request, -1);
				ioctl(fds[i], request, (uintptr_t)buf + (1 << 16) - 2);
			}
		}
	}
	ppc_destroy(p);

	/* All is as before for the next one. */
	p = ppc_create();
	emit(p, i_addi(3, 0, 5));
	ppc_exec(p);
	EXPECT_EQ(5, ppc_gpr(p, 3));
	ppc_destroy(p);
}

TEST_HARNESS_MAIN
