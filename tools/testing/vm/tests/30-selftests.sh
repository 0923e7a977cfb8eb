#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Our kselftests on the module, on several CPUs of the emulated host.

. "$(dirname "$0")/../lib.sh"
. "$VM_DIR/ktap.sh"

if ! "$VM_DIR/selftests.sh" build >"$LOGS/build.log" 2>&1; then
	ktap_result fail build "$LOGS/build.log"
	ktap_log "$LOGS/build.log"
	ktap_end
	exit
fi

# on PREFIX HOST-OPTION...
on()
{
	local prefix=$1 name dir=$LOGS/$1 options=() status

	shift
	mkdir -p "$dir"
	for name in $("$VM_DIR/selftests.sh" list); do
		ktap_wanted "$prefix$(basename "$name")" || continue
		printf '%s\t./selftests/%s\n' "$(basename "$name")" "$name"
	done >"$dir/list"
	[ -s "$dir/list" ] || return 0
	while IFS=$'\t' read -r _ name; do
		name=${name#./selftests/}
		options+=(--file "$BUILD/selftests/$name=selftests/$name")
	done <"$dir/list"
	"$VM_DIR/batch.sh" "$dir/list" "$dir" 120 "${options[@]}" "$@"
	while IFS=$'\t' read -r name _; do
		status=$(cat "$dir/$name.status")
		case $status in
		time)	ktap_import "$prefix$name" "$dir/$name.out" 1 "no end after 120 s";;
		died)	ktap_import "$prefix$name" "$dir/$name.out" 1 "the host died";;
		module)	ktap_import "$prefix$name" "$dir/$name.out" 1 "the module did not load";;
		*)	ktap_import "$prefix$name" "$dir/$name.out" "$status";;
		esac
	done <"$dir/list"
	if [ -s "$dir/complaints" ]; then
		ktap_result fail "${prefix}kernel-log" "$(head -n 1 "$dir/complaints")"
		ktap_log "$dir/complaints" 60
	fi
}

on neoverse-n1/ --cpu neoverse-n1
on max/ --cpu max,pauth-impdef=on
ktap_end
