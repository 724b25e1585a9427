"""Sentences from Python: the seconds to read and to train on them, against the same text in a file.

    python benchmarks/python_sentences.py wiki8-sentences.txt.xz --words 3M

The text is read from a file, from a list of lists of strings, from a generator of such lists, and
as numbers: from lists of int and from arrays. Reading is counting and encoding. The best of all
runs counts, and they take turns.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import w2v
from inputs import prepared
from settings import whole
from tables import markdown
from w2v.text.corpus import open_corpus
from w2v.text.encoding import encode_corpus
from w2v.text.vocabulary import count_vocabulary

Form = Callable[[], Any]


def main() -> None:
    """Measure every form, and print the table."""
    arguments = parse_arguments()
    with prepared(arguments.corpus, arguments.words) as inputs:
        forms = forms_of(inputs.text)
        print(f"{inputs.name}, {inputs.words:,} words, {arguments.workers} workers")
        w2v.train("toy", epochs=1)  # compiles the kernels
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in forms}
        for _ in range(arguments.runs):
            for name, form in forms.items():
                reading = seconds(read, form, arguments.workers)
                found[name].append((reading, seconds(train, form, arguments.workers)))
    best = {name: np.min(runs, axis=0) for name, runs in found.items()}
    rows = []
    for name, both in best.items():
        ratios = both / best["a file"]
        cells = (f"{here:.2f} s ({ratio:.1f})" for here, ratio in zip(both, ratios, strict=True))
        rows.append([name, *cells])
    print(markdown(["text from", "reading (× file)", "training, one epoch (× file)"], rows))


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", help="a text with a sentence a line")
    parser.add_argument("--words", type=whole, help="its first so many words, as in 3M")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    return parser.parse_args(given)


def forms_of(text: Path) -> dict[str, Form]:
    """Return the same sentences in every form, each as a function that gives it anew."""
    lists = [line.split() for line in text.read_text(encoding="utf-8").splitlines()]
    places = {word: k for k, word in enumerate(dict.fromkeys(w for line in lists for w in line))}
    numbers = [[places[word] for word in line] for line in lists]
    arrays = [np.array(line) for line in numbers]
    return {
        "a file": lambda: text,
        "lists of strings": lambda: lists,
        "a generator of them": lambda: (line for line in lists),
        "lists of int": lambda: numbers,
        "arrays": lambda: arrays,
    }


def seconds(work: Callable[[Any, int], object], form: Form, workers: int) -> float:
    """Return the seconds that some work on a text takes."""
    began = time.perf_counter()
    work(form(), workers)
    return time.perf_counter() - began


def read(text: Any, workers: int) -> None:
    """Count and encode a text."""
    corpus = open_corpus(text)
    encode_corpus(corpus, count_vocabulary(corpus, workers=workers), workers)


def train(text: Any, workers: int) -> None:
    """Train one epoch with the defaults."""
    w2v.train(text, epochs=1, workers=workers)


if __name__ == "__main__":
    main()
