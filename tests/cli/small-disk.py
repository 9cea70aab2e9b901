# SPDX-License-Identifier: GPL-3.0-or-later
"""Becomes a command that sees a small disk at FOLDER, in memory and for itself alone; ends with 77
where that may not be had. When the file FLAG appears (nullable: ""), the disk is filled to the last
byte, and FLAG.full is made.

Usage: small-disk.py FOLDER MEBIBYTES FLAG COMMAND…
"""
import ctypes
import os
import sys
import time

MS_PRIVATE_AND_ALL_BELOW = (1 << 18) | (1 << 14)
FOLDER, SIZE, FLAG = sys.argv[1:4]
libc = ctypes.CDLL(None, use_errno=True)


def mount(source, target, kind, flags, options):
    return libc.mount(source, os.fsencode(target), kind, ctypes.c_ulong(flags), options) == 0


def fill():
    end = time.monotonic() + 60
    while not os.path.exists(FLAG) and time.monotonic() < end:
        time.sleep(0.02)
    with open(os.path.join(FOLDER, '.rest'), 'wb', buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    with open(FLAG + '.full', 'wb'):
        pass


try:
    os.unshare(os.CLONE_NEWNS if os.geteuid() == 0 else os.CLONE_NEWNS | os.CLONE_NEWUSER)
except OSError:
    sys.exit(77)
if not mount(None, '/', None, MS_PRIVATE_AND_ALL_BELOW, None) \
        or not mount(b'tmpfs', FOLDER, b'tmpfs', 0, f'size={SIZE}m'.encode()):
    sys.exit(77)
if FLAG and os.fork() == 0:
    for stream in (0, 1, 2):
        os.close(stream)
    fill()
    os._exit(0)
os.execvp(sys.argv[4], sys.argv[4:])
