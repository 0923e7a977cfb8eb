#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# rust-vmm-build.sh: build the tests of rust-vmm's kvm-ioctls as a static arm64
# program, from the crates and with the compiler that the distribution has; print the
# directory that holds it, and its list of tests.

. "$(dirname "$0")/lib.sh"

choice=$("$VM_DIR/versions.sh" rust)
. "$choice"
dest=$CACHE/kvm-ioctls-$CRATE_VERSION-$RUST_VERSION-$(files_key "$0")
work=$CACHE/kvm-ioctls.new

# crate NAME-MAJOR CRATE,... RUSTC-OPTION...: compile one, given those that it uses. A
# name as the compiler knows it has no dashes; where two versions are used, the number
# tells which.
crate()
{
	local src name=${1%-*} major=${1##*-} uses=$2 edition use args=()

	src=$(find "$crates/" -maxdepth 1 -name "$1.*")
	edition=$(sed -n 's/^edition = "\(.*\)"/\1/p' "$src/Cargo.toml")
	name=${name//-/_}
	for use in ${uses//,/ }; do
		args+=(--extern "${use%-*}=$work/lib$use.rlib")
	done
	[[ " ${*:3} " == *" --test "* ]] || args+=(--crate-type rlib -o "$work/lib$name-$major.rlib")
	"$rustc" --target aarch64-unknown-linux-gnu -C "linker=$(cross_prefix)gcc" -C target-feature=+crt-static \
		-C opt-level=1 -C "metadata=$1" --cap-lints allow --remap-path-prefix "$crates/=" \
		--edition "${edition:-2015}" --crate-name "$name" -L "$work" "${args[@]}" "${@:3}" "$src/src/lib.rs"
}

build()
{
	local rustc crates

	if [ -e "$dest" ]; then
		return
	fi
	rustc=$("$VM_DIR/fetch.sh" rust)
	crates=$("$VM_DIR/fetch.sh" crates)
	rm -rf "$work"
	mkdir -p "$work/out"
	crate libc-0 '' --cfg 'feature="std"'
	crate bitflags-1 ''
	crate bitflags-2 ''
	crate byteorder-1 '' --cfg 'feature="std"'
	crate vmm-sys-util-0 libc-0,bitflags-1
	crate kvm-bindings-0 vmm_sys_util-0 --cfg 'feature="fam-wrappers"' --cfg 'feature="vmm-sys-util"'
	crate kvm-ioctls-0 libc-0,bitflags-2,byteorder-1,vmm_sys_util-0,kvm_bindings-0 --test \
		-C strip=symbols -o "$work/out/kvm-ioctls"
	# It runs on an arm64 machine only.
	HOST_KERNEL=stock "$VM_DIR/host.sh" --quiet --kvm none --log "$work/list.log" --file "$work/out/kvm-ioctls" \
		-- ./kvm-ioctls --list --format terse | tee "$work/list"
	sed -n 's/: test$//p' "$work/list" >"$work/out/tests"
	[ -s "$work/out/tests" ]
	mv "$work/out" "$dest"
	rm -rf "$work"
}

quiet_build()
{
	build >"$BUILD/rust-vmm-build.log" 2>&1
}

if [ ! -e "$dest" ]; then
	trap '[ $? = 0 ] || { tail -n 20 "$BUILD/rust-vmm-build.log" >&2; say "error: the build failed"; }' EXIT
	stage "building the tests of kvm-ioctls" with_lock rust-vmm quiet_build
fi
echo "$dest"
