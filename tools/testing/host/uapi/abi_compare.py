#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Compare the project's KVM headers with a kernel's, constant by constant and member by member.

Both sets of headers are compiled separately, for the target architecture. What is compared is taken from our own
headers, not from a list:

  macros       every one that they define: its value, or where it has none on this architecture (a request whose
               structure belongs to another one) the tokens that it expands to
  function-like macros: their value for several arguments
  structures   size, and for each member down to the last nested one its offset, size and kind of type
  enumerators  their values

Nothing is run on the target. Output is KTAP, one line for each kind; exit status 0 if all agree.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

HEADERS = ('linux/kvm.h', 'asm/kvm.h')

ARCHES = {
    # name: (directory in the source tree, default compiler prefix, macros that belong to other architectures)
    'arm64': ('arm64', 'aarch64-linux-gnu-', r'KVM_(PPC_|CREATE_SPAPR_|ALLOCATE_RMA)'),
    'powerpc': ('powerpc', 'powerpc-linux-gnu-', r'KVM_ARM_'),
    'ppc64le': ('powerpc', 'powerpc64le-linux-gnu-', r'KVM_ARM_'),
}

# What the kernel's headers expect to be there, and user space lacks.
PRELUDE = '''
#include <stddef.h>
#define __user
#define PAGE_SIZE 4096
#define SZ_64K 0x10000
#if __has_include(<linux/bits.h>)
#include <linux/bits.h>
#endif
'''

# Arguments for function-like macros that take something else than integers.
ARGUMENTS = {
    'KVM_REG_ARM_CORE_REG': ['regs.regs[7]', 'regs.pc', 'elr_el1', 'spsr[KVM_SPSR_FIQ]', 'fp_regs.vregs[3]', 'fp_regs.fpcr'],
    'ARM64_SYS_REG_SHIFT_MASK': [f'{v}, {f}' for v in (1, 3, 7, 0xff) for f in ('OP0', 'OP1', 'CRN', 'CRM', 'OP2')],
}
INTEGERS = (0, 1, 2, 3, 5, 7, 12, 0x1ff)


class Side:
    """One set of headers and what it says."""

    def __init__(self, name, cc, flags, work):
        self.name = name
        self.cc = cc
        self.work = os.path.join(work, name)
        os.makedirs(os.path.join(self.work, 'linux'))
        # Headers that "make headers" would have taken out.
        for h in ('compiler.h', 'compiler_types.h'):
            open(os.path.join(self.work, 'linux', h), 'w').close()
        self.flags = ['-nostdlib', '-w', *flags, f'-I{self.work}']

    def compile(self, text, *args):
        src = os.path.join(self.work, 'probe.c')
        with open(src, 'w') as f:
            f.write(text)
        return subprocess.run([*self.cc, *self.flags, *args, src], capture_output=True, text=True, check=False,
                              env={**os.environ, 'LC_ALL': 'C'})

    def source(self, body=''):
        return PRELUDE + '#include <linux/kvm.h>\n' + body

    def preprocess(self, body='', *args):
        r = self.compile(self.source(body), '-E', *args)
        if r.returncode:
            sys.exit(f'{self.name}: the headers do not compile:\n{r.stderr}')
        return r.stdout

    def own_text(self):
        """The preprocessed text that comes from the KVM headers themselves, with their #defines."""
        mine, out = False, []
        for line in self.preprocess('', '-dD').split('\n'):
            m = re.match(r'# \d+ "([^"]*)"', line)
            if m:
                mine = m.group(1).endswith(HEADERS)
            elif mine:
                out.append(line)
        return '\n'.join(out)

    def evaluate(self, exprs):
        """Values of the expressions that have one; the others are left out."""
        left = list(exprs)
        while True:
            body = ''.join(f'void f{i}(void) {{ asm volatile("\\n.ascii \\"=@{i} %c0\\"" :: "i"((long long)({e}))); }}\n'
                           for i, e in enumerate(left))
            asm = os.path.join(self.work, 'probe.s')
            r = self.compile(self.source(body), '-O2', '-S', '-fmax-errors=0', '-o', asm)
            if r.returncode == 0:
                break
            bad = {int(n) for n in re.findall(r"probe\.c: In function 'f(\d+)':", r.stderr)}
            if not bad:
                sys.exit(f'{self.name}: cannot evaluate:\n{r.stderr}')
            left = [e for i, e in enumerate(left) if i not in bad]
        values = {}
        for line in open(asm):
            m = re.search(r'=@(\d+) [#$]?(-?\d+)', line)
            if m:
                values[left[int(m.group(1))]] = int(m.group(2)) & (1 << 64) - 1
        return values

    def tokens(self, exprs):
        """What the expressions expand to, with the spelling of integers made equal."""
        out = self.preprocess(''.join(f'\n@{i}@ {e}\n' for i, e in enumerate(exprs)) + '\n@end@\n', '-P')
        result = {}
        for i, text in re.findall(r'@(\d+)@(.*?)(?=@\w+@)', out, re.S):
            toks = re.findall(r'\w+|[^\w\s]', text)
            result[exprs[int(i)]] = [str(int(t, 0)) if re.fullmatch(r'0x[0-9a-fA-F]+|0|[1-9]\d*', t) else t for t in toks]
        return result

    def types(self, readelf):
        """Every structure (name -> (size, {member path: (offset, size, kind)})) and enumerator, from DWARF."""
        obj = os.path.join(self.work, 'probe.o')
        r = self.compile(self.source(), '-c', '-g', '-gdwarf-4', '-fno-eliminate-unused-debug-types', '-o', obj)
        if r.returncode:
            sys.exit(f'{self.name}: {r.stderr}')
        dump = subprocess.run([readelf, '--debug-dump=info', '--wide', obj], capture_output=True, text=True, check=True).stdout
        return Dwarf(dump)


