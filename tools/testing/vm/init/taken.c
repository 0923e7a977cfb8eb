// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel module for the emulated PowerPC host: has what kvm.ko wants to have.
 * what=minor: the number of /dev/kvm; what=space: an entry of the TLB in address
 * space 1, made when kvm.ko comes, as the host would replace one that is older.
 */
#include <linux/fs.h>
#include <linux/irqflags.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/string.h>
#include <asm/mmu.h>
#include <asm/reg.h>
#include <asm/reg_booke.h>

#define ENTRY	40		/* below those that the host pins */
#define ADDRESS	0x10000000

static char *what = "minor";
module_param(what, charp, 0444);

static const struct file_operations taken_fops = {
	.owner = THIS_MODULE,
};

static struct miscdevice taken_device = {
	.minor	= KVM_MINOR,
	.name	= "taken",
	.fops	= &taken_fops,
};

/* Word 0 takes the TID, which is 0, from MMUCR. */
static void space_write(u32 word0)
{
	unsigned long flags;
	u32 mmucr;

	local_irq_save(flags);
	mmucr = mfspr(SPRN_MMUCR);
	mtspr(SPRN_MMUCR, 0);
	asm volatile("tlbwe %1, %0, 0\n"
		     "tlbwe %2, %0, 1\n"
		     "tlbwe %3, %0, 2\n"
		     "isync"
		     :
		     : "r" (ENTRY), "r" (word0), "r" (0), "r" (PPC44x_TLB_SR)
		     : "memory");
	mtspr(SPRN_MMUCR, mmucr);
	local_irq_restore(flags);
}

static int space_notify(struct notifier_block *nb, unsigned long state, void *data)
{
	struct module *mod = data;

	if (strcmp(mod->name, "kvm"))
		return NOTIFY_DONE;
	if (state == MODULE_STATE_COMING)
		space_write(ADDRESS | PPC44x_TLB_VALID | PPC44x_TLB_TS | PPC44x_TLB_4K);
	else if (state == MODULE_STATE_GOING)
		space_write(0);
	return NOTIFY_OK;
}

static struct notifier_block space_nb = {
	.notifier_call = space_notify,
};

static int __init taken_init(void)
{
	if (!strcmp(what, "minor"))
		return misc_register(&taken_device);
	return register_module_notifier(&space_nb);
}

static void __exit taken_exit(void)
{
	if (!strcmp(what, "minor"))
		misc_deregister(&taken_device);
	else
		unregister_module_notifier(&space_nb);
}

module_init(taken_init);
module_exit(taken_exit);

MODULE_DESCRIPTION("Has what kvm.ko wants to have");
MODULE_LICENSE("GPL");
