#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# peer.sh [--ktap]: run Linux's own KVM selftests on the built-in KVM of the
# host's kernel and on the module, and print how each test ended on either. The
# built-in KVM's results are kept, by version. With --ktap only the required tests
# are run, and their results are KTAP lines. Fails when a required test does not pass,
# or one that passes on the built-in KVM.
#
# TESTS_PEER is a pattern for the programs to run. With REPEAT=N each is run N times,
# on both anew, and how many passed is printed: for tests that depend on timing.
# HOST_CPU names another CPU of the emulated host, such as max,pauth-impdef=on or
# a64fx; what the built-in KVM makes of the tests there is kept for each. On these, a
# test that the built-in KVM does not pass either is no failure. HOST_CPU=all: each of
# three CPUs in turn, and one table of all.

. "$(dirname "$0")/lib.sh"
. "$VM_DIR/ktap.sh"
. "$VM_DIR/compare.sh"

# A column of a table that a run has left: TABLE NAME FIRST-CHARACTER.
cell()
{
	awk -v name="$2" -v at="$3" '$1 == name { print substr($0, at, 10) }' "$1"
}

# The tables of several CPUs, side by side: NAME=TABLE...
side_by_side()
{
	local name one

	printf '%-34s' "Linux's KVM selftest"
	printf ' %-21s' "${@%%=*}"
	printf '\n%-34s' "on the built-in KVM, on the module"
	printf ' %-10s %-10s' $(for one in "$@"; do echo built-in module; done)
	echo
	for name in $(sed 1d "${1#*=}" | awk '{ print $1 }'); do
		printf '%-34s' "$name"
		for one in "$@"; do
			printf ' %-10s %-10s' "$(cell "${one#*=}" "$name" 36)" "$(cell "${one#*=}" "$name" 47)"
		done
		echo
	done | sed 's/ *$//'
}

# Fails if one of them does.
on_all_cpus()
{
	local status=0 tables=() cpu out

	for cpu in neoverse-n1 max,pauth-impdef=on a64fx; do
		say "  ... $cpu"
		out=$BUILD/peer-all-${cpu%%,*}
		HOST_CPU=${cpu#neoverse-n1} "$0" >"$out" || status=1
		tables+=("${cpu%%,*}=$out")
	done
	side_by_side "${tables[@]}"
	return $status
}

if [ "${HOST_CPU:-}" = all ]; then
	on_all_cpus
	exit
fi

ktap= only=${TESTS_PEER:-*} repeat=${REPEAT:-1} kinds='?'
# As a group of tests, only what counts there.
if [ "${1:-}" = --ktap ]; then
	ktap=1 only=$FILTER repeat=1 kinds='[rm]'
fi
limit=300
# 128 MiB of them
huge=64
[ "$HOST_KERNEL" != 16k ] || huge=4
bin=$("$VM_DIR/peer-build.sh")
compare_places peer "$(files_key "$VM_DIR/peer-tests.txt" "$VM_DIR/peer-build.sh")"
if [ "$repeat" != 1 ]; then
	stock=$results/stock-repeated
	rm -rf "$stock"
fi
mkdir -p "$results" "$stock"

# tests_of PATTERN KINDS: name<tab>command for batch.sh.
tests_of()
{
	local kind name args run

	while IFS=$'\t' read -r kind name args; do
		# Both are patterns.
		[[ $name == $1 && $kind == $2 ]] || continue
		for run in $(seq "$repeat"); do
			printf '%s\t./peer/%s %s\n' "$name.$run" "${name%%:*}" "$args"
		done
	done < <(grep -v '^#' "$VM_DIR/peer-tests.txt")
}

# run_on KVM LIST DIR
run_on()
{
	local files=() name

	[ -s "$2" ] || return 0
	for name in $(sed 's/[.:].*//' "$2" | sort -u); do
		files+=(--file "$bin/$name=peer/$name")
	done
	"$VM_DIR/batch.sh" "$2" "$3" $limit --kvm "$1" --append "hugepages=$huge" "${files[@]}"
}

# ended DIR NAME: how a test ended there; of several runs, how many passed.
ended()
{
	local run passed=0

	if [ "$repeat" = 1 ]; then
		compare_word "$1/$2.1.status"
		return
	fi
	for run in $(seq "$repeat"); do
		[ "$(compare_word "$1/$2.$run.status")" != pass ] || passed=$((passed + 1))
	done
	echo "$passed of $repeat"
}

tests_of "$only" "$kinds" >"$results/list"
tests_of "$only" '[!m]' >"$results/list.both"
compare_run "$results/list" "$results/list.both"

table=$results/table
printf '%-34s %-10s %-10s %s\n' "Linux's KVM selftest" built-in module "required here" >"$table"
while IFS=$'\t' read -r kind name args; do
	grep -q "^$name\.1	" "$results/list" || continue
	theirs=$(ended "$stock" "$name")
	ours=$(ended "$results/module" "$name")
	must=
	if [[ $kind == m || ( $kind == r && -z ${HOST_CPU:-} ) ]] || { [[ $kind == [ro] ]] && [ "$theirs" = pass ]; }; then
		must=yes
	fi
	[ "$repeat" = 1 ] || must=
	printf '%-34s %-10s %-10s %s\n' "$name" "$theirs" "$ours" "$must" >>"$table"
	if [ -n "$must" ] && [ "$ours" = pass ]; then
		compare_result ok "$name"
	elif [ -n "$must" ]; then
		compare_result fail "$name" "$ours (on the built-in KVM: $theirs)" "$results/module/$name.1.out"
	fi
done < <(grep -v '^#' "$VM_DIR/peer-tests.txt")
compare_end "$table"