class Dwarf:
    def __init__(self, dump):
        self.die, stack = {}, []
        cur = None
        for line in dump.split('\n'):
            m = re.match(r' *<(\d+)><([0-9a-f]+)>: Abbrev Number: \d+ \((DW_TAG_\w+)\)', line)
            if m:
                depth, off = int(m.group(1)), int(m.group(2), 16)
                cur = {'tag': m.group(3)[7:], 'kids': []}
                self.die[off] = cur
                del stack[depth:]
                if stack:
                    stack[-1]['kids'].append(cur)
                stack.append(cur)
                continue
            m = re.match(r' +<[0-9a-f]+> +DW_AT_(\w+) *: *(.*?)\s*$', line)
            if m and cur is not None:
                # Newer binutils print the form first, older ones the kind of string reference.
                cur[m.group(1)] = re.sub(r'^(?:\(\w+\) )?(?:\((?:indirect string, )?offset: 0x[0-9a-f]+\): )?', '', m.group(2))
        self.structs = {d['name']: d for d in self.die.values()
                        if d['tag'] in ('structure_type', 'union_type') and 'name' in d and 'byte_size' in d}
        self.enumerators = {d['name']: int(d['const_value'].split()[0], 0) & (1 << 64) - 1 for d in self.die.values()
                            if d['tag'] == 'enumerator'}

    @staticmethod
    def ref(d):
        return int(re.match(r'<(0x[0-9a-f]+)>', d['type']).group(1), 16)

    def resolve(self, d):
        d = self.die[self.ref(d)]
        while d['tag'] in ('typedef', 'const_type', 'volatile_type'):
            d = self.die[self.ref(d)]
        return d

    def size(self, d):
        if d['tag'] != 'array_type':
            return int(d['byte_size'].split()[0], 0)
        n = self.size(self.resolve(d))
        for k in d['kids']:
            if k['tag'] == 'subrange_type':
                n *= int(k['upper_bound'], 0) + 1 if k.get('upper_bound', '').isdigit() else int(k.get('count', '0'), 0)
        return n

    def kind(self, d):
        """A type without its name: what a program would read or write there."""
        t = d['tag']
        if t == 'base_type':
            return re.sub(r'.*\((.*)\)', r'\1', d['encoding'])
        if t == 'array_type':
            return 'array of ' + self.kind(self.resolve(d))
        return t

    def members(self, d, prefix='', base=0):
        out = {}
        for m in d['kids']:
            if m['tag'] != 'member':
                continue
            t = self.resolve(m)
            off = base + int(m.get('data_member_location', '0').split()[0], 0)
            path = prefix + m.get('name', '')
            inner = t
            while inner['tag'] == 'array_type':
                inner = self.resolve(inner)
            if 'name' in m:
                out[path] = (off, self.size(t), self.kind(t))
            if inner['tag'] in ('structure_type', 'union_type'):
                sub = path + ('[]' if t is not inner else '') + '.' if 'name' in m else prefix
                out.update(self.members(inner, sub, off))
        return out

    def flatten(self, name):
        d = self.structs[name]
        return int(d['byte_size'], 0), self.members(d)


