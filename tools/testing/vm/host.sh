#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# host.sh [OPTION...] [--] [COMMAND...]: boot the emulated arm64 host, run
# COMMAND there (a line of shell, in /bed, as root), print what it prints and
# exit with its status; without COMMAND, a shell on this terminal.
#
#   --kvm module|stock|none   whose KVM: ours is loaded (the default), the one
#                             built into the host kernel, or neither
#   --module FILE  --args "NAME=VALUE..."    which module, and its parameters
#   --file FILE[=NAME]        put a file or a directory into /bed; repeatable
#   --root                    QEMU, guest kernel and guest firmware in /usr
#   --tools                   instead of these, perf and trace-cmd in /usr
#   --guest                   the same as --root, and /bed/guest.sh, which runs a guest
#   --share DIR               mount DIR at /mnt/share, writable
#   --cpu CPU --smp N --mem SIZE --append "KERNEL ARGUMENTS" --qemu "ARGUMENTS"
#   --efi                     boot through EFI firmware, with ACPI tables
#   --no-el2                  a machine whose kernel starts at EL1
#   --gic N                   version of the machine's interrupt controller
#   --mte                     memory tags: the CPU has to have them, as max has
#   --iommu                   an SMMUv3 for PCI devices
#   --no-its                  no ITS: its tables survive a kexec only with EFI
#   --reboots                 a reboot is one, not the end
#   --icount                  instruction counts that repeat: one thread
#   --timeout SECONDS         120 unless given; 0 for none
#   --log FILE                where the whole console goes; build/host.log
#   --quiet                   print nothing but the command's output
#
# HOST_KERNEL=debug in the environment boots the kernel that debug-kernel.sh
# builds, with the module for it, and waits longer; HOST_KERNEL=16k the
# distribution's kernel with pages of that size. Guests have the stock one.
#
# Exit status: the command's; 124 the time is over, 125 the host died, 126 the
# module did not load, 123 the host's kernel complained (see the log).

. "$(dirname "$0")/lib.sh"

kvm=module module=$MODULE params= files=() root= guest= share= efi= icount= quiet=
el2=on gic=3 its= mte= iommu= once=-no-reboot
cpu=${HOST_CPU:-neoverse-n1} smp=${HOST_SMP:-2} mem=2G append=" log_buf_len=4M" extra=() timeout=120
log=$BUILD/host.log

while [ $# -gt 0 ]; do
	case $1 in
	--kvm)		kvm=$2; shift 2;;
	--module)	module=$2; shift 2;;
	--args)		params=$2; shift 2;;
	--file)		files+=("$2"); shift 2;;
	--root)		root=root; shift;;
	--tools)	root=tools; shift;;
	--guest)	root=root; guest=1; shift;;
	--share)	share=$(realpath "$2"); shift 2;;
	--cpu)		cpu=$2; shift 2;;
	--smp)		smp=$2; shift 2;;
	--mem)		mem=$2; shift 2;;
	--append)	append+=" $2"; shift 2;;
	--qemu)		read -ra words <<<"$2"; extra+=("${words[@]}"); shift 2;;
	--efi)		efi=1; shift;;
	--no-el2)	el2=off; shift;;
	--gic)		gic=$2; shift 2;;
	--mte)		mte=,mte=on; shift;;
	--iommu)	iommu=,iommu=smmuv3; shift;;
	--no-its)	its=,its=off; shift;;
	--reboots)	once=; shift;;
	--icount)	icount=1; shift;;
	--timeout)	timeout=$2; shift 2;;
	--log)		log=$2; shift 2;;
	--quiet)	quiet=1; shift;;
	--)		shift; break;;
	-*)		die "host.sh: what is $1?";;
	*)		break;;
	esac
done

versions
if [ "$HOST_KERNEL" = debug ]; then
	kernel=$("$VM_DIR/debug-kernel.sh")/arch/arm64/boot/Image
	append+=" kasan_multi_shot sysctl.kernel.watchdog_thresh=60"
	append+=" sysctl.kernel.hung_task_timeout_secs=300"
	[ "$mem" != 2G ] || mem=3G
else
	kernel=$("$VM_DIR/fetch.sh" kernel)/boot/vmlinuz-$KVER
fi
qemu=$("$VM_DIR/fetch.sh" qemu)
base=$("$VM_DIR/images.sh" base)

work=$(mktemp -d "${TMPDIR:-/tmp}/kvm-host.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root/bed" "$(dirname "$log")"
cp "$VM_DIR/init/host" "$work/root/init"
chmod 755 "$work/root/init"
bed=$work/root/bed

case $kvm in
module)
	[ -e "$module" ] || die "$module is not there; make builds it"
	cp -L "$module" "$bed/kvm-arm.ko"
	echo "/bed/kvm-arm.ko $params" >"$bed/modules"
	append+=" kvm-arm.mode=none"
	;;
