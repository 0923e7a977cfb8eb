#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Runs in the emulated host: start QEMU with a Linux guest, show its console,
# and judge. From the environment: VCPUS, MEM, GIC (3, 2), ITS (on, off), BUS (pci, mmio),
# IRQCHIP (off: QEMU has the interrupt controller, a GICv2), EFI (1: boot through
# firmware), MTE (on: memory tags), CPU, APPEND, EXTRA (QEMU arguments), LIMIT (s), GDB (on: while the guest
# boots, gdb sets breakpoints in its kernel, see guest.gdb), NVME (SHA-256 of the first half
# of a disk of this host's, which is given to the guest), VHOST (on: a network card by tap
# and vhost-net), HOTPLUG (on: a disk and memory come and go, see hotplug.sh; wants ITS=on).
#
# MOVE: while the guest writes to its disk and to memory and checks both, it goes
# to a second QEMU. With MOVE=file its state goes to a file and comes from there;
# with MOVE=out the guest is left in the directory DIR, and MOVE=in takes it up
# from there, maybe on another host. With MOVE=live both QEMUs are there at once and
# the guest runs while its memory is sent; with MOVE=postcopy it runs in the second one
# before its memory is there, which comes when it is touched.

[ "$HOTPLUG" != on ] || [ -z "$MOVE" ] || { echo "guest.sh: MOVE or HOTPLUG"; exit 2; }
vcpus=${VCPUS:-2} mem=${MEM:-256M} its=${ITS:-off} bus=${BUS:-pci} limit=${LIMIT:-300}
guest=/usr/share/guest
dir=$(mktemp -d /tmp/guest.XXXXXX)
half=2
# How often it writes, and from when on it moves
rounds=16 leave=3

. /bed/hotplug.sh

sum()
{
	sha256sum | cut -d ' ' -f 1
}

fail()
{
	echo "host: guest FAILED: $*"
	rm -rf "$dir"
	exit 1
}

# A disk with something on it, a file to fetch, and a word that only this guest can say
prepare()
{
	mkdir -p "$dir/tftp"
	dd if=/dev/urandom of="$dir/disk" bs=1M count=$half 2>/dev/null
	sum <"$dir/disk" >"$dir/disk.sum"
	truncate -s $((2 * half))M "$dir/disk"
	dd if=/dev/urandom of="$dir/tftp/net" bs=1k count=200 2>/dev/null
	sum <"$dir/tftp/net" >"$dir/net.sum"
	dd if=/dev/urandom bs=16 count=1 2>/dev/null | sum >"$dir/token"
	: >"$dir/console"
}

# qemu NAME ARGUMENT...: run it; what the console shows goes on in $dir/console.
qemu()
{
	local name=$1

	shift
	rm -f "$dir/$name.status"
	mkfifo "$dir/$name.in" "$dir/$name.out"
	cat "$dir/$name.out" >"$dir/$name.monitor" &
	{
		# Words on purpose: EXTRA holds several.
		timeout -k 5 "$limit" qemu-system-aarch64 "$@" $EXTRA \
			-chardev "pipe,id=mon,path=$dir/$name" -mon chardev=mon \
			-append "$args $APPEND" </dev/null 2>&1
		echo $? >"$dir/$name.status"
	} | tr -d '\r' | tee -a "$dir/console"
	rm -f "$dir/$name.in" "$dir/$name.out"
}

# until_found FILE PATTERN: there while the first QEMU runs
until_found()
{
	while ! grep -q "$2" "$dir/$1"; do
		[ ! -e "$dir/first.status" ] || fail "it ended before there was $2 in the $1"
		usleep 100000
	done
}

# tell NAME COMMAND...: to a monitor, which answers when it is done
tell()
{
	local name=$1

	shift
	printf '%s\n' "$@" >"$dir/$name.in"
}

