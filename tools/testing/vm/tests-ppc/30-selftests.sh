#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The PowerPC kselftests, all in one boot, on the emulated 440EP and 460EX.

. "$(dirname "$0")/../lib.sh"
. "$VM_DIR/ktap.sh"
. "$VM_DIR/suite.sh"
export ARCH=powerpc

# machine_suite MACHINE: results as MACHINE/program.test
machine_suite()
{
	local machine=$1 dir=$LOGS/$1 options=() names=() name status

	mkdir -p "$dir"
	rm -f "$dir"/*.out "$dir"/*.status "$dir/list"
	for name in $("$VM_DIR/selftests.sh" list); do
		name=$(basename "$name")
		ktap_wanted "$machine/$name" || continue
		names+=("$name")
		echo "/$name" >>"$dir/list"
		options+=(--file "$BUILD/selftests-ppc/powerpc/$name")
	done
	[ ${#names[@]} -gt 0 ] || return 0
	status=0
	"$VM_DIR/ppc-host.sh" --machine "$machine" --timeout 600 --log "$dir/console" \
		"${options[@]}" --list "$dir/list" >"$dir/all" 2>"$dir/stderr" || status=$?
	awk -v dir="$dir" '
		/^BED-RUN / { out = dir substr($2, 1) ".out"; printf "" >out; next }
		/^BED-RESULT / { print $3 >(dir substr($2, 1) ".status"); out = ""; next }
		out { print >out }' "$dir/all"
	for name in "${names[@]}"; do
		if [ -e "$dir/$name.status" ]; then
			ktap_import "$machine/$name" "$dir/$name.out" "$(cat "$dir/$name.status")"
		else
			ktap_result fail "$machine/$name" "no end; see $dir/console"
		fi
	done
	if [ $status = 123 ]; then
		ktap_result fail "$machine/kernel-log" "$(tail -n 1 "$dir/stderr")"
	fi
}

suite_build
machine_suite bamboo
machine_suite sam460ex
ktap_end
