#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads every #include line below src/ and fails on an arrow between rooms that src/README.md does
not allow, on GTK outside plot/ and app/, and on libtorch or C++ outside engine/torch/. Checks first,
on a made-up tree, that it can fail.

Usage: test-includes.py SOURCE_ROOT
"""
import os
import re
import sys
import tempfile

# Who may use whom. A room may always use itself.
ALLOWED = {
    "text": set(),
    "dataset": {"text"},
    "convert": set(),
    "model": {"text", "convert"},
    "engine": set(),
    "engine/torch": {"engine"},
    "evaluate": {"text", "dataset"},
    "train": {"text", "dataset", "model", "engine", "evaluate"},
    "plot": set(),
    "cli": {"text", "dataset", "model", "engine", "evaluate", "train"},
    "app": {"text", "dataset", "model", "engine", "evaluate", "train", "plot"},
}
# The room in which system headers that begin so may appear.
FENCED = [
    (re.compile(r"(gtk|gdk|gsk|graphene)[/.-]"), {"plot", "app"}, "GTK"),
    (re.compile(r"adwaita\.h"), {"app"}, "libadwaita"),
    (re.compile(r"(torch|ATen|c10|caffe2)/"), {"engine/torch"}, "libtorch"),
]
# Made by the build.
GENERATED = {"config.h", "attune-resources.h"}
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)
SOURCE = (".c", ".h", ".cc", ".cpp", ".cxx", ".hpp", ".hh")


def room_of(folder):
    parts = folder.split(os.sep)
    return "engine/torch" if parts[:2] == ["engine", "torch"] else parts[0]


def findings(src):
    files = []
    homes = {}
    for folder, _, names in os.walk(src):
        for name in names:
            if name.endswith(SOURCE):
                room = room_of(os.path.relpath(folder, src))
                files.append((room, os.path.join(folder, name)))
                if name.endswith((".h", ".hpp", ".hh")):
                    homes.setdefault(name, set()).add(room)
    found = []
    for room, path in sorted(files, key=lambda item: item[1]):
        where = os.path.relpath(path, src)
        if room not in ALLOWED:
            found.append(f"{where}: lies in no room that this test knows")
            continue
        if not path.endswith((".c", ".h")) and room != "engine/torch":
            found.append(f"{where}: C++ belongs into engine/torch only")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for quoted, system in INCLUDE.findall(text):
            if quoted and quoted not in GENERATED:
                found += check_arrow(room, where, quoted, homes)
            for pattern, rooms, name in FENCED:
                if pattern.match(quoted or system) and room not in rooms:
                    found.append(f"{where}: {name} header {quoted or system} outside of "
                                 + " and ".join(sorted(rooms)))
            if room == "engine/torch" or where == os.path.join("engine", "engine.h"):
                if system.startswith(("glib", "gio/", "gobject/", "gmodule")):
                    found.append(f"{where}: {system}: this side of the boundary has no GLib")
    return found


def check_arrow(room, where, header, homes):
    name = os.path.basename(header)
    targets = homes.get(name)
    if targets is None:
        return [f"{where}: \"{header}\" is in no room"]
    if room in targets:
        return []
    target = min(targets)
    if target not in ALLOWED[room]:
        return [f"{where}: {room} may not use {target} (\"{header}\")"]
    if name.endswith("-private.h"):
        return [f"{where}: \"{header}\" is private to {target}"]
    if room == "engine/torch" and name != "engine.h":
        return [f"{where}: the plug-in sees engine.h only, not \"{header}\""]
    return []


def can_fail():
    """Number of expected findings in a made-up bad tree, or None when one was missed."""
    bad = {
        "text/attune-a.h": '#include <gtk/gtk.h>\n',
        "text/attune-a.c": '#include "attune-b.h"\n',
        "dataset/attune-b.h": '#include "attune-a.h"\n#include "nowhere.h"\n',
        "model/attune-c-private.h": "",
        "train/attune-d.c": '  #  include "attune-c-private.h"\n',
        "engine/attune-loader.h": "#include <torch/torch.h>\n",
        "engine/engine.h": "#include <glib.h>\n",
        "engine/torch/plug-in.cc": '#include <ATen/ATen.h>\n#include "attune-loader.h"\n',
        "plot/attune-p.c": '#include <adwaita.h>\n#include "config.h"\n',
        "cli/main.cc": '#include "engine.h"\n',
        "attic/attune-old.c": "",
    }
    expected = ["text/attune-a.h: GTK", "text may not use dataset", '"nowhere.h" is in no room',
                "private to model", "attune-loader.h: libtorch", "engine/engine.h: glib.h",
                "sees engine.h only", "plot/attune-p.c: libadwaita", "cli/main.cc: C++",
                "attic/attune-old.c: lies in no room"]
    with tempfile.TemporaryDirectory() as src:
        for name, text in bad.items():
            path = os.path.join(src, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        found = findings(src)
    missed = [line for line in expected if not any(line in entry for entry in found)]
    for line in missed:
        print(f"# not noticed: {line}", file=sys.stderr)
    return not missed and len(found) == len(expected)


def main():
    print("1..2")
    good = can_fail()
    print(("ok" if good else "not ok") + " 1 a bad tree is noticed")
    found = findings(os.path.join(sys.argv[1], "src"))
    for line in found:
        print(f"# {line}", file=sys.stderr)
    print(("not ok" if found else "ok") + " 2 includes follow the arrows between rooms")
    return 0 if good and not found else 1


sys.exit(main())