# The network card's other end: a server of something to fetch, and of sums of what is sent.
serve_tap()
{
	modprobe tun && modprobe vhost_net && tunctl -t tap0 >/dev/null || fail "no tap0"
	ip addr add 10.0.3.1/24 dev tap0
	ip link set tap0 up
	mkdir -p "$dir/www/cgi-bin"
	dd if=/dev/urandom of="$dir/www/down" bs=64k count=32 2>/dev/null
	sum <"$dir/www/down" >"$dir/www/down.sum"
	cat >"$dir/www/cgi-bin/sum" <<-'END'
	#!/bin/sh
	printf 'Content-type: text/plain\r\n\r\n'
	head -c "$CONTENT_LENGTH" | sha256sum | cut -d ' ' -f 1
	END
	chmod 755 "$dir/www/cgi-bin/sum"
	httpd -p 10.0.3.1:80 -h "$dir/www" || fail "no server"
}

# Who signals the guest's interrupts, and what the host's devices do
trace=/sys/kernel/tracing
trace_start()
{
	echo 8192 >$trace/buffer_size_kb
	echo 'name ~ "vfio*"' >$trace/events/irq/irq_handler_entry/filter
	echo 1 >$trace/events/irq/irq_handler_entry/enable
	echo 1 >$trace/events/kvm_arm/kvm_set_irq/enable
	echo 1 >$trace/events/kvm_arm/kvm_ack_irq/enable
	echo 1 >$trace/events/kvm_arm/vgic_its_cmd/enable
}

traced()
{
	grep -c "$1" $trace/trace
}

# at_least NUMBER WANTED WHAT
at_least()
{
	echo "host: $1 $3"
	[ "$1" -ge "$2" ] || fail "less than $2 $3"
}

# GSIs from 256 on are messages: those below are pins of QEMU's interrupt controller.
message='\(25[6-9]\|2[6-9].\|[3-9]..\)'

judge_nvme()
{
	local blocks=$((3 * 128)) lines

	at_least "$(traced 'irq_handler_entry.*vfio-msi')" $blocks "messages of the assigned device"
	at_least "$(traced "kvm_set_irq: gsi $message level 1 source 0")" $blocks "messages by irqfd"
	lines=$(traced 'irq_handler_entry.*vfio-intx')
	at_least "$lines" $blocks "times its line rose"
	at_least "$(traced 'kvm_set_irq: gsi .* level 1 source 1')" "$lines" "times it rose by irqfd"
	at_least "$(traced 'kvm_ack_irq')" $blocks "times its end was told"
}

judge_vhost()
{
	at_least "$(traced 'vhost-.*kvm_set_irq: gsi')" 20 "interrupts by irqfd from vhost's thread"
	! grep '^qemu-system.*vhost' "$dir/console" || fail "vhost-net is not in use"
}

# gdb is told the addresses that the guest has said its kernel's symbols have.
debug()
{
	until_found console bed-symbols
	sed -n 's/^bed-symbol \([^ ]*\) \(0x[0-9a-f]*\)$/set $\1 = \2/p' "$dir/console" >"$dir/symbols.gdb"
	timeout -k 5 "$limit" gdb -nx -batch -x "$dir/symbols.gdb" -x /bed/guest.gdb >"$dir/gdb.out" 2>&1
	echo $? >"$dir/gdb.status"
	# The guest waits for it; without it there is nothing to wait for.
	grep -q '^passed$' "$dir/gdb.out" || tell first quit
}

check_status()
{
	local status

	status=$(cat "$dir/$1.status")
	[ "$status" != 124 ] && [ "$status" != 143 ] || fail "no end after $limit s"
	[ "$status" = 0 ] || fail "QEMU's exit status is $status"
}

# In the middle of the traffic
first_begins()
{
	qemu first "$@" &
	until_found console "bed-round $leave\$"
}

first_ends()
{
	tell first quit
	wait $1
	check_status first
	! grep -q "bed-round $rounds\$" "$dir/console" || fail "the guest had finished before it was moved"
}

