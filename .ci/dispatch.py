"""The classifier's bars beside scikit-learn: the same rows, the same folds, the same machine.

Usage: dispatch.py MESSAGES_LABELLED LIANXIN; prints two tables and fails below the bar.
"""

import hashlib
import json
import subprocess
import sys
import time

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import accuracy_score, f1_score
from sklearn.svm import LinearSVC

FOLDS = 5
BAR = 0.92


def normal(text):
    """As the classifier reads it: no white space, ASCII in lower case, full width as half width."""
    glyphs = []
    for c in text:
        if c.isspace():
            continue
        if 0xFF01 <= ord(c) <= 0xFF5E:
            c = chr(ord(c) - 0xFEE0)
        glyphs.append(c.lower() if c.isascii() else c)
    return "".join(glyphs)


def fold(text):
    first = hashlib.sha256(normal(text).encode()).digest()[:8]
    return int.from_bytes(first, "big") % FOLDS


def main():
    file, lianxin = sys.argv[1:3]
    with open(file, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    texts = [row["text"] for row in rows]
    labels = np.array([row["label"] for row in rows])
    folds = np.array([fold(text) for text in texts])
    machines = {
        "LinearSVC, TF-IDF words": (dict(token_pattern=r"(?u)\S+"), 0.5),
        "LinearSVC, TF-IDF char 2-3": (dict(analyzer="char", ngram_range=(2, 3)), 0.5),
    }
    print(f"{'':30} macro-F1 accuracy  us/message (one at a time)  ms to load")
    single = {}
    for name, (how, c) in machines.items():
        given = np.empty(len(texts), dtype=object)
        micros = []
        for at in range(FOLDS):
            train, held = np.flatnonzero(folds != at), np.flatnonzero(folds == at)
            words = TfidfVectorizer(sublinear_tf=True, **how)
            machine = LinearSVC(C=c).fit(words.fit_transform([texts[i] for i in train]), labels[train])
            given[held] = machine.predict(words.transform([texts[i] for i in held]))
            began = time.perf_counter()
            for i in held[:200]:
                machine.predict(words.transform([texts[i]]))
            micros.append((time.perf_counter() - began) * 1e6 / min(200, len(held)))
        single[name] = np.median(micros)
        score = f1_score(labels, given.astype(str), average="macro")
        print(f"{name:30} {score:8.4f} {accuracy_score(labels, given.astype(str)):8.4f} {single[name]:11.0f}")
    run = [lianxin, "--data", "target/dispatch-city", "--json", "dispatch"]
    ask = lambda *more: json.loads(subprocess.run([*run, *more], check=True, stdout=subprocess.PIPE).stdout)
    ours = ask("eval", "--labelled", file, "--folds", str(FOLDS))
    ask("train", "--labelled", file, "--out", "target/dispatch-full.model")
    full = ask("eval", "--labelled", file, "--model", "target/dispatch-full.model")
    print(f"{'ours':30} {ours['macro_f1']:8.4f} {ours['accuracy']:8.4f} {full['micros_per_message']:11.0f} {full['load_ms']:26.1f}")
    for name, micros in single.items():
        print(f"a message takes ours {full['micros_per_message'] / micros:.3f} of the time of {name}")
    print(f"model: {full['model_bytes']} bytes; ECE {ours['ece']}; coverage at precision {ours['coverage_at_precision']}")
    bad = ours["macro_f1"] < BAR or ours["ece"] > 0.03 or full["micros_per_message"] > 1000
    bad = bad or full["load_ms"] > 60 or full["model_bytes"] > 20_000_000
    sys.exit("below the bar" if bad else 0)


main()
