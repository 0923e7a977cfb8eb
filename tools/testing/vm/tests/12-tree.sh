#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The directory also builds inside a kernel tree that links it in and sources
# its Kconfig, with the tree's own configuration deciding on the options.

. "$(dirname "$0")/../lib.sh"
. "$VM_DIR/ktap.sh"

choice=$("$VM_DIR/versions.sh")
. "$choice"
work=$CACHE/tree-$SOURCE_VERSION

kmake()
{
	make -C "$work/src" O="$work/obj" ARCH=arm64 CROSS_COMPILE="$(cross_prefix)" \
		CC="$(compiler "$(cross_prefix)")" -j"$JOBS" -s "$@"
}

# A tree of links to the source, but for what gets two more lines.
prepare()
{
	local source f

	"$VM_DIR/packages.sh" tree
	if [ ! -e "$work/.complete" ]; then
		source=$("$VM_DIR/fetch.sh" source)
		rm -rf "$work"
		mkdir -p "$work/src/drivers" "$work/obj"
		ln -s "$source"/* "$work/src/" 2>/dev/null || true
		ln -s "$source"/drivers/* "$work/src/drivers/"
		for f in Kconfig Makefile; do
			rm "$work/src/drivers/$f"
			cp "$source/drivers/$f" "$work/src/drivers/$f"
		done
		sed -i '$i source "drivers/kvm-module/Kconfig"' "$work/src/drivers/Kconfig"
		echo 'obj-$(CONFIG_KVM_MODULE) += kvm-module/' >>"$work/src/drivers/Makefile"
	fi
	ln -sfn "$TOP" "$work/src/drivers/kvm-module"
	if [ ! -e "$work/.complete" ]; then
		kmake defconfig
		kmake prepare
		touch "$work/.complete"
	fi
}

build()
{
	local log=$LOGS/$1.make o out

	shift
	"$work/src/scripts/config" --file "$work/obj/.config" "$@"
	kmake olddefconfig
	rm -rf "$work/obj/drivers/kvm-module"
	kmake drivers/kvm-module/ 2>&1 | tee "$log"
	[ -e "$work/obj/drivers/kvm-module/kvm-arm.o" ] && ! grep -E 'warning|error' "$log"
}

all() { build all -m KVM_MODULE -e KVM_MODULE_STATS -e KVM_MODULE_DEBUG -e KVM_MODULE_TRACE; }
none() { build none -m KVM_MODULE -d KVM_MODULE_STATS -d KVM_MODULE_DEBUG -d KVM_MODULE_TRACE; }

locked()
{
	ktap_run prepare prepare
	ktap_run all-options all
	ktap_run no-options none
	# A directory that runs elsewhere: all programs, and what runs them
installs()
{
	local dir=$LOGS/installed name

	rm -rf "$dir"
	make -C "$TOP" selftests-install DESTDIR="$dir" || return
	for name in $("$VM_DIR/selftests.sh" list); do
		[ -n "$(find "$dir" -name "${name##*/}" -perm -100)" ] || { echo "no $name"; return 1; }
	done
	[ -n "$(find "$dir" -name run_all.sh -perm -100)" ]
}

ktap_run selftests-install installs
ktap_end
}
with_lock tree locked
