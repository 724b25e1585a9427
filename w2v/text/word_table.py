"""A hash table of words on bytes that grows: the memory behind the kernels of tokens.py."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from w2v.kernels import tokens
from w2v.kernels.tokens import Table

Number = TypeVar("Number", bound=np.generic)

_FIRST_ENTRIES = 1 << 15
_LETTERS_A_WORD = 12


class WordTable:
    """Distinct words in the order of their coming, with counts and where each was first seen."""

    def __init__(self, entries: int = _FIRST_ENTRIES) -> None:
        """Make an empty table with room for `entries` words, a power of two."""
        self.columns = Table(
            slots=np.zeros(2 * entries, dtype=np.int32),  # half full at most: short probing
            hashes=np.zeros(entries, dtype=np.uint64),
            starts=np.zeros(entries + 1, dtype=np.int64),
            letters=np.zeros(entries * _LETTERS_A_WORD, dtype=np.uint8),
            counts=np.zeros(entries, dtype=np.int64),
            first_seen=np.zeros(entries, dtype=np.int64),
            sizes=np.zeros(1, dtype=np.int64),
        )

    @classmethod
    def of(cls, words: list[str]) -> "WordTable":
        """Return a table in which each of these distinct words has its index as its entry."""
        table = cls(1 << max(4, len(words).bit_length()))
        table.count("\n".join(words).encode(), 0)
        return table

    def __len__(self) -> int:
        return int(self.columns.sizes[0])

    @property
    def counts(self) -> NDArray[np.int64]:
        """How often each word was seen."""
        return self.columns.counts[: len(self)]

    @property
    def first_seen(self) -> NDArray[np.int64]:
        """Where in the text each word was first seen, in bytes."""
        return self.columns.first_seen[: len(self)]

    def word(self, entry: int) -> str:
        """Return a word as text."""
        start, end = self.columns.starts[entry : entry + 2]
        return self.columns.letters[start:end].tobytes().decode()

    def count(self, data: bytes, seen: int) -> None:
        """Count the words of UTF-8 `data`; `seen` is the position of its first byte in all text."""
        text = np.frombuffer(data, dtype=np.uint8)
        position = tokens.count_words(text, 0, seen, self.columns)
        while position < len(text):
            self._grow(len(text) - position)
            position = tokens.count_words(text, position, seen, self.columns)

    def merge(self, other: "WordTable") -> None:
        """Add the counts of another table; the earlier first sight of a word counts."""
        entry = tokens.merge_counts(0, other.columns, self.columns)
        while entry < len(other):
            self._grow(int(other.columns.starts[entry + 1] - other.columns.starts[entry]))
            entry = tokens.merge_counts(entry, other.columns, self.columns)

    def encode(self, data: bytes) -> tuple[NDArray[np.int32], NDArray[np.int64], int]:
        """Return (ids, sentence ends, number of all words) of UTF-8 `data`.

        The id of a word is its entry; other words are left out. The ends count ids from the
        start of the data.
        """
        text = np.frombuffer(data, dtype=np.uint8)
        ids = np.empty(len(text) // 2 + 1, dtype=np.int32)
        ends = np.empty(len(text) // 2 + 1, dtype=np.int64)
        id_count, end_count, word_count = tokens.encode_words(text, self.columns, ids, ends)
        return ids[:id_count].copy(), ends[:end_count].copy(), word_count

    def _grow(self, letters_wanted: int) -> None:
        """Double whatever is full: the entries with their slots, or the room for letters."""
        old = self.columns
        entries = len(old.hashes)
        if len(self) == entries:
            self.columns = old._replace(
                slots=np.zeros(2 * len(old.slots), dtype=np.int32),
                hashes=_extended(old.hashes, entries),
                starts=_extended(old.starts, entries),
                counts=_extended(old.counts, entries),
                first_seen=_extended(old.first_seen, entries),
            )
            tokens.rebuild_slots(self.columns)
        else:
            more = max(len(old.letters), letters_wanted)
            self.columns = old._replace(letters=_extended(old.letters, more))


def _extended(column: NDArray[Number], more: int) -> NDArray[Number]:
    """Return a copy with `more` zeros at the end."""
    return np.concatenate((column, np.zeros(more, dtype=column.dtype)))
