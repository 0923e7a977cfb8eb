#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# peer-build.sh: build Linux's own KVM selftests for arm64 from the fetched
# kernel source, static; print the directory that holds them. Three things are
# changed to fit: rseq_test migrates less often; the library's tear-down takes
# EIO for an answer, which a VM that the kernel declared dead gives; vgic_init
# leaves out its part on the ITS, and says so, where there is no ITS.

. "$(dirname "$0")/lib.sh"

choice=$("$VM_DIR/versions.sh")
. "$choice"
dest=$CACHE/peer-$SOURCE_VERSION-$(files_key "$0")

adapt()
{
	sed -i 's/\(define NR_TASK_MIGRATIONS\) .*/\1 2000/' "$1/rseq_test.c"
	grep -q 'NR_TASK_MIGRATIONS 2000' "$1/rseq_test.c"
	sed -i '/^static void __vm_mem_region_delete/,/^}/ s/^\tvm_ioctl(\(.*\));$/\tTEST_ASSERT(!__vm_ioctl(\1) || errno == EIO, "errno %d", errno);/' \
		"$1/lib/kvm_util.c"
	grep -q 'errno == EIO, "errno %d"' "$1/lib/kvm_util.c"
	sed -i 's/^\t\ttest_v3_its_region();/\t\tif (have_its())\n\t&/' "$1/aarch64/vgic_init.c"
	sed -i '/^void run_tests/i \
static bool have_its(void)\
{\
	struct kvm_vm *vm = vm_create_barebones();\
	bool have = !__kvm_test_create_device(vm, KVM_DEV_TYPE_ARM_VGIC_ITS);\
\
	kvm_vm_free(vm);\
	printf("%s", have ? "" : "no ITS: its part is left out\\n");\
	return have;\
}\
' "$1/aarch64/vgic_init.c"
	[ "$(grep -c have_its "$1/aarch64/vgic_init.c")" = 2 ]
}

build()
{
	local source tree=$CACHE/peer.new/tree tests out=$CACHE/peer.new/out

	if [ -e "$dest" ]; then
		return
	fi
	source=$("$VM_DIR/fetch.sh" source)
	rm -rf "$CACHE/peer.new"
	mkdir -p "$tree"/tools/testing/selftests "$tree"/arch/arm64 "$tree"/lib "$out"
	make -s -C "$source" headers ARCH=arm64 O="$tree/headers" "CROSS_COMPILE=$(cross_prefix)"
	cp -a "$source"/tools/{include,arch,scripts,build,lib} "$tree/tools/"
	cp -a "$source/scripts" "$tree/"
	cp -a "$source"/lib/rbtree.c "$tree/lib/"
	cp -a "$source/arch/arm64/tools" "$tree/arch/arm64/"
	cp -a "$tree/headers/usr" "$tree/"
	tests=$tree/tools/testing/selftests
	cp -a "$source"/tools/testing/selftests/{kvm,rseq} "$source"/tools/testing/selftests/*.{mk,h} "$tests/"
	adapt "$tests/kvm"
	make -s -k -j"$JOBS" -C "$tests/kvm" ARCH=arm64 "CROSS_COMPILE=$(cross_prefix)" \
		USERLDFLAGS=-static OUTPUT="$out"
	mkdir "$CACHE/peer.new/bin"
	find "$out" -type f -perm -1 ! -name '*.so' -exec cp {} "$CACHE/peer.new/bin/" \;
	"$(cross_prefix)strip" "$CACHE/peer.new/bin/"*
	mv "$CACHE/peer.new/bin" "$dest"
	rm -rf "$CACHE/peer.new"
}

quiet_build()
{
	build >"$BUILD/peer-build.log" 2>&1
}

if [ ! -e "$dest" ]; then
	trap '[ $? = 0 ] || { tail -n 20 "$BUILD/peer-build.log" >&2; say "error: the build failed"; }' EXIT
	stage "building the peer's selftests" with_lock peer quiet_build
fi
echo "$dest"
