"""How fast the workers of a cluster count and encode a text, beside threads of one process.

    python benchmarks/cluster_counting.py wiki8

Each way reads the text twice, the first time to load kernels and the disk's cache, and the second
time counts. All must give the same vocabulary and as many ids. The cluster is one of processes of
this machine, with one thread each; a file that is not compressed has several pieces.
"""

import argparse
import time
from typing import Any

from tables import markdown
from w2v import Corpus, open_corpus
from w2v.text.encoding import encode_corpus
from w2v.text.vocabulary import count_vocabulary
from w2v.training.cluster.connecting import connected
from w2v.training.cluster.counting import SpreadCorpus, spread

Found = tuple[list[Any], int]  # the words and their counts, and the number of ids


def main() -> None:
    """Read the text in every way, and print the table."""
    arguments = parse_arguments()
    corpus = open_corpus(arguments.corpus)
    size = (corpus.size or 0) / 1e6
    rows, results = [], []
    for workers in arguments.workers:
        counting, encoding, found = timed(open_corpus(arguments.corpus), workers)
        results.append(found)
        rows.append(row(f"{workers} threads of one process", size, counting, encoding))
    for workers in arguments.workers:
        with connected(f"local:{workers}", workers) as connection:
            assert connection is not None
            there = spread(corpus, connection)
            assert isinstance(there, SpreadCorpus)
            counting, encoding, found = timed(there, 1)
        results.append(found)
        rows.append(row(f"{workers} workers of a cluster", size, counting, encoding))
    assert all(found == results[0] for found in results)
    print(markdown(["", "counting, s", "encoding, s", "MB/s in all"], rows))


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", help="a path or a known name, as for `w2v train`")
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 2])
    return parser.parse_args(given)


def timed(corpus: Corpus, workers: int) -> tuple[float, float, Found]:
    """Read a corpus twice; return the seconds of the second time, and what was found."""
    for _ in range(2):
        began = time.perf_counter()
        vocabulary = count_vocabulary(corpus, workers=workers)
        counted = time.perf_counter()
        encoded = encode_corpus(corpus, vocabulary, workers)
        done = time.perf_counter()
    found = [vocabulary.words, vocabulary.counts.tolist()], len(encoded.tokens)
    return counted - began, done - counted, found


def row(name: str, size: float, counting: float, encoding: float) -> list[str]:
    """Return one row of the table; `size` is in megabytes."""
    return [name, f"{counting:.2f}", f"{encoding:.2f}", f"{size / (counting + encoding):,.0f}"]


if __name__ == "__main__":
    main()
