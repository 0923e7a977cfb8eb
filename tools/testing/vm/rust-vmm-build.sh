#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# rust-vmm-build.sh: build the tests of rust-vmm's kvm-ioctls, and the examples in its
# documentation, as two static arm64 programs, from the crates and with the compiler that
# the distribution has; print the directory that holds them, and the list of all: program
# and test.

. "$(dirname "$0")/lib.sh"

choice=$("$VM_DIR/versions.sh" rust)
. "$choice"
dest=$CACHE/kvm-ioctls-$CRATE_VERSION-$RUST_VERSION-$(files_key "$0" "$VM_DIR/rust-doctests.py")
work=$CACHE/kvm-ioctls.new

# compile NAME EDITION CRATE,... RUSTC-OPTION... SOURCE: a program or a library that uses
# some crates. Their names have no dashes here; where two versions are used, the number
# tells which.
compile()
{
	local use args=()

	for use in ${3//,/ }; do
		args+=(--extern "${use%-*}=$work/lib$use.rlib")
	done
	"$rustc" --target aarch64-unknown-linux-gnu -C "linker=$(cross_prefix)gcc" -C target-feature=+crt-static \
		-C opt-level=1 -C strip=symbols --cap-lints allow --remap-path-prefix "$crates/=" \
		--edition "$2" --crate-name "$1" -L "$work" "${args[@]}" "${@:4}"
}

# crate NAME-MAJOR CRATE,... RUSTC-OPTION...: one of those that were fetched.
crate()
{
	local src edition args=("${@:3}") name=${1//-/_}

	src=$(find "$crates/" -maxdepth 1 -name "$1.*")
	edition=$(sed -n 's/^edition = "\(.*\)"/\1/p' "$src/Cargo.toml")
	[[ " $* " == *" --test "* ]] || args+=(--crate-type rlib -o "$work/lib${name%_*}-${1##*-}.rlib")
	compile "${name%_*}" "${edition:-2015}" "$2" -C "metadata=$1" "${args[@]}" "$src/src/lib.rs"
}

build()
{
	local rustc crates uses

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
	uses=libc-0,bitflags-2,byteorder-1,vmm_sys_util-0,kvm_bindings-0
	crate kvm-ioctls-0 $uses
	crate kvm-ioctls-0 $uses --test -o "$work/out/tests"
	"$VM_DIR/rust-doctests.py" "$crates"/kvm-ioctls-0.*/src/{,ioctls/}*.rs >"$work/examples.rs"
	compile examples 2021 $uses,kvm_ioctls-0 --test -o "$work/out/examples" "$work/examples.rs"
	# They run on an arm64 machine only.
	HOST_KERNEL=stock "$VM_DIR/host.sh" --quiet --kvm none --log "$work/list.log" --file "$work/out/tests" \
		--file "$work/out/examples" \
		-- 'for p in tests examples; do ./$p --list --format terse | sed "s/^/$p /"; done' >"$work/list"
	sed -n 's/: test$//p' "$work/list" >"$work/out/list"
	grep -q '^tests ' "$work/out/list"
	grep -q '^examples ' "$work/out/list"
	mv "$work/out" "$dest"
	rm -rf "$work"
}

quiet_build()
{
	build >"$BUILD/rust-vmm-build.log" 2>&1
}

if [ ! -e "$dest" ]; then
	trap '[ $? = 0 ] || { tail -n 20 "$BUILD/rust-vmm-build.log" >&2; say "error: the build failed"; }' EXIT
	stage "building the tests of kvm-ioctls $CRATE_VERSION" with_lock kvm-ioctls quiet_build
fi
echo "$dest"
