#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# trace.sh WHAT: trace points, in the emulated host with the module loaded.
#
#   fields      each event has the fields of the one with its name that the
#               kernel has built in, and only the events named here are missing
#   counts      perf stat counts each event while our kselftests run
#   trace-cmd   what trace-cmd reports of a small guest
#   perf        the same by perf record
#
# For the last three perf and trace-cmd have to be there, and programs in
# /bed/selftests.

events=/sys/kernel/tracing/events

# What arm64 cannot have (kvm_fpu), what a CPU without nested virtualization has
# no use for, and what describes the inside of the other implementation.
absent="kvm_arm_set_dreg32 kvm_forward_sysreg_trap kvm_fpu kvm_get_timer_map
	kvm_inject_nested_exception kvm_nested_eret"
# Not to be had here at will: the host has no swap space that would have it look for pages
# that are not in use, and where the CPU keeps access flags there are no faults for them.
# No program here writes to a physical timer whose counter has an offset.
rare="kvm_age_hva kvm_test_age_hva kvm_access_fault kvm_timer_emulate"
# What that one does not have.
own="vgic_its_cmd vgic_its_msi"

fail()
{
	echo "failed: $*"
	exit 1
}

# Types and names in their order; a vCPU is another structure.
fields_of()
{
	sed -n 's/^\tfield:\(.*\);\toffset.*size:\([0-9]*\);.*/\1 \2/p' "$1/format" | grep -v '^[a-z ]* common_' |
		sed 's/^struct kvm_vcpu \*/const struct vcpu */'
}

run()
{
	( cd /bed/selftests && ./"$1" ) >/tmp/out 2>&1 || { cat /tmp/out; fail "$1"; }
}

case $1 in
fields)
	[ -d $events/kvm ] || { echo "the kernel has no KVM of its own"; exit 4; }
	for theirs in $events/kvm/*/; do
		name=$(basename "$theirs")
		case " $(echo $absent) " in
		*" $name "*)
			[ ! -e $events/kvm_arm/$name ] || fail "$name is said to be absent"
			continue;;
		esac
		[ -e $events/kvm_arm/$name ] || fail "there is no $name"
		fields_of "$theirs" >/tmp/theirs
		fields_of $events/kvm_arm/$name >/tmp/ours
		[ -s /tmp/theirs ] || fail "$name has no fields"
		cmp -s /tmp/theirs /tmp/ours || { diff /tmp/theirs /tmp/ours; fail "$name has other fields"; }
		echo "$name: $(wc -l </tmp/ours) fields"
	done
	for ours in $events/kvm_arm/*/; do
		name=$(basename "$ours")
		case " $own " in
		*" $name "*)	;;
		*)	[ -e $events/kvm/$name ] || fail "$name is nobody else's";;
		esac
	done
	;;
counts)
	for f in /bed/selftests/*_test /bed/selftests/arm64/*_test; do
		[ -e "$f" ] && echo "${f#/bed/selftests/}"
	done >/tmp/programs
	cat >/tmp/all.sh <<-'END'
	cd /bed/selftests
	for p in $(cat /tmp/programs); do
		./$p >/tmp/out 2>&1 || { echo "$p ended with $?"; tail -n 20 /tmp/out; }
	done
	END
	perf stat -a -x ' ' -o /tmp/stat -e 'kvm_arm:*' sh /tmp/all.sh
	awk '$2 ~ /^kvm_arm:/ || $3 ~ /^kvm_arm:/' /tmp/stat >/tmp/counts
	cat /tmp/counts
	[ "$(wc -l </tmp/counts)" = "$(ls -d $events/kvm_arm/*/ | wc -l)" ] || fail "perf stat has not counted all events"
	awk -v rare="$rare" '$1 == 0 && index(" " rare " ", " " substr($2, 9) " ") == 0 {
		print "never seen: " $0; bad = 1 } END { exit bad }' /tmp/counts || fail "events that never happened"
	;;
trace-cmd)
	trace-cmd record -e kvm_arm -o /tmp/trace.dat /bed/selftests/arm64/basic_test >/tmp/out 2>&1 ||
		{ cat /tmp/out; fail "trace-cmd record"; }
	trace-cmd report -i /tmp/trace.dat >/tmp/report 2>/tmp/errors
	cat /tmp/errors
	grep -v '^cpus=' /tmp/report | head -n 40
	for want in 'kvm_entry: *PC: 0x' 'kvm_exit: *TRAP: HSR_EC: 0x0024 (DABT_LOW), PC: 0x' \
		'kvm_guest_fault: *ipa 0x' 'kvm_mmio: *mmio write len 8 gpa 0x9000000 ' \
		'kvm_userspace_exit: *reason KVM_EXIT_MMIO (6)' 'kvm_timer_restore_state: *CTL: '; do
		grep -q "$want" /tmp/report || fail "no $want in the report"
	done
	grep -E 'bad op|not defined|FAILED TO PARSE' /tmp/report /tmp/errors && fail "formats that cannot be parsed"
	true
	;;
perf)
	perf record -a -o /tmp/perf.data -e kvm_arm:kvm_exit -e kvm_arm:kvm_mmio \
		/bed/selftests/arm64/basic_test >/tmp/out 2>&1 || { cat /tmp/out; fail "perf record"; }
	perf script -i /tmp/perf.data >/tmp/report 2>/tmp/errors
	cat /tmp/errors
	head -n 20 /tmp/report
	grep -q 'kvm_arm:kvm_exit: TRAP: HSR_EC: 0x0024 (DABT_LOW), PC: 0x' /tmp/report || fail "no exits in the report"
	grep -q 'kvm_arm:kvm_mmio: mmio write len 8 gpa 0x9000000 ' /tmp/report || fail "no MMIO in the report"
	;;
*)
	fail "what is $1?"
	;;
esac
echo "passed"
