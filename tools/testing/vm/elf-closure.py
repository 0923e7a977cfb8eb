#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""elf-closure.py ROOT PROGRAM...: print the files below ROOT, relative to it,
that the given programs (relative to ROOT) need to run: themselves, their
interpreter and, transitively, the libraries they name, with the links that lead
to each."""

import os
import subprocess
import sys


def dynamic(path):
    """The interpreter and the needed libraries of an ELF file."""
    out = subprocess.run(["readelf", "-W", "-l", "-d", path], check=True,
                         capture_output=True, text=True).stdout
    for line in out.splitlines():
        if "Requesting program interpreter:" in line:
            yield os.path.basename(line.split(":")[1].strip(" ]"))
        elif "(NEEDED)" in line:
            yield line.split("[")[1].rstrip("]")


def index(root):
    """Where each shared library is, by name."""
    places = {}
    for base, _, names in os.walk(root):
        for name in names:
            if ".so" in name:
                places.setdefault(name, os.path.join(base, name))
    # The loader looks in the library directories first.
    top = os.path.join(root, "usr/lib/aarch64-linux-gnu")
    for name in os.listdir(top):
        if ".so" in name:
            places[name] = os.path.join(top, name)
    return places


def main():
    root, todo = sys.argv[1], [os.path.join(sys.argv[1], p) for p in sys.argv[2:]]
    places, seen = index(root), set()
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        if os.path.islink(path):
            target = os.readlink(path)
            if target.startswith("/"):
                todo.append(os.path.join(root, target.lstrip("/")))
            else:
                todo.append(os.path.normpath(os.path.join(os.path.dirname(path), target)))
            continue
        for name in dynamic(path):
            if name not in places:
                sys.exit(f"error: {path} needs {name}, which is not there")
            todo.append(places[name])
    for path in sorted(seen):
        print(os.path.relpath(path, root))


if __name__ == "__main__":
    main()
