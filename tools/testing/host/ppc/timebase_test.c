// SPDX-License-Identifier: GPL-2.0
/*
 * timebase.c on a CPU that is made of a clock: each access takes some ticks, now and then the CPU stops for long, and
 * the decrementer is readable or not. The host's time base has to follow the clock, and not go back.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <asm/reg.h>
#include <asm/time.h>

#include "ktap.h"
#include "timebase.h"

static u64 clock;			/* ticks that have really gone by */
static u64 tb_at, dec_at;		/* the registers are clock + tb_at, dec_at - clock */
static unsigned int jitter;		/* an access takes 3 ticks, and up to so many more */
static unsigned int stop_every;		/* one in so many stops the CPU for long */
static bool dec_reads;
static unsigned int tick;		/* the host's, of the decrementer */

static void pass(void)
{
	clock += 3;
	if (jitter)
		clock += ktap_random() % (jitter + 1);
	if (stop_every && !(ktap_random() % stop_every))
		clock += ktap_random() % 1000000;
}

u32 cpu_mfspr(unsigned int spr)
{
	pass();
	return dec_reads && dec_at > clock ? dec_at - clock : 0;
}

void cpu_mtspr(unsigned int spr, u32 value)
{
	u64 tb;

	pass();
	tb = clock + tb_at;
	switch (spr) {
	case SPRN_DEC:
		dec_at = clock + value;
		return;
	case SPRN_TBWL:
		tb_at = ((tb >> 32 << 32) | value) - clock;
		return;
	default:
		tb_at = ((u64)value << 32 | (u32)tb) - clock;
		return;
	}
}

static u32 tb_half(bool upper)
{
	u64 tb;

	pass();
	tb = clock + tb_at;
	return upper ? tb >> 32 : tb;
}

u64 get_tb(void)
{
	u32 high, low;

	do {
		high = tb_half(true);
		low = tb_half(false);
	} while (high != tb_half(true));
	return (u64)high << 32 | low;
}

void set_tb(unsigned int upper, unsigned int lower)
{
	cpu_mtspr(SPRN_TBWL, 0);
	cpu_mtspr(SPRN_TBWU, upper);
	cpu_mtspr(SPRN_TBWL, lower);
}

/* What the host does about a decrementer that has run out */
static void host_tick(void)
{
	if (dec_at <= clock || dec_at - clock > tick)
		dec_at = clock + 1 + ktap_random() % tick;
}

/*
 * Many entries and exits with an offset. @limit: what the host's time base may be off at the end, and the guest's at
 * any time. The worst of both.
 */
static u64 run(u64 offset, unsigned int rounds, u64 limit)
{
	u64 host = tb_at, worst = 0, last = 0;

	for (unsigned int i = 0; i < rounds; i++) {
		u64 off;

		host_tick();
		timebase_guest(offset);
		off = llabs((int64_t)(tb_at - host - offset));
		worst = off > worst ? off : worst;
		clock += ktap_random() % 20000;
		timebase_host();
		off = llabs((int64_t)(tb_at - host));
		worst = off > worst ? off : worst;
		if (clock + tb_at < last || worst > limit)
			return worst + 1;
		last = clock + tb_at;
		clock += ktap_random() % 20000;
	}
	return worst;
}

static void setup(bool dec, unsigned int spread, unsigned int stops)
{
	clock = 0xfff00000;		/* carries are not far */
	tb_at = 0;
	tick = 1000000;
	dec_reads = dec;
	jitter = spread;
	stop_every = 0;
	dec_at = clock + tick;
	timebase_init();
	stop_every = stops;
}

static void check(u64 offset, u64 limit)
{
	u64 worst = run(offset, 200000, limit);

	expect(worst <= limit, "off by %llu ticks, %llu allowed", (unsigned long long)worst, (unsigned long long)limit);
}

/* What all accesses take alike is no loss at all; with jitter the looks are off by some ticks, either way. */
static void steady(void)
{
	setup(true, 0, 0);
	check(0x123456789abcdef0ULL, 64);
	setup(true, 0, 5000);
	check(-12345ULL, 1000);
}

static void jittery(void)
{
	setup(true, 4, 0);
	check(0x123456789abcdef0ULL, 20000);
}

/* The upper half alone: exact, whatever the CPU does. */
static void upper_half(void)
{
	setup(true, 20, 500);
	check(0x1234567800000000ULL, 0);
	setup(false, 20, 500);
	check(-0x500000000ULL, 0);
}

/* The host's clock may go slow, but not back. */
static void not_readable(void)
{
	setup(false, 4, 0);
	check(0x123456789abcdef0ULL, 1ULL << 30);
}

static const struct ktap_test tests[] = {
	{ "steady CPU", steady },
	{ "CPU with jitter", jittery },
	{ "upper half", upper_half },
	{ "decrementer that cannot be read", not_readable },
};

KTAP_MAIN(tests)
