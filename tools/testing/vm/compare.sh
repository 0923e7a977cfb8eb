# SPDX-License-Identifier: GPL-2.0
#
# Sourced after lib.sh and ktap.sh by what runs other projects' tests on the built-in
# KVM of the host's kernel, once, and on the module, and shows how each ended on
# either. The script that does has a function run_on KVM LIST DIR, which runs the
# tests of a list for batch.sh.

# compare_places NAME KEY: what this run leaves is in $results, what the built-in KVM
# makes of the tests in $stock, which is kept for each host and CPU. KEY is what else
# it depends on.
compare_places()
{
	local cpu=

	versions
	[ -z "${HOST_CPU:-}" ] || cpu=-$(tr -c 'a-z0-9\n' - <<<"$HOST_CPU")
	results=$BUILD/$1$cpu
	stock=$CACHE/$1-results-2-$KVER-$QEMU_VERSION-$2$cpu
}

# compare_run ALL BOTH: the tests of the list ALL on the module; on the built-in KVM
# those of BOTH of which it is not known.
compare_run()
{
	local name command

	while IFS=$'\t' read -r name command; do
		grep -q "^$name	" "$2" || continue
		[ -e "$stock/$name.status" ] || printf '%s\t%s\n' "$name" "$command"
	done <"$1" >"$results/list.stock"
	if [ -s "$results/list.stock" ]; then
		rm -rf "$results/stock"
		stage "$(wc -l <"$results/list.stock") tests on the built-in KVM" \
			run_on stock "$results/list.stock" "$results/stock"
		cp "$results/stock"/*.{out,status} "$stock/"
	fi
	rm -rf "$results/module"
	stage "$(wc -l <"$1") tests on the module" run_on module "$1" "$results/module"
}

# compare_word FILE: how a test ended that has left its status there.
compare_word()
{
	case $(cat "$1" 2>/dev/null) in
	0)	echo pass;;
	4)	echo skip;;
	time)	echo "no end";;
	died)	echo "host died";;
	module)	echo "no module";;
	'')	echo "not run";;
	*)	echo fail;;
	esac
}

# compare_result ok|skip|fail NAME [REASON OUTPUT]: what counts, to KTAP if that is asked for.
compare_bad=0
compare_result()
{
	[ "$1" != fail ] || compare_bad=1
	[ -n "$ktap" ] || return 0
	ktap_result "$1" "$2" "${3:-}"
	[ -z "${4:-}" ] || ktap_log "$4" 15
}

# compare_end TABLE: the kernel's complaints are a failure. The script's status.
compare_end()
{
	if [ -s "$results/module/complaints" ]; then
		compare_result fail kernel-log "$(head -n 1 "$results/module/complaints")"
		[ -n "$ktap" ] || cat "$results/module/complaints"
	fi
	if [ -n "$ktap" ]; then
		sed 's/^/# /' "$1"
		ktap_end
	else
		cat "$1"
		return $compare_bad
	fi
}
