# SPDX-License-Identifier: GPL-2.0
#
# For test groups, after ktap.sh: our kselftests in the emulated host, as many as
# possible in one boot, as results of the group.

suite_build()
{
	if ! "$VM_DIR/selftests.sh" build >"$LOGS/build.log" 2>&1; then
		ktap_result fail build "$LOGS/build.log"
		ktap_log "$LOGS/build.log"
		ktap_end || true
		exit 1
	fi
}

# suite PREFIX SECONDS HOST-OPTION...: all wanted programs, SECONDS for each.
# $SUITE_ONLY, if set, is a pattern for the programs to take. Lines of the file $SUITE_AFTER, if set, are run as batch.sh does, after them.
suite()
{
	local prefix=$1 limit=$2 name path dir=$LOGS/${1:-all} options=() status

	shift 2
	mkdir -p "$dir"
	for name in $("$VM_DIR/selftests.sh" list); do
		[[ $(basename "$name") == ${SUITE_ONLY:-*} ]] || continue
		ktap_wanted "$prefix$(basename "$name")" || continue
		printf '%s\t./selftests/%s\n' "$(basename "$name")" "$name"
	done >"$dir/list"
	[ -s "$dir/list" ] || return 0
	while IFS=$'\t' read -r _ path; do
		path=${path#./}
		options+=(--file "$BUILD/$path=$path")
	done <"$dir/list"
	[ -z "${SUITE_AFTER:-}" ] || cat "$SUITE_AFTER" >>"$dir/list"
	"$VM_DIR/batch.sh" "$dir/list" "$dir" "$limit" "${options[@]}" "$@"
	while IFS=$'\t' read -r name _; do
		status=$(cat "$dir/$name.status")
		case $status in
		time)	ktap_import "$prefix$name" "$dir/$name.out" 1 "no end in time";;
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
