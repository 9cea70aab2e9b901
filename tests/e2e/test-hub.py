# SPDX-License-Identifier: GPL-3.0-or-later
"""A model and a data set of the Hub in the real window: nothing is asked before a person searches; a
search, a download that goes on without its dialog, the model chosen and trained; a gated one; a data
set by its name.

usage: test-hub.py PROGRAM ARTEFACTS   (inside tests/with-display.sh, GTK_A11Y=atspi)
The Hub is one on the loopback, the engine the scripted one.
"""
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

from hub import Hub, read_folder

try:
    from desktop import Atspi, Desktop, Gone
except (ImportError, ValueError) as error:
    print(f"1..0 # SKIP needs python3-gi and the AT-SPI typelib ({error})")
    sys.exit(0)

program, artefacts = sys.argv[1:3]
fixtures = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures")
os.makedirs(artefacts, exist_ok=True)
home = tempfile.mkdtemp(prefix="attune-e2e-")
hub = Hub()
os.environ.update(HF_ENDPOINT=hub.address, HF_HOME=os.path.join(home, "hf"), XDG_DATA_HOME=home,
                  ATTUNE_ENGINE=os.environ["ATTUNE_FAKE_ENGINE"], ATTUNE_FAKE_SCRIPT="")
for name in ("HF_TOKEN", "HF_HUB_CACHE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "ATTUNE_RUNS", "ATTUNE_MODELS",
             "G_DEBUG"):
    os.environ.pop(name, None)

TINY = "tiny-org/found-bert"
CLOSED = "tiny-org/closed-bert"
hub.repos["models", TINY] = read_folder(os.path.join(fixtures, "tiny-bert"))
with open(os.path.join(fixtures, "parquet", "hub.parquet"), "rb") as file:
    hub.repos["datasets", "tiny-org/remarks"] = {"data/train-00000.parquet": file.read()}
hub.gated.add(CLOSED)
hub.found = [{"id": TINY, "downloads": 1234, "tags": ["license:mit", "en"], "config": {"model_type": "bert"},
              "safetensors": {"parameters": {"F32": 25000}}},
             {"id": CLOSED, "downloads": 98, "gated": "manual", "config": {"model_type": "bert"}}]
rows = os.path.join(home, "rows.csv")
with open(rows, "w", encoding="utf-8") as file:
    file.write("text,label\n")
    for i in range(40):
        file.write(f"this is text number {i} {'good' if i % 2 else 'bad'},{'yes' if i % 2 else 'no'}\n")
desktop = Desktop([program, rows], artefacts, os.path.join(artefacts, "hub.log"))
count = 0


def ok(what):
    global count
    count += 1
    print(f"ok {count} - {what}", flush=True)


def activate(row):
    """By the keyboard: a row that is a button has no action of its own."""
    for _ in range(20):
        if row.get_state_set().contains(Atspi.StateType.FOCUSED):
            break
        desktop.keys("Tab")
    else:
        raise Gone(f"“{row.get_name()}” is not reached with the Tab key")
    desktop.keys("Return")


def see_suggestions():
    desktop.find("label", contains="40 rows")
    desktop.press("page tab", "Setup")
    desktop.find("label", "To Download")
    desktop.find("button", "Download “BERT Base Chinese”")
    desktop.screenshot("hub-setup")
    desktop.click(desktop.find("radio button", "RNN"))
    activate(desktop.find("button", "Find a Model…"))
    desktop.find("label", contains="Nothing is sent to the Hub before")
    assert not hub.log, f"the Hub was asked {hub.log}"
    ok("models are offered, and nothing is asked of the Hub for it")


def search():
    desktop.type(desktop.find("entry", "What to search for on the Hugging Face Hub"), "tiny")
    desktop.press("button", "Search")
    desktop.find("label", contains="BERT · English · 100.0")
    desktop.find("label", contains="terms to accept first")
    desktop.screenshot("hub-found")
    ok("a search shows size, licence, language and downloads")


def fail():
    desktop.press("button", f"Download “{CLOSED}”")
    desktop.find("label", contains="is gated: accept its terms at")
    desktop.screenshot("hub-gated")
    ok("a gated model is explained")


def download():
    hub.gate.clear()
    desktop.press("button", f"Download “{TINY}”")
    desktop.find("label", contains="56 of 110 kB")
    desktop.screenshot("hub-downloading")
    desktop.keys("Escape")
    desktop.find("button", f"Cancel the download of “{TINY}”")
    desktop.find("progress bar", f"Download of “{TINY}”")
    desktop.screenshot("hub-setup-downloading")
    hub.gate.set()
    chosen = desktop.find("radio button", "found-bert")
    subprocess.run(["xdotool", "mousemove", "480", "400", "click", "--repeat", "30", "4"], check=True)
    time.sleep(0.5)
    desktop.click(chosen)
    desktop.wait("the choice", lambda: chosen.get_state_set().contains(Atspi.StateType.CHECKED))
    desktop.screenshot("hub-installed")
    ok("the download goes on without the dialog, and the model can be chosen")


def train():
    desktop.press("button", "Start Training")
    desktop.press("button", "See Results", seconds=60)
    with open(glob.glob(os.path.join(home, "attune", "runs", "*", "run.json"))[0], encoding="utf-8") as text:
        record = json.load(text)
    assert "found-bert" in json.dumps(record["model"]), record["model"]
    ok("a run with it ends")


def open_data():
    desktop.keys("F10")
    desktop.find("menu", "Main Menu")
    desktop.keys("h")
    desktop.type(desktop.find("text", "Name"), "tiny-org/missing")
    desktop.press("button", "Download and Open")
    desktop.find("label", contains="There is no “tiny-org/missing”")
    desktop.screenshot("hub-data-missing")
    desktop.type(desktop.find("text", "Name"), "tiny-org/remarks")
    desktop.press("button", "Download and Open")
    desktop.find("list item", "remarks, Not started")
    desktop.screenshot("hub-data")
    ok("a data set of the Hub opens by its name")


print("1..6")
try:
    see_suggestions()
    search()
    fail()
    download()
    train()
    open_data()
except (Gone, AssertionError) as failure:
    print(f"not ok {count + 1} - {failure}")
    desktop.screenshot("hub-failed")
    for line in desktop.describe().split("\n"):
        print("#", line)
    sys.exit(1)
finally:
    hub.gate.set()
    desktop.close()
    shutil.rmtree(home, ignore_errors=True)
