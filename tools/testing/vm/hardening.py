#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""hardening.py TREE: does each entry of hardening.rst have tests, and do these exist?

Prints what is missing, and nothing if all is well.
"""
import os
import re
import sys


def defined(source, name):
    """Is there a test of this name? One of the harness, in a native test's list, or a case of a script."""
    return re.search(r'\bTEST(_F|_F_TIMEOUT|_SIGNAL)?\((\w+,\s*)?' + name + r'\b', source) or \
        re.search(r'^\s*\{ "(\w+\.)?' + name + r'",', source, re.M) or \
        re.search(r'^static bool test_' + name + r'\(void\)', source, re.M) or \
        re.search(r'^' + name + r'\)', source, re.M)


def path_of(tree, name):
    testing = os.path.join(tree, 'tools/testing')
    if name.startswith(('host/', 'vm/')):
        return os.path.join(testing, name)
    return os.path.join(testing, 'selftests/kvm', name)


def main():
    tree = sys.argv[1]
    with open(os.path.join(tree, 'Documentation/virt/kvm/hardening.rst'), encoding='utf-8') as f:
        text = f.read()
    # An entry is a line of ids, then its text, indented.
    entries = re.findall(r'^([a-z][a-z_, ]*)\n((?:(?:  .*)?\n)+)', text, re.M)
    if len(entries) < 40:
        print(f'only {len(entries)} entries could be read')
    for ids, body in entries:
        tests = re.findall(r'``([\w/]+\.(?:c|sh)):(\w+)``', body)
        if not tests:
            print(f'{ids}: no test')
        for name, test in tests:
            path = path_of(tree, name)
            if not os.path.exists(path):
                print(f'{ids}: no file {name}')
                continue
            with open(path, encoding='utf-8') as f:
                if not defined(f.read(), test):
                    print(f'{ids}: no test {test} in {name}')


if __name__ == '__main__':
    main()
