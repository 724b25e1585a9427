"""The corpus in the forms that the libraries read: as it is, and in lines of 1,000 words."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from w2v import Corpus, open_corpus

WORDS_A_LINE = 1000


@dataclass(frozen=True)
class Inputs:
    """One corpus, decompressed. name: without its directory; words: how many there are."""

    name: str
    words: int
    text: Path
    lines: Path


@contextmanager
def prepared(corpus: str, words: int | None) -> Iterator[Inputs]:
    """Write the first `words` words of a corpus (None: all) to files that go away at the end."""
    source = open_corpus(corpus)
    with tempfile.TemporaryDirectory(prefix="w2v-benchmark-") as directory:
        text, lines = Path(directory) / "text.txt", Path(directory) / "lines.txt"
        write_prefix(source, text, words)
        total = write_lines(text, lines)
        yield Inputs(source.name or "corpus", total, text, lines)


def write_prefix(corpus: Corpus, target: Path, words: int | None) -> None:
    """Write the first `words` words (None: all), with the white space between them as it is."""
    left = words
    with target.open("w", encoding="utf-8") as file:
        for block in corpus.blocks():
            text = block.data.decode()
            if left is not None:
                found = len(text.split())
                if found > left:
                    text = _first_words(text, left)
                left -= min(found, left)
            file.write(text)
            if left == 0:
                break
        file.write("\n")


def _first_words(text: str, words: int) -> str:
    ends = (match.end() for match in re.finditer(r"\S+", text))
    end = 0
    for _ in range(words):
        end = next(ends)
    return text[:end]


def write_lines(text: Path, lines: Path) -> int:
    """Write the words of a text in lines of 1,000; return their number."""
    total = 0
    with lines.open("w", encoding="utf-8") as file:
        for words in _groups(text):
            file.write(" ".join(words) + "\n")
            total += len(words)
    return total


def _groups(text: Path) -> Iterator[list[str]]:
    rest: list[str] = []
    for block in open_corpus(text).blocks():
        words = rest + block.data.decode().split()
        whole = len(words) // WORDS_A_LINE * WORDS_A_LINE
        for start in range(0, whole, WORDS_A_LINE):
            yield words[start : start + WORDS_A_LINE]
        rest = words[whole:]
    if rest:
        yield rest
