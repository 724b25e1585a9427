"""What every vector format reads into: the words, their matrix, and what had to be left out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Defect:
    """One bad entry of a vector file.

    kind: what is wrong, in the plural ("duplicate words"), for counting.
    entry: number of the entry in the file, from 1. offset: its first byte, after decompression.
    word: the word, undecodable bytes replaced; "" where it is not known.
    problem: the rest of a sentence about it; advice: what the user can do.
    """

    kind: str
    entry: int
    offset: int
    word: str
    problem: str
    advice: str = "to load the other entries, use on_defect='skip'"

    def sentence(self, path: Path | str) -> str:
        """Return the defect as an error message."""
        name = f"{self.word!r}, " if self.word else ""
        where = f"entry {self.entry} ({name}byte offset {self.offset})"
        return f"{path}: {where} {self.problem}; {self.advice}."


@dataclass(frozen=True)
class Ngrams:
    """The vectors that fastText learned for parts of words.

    rows: float32 (B, d), finite; an n-gram has the row that its hash names, perhaps with others.
    shortest, longest: the characters of an n-gram, 1 or more, `<` and `>` around the word among
        them.
    whole: a word that has no n-grams, or nothing.
    """

    rows: Matrix
    shortest: int
    longest: int
    whole: bytes = b""


@dataclass(frozen=True)
class WordMatrix:
    """Words and their vectors, on the way between a file and whoever uses them.

    words: V distinct words.
    matrix: float32 (V, d), C-contiguous, finite; row i belongs to words[i].
    defects: the entries that on_defect="skip" left out, in file order.
    counts: int64 (V,), how often each word was seen, where the format says so.
    ngrams: what vectors of other words are made of, where the format has it.
    """

    words: list[str]
    matrix: Matrix
    defects: tuple[Defect, ...] = ()
    counts: NDArray[np.int64] | None = None
    ngrams: Ngrams | None = None


def summary(path: Path | str, defects: Sequence[Defect]) -> str:
    """Return a sentence that says how many entries were left out, of which kinds, and the first."""
    kinds = Counter(defect.kind for defect in defects)
    parts = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    first = defects[0]
    name = f" ({first.word!r})" if first.word else ""
    return (
        f"{path}: left out {len(defects)} damaged entries: {parts}; "
        f"the first is entry {first.entry}{name}, which {first.problem}."
    )
