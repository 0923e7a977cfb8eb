#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The documentation builds without a warning, the kernel-doc comments pass the
# kernel's own checker, the tests that hardening.rst and api.rst name exist, and
# api.rst has all of the ABI that the module handles.

. "$(dirname "$0")/../lib.sh"
. "$VM_DIR/ktap.sh"

source=$("$VM_DIR/fetch.sh" source)

kernel_doc()
{
	local files

	mapfile -t files < <(cd "$TOP" && git ls-files 'arch/*.[ch]' 'virt/*.[ch]' 'include/*.h')
	(cd "$TOP" && perl "$source/scripts/kernel-doc" -none "${files[@]}") 2>&1 | { grep -E 'warning|error' || true; } | ktap_silent
}

page()
{
	"$VM_DIR/$1.py" "$TOP" 2>&1 | ktap_silent
}

ktap_run kernel-doc kernel_doc
ktap_run hardening page hardening
ktap_run api page api
ktap_run html "$VM_DIR/htmldocs.sh" -E
ktap_end
