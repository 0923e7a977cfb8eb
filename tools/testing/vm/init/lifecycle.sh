#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Runs in the emulated host: the module's life. First argument says what to try;
# /bed/guest is a program that runs a small guest and exits with 0.

module=/bed/module/kvm-arm.ko

fail()
{
	echo "FAILED: $*"
	exit 1
}

load()
{
	insmod $module || fail "insmod: $?"
	[ -c /dev/kvm ] || fail "no /dev/kvm after insmod"
}

unload()
{
	rmmod kvm_arm || fail "rmmod: $?"
	[ ! -e /dev/kvm ] || fail "/dev/kvm is there after rmmod"
}

# Memory that nobody can give back, in pages: slabs, page tables, vmalloc space,
# per-CPU memory; and what the buddy allocator lacks.
settle()
{
	sync
	echo 3 >/proc/sys/vm/drop_caches
	echo 1 >/proc/sys/vm/compact_memory
	sleep 1
	echo 3 >/proc/sys/vm/drop_caches
	sleep 1
}

field()
{
	awk -v f="$1:" '$1 == f { print $2 }' /proc/meminfo
}

# In kB, all that is not in use, or by processes, files and caches of them only: also
# the pages that each CPU has at hand, which are not in MemFree, are megabytes, and
# change with what the machine has just done.
spare()
{
	# Each CPU's share of the counters is in them only now.
	echo 1 >/proc/sys/vm/stat_refresh
	awk '
		/^(MemFree|AnonPages|Cached|Buffers|SReclaimable):/ { n += $2 }
		$1 == "count:" { n += $2 * 4 }
		END { print n }' /proc/meminfo /proc/zoneinfo
}

# The mean of three: what comes and goes by itself is some hundred kB.
snapshot()
{
	free=0
	for i in 1 2 3; do
		settle
		free=$((free + $(spare)))
	done
	free=$((free / 3))
	slab=$(field SUnreclaim) vmalloc=$(field VmallocUsed)
	percpu=$(field Percpu) pt=$(field PageTables) secpt=$(field SecPageTables)
}

irqs()
{
	sed -n 's/^ *\([0-9]*\):.*  \(.*\)$/\1 \2/p' /proc/interrupts
}

# grown WHAT BEFORE AFTER LIMIT (kB)
grown()
{
	echo "$1: $2 kB before, $3 kB after"
	[ $(($3 - $2)) -le "$4" ] || fail "$1 grew by $(($3 - $2)) kB over $cycles cycles"
}

case $1 in
cycles)
	cycles=150
	irqs >/tmp/irqs.before
	for i in $(seq 1 10); do
		load
		/bed/guest >/tmp/out 2>&1 || { cat /tmp/out; fail "the guest, cycle $i of the first ten"; }
		unload
	done
	snapshot
	f=$free s=$slab v=$vmalloc p=$percpu t=$pt st=$secpt
	for i in $(seq 1 $cycles); do
		load
		/bed/guest >/tmp/out 2>&1 || { cat /tmp/out; fail "the guest, cycle $i"; }
		unload
	done
	snapshot
	# A page for each cycle would be 600 kB; what else goes on stays below that.
	grown "memory in use" $((-f)) $((-free)) 380
	grown "slabs" "$s" "$slab" 300
	grown "vmalloc" "$v" "$vmalloc" 64
	grown "per-CPU memory" "$p" "$percpu" 64
	grown "page tables" "$t" "$pt" 64
	grown "stage 2 page tables" "${st:-0}" "${secpt:-0}" 0
	irqs >/tmp/irqs.after
	cmp /tmp/irqs.before /tmp/irqs.after || {
		diff /tmp/irqs.before /tmp/irqs.after
		fail "interrupts are not as they were"
	}
	;;
busy)
	# Not while a descriptor is open, whichever.
	load
	for what in kvm vm device vcpu mapping; do
		/bed/hold $what >/tmp/held 2>&1 &
		holder=$!
		for i in $(seq 1 50); do
			grep -q held /tmp/held && break
			usleep 100000
		done
		grep -q held /tmp/held || { cat /tmp/held; fail "cannot hold $what"; }
		rmmod kvm_arm 2>/dev/null && fail "rmmod while there is a $what"
		[ -c /dev/kvm ] || fail "/dev/kvm went although rmmod was refused"
		/bed/guest >/tmp/out 2>&1 || { cat /tmp/out; fail "the guest after a refused rmmod"; }
		kill $holder
		wait $holder 2>/dev/null
	done
	unload
	;;
