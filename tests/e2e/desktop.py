# SPDX-License-Identifier: GPL-3.0-or-later
"""A person at the desktop: starts the real program and uses it through the accessibility bus.

What is pressed are the widgets a person presses; text enters by EditableText or by keys. Nothing in
the program knows that it is being tested.
"""
import os
import signal
import subprocess
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402


class Gone(AssertionError):
    """Something that should be on the screen is not."""


def children(node):
    for i in range(node.get_child_count()):
        child = node.get_child_at_index(i)
        if child is not None:
            yield child


def walk(node):
    yield node
    for child in children(node):
        yield from walk(child)


def is_showing(node):
    states = node.get_state_set()
    return states.contains(Atspi.StateType.SHOWING) and states.contains(Atspi.StateType.VISIBLE)


def text_of(node):
    iface = node.get_text_iface()
    return Atspi.Text.get_text(iface, 0, -1) if iface else node.get_name()


class Desktop:
    """One run of the program and the window it shows."""

    def __init__(self, command, artefacts, log):
        self.artefacts = artefacts
        self.log = open(log, "w", encoding="utf-8")
        self.started = time.monotonic()
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)

    def application(self):
        desktop = Atspi.get_desktop(0)
        for child in children(desktop):
            if child.get_process_id() == self.process.pid:
                return child
        return None

    def wait(self, what, condition, seconds=30):
        """Polls until condition() is truthy and returns it; says what was waited for if it never is."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise Gone(f"the program ended with {self.process.returncode} while waiting for {what}")
            try:
                found = condition()
            except GLib.Error:
                found = None  # the tree changed under our hands
            if found:
                return found
            time.sleep(0.1)
        raise Gone(f"waited {seconds} s for {what}")

    def look(self, role=None, name=None, contains=None, showing=True):
        application = self.application()
        if application is None:
            return None
        for node in walk(application):
            try:
                if role is not None and node.get_role_name() != role:
                    continue
                if name is not None and node.get_name() != name:
                    continue
                if contains is not None and contains not in (node.get_name() or ""):
                    continue
                if showing and not is_showing(node):
                    continue
            except GLib.Error:
                continue
            return node
        return None

    def find(self, role=None, name=None, contains=None, seconds=30, showing=True):
        what = f"a {role or 'widget'} “{name or contains or ''}”"
        return self.wait(what, lambda: self.look(role, name, contains, showing), seconds)

    def press(self, role, name, seconds=30):
        """Activates a button, tab or row as an assistive technology does."""
        node = self.find(role, name, seconds=seconds)

        def sensitive():
            return node.get_state_set().contains(Atspi.StateType.SENSITIVE)

        self.wait(f"“{name}” to be sensitive", sensitive, seconds)
        action = node.get_action_iface()
        assert action is not None and Atspi.Action.get_n_actions(action) > 0, f"“{name}” cannot be pressed"
        assert Atspi.Action.do_action(action, 0), f"“{name}” did not react"
        return node

    def click(self, node):
        """With the pointer, for what assistive technologies reach by keyboard only."""
        frame = self.look("frame")
        origin = frame.get_component_iface().get_extents(Atspi.CoordType.WINDOW)
        place = node.get_component_iface().get_extents(Atspi.CoordType.WINDOW)
        x = place.x - origin.x + place.width // 2
        y = place.y - origin.y + place.height // 2
        subprocess.run(["xdotool", "mousemove", str(x), str(y), "click", "1"], check=True)
        time.sleep(0.3)

    def type(self, node, text):
        """Replaces what an editable holds."""
        iface = node.get_editable_text_iface()
        assert iface is not None, f"“{node.get_name()}” cannot be edited"
        assert Atspi.EditableText.set_text_contents(iface, text)

    def keys(self, *names):
        subprocess.run(["xdotool", "key", *names], check=True)
        time.sleep(0.2)

    def screenshot(self, name):
        subprocess.run(["import", "-window", "root", os.path.join(self.artefacts, name + ".png")], check=True)

    def describe(self):
        application = self.application()
        if application is None:
            return "no application on the accessibility bus"
        lines = []

        def add(node, depth):
            try:
                if is_showing(node) or depth < 2:
                    lines.append("  " * depth + f"{node.get_role_name()} “{node.get_name()}”")
            except GLib.Error:
                return
            for child in children(node):
                add(child, depth + 1)

        add(application, 0)
        return "\n".join(lines)

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
