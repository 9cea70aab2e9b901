#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""attune-launch: a program behind it hears each signal once, saves, and its exit code comes back,
whether the signal went to the launcher alone, to its group, or came from a terminal.

Usage: test-launch.py ATTUNE_LAUNCH
"""
import os
import pty
import select
import signal
import subprocess
import sys
import time

LAUNCH = sys.argv[1]
# Takes a while to save after a signal, as a training run does, and says how often it was told.
SAVER = r"""
import signal, sys, time
told = []
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda number, _: told.append(number))
print("ready", flush=True)
end = time.monotonic() + 20
while not told and time.monotonic() < end:
    time.sleep(0.02)
time.sleep(0.4)
print("saved", [int(number) for number in told], flush=True)
sys.exit(40 + (told[0] if told else 0))
"""
# Stands for bwrap: a process in between, in the same group, that ends when its child does.
BETWEEN = ["sh", "-c", '"$@"; exit $?', "between", LAUNCH, "--inside"]
BEHIND = [LAUNCH, "--announced"] + BETWEEN + [sys.executable, "-c", SAVER]
results = []


def check(name, good, detail=""):
    results.append(good)
    if not good:
        print(f"# {name}: {detail}", file=sys.stderr)
    print(f"{'ok' if good else 'not ok'} {len(results)} {name}", flush=True)


def without_terminal(name, command, send, number):
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
                               start_new_session=True)
    process.stdout.readline()
    send(process.pid)
    output = process.stdout.read()
    code = process.wait(timeout=30)
    check(name, output == f"saved [{int(number)}]\n" and code == 40 + number, f"{output!r}, {code}")


def on_terminal(command, typed):
    """What came out and the exit code, having typed after "ready"."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    output = b""
    sent = False
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            data = os.read(terminal, 4096)
        except OSError:
            break
        if not data:
            break
        output += data
        if b"ready" in output and not sent:
            time.sleep(0.2)
            os.write(terminal, typed)
            sent = True
    status = os.waitpid(pid, 0)[1]
    os.close(terminal)
    return output, os.waitstatus_to_exitcode(status)


def main():
    print("1..8")
    without_terminal("INT to the launcher alone", BEHIND,
                     lambda pid: os.kill(pid, signal.SIGINT), signal.SIGINT)
    without_terminal("TERM to the launcher alone", BEHIND,
                     lambda pid: os.kill(pid, signal.SIGTERM), signal.SIGTERM)
    without_terminal("INT to its group", BEHIND,
                     lambda pid: os.killpg(pid, signal.SIGINT), signal.SIGINT)
    without_terminal("with nothing in between", [LAUNCH, sys.executable, "-c", SAVER],
                     lambda pid: os.kill(pid, signal.SIGTERM), signal.SIGTERM)
    output, code = on_terminal(BEHIND, b"\x03")
    check("Ctrl+C on a terminal", b"saved [2]" in output and code == 42, f"{output!r}, {code}")
    output, code = on_terminal([LAUNCH, "--announced"] + BETWEEN
                               + ["sh", "-c", "echo ready; read line; echo \"got $line\"; exit 5"],
                               b"hello\n")
    check("a typed line reaches the program", b"got hello" in output and code == 5,
          f"{output!r}, {code}")
    result = subprocess.run([LAUNCH, "--announced"] + BETWEEN + ["cat"], input=b"\0 bytes",
                            stdout=subprocess.PIPE)
    check("standard input and output are the program's", result.stdout == b"\0 bytes"
          and result.returncode == 0, repr(result))
    result = subprocess.run([LAUNCH, "--announced"] + BETWEEN + ["no-such-program"],
                            stderr=subprocess.PIPE)
    check("a program that is not there", result.returncode == 127
          and b"no-such-program" in result.stderr, repr(result))
    return 0 if all(results) else 1


sys.exit(main())