double)
	load
	insmod $module 2>/dev/null && fail "loaded twice"
	/bed/guest >/tmp/out 2>&1 || { cat /tmp/out; fail "the guest after the second insmod"; }
	unload
	load
	unload
	;;
traced)
	load
	cd /sys/kernel/tracing
	for event in kvm_arm_exit kvm_arm_fault; do
		echo 1 >events/kvm_arm/$event/enable || fail "no trace point $event"
		/bed/guest >/tmp/out 2>&1 || { cat /tmp/out; fail "the traced guest"; }
		echo 0 >events/kvm_arm/$event/enable
		grep -q "$event: vcpu=0 .*pc=0x" trace || fail "nothing traced by $event"
		echo >trace
	done
	cd /
	unload
	[ ! -e /sys/kernel/tracing/events/kvm_arm ] || fail "trace points are there after rmmod"
	;;
refused)
	# Where it cannot work: an errno, one line that helps, and no trace.
	before=$(dmesg | wc -l)
	insmod $module 2>/tmp/err && fail "loaded where it cannot work"
	cat /tmp/err
	# busybox tries twice, by the one and the other system call.
	dmesg | tail -n +$((before + 1)) | sed 's/^\[[^]]*\] //' | sort -u |
		grep -v -E 'loading out-of-tree|module verification failed' >/tmp/lines
	cat /tmp/lines
	[ "$(wc -l </tmp/lines)" = 1 ] || fail "$(wc -l </tmp/lines) lines in the log instead of one"
	grep -q "$2" /tmp/lines /tmp/err || fail "the line does not speak of $2"
	grep -q '^kvm_arm ' /proc/modules && fail "still in the list of modules"
	true
	;;
hotplug)
	# CPUs go and come back while guests run.
	load
	/bed/guest >/dev/null 2>&1 || fail "the guest on all CPUs"
	(
		while [ ! -e /tmp/stop ]; do
			/bed/guest >/tmp/out.$$ 2>&1 || { cat /tmp/out.$$; echo >/tmp/bad; }
		done
	) &
	for i in $(seq 1 15); do
		echo 0 >/sys/devices/system/cpu/cpu1/online || fail "cpu1 does not go"
		usleep 200000
		echo 1 >/sys/devices/system/cpu/cpu1/online || fail "cpu1 does not come back"
		usleep 200000
	done
	: >/tmp/stop
	wait
	[ ! -e /tmp/bad ] || fail "a guest, while CPUs went and came"
	taskset 2 /bed/guest >/tmp/out 2>&1 || { cat /tmp/out; fail "the guest on the CPU that came back"; }
	unload
	# And loaded while one is away.
	echo 0 >/sys/devices/system/cpu/cpu1/online
	load
	/bed/guest >/tmp/out 2>&1 || { cat /tmp/out; fail "the guest while cpu1 is away"; }
	echo 1 >/sys/devices/system/cpu/cpu1/online
	taskset 2 /bed/guest >/tmp/out 2>&1 || { cat /tmp/out; fail "the guest on a CPU that came later"; }
	unload
	;;
reboot)
	# The machine comes up again, and the module works again.
	if [ -e /mnt/share/again ]; then
		load
		/bed/guest >/tmp/out 2>&1 || { cat /tmp/out; fail "the guest after the reboot"; }
	else
		load
		(while :; do /bed/guest; done) >/dev/null 2>&1 &
		sleep 3
		: >/mnt/share/again
		sync
		echo "rebooting"
		reboot -f
		sleep 60
		fail "no reboot"
	fi
	;;
kexec)
	# The next kernel finds EL2 as it would have without the module.
	if grep -q bed.kexec /proc/cmdline; then
		dmesg | grep "started at EL2" || fail "the CPUs are not at EL2"
		[ "$(nproc)" = 2 ] || fail "only $(nproc) CPUs"
		load
		for cpu in 1 2; do
			taskset $cpu /bed/guest >/tmp/out 2>&1 || { cat /tmp/out; fail "the guest after kexec"; }
		done
	else
		(cd / && find . -xdev | cpio -o -H newc) >/tmp/initrd 2>/dev/null
		kexec -l /usr/share/guest/vmlinuz --initrd=/tmp/initrd \
			--command-line="$(cat /proc/cmdline) bed.kexec" || fail "kexec -l"
		rm /tmp/initrd
		load
		(while :; do /bed/guest; done) >/dev/null 2>&1 &
		sleep 3
		echo "kexec"
		kexec -e
		fail "no kexec"
	fi
	;;
*)
	fail "what is $1?"
	;;
esac
echo "passed"
