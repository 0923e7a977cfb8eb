# SPDX-License-Identifier: GPL-2.0
#
# Runs in the emulated host: what gdb does to a Linux guest through QEMU's stub. The
# guest calls uname() again and again until its name is "debugged". Its symbols'
# addresses have been put into variables before. "passed" comes last.

set pagination off
set confirm off
set architecture aarch64
target remote 127.0.0.1:1234

# expect "WHAT" VALUE WANTED: words, without spaces
define expect
	if (unsigned long)($arg1) != (unsigned long)($arg2)
		printf "%s: %#lx, not %#lx\n", $arg0, (unsigned long)($arg1), (unsigned long)($arg2)
		info registers
		quit 1
	end
end

# Execute one instruction; the PC is then where that leads, or may lead. What jumps to
# a register other than the link register may lead anywhere.
define one_step
	set $from = (unsigned long)$pc
	set $insn = *(unsigned int *)$pc
	set $next = $from + 4
	set $other = $next
	if ($insn & 0x7c000000) == 0x14000000
		# B, BL
		set $next = $from + ((int)($insn << 6) >> 4)
		set $other = $next
		set $branches = $branches + 1
	end
	if ($insn & 0xff000000) == 0x54000000 || ($insn & 0x7e000000) == 0x34000000
		# B.cond, CBZ, CBNZ
		set $other = $from + (((int)($insn << 8) >> 13) << 2)
	end
	if ($insn & 0x7e000000) == 0x36000000
		# TBZ, TBNZ
		set $other = $from + (((int)($insn << 13) >> 18) << 2)
	end
	if ($insn & 0xfffffbff) == 0xd65f03c0 || $insn == 0xd65f0bff || $insn == 0xd65f0fff
		# RET, RETAA, RETAB
		set $next = -1
	end
	stepi
	if $next == -1 || ($insn & 0xfe000000) == 0xd6000000
		set $next = (unsigned long)$pc
	end
	if (unsigned long)$pc != $next && (unsigned long)$pc != $other
		printf "%#lx: %08x led to %#lx, not to %#lx or %#lx\n", $from, $insn, (unsigned long)$pc, $next, $other
		quit 1
	end
end

printf "attached at %#lx\n", (unsigned long)$pc

# A hardware breakpoint where a system call begins. Its argument points to the registers
# of user space: register 8 holds the call's number.
hbreak *$__arm64_sys_newuname
continue
expect "PC at the hardware breakpoint" $pc $__arm64_sys_newuname
expect "number of the system call" {long}($x0+64) 160
printf "hardware breakpoint hit\n"
delete

# Instructions one by one, with interrupts masked: else the next one is always that of
# the interrupt that has become due in the meantime.
set $pstate = (unsigned int)$cpsr
set $cpsr = $pstate | 0x80
set $branches = 0
set $n = 0
while $n < 16
	one_step
	set $n = $n + 1
end
expect "mask of interrupts" $cpsr&0x80 0x80
set $cpsr = ((unsigned int)$cpsr & ~0x80) | ($pstate & 0x80)
printf "%d steps, %d of them branches\n", $n, $branches

# A software breakpoint: an instruction that QEMU puts there. It stays for two calls.
break *$__arm64_sys_newuname
continue
expect "PC at the software breakpoint" $pc $__arm64_sys_newuname
expect "number of the system call" {long}($x0+64) 160
continue
expect "PC at the software breakpoint again" $pc $__arm64_sys_newuname
printf "software breakpoint hit\n"
delete

# nodename, the second member of a structure of strings of 65 bytes
set {char[9]}($init_uts_ns+65) = "debugged"
printf "passed\n"
detach
quit