move_out()
{
	local first

	first_begins "$@"
	echo "host: the guest's state goes to a file"
	# Without -d the monitor would listen again, to quit, while the devices' state is on its
	# way; and QEMU does not wait for its helper, which may be slower.
	# One pass over memory is enough: nobody waits for the guest.
	tell first "migrate_set_parameter downtime-limit 60000" \
		"migrate -d \"exec:cat >$dir/state.part && mv $dir/state.part $dir/state\""
	first=$!
	migrated
	first_ends $first
	for i in $(seq "$limit"); do
		[ ! -e "$dir/state" ] || break
		sleep 1
	done
	[ -s "$dir/state" ] || fail "no state was saved; the monitor says: $(tail -n 3 "$dir/first.monitor")"
	echo "host: $(($(wc -c <"$dir/state") / 1048576)) MiB of state, at $(grep bed-round "$dir/console" | tail -n 1)"
}

# What the first monitor said last about a part of the migration
told()
{
	tr -d '\r' <"$dir/first.monitor" | sed -n "s/^$1: *//p" | tail -n 1
}

# Wait until the first QEMU has done with it, and say how it went.
migrated()
{
	until tr -d '\r' <"$dir/first.monitor" | grep -q '^Migration status: \(completed\|failed\|cancelled\)'; do
		[ ! -e "$dir/first.status" ] || fail "QEMU ended while the guest was moved"
		usleep 500000
		tell first "info migrate"
	done
	echo "host: $(told 'Migration status'), total time $(told 'total time'), downtime $(told downtime)," \
		"transferred $(told 'transferred ram'), rounds over memory $(told 'dirty sync count')," \
		"pages asked for $(told 'postcopy request count')"
	[ "$(told 'Migration status')" = completed ] || fail "migration: $(tail -n 5 "$dir/first.monitor")"
}

# The second QEMU waits, the first one sends.
move_live()
{
	local second first

	qemu second "$@" -incoming "unix:$dir/socket" &
	second=$!
	first_begins "$@"
	first=$!
	while [ ! -S "$dir/socket" ]; do
		[ ! -e "$dir/second.status" ] || fail "the second QEMU has ended"
		usleep 100000
	done
	if [ "$MOVE" = postcopy ]; then
		tell second "migrate_set_capability postcopy-ram on"
		# As good as nothing is to be sent before the guest has moved.
		tell first "migrate_set_capability postcopy-ram on" \
			"migrate_set_parameter max-bandwidth 1M" "migrate -d \"unix:$dir/socket\"" \
			"migrate_start_postcopy"
	else
		# A busy guest in a slow machine: it is stopped for the rest when that takes two seconds.
		tell first "migrate_set_parameter downtime-limit 2000" "migrate -d \"unix:$dir/socket\""
	fi
	echo "host: the guest moves while it runs, at $(grep bed-round "$dir/console" | tail -n 1)"
	migrated
	echo "host: the guest has moved, at $(grep bed-round "$dir/console" | tail -n 1)"
	first_ends $first
	# Nothing was sent twice, or nothing by request: then this was another test.
	case $MOVE in
	live)		[ "$(told 'dirty sync count')" -gt 2 ] || fail "its memory was sent but once";;
	postcopy)	[ "$(told 'postcopy request count')" -gt 0 ] || fail "no page was asked for";;
	esac
	wait $second
}

judge()
{
	local wrote

	check_status $1
	if [ -n "$GDB" ]; then
		wait "$debugger"
		sed 's/^/host: gdb: /' "$dir/gdb.out"
		grep -q '^passed$' "$dir/gdb.out" || fail "gdb ended with $(cat "$dir/gdb.status")"
	fi
	[ "$HOTPLUG" != on ] || wait "$plugger" || fail "what was plugged in has not come and gone"
	[ -z "$NVME" ] || judge_nvme
	[ -z "$VHOST" ] || judge_vhost
	grep -q "bed-passed $(cat "$dir/token")" "$dir/console" || fail "no word of success"
	wrote=$(sed -n 's/^.*bed-wrote //p' "$dir/console")
	[ "$(tail -c $((half * 1048576)) "$dir/disk" | sum)" = "$wrote" ] ||
		fail "the disk does not hold what the guest wrote"
	rm -rf "$dir"
	echo "host: guest passed"
}

