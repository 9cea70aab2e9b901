# SPDX-License-Identifier: GPL-3.0-or-later
"""Training outlives the window: a run and one that waits go on without it, a later start shows the same
window again, the desktop is told of their ends, and then the program ends. What waits when it is told
to end is offered again.

usage: test-life.py PROGRAM ARTEFACTS   (inside tests/with-display.sh, GTK_A11Y=atspi)
The engine is the scripted one: what counts here is who lives how long.
"""
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

try:
    from desktop import Atspi, Desktop, Gone
except (ImportError, ValueError) as error:
    print(f"1..0 # SKIP needs python3-gi and the AT-SPI typelib ({error})")
    sys.exit(0)

program, artefacts = sys.argv[1:3]
here = os.path.dirname(os.path.abspath(__file__))
os.makedirs(artefacts, exist_ok=True)
home = tempfile.mkdtemp(prefix="attune-e2e-")
runs = os.path.join(home, "attune", "runs")
news = os.path.join(home, "news")
shutil.copytree(os.path.join(here, "..", "fixtures", "tiny-bert"), os.path.join(home, "models", "tiny-bert"))
os.environ["ATTUNE_MODELS"] = os.path.join(home, "models")
os.environ["ATTUNE_ENGINE"] = os.environ["ATTUNE_FAKE_ENGINE"]
os.environ["XDG_DATA_HOME"] = home
os.environ.pop("ATTUNE_RUNS", None)
os.environ.pop("G_DEBUG", None)
count = 0
desktop = None


