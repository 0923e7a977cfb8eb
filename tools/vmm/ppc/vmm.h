/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PPC_VMM_H
#define PPC_VMM_H

#include <stdbool.h>
#include <stdint.h>

/* The guest's memory begins at 0. */
extern uint8_t *ram;
extern uint32_t ram_size;

void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* uic.c: universal interrupt controller, behind 9 DCRs */
#define UIC_DCR		0xc0
#define UIC_NR_DCRS	9

uint32_t uic_read(unsigned int reg);
void uic_write(unsigned int reg, uint32_t value);
/* An input's level; 0 is the most significant bit. */
void uic_input(unsigned int line, bool level);
/* What the CPU's input for external interrupts is. */
bool uic_output(void);

/* uart.c: a 16550 whose transmitter is never busy */
#define UART_BASE	0xef600300
#define UART_SIZE	8
#define UART_LINE	0

uint8_t uart_read(unsigned int reg);
void uart_write(unsigned int reg, uint8_t value);

/* load.c: ELF kernel, flattened device tree, initramfs.  Returns the kernel's entry point. */
uint32_t load_elf(const char *path);
uint32_t load_file(const char *path, uint32_t at);

#endif