def macro_calls(text):
    """All expressions to be compared: {macro: [expressions]}."""
    calls = {}
    for name, params in re.findall(r'^#define (\w+)(\([^)]*\))?', text, re.M):
        if not re.match(r'_*(KVM|ARM64|SYNC_|VGIC)', name):
            continue
        if not params:
            calls[name] = [name]
            continue
        n = 5 if '...' in params else params.count(',') + 1
        args = ARGUMENTS.get(name)
        if args is None:
            args = [', '.join(str(INTEGERS[(i + j * 3) % len(INTEGERS)]) for j in range(n)) for i in range(len(INTEGERS))]
        calls[name] = [f'{name}({a})' for a in args]
    return calls


def undefined(text):
    return set(re.findall(r'^#undef (\w+)', text, re.M))


def compare(ours, ref, readelf, foreign):
    """Returns {kind: (number compared, [differences])} and what the kernel has and we do not."""
    text, ref_text = ours.own_text(), ref.own_text()
    gone = undefined(text)
    calls = {k: v for k, v in macro_calls(text).items() if k not in gone}
    ref_names = set(macro_calls(ref_text))
    ours_t, ref_t = ours.types(readelf), ref.types(readelf)
    diff = {'constants': [], 'macros with arguments': [], 'requests of other architectures': [],
            'structures': [], 'enumerators': []}
    count = dict.fromkeys(diff, 0)

    exprs = [e for v in calls.values() for e in v]
    a, b = ours.evaluate(exprs), ref.evaluate(exprs)
    ta, tb = ours.tokens(exprs), ref.tokens(exprs)
    for name, es in calls.items():
        known = name in ref_names or name in ref_t.enumerators
        for e in es:
            kind = 'constants' if e == name else 'macros with arguments'
            if e not in a and e not in b and ta[e] and re.match(foreign, name):
                kind = 'requests of other architectures'
            count[kind] += 1
            if not known:
                diff[kind].append(f'{name}: the kernel has no such name')
            elif e in a or e in b:
                if a.get(e) != b.get(e):
                    diff[kind].append(f'{e}: {show(a.get(e))} here, {show(b.get(e))} there')
            elif not ta[e] and not tb[e]:
                pass                                    # an empty flag such as __KVM_HAVE_IRQ_LINE
            elif kind != 'requests of other architectures':
                diff[kind].append(f'{e}: has no value')
            elif ta[e] != tb[e]:
                diff[kind].append(f'{e}: {" ".join(ta[e])} here, {" ".join(tb[e])} there')

    structs = re.findall(r'^struct (\w+)\s*\{', text, re.M)
    for name in structs:
        count['structures'] += 1
        if name not in ref_t.structs:
            diff['structures'].append(f'struct {name}: the kernel has none')
            continue
        (size, mine), (rsize, theirs) = ours_t.flatten(name), ref_t.flatten(name)
        if size != rsize:
            diff['structures'].append(f'struct {name}: {size} bytes here, {rsize} there')
        for path, what in mine.items():
            count['structures'] += 1
            if theirs.get(path) != what:
                diff['structures'].append(f'struct {name}.{path}: {what} here, {theirs.get(path)} there')

    # The kernel has some plain numbers of ours as enumerators and the other way round: both by value.
    mine = {n: v for n, v in ours_t.enumerators.items() if re.search(rf'^\s*{n}\b', text, re.M)}
    there = ref.evaluate(list(mine))
    for name, v in mine.items():
        count['enumerators'] += 1
        if there.get(name) != v:
            diff['enumerators'].append(f'{name}: {v} here, {show(there.get(name))} there')

    absent = sorted(ref_names - set(calls) - set(ours_t.enumerators))
    return count, diff, absent


def show(v):
    return 'no value' if v is None else hex(v)


def reference_flags(ref, arch):
    if os.path.isdir(os.path.join(ref, 'include', 'uapi', 'linux')):        # a source or header tree
        return [f'-I{ref}/include/uapi', f'-I{ref}/arch/{arch}/include/uapi']
    if os.path.isfile(os.path.join(ref, 'linux', 'kvm.h')):                 # installed headers
        return [f'-I{ref}']
    sys.exit(f'{ref}: no kernel headers there')