# To a file it goes in one pass, however busy it is.
workers=$vcpus
case $MOVE in
file | out | in)
	rounds=8 workers=1;;
esac

case $bus in
pci)	blk=virtio-blk-pci,num-queues=$vcpus nic=virtio-net-pci,romfile= rng=virtio-rng-pci;;
mmio)	blk=virtio-blk-device nic=virtio-net-device rng=virtio-rng-device;;
*)	echo "guest.sh: BUS is pci or mmio"; exit 2;;
esac
machine=virt,gic-version=3,its=$its
[ "$GIC" != 2 ] || machine=virt,gic-version=2
if [ "$HOTPLUG" = on ]; then
	mem=$mem,slots=1,maxmem=1G
fi
[ "$IRQCHIP" != off ] || machine=virt,gic-version=2,kernel-irqchip=off
[ "$MTE" != on ] || machine=$machine,mte=on
set -- -accel kvm -cpu "${CPU:-host}" -M "$machine" -smp "$vcpus" -m "$mem" \
	-nodefaults -display none -serial stdio -no-reboot \
	-kernel $guest/vmlinuz -initrd /bed/guest.initrd \
	-drive "file=$dir/disk,if=none,id=disk,format=raw" -device $blk,drive=disk \
	-netdev "user,id=net,tftp=$dir/tftp" -device $nic,netdev=net -device $rng
[ -z "$GDB" ] || set -- "$@" -gdb tcp:127.0.0.1:1234
if [ -n "$NVME" ]; then
	nvme=$(/bed/assign.sh 0x010802) || fail "no device to assign"
	set -- "$@" -device "vfio-pci,host=$nvme"
fi
if [ -n "$VHOST" ]; then
	serve_tap
	set -- "$@" -netdev tap,id=tap,ifname=tap0,script=no,downscript=no,vhost=on \
		-device virtio-net-pci,romfile=,netdev=tap
fi
[ -z "$NVME$VHOST" ] || trace_start
[ "$HOTPLUG" != on ] || set -- "$@" $(hotplug_arguments)
[ -z "$EFI" ] || set -- "$@" -bios $guest/QEMU_EFI.fd

if [ "$MOVE" = in ]; then
	cp -r "$DIR/." "$dir"
else
	prepare
fi
args="console=ttyAMA0 quiet panic=-1 bed.cpus=$vcpus bed.disk=$(cat "$dir/disk.sum")"
args="$args bed.net=$(cat "$dir/net.sum") bed.token=$(cat "$dir/token") bed.its=$its"
case ${CPU:-host} in
*pmu=off*)	;;
*)		args="$args bed.pmu=on";;
esac
[ "$MTE" != on ] || args="$args bed.mte=on"
[ -z "$MOVE" ] || args="$args bed.rounds=$rounds bed.workers=$workers"
[ -z "$GDB" ] || args="$args bed.gdb=on"
[ -z "$NVME" ] || args="$args bed.nvme=$NVME"
[ -z "$VHOST" ] || args="$args bed.tap=on"
[ "$HOTPLUG" != on ] || args="$args bed.hotplug=$plugs"

echo "host: qemu-system-aarch64 -accel kvm -cpu ${CPU:-host} -M $machine -smp $vcpus ${EFI:+(EFI) }..."
last=second
case $MOVE in
'')	last=first
	if [ -n "$GDB" ]; then
		debug &
		debugger=$!
	fi
	if [ "$HOTPLUG" = on ]; then
		hotplug &
		plugger=$!
	fi
	qemu first "$@";;
file)	move_out "$@"
	qemu second "$@" -incoming "exec:cat $dir/state";;
live | postcopy)
	move_live "$@";;
out)	move_out "$@"
	mkdir -p "$DIR"
	cp -r "$dir/." "$DIR"
	exit 0;;
in)	qemu second "$@" -incoming "exec:cat $dir/state";;
*)	echo "guest.sh: MOVE is file, live, postcopy, out or in"; exit 2;;
esac
judge $last
