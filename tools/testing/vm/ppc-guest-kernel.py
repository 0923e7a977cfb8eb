#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""ppc-guest-kernel.py VMLINUX OUT: a kernel that uses the page it shares with KVM.

Before Linux for PowerPC patches itself it reads the page once, through a helper
for user space's addresses. Since 5.16 that helper refuses kernel addresses, so on
a 32-bit kernel the check fails whatever the hypervisor does. Here the helper's
result is taken to be 0: "li r3, 0" in place of the call.
"""
import struct
import sys

SYMTAB, SYMBOL = 2, '>IIIBBH'
LI_R3_0 = 0x38600000


def name_at(image, offset):
    return image[offset:image.index(b'\0', offset)].decode()


def main():
    image = bytearray(open(sys.argv[1], 'rb').read())
    phoff, shoff = struct.unpack_from('>II', image, 28)
    phnum, _, shnum = struct.unpack_from('>HHH', image, 44)
    sections = [struct.unpack_from('>10I', image, shoff + 40 * i) for i in range(shnum)]
    segments = [struct.unpack_from('>8I', image, phoff + 32 * i) for i in range(phnum)]

    functions = {}
    for sh in sections:
        if sh[1] != SYMTAB:
            continue
        names = sections[sh[6]][4]
        for at in range(sh[4], sh[4] + sh[5], 16):
            name, value, size, *_ = struct.unpack_from(SYMBOL, image, at)
            functions[name_at(image, names + name)] = value, size

    target = functions['fault_in_readable'][0]
    done = 0
    for function in ('kvm_guest_init', 'kvm_use_magic_page'):
        start, size = functions.get(function, (0, 0))
        for address in range(start, start + size, 4):
            offset = next(p[1] + address - p[2] for p in segments
                          if p[0] == 1 and p[2] <= address < p[2] + p[4])
            insn, = struct.unpack_from('>I', image, offset)
            distance = insn & 0x03fffffc
            if insn >> 26 != 18 or not insn & 1:
                continue
            if (address + distance - (distance & 0x02000000) * 2) & 0xffffffff == target:
                struct.pack_into('>I', image, offset, LI_R3_0)
                done += 1
    if done != 1:
        sys.exit(f'{done} calls of fault_in_readable() in place of one')
    open(sys.argv[2], 'wb').write(image)


if __name__ == '__main__':
    main()