none)	append+=" kvm-arm.mode=none";;
stock)	;;
*)	die "--kvm is module, stock or none";;
esac

for f in "${files[@]:+${files[@]}}"; do
	case $f in
	*=*)	mkdir -p "$(dirname "$bed/${f#*=}")"
		cp -rL "${f%%=*}" "$bed/${f#*=}";;
	*)	cp -rL "$f" "$bed/";;
	esac
done
if [ $# -gt 0 ]; then
	printf '%s\n' "$*" >"$bed/command"
fi

# pack DIR: as an initramfs; the kernel takes several, one after the other.
pack()
{
	(cd "$1" && find . | sort | cpio -o -H newc --quiet -R 0:0)
}

if [ -n "$guest" ]; then
	mkdir "$work/guest"
	cp "$VM_DIR/init/guest" "$work/guest/init"
	chmod 755 "$work/guest/init"
	for f in pmu mte; do
		"$(cross_prefix)gcc" -static -O1 -Wall -o "$work/guest/$f" "$VM_DIR/init/$f.c"
	done
	cp "$VM_DIR/init/guest.sh" "$VM_DIR/init/guest.gdb" "$VM_DIR/init/hotplug.sh" "$VM_DIR/init/assign.sh" "$bed/"
	{ cat "$(HOST_KERNEL=stock "$VM_DIR/images.sh" base)"; pack "$work/guest"; } >"$bed/guest.initrd"
fi

machine=virt,virtualization=$el2,gic-version=$gic$its$mte$iommu
args=(-cpu "$cpu" -smp "$smp" -m "$mem" ${once:+"$once"} -display none -net none
	-device virtio-serial-pci -chardev "file,id=result,path=$work/result"
	-device virtserialport,chardev=result,name=bed.result
	-chardev "file,id=dmesg,path=$log.dmesg"
	-device virtserialport,chardev=dmesg,name=bed.dmesg)
if [ -n "$root" ]; then
	: >"$bed/root"
	args+=(-drive "file=$("$VM_DIR/images.sh" "$root"),if=none,id=root,format=raw,readonly=on"
		-device virtio-blk-pci,drive=root)
fi
if [ -n "$share" ]; then
	: >"$bed/share"
	args+=(-virtfs "local,path=$share,mount_tag=share,security_model=none")
fi
if [ -n "$efi" ]; then
	args+=(-bios "$("$VM_DIR/fetch.sh" firmware)/QEMU_EFI.fd")
	append+=" acpi=force"
fi
if [ -n "$icount" ]; then
	args+=(-accel tcg,thread=single -icount "shift=0,sleep=off" -rtc base=2026-01-01,clock=vm)
	append+=" nokaslr"
else
	args+=(-accel tcg,thread=multi)
fi

{ cat "$base"; pack "$work/root"; } >"$work/initrd"
args+=(-M "$machine" -kernel "$kernel" -initrd "$work/initrd"
	-append "console=ttyAMA0 quiet panic=-1$append" "${extra[@]:+${extra[@]}}")

if [ $# = 0 ]; then
	"$qemu" "${args[@]}" -serial mon:stdio || true
	exit 0
fi

# From the start marker on; nothing else of the console is of interest.
show()
{
	local sed='s/\r$//; /^BED-START$/,/^reboot: Power down/ { /^BED-START$/d; /^\[ *[0-9.]*\] reboot: Power down/d; p }'

	sed -u -n "$sed"
}

start=$SECONDS status=0
limit=()
[ "$timeout" = 0 ] || limit=(timeout -k 5 $((timeout * PATIENCE)))
"${limit[@]:+${limit[@]}}" "$qemu" "${args[@]}" -serial stdio </dev/null 2>&1 | tee "$log" | show ||
	status=${PIPESTATUS[0]}
result=$(cat "$work/result" 2>/dev/null || true)

note()
{
	[ -n "$quiet" ] || say "host: $*"
}

if [ "$status" = 124 ] || [ "$status" = 137 ]; then
	note "time is over after $((timeout * PATIENCE)) s"
	exit 124
fi
case $result in
"exit "*)
	if complaint=$("$VM_DIR/console-check.sh" "$log" "$log.dmesg"); then
		note "exit status ${result#exit }, $((SECONDS - start)) s"
		exit "${result#exit }"
	fi
	say "host: the kernel complained: $complaint"
	exit 123
	;;
insmod*)
	note "the module did not load"
	exit 126
	;;
*)
	say "host: died${result:+ ($result)}; the console is in $log"
	grep -q BED-START "$log" || tail -n 30 "$log" | tr -d '\r' >&2
	exit 125
	;;
esac
