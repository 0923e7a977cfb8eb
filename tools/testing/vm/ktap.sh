# SPDX-License-Identifier: GPL-2.0
#
# For test groups, after lib.sh: results as flat KTAP lines.
#
# From the runner: FILTER (a pattern; other tests of the group are left out) and
# LOGS (a directory for what tests print).

FILTER=${FILTER:-*}
LOGS=${LOGS:-$BUILD/check/$(basename "$0" .sh)}
mkdir -p "$LOGS"
ktap_count=0 ktap_failed=0

# ktap_wanted NAME: is the test to be run?
ktap_wanted()
{
	# The pattern is one.
	[[ $1 == $FILTER ]]
}

# ktap_result ok|fail|skip NAME [REASON]
ktap_result()
{
	ktap_count=$((ktap_count + 1))
	case $1 in
	ok)	echo "ok $ktap_count $2";;
	skip)	echo "ok $ktap_count $2 # SKIP ${3:-}";;
	*)	ktap_failed=$((ktap_failed + 1))
		echo "not ok $ktap_count $2${3:+ # $3}";;
	esac
}

# ktap_log FILE: the end of a log as KTAP diagnostics.
ktap_log()
{
	tail -n "${2:-25}" "$1" | tr -d '\r' | tr -c '\n\t -~' '?' | sed 's/^/# /'
}

# ktap_run NAME COMMAND...: one test is one command; 0 passes, 4 is a skip.
ktap_run()
{
	local name=$1 log status=0

	ktap_wanted "$name" || return 0
	log=$LOGS/${name//[\/ ]/_}.log
	shift
	"$@" >"$log" 2>&1 </dev/null || status=$?
	case $status in
	0)	ktap_result ok "$name";;
	4)	ktap_result skip "$name" "$(tail -n 1 "$log")";;
	*)	ktap_result fail "$name" "status $status, $log"
		ktap_log "$log";;
	esac
}

# Fails, and shows its input, if there is any.
ktap_silent()
{
	! grep .
}

# ktap_import NAME FILE STATUS [REASON]: what a kselftest program printed and
# how it ended become flat results, NAME.its-test.
ktap_import()
{
	local name=$1 file=$2 status=$3 line rest seen=0 bad=0

	while IFS= read -r line; do
		rest=$(sed -E 's/^(not )?ok [0-9]+ *(- *)?(global\.)?//' <<<"$line")
		seen=$((seen + 1))
		case $line in
		"not ok "*)
			bad=$((bad + 1))
			ktap_result fail "$name.$rest";;
		*"# SKIP"*)
			ktap_result skip "$name.${rest%% # SKIP*}" "${rest#*# SKIP}";;
		*)
			ktap_result ok "$name.$rest";;
		esac
	done < <(tr -d '\r' <"$file" | grep -a -E '^(not )?ok [0-9]+' || true)

	if [ "$status" = 0 ] && [ $seen = 0 ]; then
		ktap_result ok "$name"
	elif [ "$status" = 4 ] && [ $seen = 0 ]; then
		ktap_result skip "$name" "$(grep -a -o 'SKIP.*' "$file" | tail -n 1)"
	elif [ "$status" != 0 ] && [ "$status" != 4 ] && [ $bad = 0 ]; then
		ktap_result fail "$name" "${4:-exit status $status}"
		bad=1
	fi
	[ $bad = 0 ] || ktap_log "$file" 40
}

# The plan comes last, when the number is known.
ktap_end()
{
	echo "1..$ktap_count"
	[ $ktap_failed = 0 ]
}
