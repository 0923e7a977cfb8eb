#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Run the installed tests, all or those whose names match the given patterns, one after the other. Prints KTAP, the
# tests' own lines indented as subtests. Exit status: 0 all passed, 1 some failed, 4 none could run.
#
#	./run_all.sh [-t seconds] [pattern...]

here=$(cd "$(dirname "$0")" && pwd)
limit=60
if [ "$1" = -t ]; then
	limit=$2
	shift 2
fi

wanted()
{
	[ -z "$patterns" ] && return 0
	for p in $patterns; do
		case $1 in
		$p) return 0;;
		esac
	done
	return 1
}

patterns=$*
tests=
count=0
for f in "$here"/*_test; do
	[ -x "$f" ] || continue
	wanted "${f##*/}" || continue
	tests="$tests ${f##*/}"
	count=$((count + 1))
done

echo "TAP version 13"
echo "1..$count"
number=0 passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for t in $tests; do
	number=$((number + 1))
	KSFT_TAP_LEVEL=1 timeout "$limit" "$here/$t" >"$log" 2>&1
	status=$?
	sed 's/^/    /' "$log"
	case $status in
	0)
		passed=$((passed + 1))
		echo "ok $number $t";;
	4)
		skipped=$((skipped + 1))
		echo "ok $number $t # SKIP";;
	124 | 143)
		failed=$((failed + 1))
		echo "not ok $number $t # TIMEOUT $limit seconds";;
	*)
		failed=$((failed + 1))
		echo "not ok $number $t # exit=$status";;
	esac
done
echo "# Totals: pass:$passed fail:$failed skip:$skipped"
[ $failed -gt 0 ] && exit 1
[ $passed -gt 0 ] || exit 4
exit 0
