"""What every vector format reads into: the words, their matrix, and what had to be left out."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v.errors import FormatError

Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Defect:
    """One bad entry of a vector file.

    kind: what is wrong, in the plural ("duplicate words"), for counting.
    entry: number of the entry in the file, from 1, or 0 for the file itself.
    offset: its first byte, after decompression.
    word: the word, undecodable bytes replaced; "" where it is not known.
    problem: the rest of a sentence about it; advice: what the user can do.
    promised: how many entries the header promises, where that matters, else None.
    """

    kind: str
    entry: int
    offset: int
    word: str
    problem: str
    advice: str = "to load the other entries, use on_defect='skip'"
    promised: int | None = None

    def __str__(self) -> str:
        if not self.entry:
            return f"the file (byte offset {self.offset}) {self.problem}"
        name = f"{self.word!r}, " if self.word else ""
        number = f"{self.entry}" if self.promised is None else f"{self.entry} of {self.promised}"
        return f"entry {number} ({name}byte offset {self.offset}) {self.problem}"

    def sentence(self, path: Path | str) -> str:
        """Return the defect as an error message."""
        return f"{path}: {self}; {self.advice}."


def in_file_order(defects: Iterable[Defect]) -> list[Defect]:
    """Return defects by entry, those of the file itself last."""
    return sorted(defects, key=lambda defect: (not defect.entry, defect.entry))


class DefectError(FormatError):
    """A file ends too early or goes on too long: what was read before is sound.

    defects: what is wrong, in file order; the message is about the first.
    """

    def __init__(self, path: Path | str, *defects: Defect) -> None:
        super().__init__(defects[0].sentence(path))
        self.defects = defects


@dataclass(frozen=True)
class Block:
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


def summary(path: Path | str, defects: Sequence[Defect]) -> str:
    """Return a sentence that says how many entries were left out, of which kinds, and the first."""
    entries = [defect for defect in defects if defect.entry]
    of_file = [str(defect) for defect in defects if not defect.entry]
    if not entries:
        return f"{path}: {of_file[0]}; what comes before is there."
    kinds = Counter(defect.kind for defect in entries)
    parts = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    first = entries[0]
    name = f" ({first.word!r})" if first.word else ""
    found = (
        f"{path}: left out {len(entries)} damaged entries: {parts}; "
        f"the first is entry {first.entry}{name}, which {first.problem}"
    )
    return "; ".join([found, *of_file]) + "."
