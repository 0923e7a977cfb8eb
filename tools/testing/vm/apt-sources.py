#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Print deb822 package sources for a private apt configuration.

Taken from the machine's own sources: the distribution's main component of the
release that is installed, its updates and its security updates, with their
mirror and their signing keys. On Debian 12 the backports suite of the same
mirror is added, which has QEMU 10. With --suite only the suite of that name, of
the mirror of the release that is installed.
"""

import argparse
import glob
import os
import re
import sys

KEEP = ("signed-by", "trusted", "check-valid-until", "check-date",
        "allow-insecure", "enabled", "by-hash")
NEEDS_BACKPORTS = ("bookworm",)


def release():
    """The code name of the release that this machine runs."""
    with open("/etc/os-release", encoding="utf-8") as f:
        for line in f:
            key, _, value = line.strip().partition("=")
            if key == "VERSION_CODENAME":
                return value.strip('"')
    sys.exit("error: /etc/os-release names no release; Debian 12 or 13 is needed")


def deb822(path):
    """The stanzas of a .sources file as dictionaries with lower-case keys."""
    stanza, key = {}, None
    with open(path, encoding="utf-8") as f:
        for line in list(f) + [""]:
            line = line.rstrip("\n")
            if not line.strip():
                if stanza:
                    yield stanza
                stanza, key = {}, None
            elif line.startswith("#"):
                continue
            elif line[0] in " \t":
                if key:
                    stanza[key] += "\n" + line
            else:
                key, _, value = line.partition(":")
                key = key.strip().lower()
                stanza[key] = value.strip()
    if stanza:
        yield stanza


def one_line(path):
    """The same from a .list file."""
    pattern = re.compile(r"deb\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)\s*(.*)")
    with open(path, encoding="utf-8") as f:
        for line in f:
            match = pattern.fullmatch(line.split("#")[0].strip())
            if not match:
                continue
            options, uri, suite, components = match.groups()
            stanza = {"types": "deb", "uris": uri, "suites": suite,
                      "components": components}
            for option in (options or "").split():
                key, _, value = option.partition("=")
                stanza[key.lower()] = value.replace(",", " ")
            yield stanza


def all_stanzas(etc):
    """Every stanza of the machine's configuration."""
    lists = [os.path.join(etc, "sources.list")]
    lists += sorted(glob.glob(os.path.join(etc, "sources.list.d", "*.list")))
    for path in lists:
        if os.path.exists(path):
            yield from one_line(path)
    for path in sorted(glob.glob(os.path.join(etc, "sources.list.d", "*.sources"))):
        yield from deb822(path)


def arguments():
    """The suite that is wanted and where the machine's configuration is."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--suite")
    parser.add_argument("etc", nargs="?", default="/etc/apt")
    return parser.parse_args()


def main():
    args = arguments()
    name = release()
    base = (name, "stable", "oldstable")
    wanted = set(base)
    for suffix in ("-updates", "-security", "-backports", "/updates"):
        wanted.update(b + suffix for b in base)

    def emit(stanza, suites):
        out = ["Types: deb", "URIs: " + stanza["uris"], "Suites: " + " ".join(suites),
               "Components: main"]
        out += [f"{key.title()}: {stanza[key]}" for key in KEEP if key in stanza]
        print("\n".join(out) + "\n")

    main_stanza, backports = None, False
    for stanza in all_stanzas(args.etc):
        if "deb" not in stanza.get("types", "").split():
            continue
        if stanza.get("enabled", "yes").lower() in ("no", "false", "0"):
            continue
        if "main" not in stanza.get("components", "").split():
            continue
        suites = [s for s in stanza.get("suites", "").split() if s.rstrip("/") in wanted]
        if not suites:
            continue
        if main_stanza is None and any(s in base for s in suites):
            main_stanza = stanza
        backports = backports or any("backports" in s for s in suites)
        if not args.suite:
            emit(stanza, suites)

    if main_stanza is None:
        sys.exit(f"error: the apt sources of this machine have no main component of {name}")
    if args.suite:
        emit(main_stanza, [args.suite])
    elif name in NEEDS_BACKPORTS and not backports:
        emit(main_stanza, [name + "-backports"])


if __name__ == "__main__":
    main()
