#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ppc-host.sh [OPTION...] [--] COMMAND [ARGUMENT...]: boot the emulated PowerPC
# 44x host, run COMMAND there as root, print what it prints and exit with its
# status. There is no shell: COMMAND is a program that --file has put there.
#
#   --kvm module|none   load kvm.ko (the default) or not
#   --module FILE       which module
#   --file FILE[=NAME]  put a file into /; repeatable
#   --list FILE         instead of COMMAND: a command a line; a result line for each
#   --machine M         bamboo (440EP, the default) or sam460ex (460EX); g3beige (750)
#                       is no 44x and refuses the module
#   --mem SIZE --append "KERNEL ARGUMENTS" --qemu "ARGUMENTS"
#   --icount            instruction counts that repeat
#   --timeout SECONDS   120 unless given
#   --log FILE          where the whole console goes; build/ppc-host.log
#   --quiet             print nothing but the command's output
#
# Exit status: the command's; 124 the time is over, 125 the host died, 126 the
# module did not load, 123 the host's kernel complained (see the log).

. "$(dirname "$0")/lib.sh"

kvm=module module=$PPC_MODULE files=() list= machine=bamboo mem=256M append= extra=() icount=
timeout=120 log=$BUILD/ppc-host.log quiet=

while [ $# -gt 0 ]; do
	case $1 in
	--kvm)		kvm=$2; shift 2;;
	--module)	module=$2; shift 2;;
	--file)		files+=("$2"); shift 2;;
	--list)		list=$2; shift 2;;
	--machine)	machine=$2; shift 2;;
	--mem)		mem=$2; shift 2;;
	--append)	append+=" $2"; shift 2;;
	--qemu)		read -ra words <<<"$2"; extra+=("${words[@]}"); shift 2;;
	--icount)	icount=1; shift;;
	--timeout)	timeout=$2; shift 2;;
	--log)		log=$2; shift 2;;
	--quiet)	quiet=1; shift;;
	--)		shift; break;;
	-*)		die "ppc-host.sh: what is $1?";;
	*)		break;;
	esac
done

case $machine in
g3*)	kernel=$("$VM_DIR/ppc-kernel.sh" g3);;
*)	kernel=$("$VM_DIR/ppc-kernel.sh");;
esac
work=$(mktemp -d "${TMPDIR:-/tmp}/kvm-ppc-host.XXXXXX")
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root"/{dev,proc,sys,tmp,etc} "$(dirname "$log")" "$BUILD/ppc"

init=$BUILD/ppc/init
[ "$init" -nt "$VM_DIR/init/ppc.c" ] ||
	"${PPC_PREFIX}gcc" -O2 -Wall -static -o "$init" "$VM_DIR/init/ppc.c"
cp "$init" "$root/init"
if [ "$kvm" = module ]; then
	[ -e "$module" ] || die "$module is not there; make ARCH=powerpc builds it"
	cp -L "$module" "$root/kvm.ko"
fi
for f in "${files[@]:+${files[@]}}"; do
	case $f in
	*=*)	mkdir -p "$(dirname "$root/${f#*=}")"
		cp -rL "${f%%=*}" "$root/${f#*=}";;
	*)	cp -rL "$f" "$root/";;
	esac
done
if [ -n "$list" ]; then
	cp "$list" "$root/etc/commands"
else
	printf '%s\n' "$*" >"$root/etc/commands"
fi
(cd "$root" && find . | sort | cpio -o -H newc --quiet -R 0:0) >"$work/initrd"

args=(-M "$machine" -m "$mem" -no-reboot -display none -monitor none -net none -serial stdio
	-kernel "$kernel/vmlinux.boot" -initrd "$work/initrd"
	-append "console=ttyS0,115200 quiet panic=-1 printk.time=1 rdinit=/init$append")
# A display needs a BIOS that may not be there; graphics=off has the firmware, too, use the line.
[ "$machine" != g3beige ] || args+=(-machine graphics=off -vga none)
if [ -n "$icount" ]; then
	args+=(-icount "shift=0,sleep=off" -rtc base=2026-01-01,clock=vm)
fi

start=$SECONDS status=0
timeout -k 5 "$timeout" qemu-system-ppc "${args[@]}" "${extra[@]:+${extra[@]}}" </dev/null 2>&1 |
	tee "$log" | tr -d '\r' | sed -u -n '/^BED-START$/,/^BED-END/ { /^BED-\(START\|END\)/d; p }' ||
	status=${PIPESTATUS[0]}
result=$(tr -d '\r' <"$log" | sed -n 's/^BED-END //p' | tail -n 1)

note()
{
	[ -n "$quiet" ] || say "host: $*"
}

if [ "$status" = 124 ] || [ "$status" = 137 ]; then
	note "time is over after $timeout s"
	exit 124
fi
case $result in
"exit "*)
	if complaint=$("$VM_DIR/console-check.sh" "$log"); then
		note "exit status ${result#exit }, $((SECONDS - start)) s"
		exit "${result#exit }"
	fi
	say "host: the kernel complained: $complaint"
	exit 123
	;;
insmod*)
	note "the module did not load: $result"
	tail -n 12 "$log" | tr -d '\r' >&2
	exit 126
	;;
*)
	say "host: died; the console is in $log"
	tail -n 30 "$log" | tr -d '\r' >&2
	exit 125
	;;
esac
