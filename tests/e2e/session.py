# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for the desktop's notifications: writes "title: body" of each into a file, line by line.

usage: session.py FILE   (until it is killed)
"""
import sys

from gi.repository import Gio, GLib

INTERFACE = """<node><interface name='org.freedesktop.Notifications'>
<method name='Notify'><arg type='s' direction='in'/><arg type='u' direction='in'/>
<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='s' direction='in'/>
<arg type='as' direction='in'/><arg type='a{sv}' direction='in'/><arg type='i' direction='in'/>
<arg type='u' direction='out'/></method>
<method name='CloseNotification'><arg type='u' direction='in'/></method>
<method name='GetCapabilities'><arg type='as' direction='out'/></method>
</interface></node>"""


def call_cb(_connection, _sender, _path, _interface, method, parameters, invocation):
    if method == "Notify":
        title, body = parameters.unpack()[3:5]
        with open(sys.argv[1], "a", encoding="utf-8") as file:
            file.write(f"{title}: {body}\n")
        invocation.return_value(GLib.Variant("(u)", (1,)))
    elif method == "GetCapabilities":
        invocation.return_value(GLib.Variant("(as)", ([],)))
    else:
        invocation.return_value(None)


def bus_acquired_cb(connection, _name):
    node = Gio.DBusNodeInfo.new_for_xml(INTERFACE)
    connection.register_object("/org/freedesktop/Notifications", node.interfaces[0], call_cb, None, None)


def name_acquired_cb(_connection, _name):
    open(sys.argv[1], "a", encoding="utf-8").close()


Gio.bus_own_name(Gio.BusType.SESSION, "org.freedesktop.Notifications", Gio.BusNameOwnerFlags.NONE,
                 bus_acquired_cb, name_acquired_cb, None)
GLib.MainLoop().run()