def write_rows(name, n):
    path = os.path.join(home, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write("text,label\n")
        for i in range(n):
            file.write(f"this is text number {i} {'good' if i % 2 else 'bad'},{'yes' if i % 2 else 'no'}\n")
    return path


def ok(what):
    global count
    count += 1
    print(f"ok {count} - {what}", flush=True)


def open_program(script, *arguments):
    global desktop
    os.environ["ATTUNE_FAKE_SCRIPT"] = script
    desktop = Desktop([program, *arguments], artefacts, os.path.join(artefacts, f"life-{count}.log"))


def start_again(*arguments):
    """As from the menu, while the program lives: the new process hands over and ends."""
    subprocess.run([program, *arguments], timeout=30, check=True)


def events(title):
    found = glob.glob(os.path.join(runs, f"*-{title}", "events.jsonl"))
    if not found:
        return []
    with open(found[0], encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.endswith("\n")]


def said(title, event):
    return any(e["event"] == event for e in events(title))


def get_news():
    with open(news, encoding="utf-8") as file:
        return file.read().splitlines()


def is_shown():
    return desktop.look("frame") is not None


def wait_for_end(seconds):
    try:
        desktop.process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise Gone("the program does not end") from None
    assert desktop.process.returncode == 0, f"it ended with {desktop.process.returncode}"
    desktop.close()


def add_to_the_queue():
    open_program("slow=150ms", write_rows("first.csv", 1600))
    desktop.find("label", contains="1600 rows")
    desktop.press("button", "Set Up Training")
    desktop.press("button", "Start Training")
    desktop.wait("the first step", lambda: said("first", "step"), 60)
    start_again(write_rows("second.csv", 320))
    desktop.find("label", contains="320 rows")
    desktop.press("button", "Set Up Training")
    desktop.press("button", "Add to Queue")
    desktop.find("list item", contains="Waiting")
    desktop.find("button", "Take Out of the Queue")
    time.sleep(1)
    desktop.screenshot("queue")
    ok("while a run trains another is added to the queue")


def close_the_window():
    desktop.keys("ctrl+w")
    mark = desktop.find("check box", "Do this from now on")
    desktop.keys("shift+Tab")
    desktop.keys("space")
    desktop.wait("the mark", lambda: mark.get_state_set().contains(Atspi.StateType.CHECKED), 5)
    desktop.screenshot("close")
    desktop.press("button", "Keep Training")
    desktop.wait("the window to go", lambda: not is_shown())
    time.sleep(1)
    assert desktop.process.poll() is None, "the program ended with its window"
    assert not said("first", "run_stopped")
    ok("the window goes, the run goes on")


def come_back():
    start_again()
    desktop.wait("the window", is_shown)
    desktop.find("list item", contains="Training")
    steps = len(events("first"))
    desktop.wait("it to go on", lambda: len(events("first")) > steps)
    desktop.screenshot("come-back")
    desktop.keys("ctrl+w")
    desktop.wait("the window to go without a question", lambda: not is_shown())
    ok("a later start shows it again, live; the answer is remembered")


def end_by_itself():
    wait_for_end(120)
    assert said("first", "run_finished") and said("second", "run_finished")
    assert not os.path.exists(os.path.join(runs, "queue.json"))
    assert len(get_news()) == 2, f"the desktop was told {get_news()}"
    assert get_news()[0].startswith("first: Training has finished with an accuracy of"), get_news()[0]
    ok("both run to their ends, the desktop is told, and the program ends")


def click_the_news():
    """What the bus does when the notification of a program that has ended is clicked."""
    folder = glob.glob(os.path.join(runs, "*-first"))[0]
    open_program("", "--gapplication-service")
    application = ("io.github.attune_text.Attune", "/io/github/attune_text/Attune")
    subprocess.run(["gdbus", "wait", "--session", "--timeout", "30", application[0]], check=True)
    subprocess.run(["gdbus", "call", "--session", "--dest", application[0], "--object-path", application[1],
                    "--method", "org.freedesktop.Application.ActivateAction", "show-run", f"[<'{folder}'>]",
                    "{}"], check=True, stdout=subprocess.DEVNULL)
    desktop.find("list item", contains="first")
    time.sleep(1)
    desktop.screenshot("click")
    desktop.keys("ctrl+w")
    wait_for_end(30)
    ok("a click on the news starts the program at that run")


def end_while_they_wait():
    open_program("slow=60ms", write_rows("third.csv", 1600))
    desktop.find("label", contains="1600 rows")
    desktop.press("button", "Set Up Training")
    desktop.press("button", "Start Training")
    desktop.wait("the first step", lambda: said("third", "step"), 60)
    start_again(write_rows("fourth.csv", 320))
    desktop.find("label", contains="320 rows")
    desktop.press("button", "Set Up Training")
    desktop.press("button", "Add to Queue")
    desktop.find("list item", contains="Waiting")
    began = time.monotonic()
    desktop.process.send_signal(signal.SIGTERM)
    wait_for_end(20)
    took = time.monotonic() - began
    last = events("third")[-1]
    assert last["event"] == "run_stopped", f"the last word was {last}"
    assert any(e["event"] == "checkpoint" and e["step"] == last["step"] for e in events("third"))
    ok(f"told to end, it saves and ends ({took:.1f} s)")


def go_on_with_the_queue():
    open_program("")
    desktop.find("label", contains="1 run still waits")
    time.sleep(1)
    desktop.screenshot("offered")
    assert not said("fourth", "run_started")
    desktop.press("button", "Start")
    desktop.wait("its end", lambda: said("fourth", "run_finished"), 60)
    desktop.keys("ctrl+w")
    wait_for_end(30)
    ok("what waited is offered, and goes on by a click")


print("1..7")
notifications = subprocess.Popen([sys.executable, os.path.join(here, "session.py"), news])
try:
    while not os.path.exists(news):
        time.sleep(0.1)
    add_to_the_queue()
    close_the_window()
    come_back()
    end_by_itself()
    click_the_news()
    end_while_they_wait()
    go_on_with_the_queue()
except (Gone, AssertionError, subprocess.SubprocessError) as failure:
    print(f"not ok {count + 1} - {failure}")
    desktop.screenshot("life-failed")
    for line in desktop.describe().split("\n"):
        print("#", line)
    sys.exit(1)
finally:
    notifications.terminate()
    if desktop is not None:
        desktop.close()
    shutil.rmtree(home, ignore_errors=True)
