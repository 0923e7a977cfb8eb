#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# batch.sh LIST RESULTS SECONDS HOST-OPTION...: run many commands in as few
# boots of the emulated host as it takes. A line of LIST is a name, a tab and a
# command line; each command has SECONDS (more on the debug host). RESULTS/NAME.out is what it printed,
# RESULTS/NAME.status how it ended: an exit status, "time" or "died" (the host
# did), which also takes the host's answer to what comes after; the rest then
# goes on in a fresh boot. RESULTS/complaints holds what kernels complained of.

. "$(dirname "$0")/lib.sh"

list=$1 results=$2 limit=$3
shift 3
mkdir -p "$results"
rm -f "$results"/*.status "$results/complaints"
work=$(mktemp -d "${TMPDIR:-/tmp}/kvm-batch.XXXXXX")
trap 'rm -rf "$work"' EXIT

# The part of the console that belongs to one command.
output_of()
{
	tr -d '\r' <"$work/console" |
		sed -n "/^BED-TEST $1\$/,/^BED-STATUS $1 /{ /^BED-TEST /d; /^BED-STATUS /d; p }"
}

cp "$list" "$work/todo"
boot=0
while [ -s "$work/todo" ]; do
	boot=$((boot + 1))
	total=60
	: >"$work/script"
	while IFS=$'\t' read -r name command; do
		# A marker in the kernel's log too, so that a complaint has a culprit.
		printf '%s\n' "echo 'BED-TEST $name'; echo 'bed: $name' >/dev/kmsg" \
			"( timeout -k 5 $((limit * PATIENCE)) sh -c '$command' ) </dev/null 2>&1; st=\$?" \
			"echo; echo \"BED-STATUS $name \$st\"" >>"$work/script"
		total=$((total + limit))
	done <"$work/todo"

	status=0
	"$VM_DIR/host.sh" --log "$work/console" --timeout "$total" --file "$work/script=script" \
		"$@" -- '. /bed/script; true' >/dev/null 2>"$work/errors" || status=$?
	cp "$work/console" "$results/console.$boot"
	if [ $status = 123 ]; then
		sed -n 's/^host: the kernel complained: //p' "$work/errors" >>"$results/complaints"
		grep -a -E '\] bed: |^\[ *[0-9.]+\] *(WARNING|BUG|Oops|Call trace)' \
			"$work/console.dmesg" >>"$results/complaints" || true
	fi
	cp "$work/console.dmesg" "$results/dmesg.$boot" 2>/dev/null || true

	: >"$work/left"
	culprit=
	while IFS=$'\t' read -r name command; do
		end=$(tr -d '\r' <"$work/console" | sed -n "s/^BED-STATUS $name //p" | tail -n 1)
		if [ -n "$end" ]; then
			output_of "$name" >"$results/$name.out"
			# busybox's timeout ends with the signal's status.
			case $end in
			143|137|124)	end=time;;
			esac
			echo "$end" >"$results/$name.status"
		elif [ -z "$culprit" ]; then
			culprit=$name
			output_of "$name" >"$results/$name.out"
			[ -s "$results/$name.out" ] || cp "$work/errors" "$results/$name.out"
			case $status in
			124)	echo time >"$results/$name.status";;
			126)	echo "module" >"$results/$name.status";;
			*)	echo died >"$results/$name.status";;
			esac
		else
			printf '%s\t%s\n' "$name" "$command" >>"$work/left"
		fi
	done <"$work/todo"
	if [ $status = 126 ]; then
		# The module does not load: the others will not fare better.
		while IFS=$'\t' read -r name _; do
			cp "$work/errors" "$results/$name.out"
			echo module >"$results/$name.status"
		done <"$work/left"
		break
	fi
	mv "$work/left" "$work/todo"
done
