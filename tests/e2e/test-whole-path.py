# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole path in the real window: sample, setup, training watched, results, a typed sentence.

usage: test-whole-path.py PROGRAM ARTEFACTS   (inside tests/with-display.sh, GTK_A11Y=atspi)
Needs the default model and the libtorch engine; skips, and says so, without.
"""
import glob
import json
import os
import re
import shutil
import sys
import tempfile
import time

try:
    from desktop import Desktop, Gone, text_of, walk
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

SECONDS = 240  # for a short run on a busy machine
os.makedirs(artefacts, exist_ok=True)
home = tempfile.mkdtemp(prefix="attune-e2e-")
os.environ["ATTUNE_MODELS"] = models
os.environ["XDG_DATA_HOME"] = home
os.environ.pop("G_DEBUG", None)
desktop = Desktop([program], artefacts, os.path.join(artefacts, "window.log"))
count = 0


def ok(what):
    global count
    count += 1
    print(f"ok {count} - {what}", flush=True)


def status_texts():
    return [text_of(n) or n.get_name() for n in walk(desktop.application()) if n.get_role_name() in ("status bar", "label")]


def run_folder():
    found = glob.glob(os.path.join(home, "attune", "runs", "*"))
    return found[0] if found else None


def events():
    folder = run_folder()
    path = folder and os.path.join(folder, "events.jsonl")
    if not path or not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.endswith("\n")]


def start_page():
    desktop.find("button", "Open a Data Set…")
    desktop.screenshot("start")
    ok("the start page offers to open a data set")


def open_sample():
    desktop.press("button", "Try the Sample")
    desktop.find("label", contains="1346 rows")
    desktop.find("label", contains="median ", seconds=30)
    desktop.screenshot("data")
    ok("the sample is read, its rows counted and its lengths measured")


def set_up():
    desktop.press("button", "Set Up Training")
    desktop.type(desktop.find("spin button", "Epochs"), "4")
    desktop.click(desktop.find("list item", "All Settings"))
    desktop.type(desktop.find("spin button", "Only the First Rows"), "960")
    desktop.keys("Tab")
    desktop.wait("an estimate", lambda: any(re.search(r"texts a second", t or "") for t in status_texts()), SECONDS)
    desktop.screenshot("setup")
    ok("an estimate from measured steps stands beside Start")


def train():
    desktop.press("button", "Start Training")
    desktop.find("button", "Pause")
    plot = desktop.find("image", "Loss")
    desktop.wait("steps", lambda: any(e["event"] == "step" for e in events()), SECONDS)
    desktop.find("label", contains="step ", seconds=SECONDS)
    ok("training starts and says its steps")

    desktop.press("button", "Pause")
    desktop.find("button", "Continue", seconds=SECONDS)
    desktop.wait("the pause", lambda: any(e["event"] == "paused" for e in events()), SECONDS)
    steps = sum(e["event"] == "step" for e in events())
    time.sleep(1)
    assert sum(e["event"] == "step" for e in events()) == steps, "steps were made while paused"
    desktop.screenshot("train-paused")
    desktop.press("button", "Continue")
    ok("pause holds the steps, Continue goes on")
    return plot


def try_while_training():
    desktop.press("page tab", "Try")
    field = desktop.find("text", "Text to classify")
    desktop.type(field, "The staff were kind and the soup was hot.")
    desktop.wait("an answer", lambda: any(re.search(r"(praise|complaint) · \d+ %", t or "") for t in status_texts()), SECONDS)
    desktop.screenshot("try-while-training")
    ok("a sentence is answered while training goes on")
    desktop.press("page tab", "Train")


def wait_for_end(plot):
    desktop.press("button", "See Results", seconds=SECONDS)
    assert any(e["event"] == "run_finished" for e in events()), "no run_finished event"
    started = next(e for e in events() if e["event"] == "run_started")
    assert started["steps"] == 4 * 27, f"{started['steps']} steps: epochs and rows typed on the Setup page were lost"
    description = plot.get_description() or ""
    assert "Training loss" in description, f"the plot's description is “{description}”"
    desktop.find("label", contains="texts right")
    desktop.wait("the matrix", lambda: any("Taken for" in (t or "") or "Recognised" in (t or "") for t in status_texts()))
    desktop.screenshot("results")
    desktop.press("page tab", "Train")
    time.sleep(0.5)
    desktop.screenshot("train")
    folder = run_folder()
    for name in ("config.json", "model.safetensors", "vocab.txt", "tokenizer.json"):
        assert os.path.exists(os.path.join(folder, "best", name)), f"best/{name} is missing"
    ok("the run ends with results, a spoken summary and a kept model")


def type_a_sentence():
    desktop.press("page tab", "Try")
    field = desktop.find("text", "Text to classify")
    answers = {}
    for text, label in (("They lost my parcel twice and never answered a single message.", "complaint"),
                        ("Everything worked the first time and the nurse explained each step.", "praise")):
        desktop.type(field, text)
        time.sleep(2)
        found = desktop.wait("an answer", lambda: [t for t in status_texts()
                                                   if re.fullmatch(r"(praise|complaint) · \d+ %", t or "")], 60)
        answers[text] = found[0]
        assert found[0].startswith(label), f"“{text}” is answered with {found[0]}"
    desktop.screenshot("try")
    ok(f"typed sentences are labelled: {', '.join(answers.values())}")


def reopen():
    """A second start lists the run and can still classify with it."""
    global desktop
    desktop.close()
    desktop = Desktop([program], artefacts, os.path.join(artefacts, "window-again.log"))
    row = desktop.find("list item", contains="remarks, Finished", seconds=60)
    assert row is not None
    desktop.press("page tab", "Try")
    desktop.type(desktop.find("text", "Text to classify"), "Nobody came to the door although the lights were on.")
    desktop.wait("an answer", lambda: any(re.search(r"(praise|complaint) · \d+ %", t or "") for t in status_texts()), 60)
    desktop.screenshot("reopened")
    ok("an earlier run reopens and classifies")


print("1..9")
try:
    start_page()
    open_sample()
    set_up()
    shown = train()
    try_while_training()
    wait_for_end(shown)
    type_a_sentence()
    reopen()
except (Gone, AssertionError) as failure:
    print(f"not ok {count + 1} - {failure}")
    desktop.screenshot("failed")
    for line in desktop.describe().split("\n"):
        print("#", line)
    sys.exit(1)
finally:
    desktop.close()
    shutil.rmtree(home, ignore_errors=True)
