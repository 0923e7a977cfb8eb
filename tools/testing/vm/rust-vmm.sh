#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# rust-vmm.sh [--ktap]: run the tests of kvm-ioctls, the crate through which VMMs that
# are built on rust-vmm use KVM, and the examples in its documentation, on the built-in
# KVM of the host's kernel, whose results are kept, and on the module; print how each
# ended on either. Fails where the module is worse. With --ktap the results are KTAP
# lines.
#
# TESTS_RUST_VMM is a pattern for the tests to run. HOST_CPU names another CPU of the
# emulated host.

. "$(dirname "$0")/lib.sh"
. "$VM_DIR/ktap.sh"
. "$VM_DIR/compare.sh"

ktap= only=${TESTS_RUST_VMM:-*}
if [ "${1:-}" = --ktap ]; then
	ktap=1 only=$FILTER
fi
dir=$("$VM_DIR/rust-vmm-build.sh")
compare_places rust-vmm "$(basename "$dir")"
mkdir -p "$results" "$stock"

# run_on KVM LIST DIR. One of the tests wants four processors.
run_on()
{
	"$VM_DIR/batch.sh" "$2" "$3" 60 --kvm "$1" --smp 4 --file "$dir/tests" --file "$dir/examples"
}

# What is worse has a larger number.
rank()
{
	case $1 in
	pass)	echo 0;;
	fail)	echo 1;;
	*)	echo 2;;
	esac
}

while read -r program name; do
	[ "$program" = tests ] || name=examples::$name
	# A pattern
	[[ $name != $only ]] || printf '%s\t./%s --exact %s\n' "$name" "$program" "${name#examples::}"
done <"$dir/list" >"$results/list"
[ -s "$results/list" ] || die "no test of kvm-ioctls is called $only"
compare_run "$results/list" "$results/list"

table=$results/table
printf '%-52s %-10s %s\n' "Test of kvm-ioctls" built-in module >"$table"
while IFS=$'\t' read -r name _; do
	theirs=$(compare_word "$stock/$name.status")
	ours=$(compare_word "$results/module/$name.status")
	printf '%-52s %-10s %s\n' "$name" "$theirs" "$ours" >>"$table"
	# That the host dies, or the test does not come to an end, is no matter of comparison.
	if [ "$(rank "$ours")" -gt "$(rank "$theirs")" ] || [ "$(rank "$ours")" = 2 ]; then
		compare_result fail "$name" "$ours (on the built-in KVM: $theirs)" "$results/module/$name.out"
	elif [ "$ours" = pass ]; then
		compare_result ok "$name"
	else
		compare_result skip "$name" "it fails on the built-in KVM, too"
	fi
done <"$results/list"
compare_end "$table"
