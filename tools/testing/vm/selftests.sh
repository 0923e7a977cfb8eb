#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# selftests.sh build | list | install DESTDIR: our kselftests, static. The
# kernel's build rules and harness for them come from the fetched kernel source.
# "list" prints the programs, relative to $BUILD/selftests. With ARCH=powerpc in
# the environment those of that architecture, in $BUILD/selftests-ppc.

. "$(dirname "$0")/lib.sh"

dir=$TOP/tools/testing/selftests/kvm
ARCH=${ARCH:-arm64}
out=$BUILD/selftests prefix=$(cross_prefix)
if [ "$ARCH" = powerpc ]; then
	out=$BUILD/selftests-ppc prefix=$PPC_PREFIX
fi
run_make()
{
	make -C "$dir" --no-print-directory -j"$JOBS" ARCH="$ARCH" CROSS_COMPILE="$prefix" CC="$(compiler "$prefix")" \
		KSRC="$("$VM_DIR/fetch.sh" source)" OUTPUT="$out" "$@"
}

mkdir -p "$out"
# Several groups of tests begin with this.
exec 8>"$out/.lock"
flock 8
case ${1:-} in
build)
	run_make all
	;;
list)
	cd "$dir"
	for f in $([ "$ARCH" != arm64 ] || echo *_test.c) "$ARCH"/*_test.c; do
		echo "${f%.c}"
	done
	;;
install)
	run_make all
	run_make install INSTALL_PATH="$(realpath -m "$2")"
	;;
*)
	die "selftests.sh build, list or install DIRECTORY"
	;;
esac
