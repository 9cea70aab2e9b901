#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same work as attune-cli bench, done by Hugging Face's libraries.

  bench-peer.py training --model DIR --data FILE [--rows N] [--group] [--bf16]
  bench-peer.py latency|tokenizer|classification --model DIR --data FILE

Prints one JSON object. Runs in a Python that has torch and transformers; build-aux/bench calls it
with --peer PYTHON. Nothing is fetched: the model is a folder. Everything runs on the processor, as
long as texts allow and with the settings a person gets who changes none but those named here.
"""
import argparse
import csv
import json
import os
import resource
import statistics
import sys
import tempfile
import time

MAX_LENGTH = 128
BATCH = 32
CLASSIFY_BATCH = 64
LENGTHS = (8, 16, 32, 64, 128)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("part", choices=["training", "latency", "tokenizer", "classification"])
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--rows", type=int, default=1600)
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("--group", action="store_true", help="group_by_length")
    parser.add_argument("--bf16", action="store_true")
    return parser.parse_args()


def read_rows(path):
    """(text, label) of a table whose last column is the label; labels as numbers."""
    with open(path, encoding="utf-8", newline="") as file:
        if path.endswith(".csv"):
            rows = [(row[0], row[-1]) for row in csv.reader(file)]
        else:
            rows = [tuple(line.rstrip("\r\n").rsplit("\t", 1)) for line in file]
    names = sorted({label for _, label in rows[1:]})
    return [(text, names.index(label)) for text, label in rows[1:]]


def quiet():
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    return transformers


def load(folder, n_labels=2):
    transformers = quiet()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(
        folder, num_labels=n_labels, ignore_mismatched_sizes=True)
    return tokenizer, model


def create_trainer(transformers, folder, options, model, data, collator, callback):
    settings = dict(output_dir=folder, per_device_train_batch_size=BATCH, num_train_epochs=1,
                    logging_steps=10**9, save_strategy="no", report_to="none", disable_tqdm=True,
                    use_cpu=True, bf16=options.bf16)
    try:
        args = transformers.TrainingArguments(**settings, group_by_length=options.group)
    except TypeError:  # later versions have another word for it
        strategy = "group_by_length" if options.group else "random"
        args = transformers.TrainingArguments(**settings, train_sampling_strategy=strategy)
    return transformers.Trainer(model=model, args=args, train_dataset=data, data_collator=collator,
                                callbacks=[callback])


def training(options):
    transformers = quiet()
    transformers.set_seed(42)
    rows = read_rows(options.data)[:options.rows]
    tokenizer, model = load(options.model, max(label for _, label in rows) + 1)
    ids = tokenizer([text for text, _ in rows], truncation=True, max_length=MAX_LENGTH)
    data = [{"input_ids": i, "attention_mask": m, "labels": label}
            for i, m, (_, label) in zip(ids["input_ids"], ids["attention_mask"], rows)]
    pad = transformers.DataCollatorWithPadding(tokenizer)
    seen = {"real": 0, "all": 0}
    marks = []

    def collate(features):
        batch = pad(features)
        seen["real"] += int(batch["attention_mask"].sum())
        seen["all"] += batch["attention_mask"].numel()
        return batch

    class Clock(transformers.TrainerCallback):
        def on_step_end(self, args, state, control, **kwargs):
            marks.append((time.perf_counter(), min(state.global_step * BATCH, len(rows))))

    with tempfile.TemporaryDirectory() as folder:
        create_trainer(transformers, folder, options, model, data, collate, Clock()).train()
    # The first tenth warms up, there as here.
    (begin, first), (end, last) = marks[len(marks) // 10], marks[-1]
    speed = (last - first) / (end - begin)
    mean = sum(map(len, ids["input_ids"])) / len(rows)
    return {"sentences_per_second": speed, "tokens_per_second": speed * mean,
            "fill_ratio": seen["real"] / seen["all"],
            "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def latency(options):
    import torch

    tokenizer, model = load(options.model)
    texts = [text for text, _ in read_rows(options.data)[:4096]]
    ids = sum(tokenizer(texts, truncation=True, max_length=MAX_LENGTH)["input_ids"], [])
    model.eval()
    result = {}
    with torch.inference_mode():
        for length in LENGTHS:
            seconds = []
            for i in range(10 + options.repeats):
                start = i * length % max(1, len(ids) - length)
                batch = torch.tensor([ids[start:start + length]])
                mask = torch.ones_like(batch)
                begin = time.perf_counter()
                model(input_ids=batch, attention_mask=mask)
                seconds.append(time.perf_counter() - begin)
            result[str(length)] = 1e3 * statistics.median(seconds[10:])
    return {"median_ms": result}


def tokenizer(options):
    backend = quiet().AutoTokenizer.from_pretrained(options.model).backend_tokenizer
    backend.enable_truncation(MAX_LENGTH)
    backend.no_padding()
    texts = [text for text, _ in read_rows(options.data)]
    backend.encode_batch(texts[:1000])
    begin = time.perf_counter()
    backend.encode_batch(texts)
    seconds = time.perf_counter() - begin
    return {"texts": len(texts), "seconds": seconds, "texts_per_second": len(texts) / seconds}


def classify(tokenizer_, model, texts):
    ids = tokenizer_(texts, truncation=True, max_length=MAX_LENGTH)["input_ids"]
    order = sorted(range(len(ids)), key=lambda i: -len(ids[i]))
    answers = [0] * len(ids)
    for start in range(0, len(order), CLASSIFY_BATCH):
        part = order[start:start + CLASSIFY_BATCH]
        batch = tokenizer_.pad({"input_ids": [ids[i] for i in part]}, return_tensors="pt")
        for i, answer in zip(part, model(**batch).logits.argmax(-1).tolist()):
            answers[i] = answer
    return answers


def classification(options):
    import torch

    tokenizer_, model = load(options.model)
    texts = [text for text, _ in read_rows(options.data)[:options.rows]]
    model.eval()
    with torch.inference_mode():
        classify(tokenizer_, model, texts[:64])
        begin = time.perf_counter()
        classify(tokenizer_, model, texts)
        seconds = time.perf_counter() - begin
    return {"texts": len(texts), "seconds": seconds, "texts_per_second": len(texts) / seconds}


def main():
    options = arguments()
    os.environ["HF_HUB_OFFLINE"] = "1"
    if options.part == "tokenizer":
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        os.environ["RAYON_NUM_THREADS"] = "1"
    answer = sys.stdout
    sys.stdout = sys.stderr  # the libraries talk
    result = {"training": training, "latency": latency, "tokenizer": tokenizer,
              "classification": classification}[options.part](options)
    import tokenizers
    import torch
    import transformers

    result["versions"] = {"torch": torch.__version__, "transformers": transformers.__version__,
                          "tokenizers": tokenizers.__version__}
    result["threads"] = torch.get_num_threads()
    print(json.dumps(result), file=answer)


if __name__ == "__main__":
    main()
