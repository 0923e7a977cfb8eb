#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# check.sh: all tests. Each script in tests/ is a group, run in the order of
# their names; the group's name is the file's without number and suffix. To add
# a group, add a script:
#
#	#!/bin/bash
#	. "$(dirname "$0")/../lib.sh"
#	. "$VM_DIR/ktap.sh"
#	ktap_run some-test command that exits with 0, or with 4 for a skip
#	ktap_run other-test "$VM_DIR/host.sh" --file prog -- ./prog
#	ktap_end
#
# It prints flat KTAP; every unindented result line counts. A group that ends
# with an error, or without its plan, is a failure of its own. host.sh boots the
# emulated host for a test, batch.sh runs many programs in few boots.
#
# TESTS holds patterns, separated by spaces: group, or group/test.
#
# Two groups run at a time where there are the processors and the memory for it;
# LANES says how many. The results of each come when those before have come.
#
# check.sh --debug: the groups in tests-debug/ instead, on the debug host.
# check.sh --ppc: those in tests-ppc/, of the PowerPC module on its host.

groups=tests out=check
if [ "${1:-}" = --debug ]; then
	groups=tests-debug out=check-debug
	export HOST_KERNEL=debug
elif [ "${1:-}" = --ppc ]; then
	groups=tests-ppc out=check-ppc
	export ARCH=powerpc
fi
. "$(dirname "$0")/lib.sh"

patterns=${TESTS:-}
unset TESTS
out=$BUILD/$out
rm -rf "$out"
mkdir -p "$out"
passed=0 failed=0 skipped=0 start=$SECONDS

# The pattern for tests of this group, or failure if nothing of it is wanted.
wanted()
{
	local p

	[ -n "$patterns" ] || { echo '*'; return; }
	set -f
	for p in $patterns; do
		# Patterns are meant to be patterns.
		if [[ $1 == ${p%%/*} ]]; then
			case $p in
			*/*)	echo "${p#*/}";;
			*)	echo '*';;
			esac
			return
		fi
	done
	return 1
}

count()
{
	grep -c -E "$1" "$2" || true
}

# run_group SCRIPT NAME PATTERN: what it printed, how it ended and when are left in files.
run_group()
{
	local begin=$SECONDS status=0

	FILTER=$3 LOGS=$out/$2 "$1" >"$out/$2.ktap" 2>"$out/$2.stderr" || status=$?
	# The second line of it: processor time, user and system, of all that this shell has waited for
	times >"$out/$2.times"
	echo "$status $((SECONDS - begin))" \
		"$(awk -F '[ms ]+' 'NR == 2 { printf "%d", 60 * ($1 + $3) + $2 + $4 }' "$out/$2.times")" >"$out/$2.tmp"
	mv "$out/$2.tmp" "$out/$2.ended"
}

# report_group NAME: its results, which count from here on.
report_group()
{
	local name=$1 log=$out/$1.ktap status time cpu ok skip bad

	read -r status time cpu <"$out/$name.ended"
	echo "# group: $name"
	cat "$log"
	skip=$(count '^ok [0-9]+ .*# SKIP' "$log")
	ok=$(($(count '^ok [0-9]+ ' "$log") - skip))
	bad=$(count '^not ok [0-9]+ ' "$log")
	if [ "$bad" = 0 ] && { [ "$status" != 0 ] || ! grep -q '^1\.\.' "$log"; }; then
		echo "not ok $((ok + skip + 1)) $name # the group ended with status $status"
		tail -n 20 "$out/$name.stderr" | sed 's/^/# /'
		bad=1
	fi
	passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
	echo "# $name: $ok passed, $bad failed, $skip skipped"
	echo "# $name: $time s, processors $cpu s"
}

# report_ended: the groups at the head of the line that have ended.
report_ended()
{
	while [ ${#line[@]} != 0 ] && [ -e "$out/${line[0]}.ended" ]; do
		report_group "${line[0]}"
		line=("${line[@]:1}")
	done
}

# An emulated host takes two processors and 2 GiB.
default_lanes()
{
	local kb

	kb=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
	[ "$(nproc)" -ge 2 ] && [ "$kb" -ge $((6 << 20)) ] && echo 2 || echo 1
}

say "building the module (log: $out/module.log)"
if ! "$VM_DIR/build-module.sh" --bed >"$out/module.log" 2>&1; then
	[ "${ARCH:-}" != powerpc ] || MODULE=$PPC_MODULE
	rm -f "$MODULE"
	tail -n 20 "$out/module.log" >&2
fi

echo "KTAP version 1"
lanes=${LANES:-$(default_lanes)} line=() running=0
for script in "$VM_DIR/$groups"/*.sh; do
	name=$(basename "$script" .sh)
	name=${name#[0-9][0-9]-}
	filter=$(wanted "$name") || continue
	if [ $running -ge "$lanes" ]; then
		wait -n || true
		running=$((running - 1))
		report_ended
	fi
	say "  ... $name ($((SECONDS - start)) s)"
	run_group "$script" "$name" "$filter" &
	line+=("$name")
	running=$((running + 1))
done
while [ $running != 0 ]; do
	wait -n || true
	running=$((running - 1))
	report_ended
done

echo "# all: $((SECONDS - start)) s"
total="$passed passed, $failed failed"
[ $skipped = 0 ] || total+=", $skipped skipped"
echo "$total"
[ $failed = 0 ] && [ $passed -gt 0 ]
