#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Where kvm.ko cannot work, it is not built or not loaded, and one line says why.

. "$(dirname "$0")/../lib.sh"
. "$VM_DIR/ktap.sh"
export ARCH=powerpc

g3=$("$VM_DIR/ppc-kernel.sh" g3)
host=$("$VM_DIR/ppc-kernel.sh")
insmod="@insmod /module/kvm.ko"

# not_built "SENTENCE" KERNEL [MAKE ARGUMENT...]: the build for it ends, before
# anything is compiled, with one error that begins like this.
not_built()
{
	local sentence=$1 kernel=$2 out

	shift 2
	if out=$(KDIR=$kernel "$VM_DIR/build-module.sh" -o "$BUILD/check/ppc-refused" "$@" 2>&1); then
		echo "it is built"
		return 1
	fi
	echo "$out"
	[ "$(grep -c -F "*** kvm.ko $sentence" <<<"$out")" = 1 ] &&
		! grep -E '^ +(CC|AS) |(warning|error):' <<<"$out"
}

# loads NAME "STATUSES" "SENTENCE" HOST-OPTION...: the commands in $LOGS/NAME.list
# have these statuses, the first that is not 0 is the one of the refused kvm.ko,
# and with each such the host's log gets one line, which begins like this.
loads()
{
	local name=$1 statuses=$2 sentence=$3 log=$LOGS/$1.console expected status=0 out lines

	shift 3
	expected=$(tr ' ' '\n' <<<"$statuses" | grep -v -x 0 | head -n 1)
	out=$("$VM_DIR/ppc-host.sh" --kvm none --file "$PPC_MODULE=module/kvm.ko" --list "$LOGS/$name.list" --log "$log" \
		--timeout 300 "$@") || status=$?
	echo "$out"
	lines=$(tr -d '\r' <"$log" | grep -E '^\[[^]]*\] kvm: ')
	echo "$lines"
	[ "$status" = "$expected" ] &&
		[ "$(awk '/^BED-RESULT / { print $3 }' <<<"$out" | paste -sd ' ')" = "$statuses" ] &&
		[ "$(wc -l <<<"$lines")" = "$(tr ' ' '\n' <<<"$statuses" | grep -c -x "$expected")" ] &&
		[ "$(grep -c -F "] kvm: $sentence" <<<"$lines")" = "$(wc -l <<<"$lines")" ]
}

# Twice: that it was refused has left nothing, neither of the module nor in the host.
other_core()
{
	if [ "$HOST_KERNEL" = debug ]; then
		echo "the module for the debug host has another struct module"
		return 4
	fi
	printf '%s\n' "$insmod" "$insmod" >"$LOGS/other-core.list"
	loads other-core "19 19" "the CPU is no PowerPC 44x but a 740/750 (PVR 0x80301)" --machine g3beige
}

# taken WHAT "SENTENCE": as long as it is. Then all works.
taken()
{
	printf '%s\n' "@insmod /taken.ko what=$1" "$insmod" "$insmod" "@rmmod taken" "$insmod" /tlb_test \
		>"$LOGS/taken-$1.list"
	loads "taken-$1" "0 16 16 0 0 0" "$2" --file "$LOGS/taken/taken.ko" \
		--file "$BUILD/selftests-ppc/powerpc/tlb_test"
}

helpers()
{
	rm -rf "$LOGS/taken"
	mkdir -p "$LOGS/taken"
	cp "$VM_DIR/init/taken.c" "$LOGS/taken/"
	echo 'obj-m := taken.o' >"$LOGS/taken/Kbuild"
	"$VM_DIR/selftests.sh" build &&
		make -C "$host" M="$LOGS/taken" ARCH=$ARCH CROSS_COMPILE="$PPC_PREFIX" modules
}

ktap_run build-for-another-core not_built "is for PowerPC 44x" "$g3"
ktap_run build-for-476 not_built "is for PowerPC 440 and 460" "$host" CONFIG_PPC_47x=y
ktap_run build-beside-kvm not_built "takes the place of the kernel's own KVM" "$host" CONFIG_KVM=y
ktap_run build-for-smp not_built "is for one CPU" "$host" CONFIG_SMP=y
ktap_run build-for-preemption not_built "needs a kernel that is not preempted" "$host" CONFIG_PREEMPTION=y
ktap_run build-without-mmu-notifier not_built "needs CONFIG_MMU_NOTIFIER" "$host" CONFIG_MMU_NOTIFIER=
ktap_run other-core other_core
if ! ktap_wanted minor-taken && ! ktap_wanted address-space-taken; then
	:
elif helpers >"$LOGS/helpers.log" 2>&1; then
	ktap_run minor-taken taken minor "cannot have /dev/kvm: error -16, another module or the kernel's own KVM has it"
	ktap_run address-space-taken taken space "the host uses address space 1"
else
	ktap_result fail helpers "$LOGS/helpers.log"
	ktap_log "$LOGS/helpers.log"
fi
ktap_end