# One edit each that the comparison has to notice: the file, the text, what it becomes, and the kind that fails.
MUTATIONS = {
    'arm64': (
        ('include/uapi/linux/kvm.h', r'_IO\(KVMIO, 0x80\)', '_IO(KVMIO, 0x81)', 'constants'),
        ('include/uapi/linux/kvm.h', r'(define KVM_CAP_IRQFD\t+)32', r'\g<1>33', 'constants'),
        ('include/uapi/linux/kvm.h', r'__u64 args\[9\];', '__u64 args[8];', 'structures'),
        ('include/uapi/linux/kvm.h', r'__s32 fd;', '__u32 fd;', 'structures'),
        ('include/uapi/linux/kvm.h', r'(__u64 address;\n\t)__u64 size;\n\t__u64 attributes;',
         r'\g<1>__u64 attributes;\n\t__u64 size;', 'structures'),
        ('include/uapi/linux/kvm.h', r'_IOW\(KVMIO, 0xa1, struct kvm_ppc_pvinfo\)', '_IOR(KVMIO, 0xa1, struct kvm_ppc_pvinfo)',
         'requests of other architectures'),
        ('arch/arm64/include/uapi/asm/kvm.h', r'\(3, 3, 14, 3, 2\)', '(3, 3, 14, 0, 2)', 'constants'),
        ('arch/arm64/include/uapi/asm/kvm.h', r'__u8  pad\[5\];', '__u8  pad[4];', 'structures'),
        ('arch/arm64/include/uapi/asm/kvm.h', r'(KVM_SMCCC_FILTER_DENY\s*=) 1', r'\g<1> 3', 'enumerators'),
        ('arch/arm64/include/uapi/asm/kvm.h', r'\(KVM_ARM64_SVE_NUM_PREGS - 1\)\) << 5', '(KVM_ARM64_SVE_NUM_PREGS - 1)) << 4',
         'macros with arguments'),
        ('arch/arm64/include/uapi/asm/kvm.h', r'#define KVM_ARM_VCPU_SVE', '#define KVM_ARM_VCPU_SVE2', 'constants'),
    ),
}


def main():
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('--top', default=os.path.join(os.path.dirname(os.path.abspath(__file__)), *['..'] * 4))
    p.add_argument('--ref', required=True, help='kernel source tree, header package or installed include directory')
    p.add_argument('--arch', default='arm64', choices=ARCHES)
    p.add_argument('--cross-compile', help='compiler prefix')
    p.add_argument('--absent', action='store_true', help='also list the names that only the kernel has')
    p.add_argument('--mutate', action='store_true', help='check that the comparison notices edits of our headers')
    args = p.parse_args()

    srcarch, prefix, foreign = ARCHES[args.arch]
    prefix = args.cross_compile if args.cross_compile is not None else prefix
    cc = [prefix + 'gcc']
    if not shutil.which(cc[0]):
        print(f'TAP version 13\n1..0 # SKIP no {cc[0]}')
        return 4
    readelf = prefix + 'readelf'

    def run(top):
        with tempfile.TemporaryDirectory() as work:
            ours = Side('ours', cc, [f'-I{top}/include/uapi', f'-I{top}/arch/{srcarch}/include/uapi'], work)
            ref = Side('kernel', cc, reference_flags(args.ref, srcarch), work)
            return compare(ours, ref, readelf, foreign)

    print('TAP version 13', flush=True)
    failed = 0
    if args.mutate:
        mutations = MUTATIONS.get(args.arch, ())
        print(f'1..{len(mutations)}')
        for i, (path, old, new, kind) in enumerate(mutations, 1):
            with tempfile.TemporaryDirectory() as top:
                for d in ('include/uapi', f'arch/{srcarch}/include/uapi'):
                    shutil.copytree(os.path.join(args.top, d), os.path.join(top, d))
                text = open(os.path.join(top, path)).read()
                changed, n = re.subn(old, new, text, count=1)
                with open(os.path.join(top, path), 'w') as f:
                    f.write(changed)
                seen = n == 1 and run(top)[1][kind]
            failed += not seen
            what = re.sub(r'\\g<1>|\\[nt]|\s+', ' ', new).strip()
            print(f'{"ok" if seen else "not ok"} {i} {args.arch}: an edit of {kind} is noticed: {what}')
        return 1 if failed or not mutations else 0

    count, diff, absent = run(args.top)
    print(f'1..{len(diff)}')
    for i, (kind, differences) in enumerate(diff.items(), 1):
        bad = bool(differences) or not count[kind]
        failed += bad
        for d in differences:
            print(f'# {d}')
        print(f'{"not ok" if bad else "ok"} {i} {args.arch}: {count[kind]} {kind}')
    print(f'# the kernel has {len(absent)} more names, for other architectures or left out')
    if args.absent:
        for n in absent:
            print(f'#   {n}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
