#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Stopped guests move between hosts, with all of their state in files: from the
# KVM of the host's kernel to the module, and the other way round. What both
# write into the tables of an ITS, of the same guest, is the same. And a guest that
# runs on moves from one QEMU to another.

. "$(dirname "$0")/../lib.sh"
. "$VM_DIR/ktap.sh"
. "$VM_DIR/suite.sh"

suite_build

share=$LOGS/share
rm -rf "$share"
mkdir -p "$share/stock" "$share/module"

# host KVM COMMAND LINE
host()
{
	"$VM_DIR/host.sh" --kvm "$1" --share "$share" --timeout 300 --log "$LOGS/$1.console" \
		--file "$BUILD/selftests/arm64/its_move_test" -- "$2"
}

# saved KVM: there are files that it wrote, from now on at least.
saved()
{
	[ -e "$share/$1/complete" ] || {
		host "$1" "its_move_test save /mnt/share/$1 && its_move_test tables /mnt/share/$1" &&
		touch "$share/$1/complete"
	}
}

# restores KVM WHOSE-FILES
restores()
{
	saved "$2" && host "$1" "its_move_test restore /mnt/share/$2"
}

# Guests that were saved before have entries in their tables that are no longer
# valid and that nobody looks at; only those may differ.
same_tables()
{
	local f

	saved stock && saved module || return
	for f in flat two-level small two-itss; do
		diff "$share/stock/$f.tables" "$share/module/$f.tables" || return
	done
}

ktap_run stock-saves saved stock
ktap_run module-restores-what-stock-saved restores module stock
ktap_run module-saves saved module
ktap_run stock-restores-what-module-saved restores stock module
ktap_run its-tables-are-the-same same_tables

# linux_moves FROM TO: a Linux guest under QEMU, with an ITS, in the middle of writing
# to its disk.
linux_moves()
{
	local kvm move=out

	rm -rf "$share/linux"
	for kvm in "$1" "$2"; do
		"$VM_DIR/host.sh" --kvm "$kvm" --guest --share "$share" --timeout 400 \
			--log "$LOGS/linux-$1-$2.$kvm.console" -- \
			"MOVE=$move DIR=/mnt/share/linux VCPUS=4 ITS=on guest.sh" || return
		move=in
	done
}

ktap_run linux-moves-from-stock-to-module linux_moves stock module
ktap_run linux-moves-from-module-to-stock linux_moves module stock

# linux_runs_on HOW: from QEMU to QEMU on one host, with its CPUs busy.
linux_runs_on()
{
	"$VM_DIR/host.sh" --guest --timeout 400 --log "$LOGS/linux-$1.console" -- \
		"MOVE=$1 VCPUS=2 ITS=on guest.sh"
}

ktap_run linux-moves-live linux_runs_on live
ktap_run linux-moves-by-postcopy linux_runs_on postcopy
ktap_end
