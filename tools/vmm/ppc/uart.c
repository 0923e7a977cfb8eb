// SPDX-License-Identifier: GPL-2.0
/* A 16550 that sends to standard output at once and receives nothing. */
#include <unistd.h>
#include "vmm.h"

enum { UART_DATA, UART_IER, UART_IIR, UART_LCR, UART_MCR, UART_LSR, UART_MSR, UART_SCR };

#define LCR_DLAB	0x80
#define MCR_LOOP	0x10
#define IER_THRE	0x02
#define LSR_EMPTY	0x60	/* holding register and transmitter */
#define IIR_NONE	0x01
#define IIR_THRE	0x02
#define FCR_ENABLE	0x01

static uint8_t ier, fcr, lcr, mcr, scr, dll, dlm;
static bool thre;		/* to be reported */

static void update(void)
{
	uic_input(UART_LINE, ier & IER_THRE && thre);
}

uint8_t uart_read(unsigned int reg)
{
	uint8_t value;

	switch (reg) {
	case UART_DATA:
		return lcr & LCR_DLAB ? dll : 0;
	case UART_IER:
		return lcr & LCR_DLAB ? dlm : ier;
	case UART_IIR:
		value = ier & IER_THRE && thre ? IIR_THRE : IIR_NONE;
		if (value == IIR_THRE)
			thre = false;
		update();
		return value | (fcr & FCR_ENABLE ? 0xc0 : 0);
	case UART_LCR:
		return lcr;
	case UART_MCR:
		return mcr;
	case UART_LSR:
		return LSR_EMPTY;
	case UART_MSR:
		/* The modem lines come back in a loop; else somebody is there. */
		return mcr & MCR_LOOP ? (mcr & 0xc) << 4 | (mcr & 2) << 3 | (mcr & 1) << 5 : 0xb0;
	default:
		return scr;
	}
}

void uart_write(unsigned int reg, uint8_t value)
{
	switch (reg) {
	case UART_DATA:
		if (lcr & LCR_DLAB) {
			dll = value;
			break;
		}
		if (!(mcr & MCR_LOOP) && write(1, &value, 1) != 1)
			die("no standard output");
		thre = true;
		break;
	case UART_IER:
		if (lcr & LCR_DLAB) {
			dlm = value;
			break;
		}
		if (value & ~ier & IER_THRE)
			thre = true;
		ier = value & 0xf;
		break;
	case UART_IIR:
		fcr = value;
		break;
	case UART_LCR:
		lcr = value;
		break;
	case UART_MCR:
		mcr = value;
		break;
	case UART_SCR:
		scr = value;
		break;
	}
	update();
}
