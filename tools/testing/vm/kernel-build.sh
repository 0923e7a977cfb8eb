# SPDX-License-Identifier: GPL-2.0
#
# Sourced after lib.sh by what builds a kernel of our configuration from the
# distribution's source: debug-kernel.sh and ppc-kernel.sh.

# kernel_build KIND WHAT ARCH PREFIX "TARGETS" CONFIG...: make sure that it is in the
# cache, with the options of all files (a later one counts), and print its build
# directory. WHAT is its name in messages. A function kernel_finish, if there is
# one, is called with the directory when everything is built.
kernel_build()
{
	local kind=$1 what=$2 arch=$3 prefix=$4 dir log choice targets

	read -ra targets <<<"$5"
	shift 5
	choice=$("$VM_DIR/versions.sh")
	. "$choice"
	dir=$CACHE/$kind-$SOURCE_VERSION-$(files_key "$@")
	log=$dir/build.log
	if [ ! -e "$dir/.complete" ]; then
		stage "building $what, several minutes (log: $log)" \
			with_lock "$(basename "$dir")" kernel_build_locked "$@"
	fi
	echo "$dir"
}

kernel_make()
{
	make -C "$source" O="$dir" ARCH="$arch" CROSS_COMPILE="$prefix" "$@" >>"$log" 2>&1 || {
		tail -n 20 "$log" >&2
		die "$what does not build; see $log"
	}
}

# kernel_lacks: the wanted options that its configuration has not taken.
kernel_lacks()
{
	awk -F = '/^CONFIG_/ { last[$1] = $0 } END { for (o in last) print last[o] }' "$dir/wanted.config" |
		grep -v '=n$' | grep -v -x -F -f "$dir/.config" || true
}

# With kernel_build's variables. An interrupted build goes on where it was.
kernel_build_locked()
{
	local source lacks

	if [ -e "$dir/.complete" ]; then
		return
	fi
	mkdir -p "$dir"
	: >"$log"
	source=$("$VM_DIR/fetch.sh" source)
	cat "$@" >"$dir/wanted.config"
	KCONFIG_ALLCONFIG=$dir/wanted.config kernel_make allnoconfig
	lacks=$(kernel_lacks)
	[ -z "$lacks" ] || die "this kernel's configuration does not take" $lacks
	kernel_make -j"$JOBS" "${targets[@]}"
	if declare -F kernel_finish >/dev/null; then
		kernel_finish "$dir"
	fi
	touch "$dir/.complete"
}
