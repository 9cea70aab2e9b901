#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""build-aux/bench --quick on the fake engine: its JSON has every row, medians and ratios are right,
and it says where nothing was measured. Not how fast anything is.

Usage: test-bench.py SOURCE_ROOT ATTUNE_CLI   (with ATTUNE_ENGINE set to the fake engine)
"""
import json
import os
import stat
import subprocess
import sys
import tempfile

SOURCE, CLI = sys.argv[1:3]
BENCH = os.path.join(SOURCE, "build-aux", "bench")
MODEL = os.path.join(SOURCE, "tests", "fixtures", "tiny-bert")
# Answers as bench-peer.py does: so many sentences a second for its settings, 2 ms for each text.
PEER = r"""
import json, sys
words = sys.argv[2:]
speed = 10 + 10 * ("--group" in words) + 20 * ("--bf16" in words)
print(json.dumps({
    "training": {"sentences_per_second": speed, "tokens_per_second": 9 * speed, "fill_ratio": 0.5,
                 "peak_memory_bytes": 5e8},
    "latency": {"median_ms": {str(n): 2 for n in (8, 16, 32, 64, 128)}},
    "tokenizer": {"seconds": 3, "texts": 400, "texts_per_second": 133},
    "classification": {"seconds": 1, "texts": 64, "texts_per_second": 64},
}[words[0]] | {"versions": {"torch": "0"}}))
"""
TRAINING = ("training tiny-bert, auto", "training tiny-bert, fp32", "training a small shape, auto",
            "training a small shape, fp32")
LATENCY = tuple(f"one text of {n} tokens, in the engine" for n in (8, 16, 32, 64, 128))
OTHER = ("tokenizing 400 texts on one core", "classifying a file of 64 texts")
WINDOW = ("window on screen after launch", "main loop during training, 99 of 100 below",
          "main loop during training, longest")
results = []


def check(name, good, detail=""):
    results.append(bool(good))
    if not good:
        print(f"# {name}: {detail}", file=sys.stderr)
    print(f"{'ok' if good else 'not ok'} {len(results)} {name}", flush=True)


def write_script(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"#!{sys.executable}\n{text}")
    os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
    return path


def run(folder, *words):
    """What was printed, and the rows of the JSON by name."""
    path = os.path.join(folder, "bench.json")
    # No data set of the machine's; the texts are made up.
    done = subprocess.run([sys.executable, BENCH, "--quick", "--cli", CLI, "--model", MODEL,
                           "--json", path, *words], capture_output=True, text=True,
                          env={**os.environ, "ATTUNE_SHARED": folder})
    if done.returncode != 0:
        print(done.stderr, file=sys.stderr)
        return done, {}, []
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    return done, report, report["rows"]


def find(rows, name):
    return next((row for row in rows if row["measure"] == name), None)


def test_alone(folder):
    done, report, rows = run(folder, "--window", "false")
    missing = [n for n in TRAINING + LATENCY + OTHER + WINDOW if find(rows, n) is None]
    check("every row is there", rows and not missing, missing)
    numbers = [n for n in TRAINING + OTHER if not (find(rows, n) or {}).get("attune", 0) > 0]
    check("every speed is a number", not numbers, numbers)
    steps = [find(rows, n) for n in TRAINING]
    check("training says its work", all(
        row and row["tokens_per_second"] > 0 and 0 < row["fill_ratio"] <= 1
        and row["peak_share"] > 0 and row["precision"] == "fp32" for row in steps), steps)
    check("the machine is told", report and report["machine"]["fp32_gflops"] == 100
          and report["made_up_texts"] and report["peer"] is None, report)
    check("what was not measured is said so", all(
        f"| {name.ljust(42)} | ms          | not measured" in done.stdout for name in WINDOW),
        done.stdout)


def test_beside(folder):
    peer = write_script(os.path.join(folder, "peer"), PEER)
    window = write_script(os.path.join(folder, "window"),
                          'print(\'{"launch_ms": 120, "loop_p99_ms": 1.5, "loop_max_ms": 4}\')')
    _, report, rows = run(folder, "--peer", peer, "--window", window, "--rounds", "2")
    auto, exact = (find(rows, n) or {"against": {}} for n in TRAINING[:2])
    check("each of Trainer's settings is beside auto", sorted(
        a["value"] for a in auto["against"].values()) == [10, 20, 40], auto)
    check("bf16 is not held against fp32", sorted(
        a["value"] for a in exact["against"].values()) == [10, 20], exact)
    check("a faster training has the larger ratio", abs(
        auto["against"]["Trainer"]["ratio"] - auto["attune"] / 10) < 1e-9 and len(auto["all"]) == 2,
        auto)
    row = find(rows, OTHER[0])
    check("so has a shorter time", row and abs(
        row["against"]["tokenizers"]["ratio"] - 3 / row["attune"]) < 1e-9, row)
    check("the window's figures are taken over",
          [(find(rows, n) or {}).get("attune") for n in WINDOW] == [120, 1.5, 4], rows[-3:])


with tempfile.TemporaryDirectory() as home:
    test_alone(home)
    test_beside(home)
print(f"1..{len(results)}")
sys.exit(not all(results))
