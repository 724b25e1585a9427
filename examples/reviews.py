"""The film reviews of sentiment.py and autoencoder.py: read, cut into words, given vectors."""

import argparse
import lzma
import os
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import w2v

TRAINING, VALIDATION = 200, 10_000
FIRST_SEED = 10  # the settings of both examples were tried out with the seeds below
FIRST_WORDS, COMMONEST_WORDS = 100, 10_000
SHARED = Path(__file__).resolve().parents[2] / "shared"
ABSENT = """{path} does not exist. Get the reviews (aclImdb, 84 MB; Maas et al., 2011):
    curl -O https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz
    tar xf aclImdb_v1.tar.gz
    python examples/{script} aclImdb
A file with a line for each review is read too, also as .xz: label (0 or 1), id and text, with tabs
between them. Without an argument it is eval/imdb-11k.tsv.xz in $W2V_TEST_DATA.
"""


class Reviews(NamedTuple):
    """Reviews as lists of words, and whether each is positive (1) or negative (0)."""

    words: list[list[str]]
    labels: Any  # int64 (n,)


class Split(NamedTuple):
    """The numbers of the reviews to learn from, and of those to validate on."""

    training: Any
    validation: Any


def arguments(description: str) -> argparse.Namespace:
    """Read the command line that both examples have."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    default = Path(os.environ.get("W2V_TEST_DATA", SHARED)) / "eval" / "imdb-11k.tsv.xz"
    add = parser.add_argument
    add("reviews", nargs="?", type=Path, default=default, help="the directory aclImdb, or a file")
    add("--vectors", type=Path, action="append", default=[], help="a file of vectors to compare")
    add("--seeds", type=int, default=10, help="runs, each with other reviews to learn from")
    add("--first-seed", type=int, default=FIRST_SEED, help="the seed of the first run")
    add("--epochs", type=int, default=20, help="how often a network sees these reviews")
    add("-o", "--output", type=Path, help="draw the curves to this .svg or .png")
    options = parser.parse_args()
    if options.output and options.output.suffix not in (".svg", ".png"):
        parser.error(f"the name of the picture ends in .svg or .png, not as {options.output}")
    if not options.reviews.exists():
        parser.exit(1, ABSENT.format(path=options.reviews, script=parser.prog))
    return options


def seeds_of(options: argparse.Namespace) -> range:
    """Return the seeds of all runs."""
    return range(options.first_seed, options.first_seed + options.seeds)


def read(path: Path) -> Reviews:
    """Read the directory aclImdb, or a file of label, id and text, in a random order."""
    found = list(in_directory(path) if path.is_dir() else in_file(path))
    random.Random(0).shuffle(found)
    labels = np.array([label for label, _ in found], dtype=np.int64)
    if min(np.bincount(labels, minlength=2)) <= TRAINING // 2:
        counts = f"{sum(labels == 1):,} positive and {sum(labels == 0):,} negative reviews"
        raise SystemExit(f"{path} has {counts}; more than {TRAINING // 2} of each are needed.")
    return Reviews([words_of(text) for _, text in found], labels)


def in_directory(path: Path) -> Iterator[tuple[int, str]]:
    """Yield label and text of each review; it is a file in a folder pos or neg."""
    for label, folder in enumerate(("neg", "pos")):
        for file in sorted(path.glob(f"**/{folder}/*.txt")):
            yield label, file.read_text(encoding="utf-8")


def in_file(path: Path) -> Iterator[tuple[int, str]]:
    """Yield label and text of each review; it is a line."""
    with (lzma.open if path.suffix == ".xz" else open)(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            label, *_, text = line.rstrip("\n").split("\t", 2) if "\t" in line else ("", line)
            if label not in ("0", "1"):
                raise SystemExit(f"{path}, line {number}: it is not label (0 or 1), id and text.")
            yield int(label), text


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case, without the reviews' <br />."""
    return w2v.words_of(text.replace("<br />", " "), tokenizer="words", lower=True)


def train_vectors(reviews: Reviews) -> w2v.KeyedVectors:
    """Train vectors on the words of all reviews, without their labels."""
    return w2v.train(reviews.words, deterministic=True).vectors


def known_words(reviews: Reviews) -> tuple[list[str], list[list[str]]]:
    """Return the commonest words, and of each review those of its first words among them."""
    counts = Counter(word for words in reviews.words for word in words)
    commonest = {word: None for word, _ in counts.most_common(COMMONEST_WORDS)}
    texts = [[word for word in words[:FIRST_WORDS] if word in commonest] for words in reviews.words]
    return list(commonest), texts


def split(reviews: Reviews, seed: int) -> Split:
    """Draw the reviews to learn from, half of them positive, and those to validate on."""
    order = np.random.default_rng(seed).permutation(len(reviews.labels))
    halves = [order[reviews.labels[order] == label] for label in (0, 1)]
    training = np.concatenate([half[: TRAINING // 2] for half in halves])
    return Split(training, order[~np.isin(order, training)][:VALIDATION])
