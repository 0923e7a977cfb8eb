#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Runs in the emulated host: start QEMU with a Linux guest, show its console,
# and judge. From the environment: VCPUS, MEM, ITS (on, off), BUS (pci, mmio),
# IRQCHIP (off: QEMU has the interrupt controller, a GICv2), EFI (1: boot through
# firmware), CPU, APPEND, EXTRA (QEMU arguments), LIMIT (s).
#
# MOVE: while the guest writes to its disk and checks it, its state goes to a
# file, and a second QEMU takes it from there. With MOVE=file both are here;
# with MOVE=out the guest is left in the directory DIR, and MOVE=in takes it up
# from there, maybe on another host.

vcpus=${VCPUS:-2} mem=${MEM:-256M} its=${ITS:-off} bus=${BUS:-pci} limit=${LIMIT:-300}
guest=/usr/share/guest
dir=$(mktemp -d /tmp/guest.XXXXXX)
half=2
rounds=40 leave=6

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
	dd if=/dev/urandom of="$dir/tftp/net" bs=1k count=600 2>/dev/null
	sum <"$dir/tftp/net" >"$dir/net.sum"
	dd if=/dev/urandom bs=16 count=1 2>/dev/null | sum >"$dir/token"
	: >"$dir/console"
}

# qemu NAME ARGUMENT...: run it; what the console shows goes on in $dir/console.
qemu()
{
	local name=$1

	shift
	rm -f "$dir/status"
	mkfifo "$dir/$name.in" "$dir/$name.out"
	cat "$dir/$name.out" >"$dir/$name.monitor" &
	{
		# Words on purpose: EXTRA holds several.
		timeout -k 5 "$limit" qemu-system-aarch64 "$@" $EXTRA \
			-chardev "pipe,id=mon,path=$dir/$name" -mon chardev=mon \
			-append "$args $APPEND" </dev/null 2>&1
		echo $? >"$dir/status"
	} | tr -d '\r' | tee -a "$dir/console"
	rm -f "$dir/$name.in" "$dir/$name.out"
}

# until_shown PATTERN: on the console, while QEMU runs
until_shown()
{
	while ! grep -q "$1" "$dir/console"; do
		[ ! -e "$dir/status" ] || fail "it ended before it showed $1"
		usleep 100000
	done
}

# Leave the host in the middle of the traffic. The monitor answers a command when it is done.
move_out()
{
	qemu first "$@" &
	until_shown "bed-round $leave\$"
	echo "host: the guest's state goes to a file"
	printf 'migrate "exec:cat >%s/state"\nquit\n' "$dir" >"$dir/first.in"
	wait $!
	check_status
	[ -s "$dir/state" ] || fail "no state was saved; the monitor says: $(tail -n 3 "$dir/first.monitor")"
	! grep -q "bed-round $rounds\$" "$dir/console" || fail "the guest had finished before it was moved"
	echo "host: $(($(wc -c <"$dir/state") / 1048576)) MiB of state, at $(grep bed-round "$dir/console" | tail -n 1)"
}

check_status()
{
	local status

	status=$(cat "$dir/status")
	[ "$status" != 124 ] && [ "$status" != 143 ] || fail "no end after $limit s"
	[ "$status" = 0 ] || fail "QEMU's exit status is $status"
}

judge()
{
	local wrote

	check_status
	grep -q "bed-passed $(cat "$dir/token")" "$dir/console" || fail "no word of success"
	wrote=$(sed -n 's/^.*bed-wrote //p' "$dir/console")
	[ "$(tail -c $((half * 1048576)) "$dir/disk" | sum)" = "$wrote" ] ||
		fail "the disk does not hold what the guest wrote"
	rm -rf "$dir"
	echo "host: guest passed"
}

case $bus in
pci)	blk=virtio-blk-pci,num-queues=$vcpus nic=virtio-net-pci,romfile= rng=virtio-rng-pci;;
mmio)	blk=virtio-blk-device nic=virtio-net-device rng=virtio-rng-device;;
*)	echo "guest.sh: BUS is pci or mmio"; exit 2;;
esac
machine=virt,gic-version=3,its=$its
[ "$IRQCHIP" != off ] || machine=virt,gic-version=2,kernel-irqchip=off
set -- -accel kvm -cpu "${CPU:-host}" -M "$machine" -smp "$vcpus" -m "$mem" \
	-nodefaults -display none -serial stdio -no-reboot \
	-kernel $guest/vmlinuz -initrd /bed/guest.initrd \
	-drive "file=$dir/disk,if=none,id=disk,format=raw" -device $blk,drive=disk \
	-netdev "user,id=net,tftp=$dir/tftp" -device $nic,netdev=net -device $rng
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
[ -z "$MOVE" ] || args="$args bed.rounds=$rounds"

echo "host: qemu-system-aarch64 -accel kvm -cpu ${CPU:-host} -M $machine -smp $vcpus ${EFI:+(EFI) }..."
case $MOVE in
'')	qemu first "$@";;
file)	move_out "$@"
	qemu second "$@" -incoming "exec:cat $dir/state";;
out)	move_out "$@"
	mkdir -p "$DIR"
	cp -r "$dir/." "$DIR"
	exit 0;;
in)	qemu second "$@" -incoming "exec:cat $dir/state";;
*)	echo "guest.sh: MOVE is file, out or in"; exit 2;;
esac
judge
