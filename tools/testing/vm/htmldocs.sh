#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# htmldocs.sh [SPHINX OPTION...]: Documentation as HTML in build/htmldocs, with
# the kernel's own kernel-doc extension from the fetched source. Warnings count
# as errors.

. "$(dirname "$0")/lib.sh"

source=$("$VM_DIR/fetch.sh" source)
conf=$BUILD/sphinx
out=$BUILD/htmldocs
mkdir -p "$conf"
cat >"$conf/conf.py" <<EOF
import sys
sys.path.insert(0, '$source/Documentation/sphinx')
project = 'KVM as a loadable module'
extensions = ['kerneldoc']
master_doc = 'virt/kvm/index'
primary_domain = 'c'
highlight_language = 'none'
html_theme = 'alabaster'
kerneldoc_bin = '$source/scripts/kernel-doc'
kerneldoc_srctree = '$TOP'
EOF
LC_ALL=C.UTF-8 srctree=$TOP sphinx-build -q -W --keep-going -j "$JOBS" -b html -c "$conf" \
	-d "$BUILD/doctrees" "$@" "$TOP/Documentation" "$out"
echo "$out/virt/kvm/index.html"
