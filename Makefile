# SPDX-License-Identifier: GPL-2.0
#
# What people type. The module's objects are in Kbuild; the work of fetching,
# assembling and booting is in the scripts of tools/testing/vm.

MAKEFLAGS	+= --no-print-directory
VM		:= tools/testing/vm
BUILD		?= $(CURDIR)/build
export BUILD KDIR TESTS KVM SERIES
# make ARCH=powerpc: the other module
export ARCH

# Passed on to the kernel's build when given.
kbuild-args	:= $(foreach v,C W V CC LLVM CF CHECK,$(if $($(v)),$(if \
		   $(filter command% environment%,$(origin $(v))),$(v)='$($(v))')))
kbuild-args	+= $(foreach v,$(filter CONFIG_KVM_MODULE%,$(.VARIABLES)),$(v)='$($(v))')

.DEFAULT_GOAL	:= module
.PHONY: module run run-ppc shell check check-ppc check-debug check-peer check-rust-vmm bench bench-ppc selftests \
	selftests-install unit fuzz htmldocs refresh help clean

module:
	@$(VM)/packages.sh $(if $(filter powerpc,$(ARCH)),ppc,build) $(if $(C),sparse)
	@$(VM)/build-module.sh $(kbuild-args)

run:
	@$(VM)/packages.sh build vm
	@$(VM)/run.sh

run-ppc:
	@$(VM)/packages.sh ppc
	@$(VM)/ppc-run.sh

shell:
	@$(VM)/packages.sh build vm
	@$(VM)/shell.sh

check:
	@$(VM)/packages.sh build vm check install tree
	@$(VM)/check.sh

check-ppc:
	@$(VM)/packages.sh ppc
	@$(VM)/check.sh --ppc

check-debug:
	@$(VM)/packages.sh build vm tree
	@$(VM)/check.sh --debug

check-peer:
	@$(VM)/packages.sh build vm
	@$(VM)/build-module.sh --bed
	@$(VM)/peer.sh

check-rust-vmm:
	@$(VM)/packages.sh build vm
	@$(VM)/build-module.sh --bed
	@$(VM)/rust-vmm.sh

bench:
	@$(VM)/packages.sh build vm bench
	@$(VM)/build-module.sh --bed
	@tools/bench/run

bench-ppc:
	@$(VM)/packages.sh ppc
	@tools/bench/run-ppc

selftests:
	@$(VM)/packages.sh build
	@$(VM)/selftests.sh build

selftests-install:
	@$(if $(DESTDIR),,$(error selftests-install needs DESTDIR=))
	@$(VM)/packages.sh build install
	@$(VM)/selftests.sh install '$(DESTDIR)'

unit:
	@$(VM)/packages.sh build
	@LOGS=$(BUILD)/unit $(VM)/tests/20-unit.sh

fuzz:
	@$(VM)/packages.sh build fuzz
	@$(MAKE) -C tools/testing/host OUTPUT=$(BUILD)/host fuzz

htmldocs:
	@$(VM)/packages.sh docs
	@$(VM)/htmldocs.sh

refresh:
	@$(VM)/packages.sh build
	@$(VM)/versions.sh --refresh >/dev/null

clean:
	$(RM) -r build

help:
	@cat $(VM)/help.txt
