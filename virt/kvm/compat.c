// SPDX-License-Identifier: GPL-2.0
/*
 * The one place that knows the built-in KVM's types.
 *
 * Up to 6.17 the kernel's "work before guest entry" notes a pending signal in
 * the vCPU that it is given, and that is a struct kvm_vcpu. Ours is none, and a
 * check for signals beforehand would leave a window, so it gets this one, which
 * nobody reads.
 */

#include <kvm/compat.h>

#ifndef CONFIG_KVM_XFER_TO_GUEST_WORK
/* Such a kernel leaves task work for the return to user mode, which a signal brings about. */
int compat_xfer_to_guest_work(void)
{
	if (need_resched())
		schedule();
	return signal_pending(current) ? -EINTR : 0;
}
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
#include <linux/kvm_host.h>

static struct kvm_run compat_sink_run;
static struct kvm_vcpu compat_sink_vcpu = { .run = &compat_sink_run };

int compat_xfer_to_guest_work(void)
{
	return xfer_to_guest_mode_handle_work(&compat_sink_vcpu);
}
#else
int compat_xfer_to_guest_work(void)
{
	return xfer_to_guest_mode_handle_work();
}
#endif
