# SPDX-License-Identifier: GPL-2.0
#
# For guest.sh with HOTPLUG=on: a disk comes and goes behind a PCIe root port. Then memory
# does behind another one: the guest gets it, uses it, and is asked to give it back, while its
# CPUs are busy, before the device goes. The guest says on its console how far it is, and
# what was on a disk and is now. After each of them QEMU has no more of anything than before.

plugs=2
blocks=16
added=128M
used=8

# Where a guest of less than 2 GiB has what is plugged in
added_at='gpa=0x80000000'

hotplug_arguments()
{
	truncate -s $((blocks * 16))k "$dir/plug"
	echo "-blockdev driver=file,filename=$dir/plug,node-name=plug
		-object iothread,id=plug
		-device pcie-root-port,id=port1,chassis=1,slot=1
		-device pcie-root-port,id=port2,chassis=2,slot=2
		-D $dir/qemu.log -trace kvm_set_user_memory
		-trace kvm_irqchip_add_msi_route -trace kvm_irqchip_release_virq"
}

# What the guest waits for will not come.
plug_fail()
{
	echo "host: hotplug: $*"
	tell first quit
	exit 1
}

logged()
{
	grep -c "$1" "$dir/qemu.log"
}

qemu_pid()
{
	pidof qemu-system-aarch64
}

# By QEMU's account, by the ITS's commands and by the host's
resources()
{
	local slots mapped

	slots=$(($(logged '^kvm_set_user_memory') - 2 * $(logged '^kvm_set_user_memory.* size=0x0 ')))
	mapped=$((2 * $(traced 'MAPD [0-9a-f]* [0-9a-f]* 8[0-9a-f]\{15\} ') - $(traced MAPD)))
	echo "$slots memory slots, $(($(logged add_msi_route) - $(logged release_virq))) routes of messages," \
		"$mapped devices new to the ITS, $(ls "/proc/$(qemu_pid)/fd" | wc -l) descriptors"
}

# wait_until TROUBLE COMMAND...: until there is none any more. QEMU frees some things when it has the time for it.
wait_until()
{
	local what=$1 i=0

	shift
	until "$@"; do
		i=$((i + 1))
		[ ! -e "$dir/first.status" ] || fail "it ended, and $what"
		[ $i -lt 100 ] || plug_fail "$what: $(resources); the monitor says:" \
			"$(tail -n 4 "$dir/first.monitor" | sed 's/^.*\x1b//')"
		usleep 200000
	done
}

# The answer to a command, or to the one before, comes after the echo of the command.
answered()
{
	tell first "$2"
	tail -n 4 "$dir/first.monitor" | tr -d '\r' | grep -q "^$1$"
}

as_before()
{
	[ "$(resources)" = "$before" ]
}

# gone ID: it does not go as long as the guest has it.
gone()
{
	wait_until "$1 is still there" answered "Error: Device .*/$1. not found" "qom-get /machine/peripheral/$1 type"
}

plug_disk()
{
	local read

	dd if=/dev/urandom of="$dir/plug" bs=16k count=$blocks conv=notrunc 2>/dev/null
	read=$(sum <"$dir/plug")
	tell first "device_add virtio-blk-pci,id=disk$1,bus=port1,drive=plug,iothread=plug"
	until_found console "^bed-disk $1 "
	tell first "device_del disk$1"
	until_found console "^bed-disk-gone $1\$"
	gone "disk$1"
	wait_until "disk $1 left something" as_before
	[ "$(sed -n "s/^bed-disk $1 //p" "$dir/console")" = "$read $(sum <"$dir/plug")" ] ||
		plug_fail "disk $1 holds something else than the guest says"
}

# added_rss: how much of the memory behind the slot there is, in KiB
added_rss()
{
	local from

	from=$(sed -n "s/^kvm_set_user_memory.* $added_at size=0x[1-9].* ua=0x\([0-9a-f]*\) .*/\1/p" "$dir/qemu.log" |
		tail -n 1)
	awk -v "from=x$from" -v "to=x$(printf '%x' $((0x$from + ${added%M} * 1048576)))" '
		/^[0-9a-f]+-/ { split($1, at, "-"); inside = "x" at[1] >= from && "x" at[2] <= to }
		inside && /^Rss:/ { kib += $2 }
		END { print kib + 0 }' "/proc/$(qemu_pid)/smaps"
}

# How often there was a slot for it, and how often there was none any more
slot_changes()
{
	echo "$(logged "^kvm_set_user_memory.* $added_at size=0x[1-9].* ret=0$")" \
		"$(logged "^kvm_set_user_memory.* $added_at size=0x0 .* ret=0$")"
}

# plug_memory NUMBER BACKEND
plug_memory()
{
	local mem=/machine/peripheral/mem$1

	tell first "object_add memory-backend-$2,id=added$1,size=$added" \
		"device_add virtio-mem-pci,id=mem$1,bus=port2,memdev=added$1,dynamic-memslots=on" \
		"qom-set $mem requested-size $added"
	until_found console "^bed-memory $1\$"
	[ "$(added_rss)" -ge $((used * 1024)) ] || plug_fail "of the memory added $(added_rss) KiB are in use"
	tell first "qom-set $mem requested-size 0"
	until_found console "^bed-memory-back $1\$"
	wait_until "memory $1 is not given back" answered 0 "qom-get $mem size"
	# The device is still there; its slot and the host's memory are not.
	[ "$(added_rss)" = 0 ] || plug_fail "of the memory given back $(added_rss) KiB are in use"
	[ "$(slot_changes)" = "$1 $1" ] ||
		plug_fail "no slot came and went: $(grep "$added_at" "$dir/qemu.log")"
	tell first "device_del mem$1"
	until_found console "^bed-memory-gone $1\$"
	gone "mem$1"
	tell first "object_del added$1"
	wait_until "memory $1 left something" as_before
}

hotplug()
{
	local i n=0

	until_found console '^bed-hotplug$'
	trace_start
	before=$(resources)
	echo "host: $before"
	for i in $(seq $plugs); do
		plug_disk "$i"
	done
	[ "$(traced "kvm_set_irq: gsi $message level 1 source 0")" -ge $((plugs * 3 * blocks)) ] ||
		plug_fail "of $((plugs * 3 * blocks)) messages $(traced "kvm_set_irq: gsi $message") came by irqfd"
	[ "$(traced MAPD)" = $((2 * plugs)) ] || plug_fail "the ITS was told of $(traced MAPD) devices"
	for i in ram memfd; do
		n=$((n + 1))
		plug_memory $n $i
	done
	echo "host: $(resources), after $plugs disks and $n times memory"
	# The guest has waited for that.
	tell first "device_add virtio-blk-pci,id=end,bus=port1,drive=plug"
}
