"""Raw text: how fast its words are found and counted, beside Python's regex and Counter.

    xz -dc imdb-11k.tsv.xz > reviews.txt
    python benchmarks/raw_text.py reviews.txt wiki-de.txt.xz

A table is decompressed first, as a text: w2v would read one of its columns.

All run in one thread, on text in memory, and take turns; the best of all runs counts. The first row
finds the words and lower-cases them, the second counts them as well. The same words are then found
by the pattern of w2v/text/tokenizer.py with the `regex` module, and their counts are compared; the
last rows are simpler rules, for words that w2v would not find.
"""

import argparse
import re
import time
from collections import Counter
from collections.abc import Callable

import numpy as np
import regex

import w2v
from settings import whole
from tables import markdown
from w2v.text.corpus import Corpus, open_corpus
from w2v.text.file_sources import TextSource
from w2v.text.tokenizer import Tokenizer
from w2v.word_forms import WordForm

WHITE_SPACE = "".join(chr(code) for code in range(0x10000) if chr(code).isspace())
_START = r"[\p{Alphabetic}\p{Nd}--\p{M}]"
_REST = r"[\p{Alphabetic}\p{Nd}\p{M}\u200c\u200d]"
_ADDRESS = rf'[^{WHITE_SPACE}<>"]*(?:{_REST}|/)'
# The pattern of w2v/text/tokenizer.py.
WORD = regex.compile(
    rf"[A-Za-z]+://{_ADDRESS}|(?i:www)\.{_ADDRESS}"
    rf"|{_START}(?:{_REST}|[._+\-]){{0,63}}@{_START}{_REST}*(?:[.\-]+{_START}{_REST}*)*"
    rf"|{_START}{_REST}*"
    rf"(?:(?:['’‐‑\u00ad\p{{Pc}}\-]{_START}|(?<=\p{{Nd}})[.,]\p{{Nd}}){_REST}*)*",
    regex.V1,
)
FORM = WordForm("words", lower=True)


def main() -> None:
    """Measure every text, and print the tables."""
    arguments = parse_arguments()
    for name in arguments.corpus:
        data = beginning(name, arguments.bytes)
        ways = ways_of(data)
        assert ways["w2v, counted"]() == dict(ways["regex, the same words"]()), "words differ"
        best = {
            way: min(seconds(work) for _ in range(arguments.runs)) for way, work in ways.items()
        }
        rows = [[way, f"{len(data) / 1e6 / each:.0f} MB/s"] for way, each in best.items()]
        print(f"{name}, {len(data) / 1e6:.1f} MB\n{markdown(['way', 'speed'], rows)}\n")


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", nargs="+", help="texts with punctuation")
    parser.add_argument("--bytes", type=whole, default=10_000_000, help="of each text, as in 10M")
    parser.add_argument("--runs", type=int, default=3)
    return parser.parse_args(given)


def beginning(name: str, size: int) -> bytes:
    """Return about so many bytes of a corpus, whole blocks."""
    data = b""
    for block in open_corpus(name).blocks():
        data += block.data
        if len(data) >= size:
            break
    return data


def ways_of(data: bytes) -> dict[str, Callable[[], dict[str, int]]]:
    """Return the ways to count the words of a text, by name."""
    text, letters = data.decode(), np.frombuffer(data, dtype=np.uint8)
    tokenizer = Tokenizer(FORM)

    def count(**settings: object) -> dict[str, int]:
        corpus = Corpus([TextSource("the text", data)], name=None)
        return w2v.count_words(corpus, min_count=1, workers=1, **settings)  # type: ignore[arg-type]

    return {
        "w2v, found": lambda: {"": len(tokenizer.rewritten(letters))},
        "w2v, counted": lambda: count(tokenizer="words", lower=True),
        "w2v, counted between white space": count,
        "regex, the same words": lambda: Counter(map(FORM.of, WORD.findall(text))),
        r"re, \w+ in text.lower()": lambda: Counter(re.findall(r"\w+", text.lower())),
        "str.split()": lambda: Counter(text.split()),
    }


def seconds(work: Callable[[], object]) -> float:
    """Return the seconds that some work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
