"""Workers in lock step: the loss of many workers on a machine of any size, always alike.

    python benchmarks/lock_step.py wiki8.xz@6M --languages 10 --workers 1 4 8 16 32

One thread trains pieces of 16 tokens for each of the workers in turn, each from a chunk of its own,
so that all are behind all others (tests/lockstep.py, which needs pytest). With --languages the text
is cut into so many parts, and each part has words of its own. The table has the mean loss of each
epoch. With --json each run is a line of that file.
"""

import argparse
import importlib
import json
import sys
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from inputs import write_prefix
from selection import VARIANT_NAMES
from settings import VARIANTS, whole
from tables import markdown
from w2v import TrainConfig, open_corpus
from w2v.text.encoding import EncodedCorpus, encode_corpus
from w2v.text.vocabulary import Vocabulary, count_vocabulary

TESTS = Path(__file__).resolve().parent.parent / "tests"
_LARGE = 1000.0
Run = dict[str, Any]


def main() -> None:
    """Train each variant with each number of workers, and print the table."""
    arguments = parse_arguments()
    vocabulary, encoded = encode(arguments.corpus, arguments.languages)
    runs = []
    for variant in arguments.variant:
        for workers in arguments.workers:
            losses = train(vocabulary, encoded, variant, workers, arguments)
            runs.append({"variant": variant, "workers": workers, "losses": losses})
            if arguments.json:
                with arguments.json.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(runs[-1]) + "\n")
    print(table(runs))


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", help="CORPUS or CORPUS@WORDS, its first words")
    parser.add_argument("--languages", type=int, default=1, help="parts with words of their own")
    parser.add_argument("--variant", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 4, 8, 16, 32])
    parser.add_argument("--vector-size", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--json", type=Path, help="add every run to this file")
    return parser.parse_args(given)


def encode(corpus: str, languages: int) -> tuple[Vocabulary, EncodedCorpus]:
    """Count and encode a corpus in so many languages, one after another."""
    source, _, size = corpus.partition("@")
    with tempfile.TemporaryDirectory(prefix="w2v-benchmark-") as directory:
        text = Path(directory) / "text.txt"
        write_prefix(open_corpus(source), text, whole(size) if size else None)
        if languages > 1:
            spoken = in_languages(text.read_text(encoding="utf-8").split(), languages)
            text.write_text("\n".join(spoken), encoding="utf-8")
        opened = open_corpus(text)
        vocabulary = count_vocabulary(opened, 5, None, 2)
        return vocabulary, encode_corpus(opened, vocabulary, 2)


def in_languages(words: list[str], languages: int) -> Iterator[str]:
    """Yield each part of a text as a line, with the part's number added to its words."""
    edges = np.linspace(0, len(words), languages + 1).astype(int)
    for language, (start, stop) in enumerate(pairwise(edges)):
        yield " ".join(f"{word}-{language}" for word in words[start:stop])


def train(
    vocabulary: Vocabulary,
    encoded: EncodedCorpus,
    variant: str,
    workers: int,
    arguments: argparse.Namespace,
) -> list[float]:
    """Train in lock step; return the mean loss of each epoch."""
    sys.path.append(str(TESTS))
    lockstep, pytest = importlib.import_module("lockstep"), importlib.import_module("pytest")
    architecture, _, loss = variant.partition("-")
    config = TrainConfig.of(
        {
            "architecture": architecture, "loss": loss, "workers": workers,
            "vector_size": arguments.vector_size, "epochs": arguments.epochs,
        }
    )  # fmt: skip
    driver = lockstep.OwnChunks(encoded, vocabulary, config, pytest.MonkeyPatch())
    return [float(mean) for mean in driver.run()]


def table(runs: list[Run]) -> str:
    """Return the losses: a row for each variant and epoch, a column for each number of workers."""
    counts = list(dict.fromkeys(run["workers"] for run in runs))
    rows = []
    for variant in dict.fromkeys(run["variant"] for run in runs):
        chosen = [run["losses"] for run in runs if run["variant"] == variant]
        for epoch, losses in enumerate(zip(*chosen, strict=True), 1):
            name = f"{VARIANT_NAMES[variant]}, epoch {epoch}"
            rows.append([name, *map(_shown, losses)])
    heads = [f"{count} worker" + "s" * (count > 1) for count in counts]
    return markdown(["", *heads], rows)


def _shown(loss: float) -> str:
    return f"{loss:.3f}" if loss < _LARGE else f"{loss:.0e}"


if __name__ == "__main__":
    main()
