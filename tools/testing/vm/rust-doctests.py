#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""rust-doctests.py FILE...: print the examples in the documentation of Rust sources
as one program's tests, as rustdoc would run them: examples of items that are not for
the target are left out, and hidden lines are part of them. A test has the name of
the item that it is about, in a module with the file's name."""

import os
import re
import sys

# What may follow a comment: attributes, qualifiers, kind, name
ITEM = re.compile(r"((?:#\[.*?\]\n)*)(?:[\w() ]*\b(?:fn|struct|enum|trait|type) (\w+))?", re.S)
FENCE = re.compile(r" *```([\w,]*) *")


def blocks(path):
    """Each documentation comment of a file: its lines, the condition on the item that
    follows, and the item's name."""
    with open(path, encoding="utf-8") as f:
        lines = [line.strip() for line in f]
    doc = []
    for i, line in enumerate(lines):
        comment = re.match(r"//[/!] ?(.*)", line)
        if comment:
            doc.append(comment[1])
            continue
        if not doc:
            continue
        condition, name = "", "example"
        if lines[i - 1].startswith("///"):
            item = ITEM.match("\n".join(lines[i:]))
            condition = "\n".join(re.findall(r"^#\[cfg\(.*?\)\]$", item[1], re.M | re.S))
            name = item[2] or "example"
        yield doc, condition, name
        doc = []


def examples(doc):
    """The code in a documentation comment."""
    code = None
    for line in doc:
        fence = FENCE.fullmatch(line)
        if code is None and fence:
            if fence[1] not in ("", "rust"):
                sys.exit(f"error: an example of a kind that is not known: {line}")
            code = []
        elif fence:
            yield code
            code = None
        elif code is not None:
            code.append(re.sub(r"^(\s*)# ?(?!\[|!)", r"\1", line) if line.strip() != "#" else "")


def main():
    for path in sys.argv[1:]:
        seen, tests = {}, []
        for doc, condition, name in blocks(path):
            for code in examples(doc):
                seen[name] = seen.get(name, 0) + 1
                number = "" if seen[name] == 1 else f"_{seen[name]}"
                if any(re.match(r"\s*fn main\(\)", line) for line in code):
                    code.append("main();")
                tests += [condition, "#[test]", f"fn {name}{number}() {{", *code, "}"]
        if tests:
            module = os.path.splitext(os.path.basename(path))[0]
            print("\n".join([f"mod {module} {{", *tests, "}"]))


if __name__ == "__main__":
    main()
