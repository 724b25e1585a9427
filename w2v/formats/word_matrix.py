"""What every vector format reads into: the words, their matrix, and what had to be left out."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v.formats.defects import Defect
from w2v.matrices import Matrix


@dataclass(frozen=True)
class EntryBlock:
    """Some entries of a file that follow one another, as they stand there, unchecked.

    words: n words as bytes. matrix: float32 (n, d), their numbers.
    place: gives (entry number from 1, byte offset) of a row.
    malformed: entries that could not be read at all. counts: int64 (n,), where the file has them.
    """

    words: list[bytes]
    matrix: Matrix
    place: Callable[[int], tuple[int, int]]
    malformed: tuple[Defect, ...] = ()
    counts: NDArray[np.int64] | None = None


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
