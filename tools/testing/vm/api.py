#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""api.py TREE: is api.rst all of the ABI that there is, and is what it says shown by tests?

Prints what is missing, and nothing if all is well:

- requests, capabilities and exits of include/uapi that the arm64 module's sources name and api.rst does not;
- rows of the table of what QEMU uses without a test, or whose tests do not exist;
- names in that table that the ABI's headers do not have, unless the row says that they are refused.
"""
import os
import re
import sys

from hardening import defined, path_of

HEADERS = 'include/uapi/linux/kvm.h', 'arch/arm64/include/uapi/asm/kvm.h'
SOURCES = 'virt/kvm', 'arch/arm64/kvm', 'include/kvm'
# Names that say no more than that there is nothing
NOT_USED = {'KVM_EXIT_UNKNOWN'}


def read(*path):
    with open(os.path.join(*path), encoding='utf-8') as f:
        return f.read()


def abi(tree):
    """Requests, capabilities and exit reasons of the headers; all names."""
    text = ''.join(read(tree, h) for h in HEADERS)
    requests = set(re.findall(r'#define\s+(KVM_\w+)\s+_IO[RW]*\(', text))
    others = set(re.findall(r'\b(KVM_(?:CAP|EXIT)_\w+)', text))
    return requests | others, set(re.findall(r'\bKVM_\w+', text))


def sources(tree):
    for top in SOURCES:
        for directory, _, files in os.walk(os.path.join(tree, top)):
            for name in files:
                if name.endswith(('.c', '.h')):
                    yield re.sub(r'/\*.*?\*/', '', read(directory, name), flags=re.S)


def handled(tree, names):
    """What the sources name; of exits what they end KVM_RUN with."""
    found = set()
    for text in sources(tree):
        found |= set(re.findall(r'\bKVM_(?!EXIT_)\w+', text))
        found |= set(re.findall(r'exit_reason = (KVM_EXIT_\w+)', text))
    return names & found


def documented(text):
    """Full names, and in the table of capabilities short ones."""
    caps = text[text.index('\nCapabilities\n'):text.index('\nA VM\n')]
    return set(re.findall(r'\bKVM_\w+', text)) | {'KVM_CAP_' + n for n in re.findall(r'``([A-Z0-9_]+)``', caps)}


def table(text):
    """The rows of the simple table: a first column that is blank goes on with the row before."""
    part = text[text.index('\nWhat QEMU asks for\n'):]
    bars = [m for m in re.finditer(r'^=+ =+ =+$', part, re.M)]
    columns = [(m.start(), m.end()) for m in re.finditer('=+', bars[1].group())]
    rows = []
    for line in part[bars[1].end():bars[2].start()].strip('\n').split('\n'):
        cells = [line[begin:end].strip() for begin, end in columns[:2]] + [line[columns[2][0]:].strip()]
        if line[0] != ' ':
            rows.append(cells)
        else:
            rows[-1] = [' '.join(both) for both in zip(rows[-1], cells)]
    return [r for r in rows if not r[0].startswith('**')]


def check_row(tree, row, all_names):
    what, here, shown = (cell.strip() for cell in row)
    tests = re.findall(r'``([\w/]+\.(?:c|sh)):(\w+)``', shown)
    if not tests and here != 'never':
        yield f'{what}: no test'
    for name, test in tests:
        path = path_of(tree, name)
        if not os.path.exists(path) or not defined(read(path), test):
            yield f'{what}: no test {test} in {name}'
    for name in re.findall(r'``(KVM_\w+)', what):
        if here == 'works' and name not in all_names:
            yield f'{what}: {name} is not in the headers'


def main():
    tree = sys.argv[1]
    text = read(tree, 'Documentation/virt/kvm/api.rst')
    names, all_names = abi(tree)
    used = handled(tree, names) - NOT_USED
    if len(used) < 100:
        print(f'only {len(used)} names of the ABI were found in the sources')
    for name in sorted(used - documented(text)):
        print(f'{name} is not in api.rst')
    rows = table(text)
    if len(rows) < 100:
        print(f'only {len(rows)} rows could be read')
    for row in rows:
        for complaint in check_row(tree, row, all_names):
            print(complaint)


if __name__ == '__main__':
    main()
