// SPDX-License-Identifier: GPL-2.0
/* The 4xx universal interrupt controller, as far as external (not critical) interrupts need it. */
#include "vmm.h"

enum { UIC_SR, UIC_SRS, UIC_ER, UIC_CR, UIC_PR, UIC_TR, UIC_MSR, UIC_VR, UIC_VCR };

static uint32_t status, enable, critical, polarity, trigger, vcr, inputs;

/* Inputs that are level-sensitive are in the status for as long as they are active. */
static void update(void)
{
	status |= inputs & ~trigger;
}

uint32_t uic_read(unsigned int reg)
{
	switch (reg) {
	case UIC_SR:
		return status;
	case UIC_ER:
		return enable;
	case UIC_CR:
		return critical;
	case UIC_PR:
		return polarity;
	case UIC_TR:
		return trigger;
	case UIC_MSR:
		return status & enable;
	default:
		return 0;
	}
}

void uic_write(unsigned int reg, uint32_t value)
{
	switch (reg) {
	case UIC_SR:
		status &= ~value;
		break;
	case UIC_SRS:
		status |= value;
		break;
	case UIC_ER:
		enable = value;
		break;
	case UIC_CR:
		critical = value;
		break;
	case UIC_PR:
		polarity = value;
		break;
	case UIC_TR:
		trigger = value;
		break;
	case UIC_VCR:
		vcr = value;
		break;
	}
	update();
}

void uic_input(unsigned int line, bool level)
{
	uint32_t bit = 0x80000000u >> line, before = inputs;

	inputs = level ? inputs | bit : inputs & ~bit;
	/* An edge stays until it is cleared. */
	status |= inputs & ~before & trigger;
	update();
}

bool uic_output(void)
{
	return status & enable & ~critical;
}
