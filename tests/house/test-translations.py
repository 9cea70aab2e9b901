#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""po/POTFILES.in names every file with strings for people, sorted, and nothing else; no string is
cut off by a macro that xgettext does not know; every catalogue holds each of today's strings,
translated and not fuzzy; zh_CN is one of them.

Usage: test-translations.py SOURCE_ROOT
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

MARKED_C = re.compile(r'\b(?:_|N_|C_|NC_|Q_|gettext|ngettext|g_dngettext|g_dgettext)\s*\(\s*"')
# xgettext ends such a string at the macro; inttypes.h's PRIu64 and the length z are known to it.
CUT_OFF = re.compile(r'"\s*G_[A-Z0-9]+_(?:FORMAT|MODIFIER)\b')
CALL = re.compile(r'\b(?:_|N_|C_|NC_|Q_|gettext|ngettext|g_dngettext|g_dgettext)\s*\('
                  r'((?:[^()"]|"(?:\\.|[^"\\])*"|\([^()]*\))*)\)')
MARKED_UI = re.compile(r'translatable="(?:yes|true|1)"')
KEYWORDS = ["_", "N_", "Q_:1g", "C_:1c,2", "NC_:1c,2", "ngettext:1,2", "g_dngettext:2,3",
            "g_dgettext:2", "g_dpgettext2:2c,3"]


def files_with_strings(root):
    for top, suffix, pattern in (("src", ".c", MARKED_C), ("src", ".h", MARKED_C),
                                 ("ui", ".ui", MARKED_UI)):
        for folder, _, names in os.walk(os.path.join(root, top)):
            for name in names:
                path = os.path.join(folder, name)
                if name.endswith(suffix):
                    with open(path, encoding="utf-8") as file:
                        if pattern.search(file.read()):
                            yield os.path.relpath(path, root)
    for name in os.listdir(os.path.join(root, "data")):
        if name.endswith((".desktop.in", ".metainfo.xml.in", ".gschema.xml")):
            yield os.path.join("data", name)


def strings_cut_off(root):
    for path in files_with_strings(root):
        if path.endswith((".c", ".h")):
            with open(os.path.join(root, path), encoding="utf-8") as file:
                text = file.read()
            for call in CALL.finditer(text):
                if CUT_OFF.search(call.group(1)):
                    line = text.count("\n", 0, call.start()) + 1
                    yield f"{path}:{line}: a GLib format macro in a string to translate"


def read_list(path):
    with open(path, encoding="utf-8") as file:
        return [line.strip() for line in file if line.strip() and not line.startswith("#")]


def check_potfiles(root):
    listed = read_list(os.path.join(root, "po", "POTFILES.in"))
    marked = set(files_with_strings(root))
    found = [f"{path} has strings and is not in POTFILES.in" for path in marked - set(listed)]
    found += [f"POTFILES.in: {path} is not there" for path in listed
              if not os.path.exists(os.path.join(root, path))]
    found += [f"POTFILES.in: {path} has no strings" for path in listed
              if path not in marked and os.path.exists(os.path.join(root, path))]
    if listed != sorted(listed):
        found.append("POTFILES.in is not sorted")
    return sorted(found + list(strings_cut_off(root)))


def check_catalogues(root):
    """None when there is no Chinese catalogue or no gettext to look with."""
    po = os.path.join(root, "po")
    if not os.path.exists(os.path.join(po, "zh_CN.po")):
        return None, "needs po/zh_CN.po"
    if not all(shutil.which(tool) for tool in ("xgettext", "msgfmt", "msgcmp")):
        return None, "needs xgettext, msgfmt and msgcmp"
    languages = read_list(os.path.join(po, "LINGUAS"))
    found = [] if "zh_CN" in languages else ["LINGUAS does not name zh_CN"]
    with tempfile.TemporaryDirectory() as folder:
        template = os.path.join(folder, "attune.pot")
        subprocess.run(["xgettext", "--from-code=UTF-8", "--package-name=attune",
                        "--files-from=" + os.path.join(po, "POTFILES.in"), "--directory=" + root,
                        "--output=" + template] + ["--keyword=" + word for word in KEYWORDS],
                       check=True, stderr=subprocess.DEVNULL)
        for language in languages:
            catalogue = os.path.join(po, language + ".po")
            for command in (["msgfmt", "--check", "--output-file=" + os.devnull, catalogue],
                            ["msgcmp", catalogue, template]):
                result = subprocess.run(command, stderr=subprocess.PIPE, text=True)
                if result.returncode != 0:
                    found += [f"{language}: {line}" for line in result.stderr.splitlines()]
    return found, None


def main():
    root = sys.argv[1]
    print("1..2")
    found = check_potfiles(root)
    for line in found:
        print(f"# {line}", file=sys.stderr)
    print(("not ok" if found else "ok") + " 1 POTFILES.in and the strings are complete")
    incomplete, reason = check_catalogues(root)
    if incomplete is None:
        print(f"ok 2 catalogues are complete # SKIP {reason}")
    else:
        for line in incomplete[:40]:
            print(f"# {line}", file=sys.stderr)
        print(("not ok" if incomplete else "ok") + " 2 catalogues are complete")
    return 1 if found or incomplete else 0


sys.exit(main())
