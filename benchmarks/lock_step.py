"""Workers in lock step: the loss of many workers on a machine of any size, always alike.

    python benchmarks/lock_step.py wiki8.xz@6M --languages 10 --workers 1 4 8 16 32
    python benchmarks/lock_step.py pairs@1100k --epochs 5 --vector-size 100 --workers 1 8

One thread trains pieces of 16 tokens for each of the workers in turn, each from a chunk of its own,
so that all are behind all others (tests/lockstep.py, which needs pytest). With --languages the text
is cut into so many parts, and each part has words of its own. The table has the mean loss of each
epoch; for the planted texts of many_workers.py also "groups", the share of the nearest words that
belong to a word's own group. With --json each run is a line of that file.
"""

import argparse
import importlib
import json
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from inputs import prepared
from many_workers import PLANTED_WORDS, config_of, encode_file, group_share, vectors_of
from many_workers import encode as encode_whole
from selection import VARIANT_NAMES
from settings import VARIANTS, whole
from short_inputs import PLANTED, ShortText, short_text
from tables import markdown
from w2v.text.encoding import EncodedCorpus
from w2v.text.vocabulary import Vocabulary

TESTS = Path(__file__).resolve().parent.parent / "tests"
_LARGE = 1000.0
Run = dict[str, Any]


def main() -> None:
    """Train each variant with each number of workers, and print the table."""
    arguments = parse_arguments()
    sys.path.append(str(TESTS))
    source, _, size = arguments.corpus.partition("@")
    planted = short_text(f"{source}@{size or PLANTED_WORDS}") if source in PLANTED else None
    words = whole(size) if size else None
    vocabulary, encoded = encode(source, words, planted, arguments.languages)
    names = ("languages", "vector_size", "epochs", "seed")
    settings = {name: getattr(arguments, name) for name in names}
    runs = []
    for variant in arguments.variant:
        for workers in arguments.workers:
            run = {"corpus": arguments.corpus, "variant": variant, "workers": workers, **settings}
            runs.append({**run, **train(vocabulary, encoded, planted, run)})
            if arguments.json:
                with arguments.json.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(runs[-1]) + "\n")
    print(table(runs))


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", help=f"CORPUS, CORPUS@WORDS, {', '.join(PLANTED)}")
    parser.add_argument("--languages", type=int, default=1, help="parts with words of their own")
    parser.add_argument("--variant", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 4, 8, 16, 32])
    parser.add_argument("--vector-size", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="add every run to this file")
    return parser.parse_args(given)


def encode(
    source: str, words: int | None, planted: ShortText | None, languages: int
) -> tuple[Vocabulary, EncodedCorpus]:
    """Count and encode a corpus, in so many languages, one after another."""
    if languages == 1:
        return encode_whole(source, words, planted)
    with prepared(source, words) as inputs:
        spoken = in_languages(inputs.text.read_text(encoding="utf-8").split(), languages)
        inputs.text.write_text("\n".join(spoken), encoding="utf-8")
        return encode_file(inputs.text, 5)


def in_languages(words: list[str], languages: int) -> Iterator[str]:
    """Yield each part of a text as a line, with the part's number added to its words."""
    edges = np.linspace(0, len(words), languages + 1).astype(int)
    for language, (start, stop) in enumerate(pairwise(edges)):
        yield " ".join(f"{word}-{language}" for word in words[start:stop])


def train(
    vocabulary: Vocabulary,
    encoded: EncodedCorpus,
    planted: ShortText | None,
    run: Run,
) -> Run:
    """Train in lock step; return the mean loss of each epoch, and the share of a planted text."""
    lockstep, pytest = importlib.import_module("lockstep"), importlib.import_module("pytest")
    sample = None if planted is None else 0.0
    config = config_of({**run, "window": 5, "alpha": None, "sample": sample})
    driver = lockstep.OwnChunks(encoded, vocabulary, config, pytest.MonkeyPatch())
    losses = [float(mean) for mean in driver.run()]
    if planted is None:
        return {"losses": losses}
    vectors = vectors_of(driver.trainer)
    return {"losses": losses, "groups": group_share(planted, vocabulary.words, vectors)}


def table(runs: list[Run]) -> str:
    """Return the losses: a row for each variant and epoch, a column for each number of workers."""
    counts = list(dict.fromkeys(run["workers"] for run in runs))
    rows = []
    for variant in dict.fromkeys(run["variant"] for run in runs):
        chosen = [run for run in runs if run["variant"] == variant]
        losses = zip(*(run["losses"] for run in chosen), strict=True)
        for epoch, of_epoch in enumerate(losses, 1):
            rows.append([f"{VARIANT_NAMES[variant]}, epoch {epoch}", *map(_shown, of_epoch)])
        if "groups" in chosen[0]:
            shares = (f"{run['groups']:.3f}" for run in chosen)
            rows.append([f"{VARIANT_NAMES[variant]}, groups", *shares])
    heads = [f"{count} worker" + "s" * (count > 1) for count in counts]
    return markdown(["", *heads], rows)


def _shown(loss: float) -> str:
    return f"{loss:.3f}" if loss < _LARGE else f"{loss:.0e}"


if __name__ == "__main__":
    main()
