# SPDX-License-Identifier: GPL-2.0
#
# A private apt configuration for one architecture, sourced after lib.sh. It has
# its own lists and an empty package state, so it sees the distribution's whole
# archive for that architecture and leaves the machine's own state alone.
#
# ARCH of what follows may be ARCH-SUITE: that suite of the same mirror, by itself,
# instead of the release that is installed.

apt_dir()
{
	echo "$CACHE/apt/$1"
}

# apt_configure ARCH: write the configuration; the mirror is the machine's own.
apt_configure()
{
	local arch=${1%%-*} suite dir codename

	suite=${1#"$arch"}
	dir=$(apt_dir "$1")
	mkdir -p "$dir/sources" "$dir/lists/partial" "$dir/archives/partial"
	: >"$dir/status"
	python3 "$VM_DIR/apt-sources.py" ${suite:+--suite "${suite#-}"} >"$dir/sources/base.sources"
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	cat >"$dir/preferences" <<-EOF
	Package: qemu-*
	Pin: release n=$codename-backports
	Pin-Priority: 990
	EOF
	# Read after the machine's own configuration, which stays in force for
	# proxies and credentials; hooks and defaults that are its own go away.
	cat >"$dir/apt.conf" <<-EOF
	#clear APT::Architectures;
	#clear APT::Update::Post-Invoke;
	#clear APT::Update::Post-Invoke-Success;
	#clear APT::Update::Pre-Invoke;
	#clear DPkg::Post-Invoke;
	#clear DPkg::Pre-Invoke;
	#clear DPkg::Pre-Install-Pkgs;
	APT::Architecture "$arch";
	APT::Architectures { "$arch"; };
	APT::Default-Release "";
	APT::Install-Recommends "false";
	APT::Sandbox::User "root";
	Acquire::Languages "none";
	Acquire::Retries "3";
	Dir::Etc::sourcelist "/dev/null";
	Dir::Etc::sourceparts "$dir/sources";
	Dir::Etc::preferences "$dir/preferences";
	Dir::Etc::preferencesparts "$dir/preferences.d";
	Dir::State "$dir";
	Dir::State::lists "$dir/lists";
	Dir::State::status "$dir/status";
	Dir::State::extended_states "$dir/extended_states";
	Dir::Cache "$dir";
	Dir::Cache::archives "$dir/archives";
	Dir::Cache::pkgcache "";
	Dir::Cache::srcpkgcache "";
	Dir::Log "$dir";
	EOF
	mkdir -p "$dir/preferences.d"
}

apt_get()
{
	local arch=$1

	shift
	apt-get -q -c "$(apt_dir "$arch")/apt.conf" "$@" 2>&1 |
		sed -u -n '/^\(Get\|Fetched\|Err\|E:\|W:\)/p' >&2
}

apt_cache()
{
	local arch=$1

	shift
	apt-cache -c "$(apt_dir "$arch")/apt.conf" "$@"
}

# apt_update ARCH [force]: have package lists; they are read again only on
# request, since what is fetched is keyed by version anyway.
apt_update()
{
	local arch=$1 dir

	dir=$(apt_dir "$arch")
	if [ "${2:-}" != force ] && [ -e "$dir/updated" ]; then
		return
	fi
	apt_configure "$arch"
	stage "reading package lists ($arch)" apt_get "$arch" update
	touch "$dir/updated"
}

# The version of a package that would be fetched, or nothing.
apt_candidate()
{
	apt_cache "$1" policy "$2" | awk '$1 == "Candidate:" && $2 != "(none)" { print $2 }'
}

# apt_unpack ARCH DEST PACKAGE...: just these packages.
apt_unpack()
{
	local arch=$1 dest=$2 tmp deb

	shift 2
	tmp=$(mktemp -d "$CACHE/tmp.XXXXXX")
	apt_cache "$arch" show --no-all-versions "$@" >"$tmp/.show"
	say "      $(awk '/^Size:/ { s += $2 } END { printf "%d MB", s / 1e6 }' "$tmp/.show"): $*"
	(cd "$tmp" && apt_get "$arch" download "$@")
	for deb in "$tmp"/*.deb; do
		dpkg-deb -x "$deb" "$dest"
	done
	rm -rf "$tmp"
}

# apt_unpack_closure ARCH DEST PACKAGE...: with all that they depend on.
apt_unpack_closure()
{
	local arch=$1 dest=$2 dir deb

	shift 2
	dir=$(apt_dir "$arch")
	rm -f "$dir"/archives/*.deb
	apt_get "$arch" -y --download-only install "$@"
	for deb in "$dir"/archives/*.deb; do
		dpkg-deb -x "$deb" "$dest"
	done
	rm -f "$dir"/archives/*.deb
}
