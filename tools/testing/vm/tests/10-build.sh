#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module's build: without warnings, clean under sparse and checkpatch, and
# bound to nothing that the kernel's built-in KVM exports.

. "$(dirname "$0")/../lib.sh"
. "$VM_DIR/ktap.sh"

headers=$("$VM_DIR/fetch.sh" headers)
source=$("$VM_DIR/fetch.sh" source)

# silent COMMAND...: it succeeds and says nothing that a compiler would warn of.
silent()
{
	local log

	log=$(mktemp)
	if ! "$@" >"$log" 2>&1 || grep -q -i -E '(warning|error):' "$log"; then
		grep -v -E '^  (CC|AS|LD|CHECK|MODPOST|BTF)' "$log"
		rm -f "$log"
		return 1
	fi
	rm -f "$log"
}

build()
{
	KDIR=$headers silent "$VM_DIR/build-module.sh" "$@"
}

no_builtin_kvm_symbols()
{
	local ours theirs

	ours=$("$(cross_prefix)nm" -u "$MODULE" | awk '{ print $2 }' | sort -u)
	theirs=$(grep -rhoE '^EXPORT_SYMBOL(_GPL)?\([a-zA-Z0-9_]+\)' \
		"$source/virt/kvm" "$source/arch/arm64/kvm" | sed 's/.*(\(.*\))/\1/' | sort -u)
	[ -n "$ours" ] && [ -n "$theirs" ] || return 1
	comm -12 <(echo "$ours") <(echo "$theirs") | ktap_silent
}

only_exported_symbols()
{
	comm -23 <("$(cross_prefix)nm" -u "$MODULE" | awk '{ print $2 }' | sort -u) \
		<(awk '{ print $2 }' "$headers/Module.symvers" | sort -u) | ktap_silent
}

# What an object may not contain: the compiler's instrumentation.
plain_hyp_objects()
{
	local o found=0

	for o in "$BUILD"/module/arch/arm64/kvm/hyp/*.o; do
		[ -e "$o" ] || continue
		found=1
		if "$(cross_prefix)nm" -u "$o" |
		   grep -E ' (_mcount|__stack_chk_fail|__sanitizer_|__asan_|__kasan|__tsan_|__ubsan_|__gcov|__kcsan)'; then
			return 1
		fi
	done
	[ $found = 1 ]
}

# exceptions KIND: the types that do not apply to this kind of files.
exceptions()
{
	awk -F '\t' -v kind="$1" '!/^#/ && ($2 == "all" || $2 == kind) { print $1 }' \
		"$VM_DIR/checkpatch-exceptions.txt" | sort -u | paste -sd,
}

# checkpatch KIND COLUMNS FILE-PATTERN...: but for files in which the same rules found
# nothing before.
checkpatch()
{
	local kind=$1 columns=$2 except clean found sum f
	local -A todo=()	# files, and what is there if one is clean

	shift 2
	except=$(exceptions "$kind")
	clean=$CACHE/checkpatch/$(echo "$columns $except" | files_key - "$source/scripts/checkpatch.pl")
	mkdir -p "$clean"
	cd "$TOP"
	while read -r sum f; do
		[ -e "$clean/$sum-${f//\//_}" ] || todo[$f]=$clean/$sum-${f//\//_}
	done < <(git ls-files -z "$@" | xargs -0 sha256sum)
	[ ${#todo[@]} -gt 0 ] || return 0
	found=$(printf '%s\0' "${!todo[@]}" | xargs -0 -n 8 -P "$JOBS" perl "$source/scripts/checkpatch.pl" \
		--no-tree --strict --quiet --terse --no-summary --show-types --file \
		--max-line-length="$columns" --ignore "$except") ||
		[ -n "$found" ] || return
	for f in "${!todo[@]}"; do
		grep -q "^$f:" <<<"$found" || : >"${todo[$f]}"
	done
	echo "$found" | ktap_silent
}

scripts()
{
	(cd "$TOP" && git ls-files -z '*.sh' tools/testing/vm/init/{host,guest} | xargs -0 -n 1 bash -n)
}

no_debug_options()
{
	build -o "$BUILD/check/options" CONFIG_KVM_MODULE_STATS=n CONFIG_KVM_MODULE_TRACE=n \
		CONFIG_KVM_MODULE_DEBUG=n
}

debug_options()
{
	build -o "$BUILD/check/options" CONFIG_KVM_MODULE_STATS=y CONFIG_KVM_MODULE_TRACE=y \
		CONFIG_KVM_MODULE_DEBUG=y
}

ktap_run module test -e "$MODULE"
ktap_run warnings-and-sparse build -o "$BUILD/check/warnings" W=1 C=1
ktap_run all-options-off no_debug_options
ktap_run all-options-on debug_options
ktap_run only-exported-symbols only_exported_symbols
ktap_run no-symbols-of-the-built-in-kvm no_builtin_kvm_symbols
ktap_run world-switch-not-instrumented plain_hyp_objects
ktap_run checkpatch checkpatch module 100 'arch/*/kvm/*.[chS]' 'arch/*/include/kvm/*.h' 'virt/*.[ch]' 'include/kvm/*.h' \
	':!*/trace.h'
ktap_run checkpatch-trace checkpatch trace 100 '*/trace.h'
ktap_run checkpatch-uapi checkpatch uapi 100 'arch/*/include/uapi/*.h' 'include/uapi/*.h'
ktap_run checkpatch-tools checkpatch tools 120 'tools/*.[chS]'
ktap_run shell-syntax scripts
ktap_end
