# SPDX-License-Identifier: GPL-3.0-or-later
"""A run outlives the program, in the real window: killed while it trains, continued by a click; paused
and told to end, continued again; and in the end it has said each of its steps once.

usage: test-continue.py PROGRAM ARTEFACTS   (inside tests/with-display.sh, GTK_A11Y=atspi)
Needs the default model and the libtorch engine; skips, and says so, without.
"""
import glob
import json
import os
import shutil
import signal
import sys
import tempfile
import time

try:
    from desktop import Desktop, Gone
except (ImportError, ValueError) as error:
    print(f"1..0 # SKIP needs python3-gi and the AT-SPI typelib ({error})")
    sys.exit(0)

program, artefacts = sys.argv[1:3]
models = os.environ.get("ATTUNE_MODELS") or os.path.join(
    os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share"), "attune/models")
if not os.path.exists(os.path.join(models, "minilm-l6", "model.safetensors")):
    print("1..0 # SKIP needs the model minilm-l6 in the model store")
    sys.exit(0)
if not glob.glob(os.path.join(os.environ["ATTUNE_ENGINE_DIR"], "attune-engine-*.so")):
    print("1..0 # SKIP needs the libtorch engine")
    sys.exit(0)

SECONDS = 240
os.makedirs(artefacts, exist_ok=True)
home = tempfile.mkdtemp(prefix="attune-e2e-")
os.environ["ATTUNE_MODELS"] = models
os.environ["XDG_DATA_HOME"] = home
os.environ.pop("G_DEBUG", None)
sample = os.path.join(os.environ["ATTUNE_DATA_DIR"], "samples", "remarks.csv")
desktop = Desktop([program, sample], artefacts, os.path.join(artefacts, "continue.log"))
count = 0


def ok(what):
    global count
    count += 1
    print(f"ok {count} - {what}", flush=True)


def events():
    found = glob.glob(os.path.join(home, "attune", "runs", "*", "events.jsonl"))
    if not found:
        return []
    with open(found[0], encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.endswith("\n")]


def wait_for(event, n=1):
    desktop.wait(f"{n} × {event}", lambda: sum(e["event"] == event for e in events()) >= n, SECONDS)


def start_again(state):
    """The program anew, with the run open that is in that state."""
    global desktop
    desktop = Desktop([program], artefacts, os.path.join(artefacts, "continue-again.log"))
    desktop.find("list item", contains=state, seconds=60)
    desktop.press("page tab", "Train")
    desktop.find("image", "Loss")


def start_and_kill():
    desktop.find("label", contains="1346 rows")
    desktop.press("button", "Set Up Training")
    desktop.type(desktop.find("spin button", "Epochs"), "3")
    desktop.click(desktop.find("list item", "All Settings"))
    desktop.type(desktop.find("spin button", "Only the First Rows"), "640")
    desktop.keys("Tab")
    desktop.press("button", "Start Training", seconds=SECONDS)
    wait_for("checkpoint")
    os.kill(desktop.process.pid, signal.SIGKILL)
    desktop.close()
    assert events()[-1]["event"] != "run_finished", "the run was over before it could be killed"
    ok("a run is killed after its first checkpoint")


def continue_after_kill():
    start_again("Interrupted")
    time.sleep(1)
    desktop.screenshot("interrupted")
    before = max(e["step"] for e in events() if e["event"] == "checkpoint")
    desktop.press("button", "Continue")
    wait_for("run_started", 2)
    started = [e for e in events() if e["event"] == "run_started"][-1]
    assert started["step"] == before, f"it went on from {started['step']}, the checkpoint is of {before}"
    desktop.find("button", "Pause", seconds=SECONDS)
    ok(f"Continue goes on from step {before}")


def pause_and_end():
    desktop.press("button", "Pause")
    wait_for("paused")
    began = time.monotonic()
    desktop.process.send_signal(signal.SIGTERM)
    desktop.process.wait(20)
    took = time.monotonic() - began
    desktop.close()
    assert desktop.process.returncode is not None
    assert events()[-1]["event"] == "run_stopped", f"the last word was {events()[-1]['event']}"
    assert any(e["event"] == "checkpoint" and e["step"] == events()[-1]["step"] for e in events()), \
        "the last step has no checkpoint"
    ok(f"told to end while paused, the program saves and ends ({took:.1f} s)")


def continue_to_the_end():
    start_again("Stopped")
    time.sleep(1)
    desktop.screenshot("stopped")
    desktop.press("button", "Continue")
    wait_for("run_finished")
    desktop.find("button", "See Results", seconds=SECONDS)
    time.sleep(1)
    desktop.screenshot("continued")
    steps = [e["step"] for e in events() if e["event"] == "step"]
    planned = [e for e in events() if e["event"] == "run_started"][0]["steps"]
    assert steps == list(range(1, planned + 1)), f"of {planned} steps it said {steps}"
    times = [e["time"] for e in events()]
    assert times == sorted(times), "the clock of the run went back"
    assert events()[-1]["event"] == "run_finished"
    ok("continued once more it finishes, each step said once")


print("1..4")
try:
    start_and_kill()
    continue_after_kill()
    pause_and_end()
    continue_to_the_end()
except (Gone, AssertionError) as failure:
    print(f"not ok {count + 1} - {failure}")
    desktop.screenshot("continue-failed")
    for line in desktop.describe().split("\n"):
        print("#", line)
    sys.exit(1)
finally:
    desktop.close()
    shutil.rmtree(home, ignore_errors=True)
