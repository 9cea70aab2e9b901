#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every .ui file is in the program's resources and describes a class that a source file defines;
every setting in the schema is used, and every one used is in the schema.

Usage: test-ui.py SOURCE_ROOT
"""
import os
import re
import sys
import xml.etree.ElementTree as ElementTree


def sources(root):
    for folder, _, names in os.walk(os.path.join(root, "src")):
        for name in names:
            if name.endswith(".c"):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    yield file.read()


def type_name(class_name):
    """AttuneDataPage as the macro writes it: attune_data_page."""
    return re.sub(r"(?<=.)([A-Z])", r"_\1", class_name).lower()


def check_templates(root, code):
    ui = os.path.join(root, "ui")
    listed = set()
    for name in os.listdir(ui):
        if name.endswith(".gresource.xml"):
            tree = ElementTree.parse(os.path.join(ui, name))
            listed |= {os.path.basename(element.text) for element in tree.iter("file")}
    for folder, _, names in os.walk(ui):
        for name in sorted(names):
            if not name.endswith(".ui"):
                continue
            if name not in listed:
                yield f"{name} is in no gresource file"
            for template in ElementTree.parse(os.path.join(folder, name)).iter("template"):
                if f"{type_name(template.get('class'))}_class_init" not in code:
                    yield f"{name}: no source file defines {template.get('class')}"


def check_settings(root, code):
    schema = os.path.join(root, "data", "io.github.attune_text.Attune.gschema.xml")
    tree = ElementTree.parse(schema)
    known = {element.get("name") for kind in ("key", "child") for element in tree.iter(kind)}
    used = set(re.findall(r'g_settings_(?:[gs]et_\w+|bind\w*|create_action|reset) \(\s*[^,"]+,\s*"([^"]+)"',
                          code))
    yield from (f"setting {name} is not in the schema" for name in sorted(used - known))
    yield from (f"setting {name} is used nowhere" for name in sorted(known)
                if f'"{name}"' not in code)


def main():
    root = sys.argv[1]
    code = "\n".join(sources(root))
    print("1..2")
    failed = False
    for number, (check, name) in enumerate([(check_templates, "every .ui file is used"),
                                            (check_settings, "settings and schema agree")], 1):
        found = list(check(root, code))
        for line in found:
            print(f"# {line}", file=sys.stderr)
        print(f"{'not ok' if found else 'ok'} {number} {name}", flush=True)
        failed = failed or bool(found)
    return 1 if failed else 0


sys.exit(main())
