#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file written for this project says its licence in its first lines.

Usage: test-licences.py SOURCE_ROOT
"""
import os
import sys

SUFFIXES = (".c", ".h", ".cc", ".cpp", ".hpp", ".py", ".sh", ".ui", ".css", ".svg", ".gschema.xml",
            ".gresource.xml", ".metainfo.xml.in", ".desktop.in")
NAMES = {"meson.build"}
SKIPPED = {".git", "build", "builddir", "__pycache__", "subprojects"}
MARK = "SPDX-License-Identifier:"


def says_licence(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return any(MARK in line for _, line in zip(range(5), file))


def wanted(path):
    name = os.path.basename(path)
    if name.endswith(SUFFIXES) or name in NAMES:
        return True
    with open(path, "rb") as file:
        return file.read(2) == b"#!"


def missing(root):
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in SKIPPED]
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and wanted(path) and not says_licence(path):
                yield os.path.relpath(path, root)


def main():
    print("1..1")
    found = sorted(missing(sys.argv[1]))
    for path in found:
        print(f"# {path}: no {MARK} line", file=sys.stderr)
    print(("not ok" if found else "ok") + " 1 every source file says its licence")
    return 1 if found else 0


sys.exit(main())
