"""A hash table of words on bytes that grows: the memory behind the kernels of tokens.py."""

import numpy as np
from numpy.typing import NDArray

from w2v.kernels import tokens

_FIRST_SLOTS = 1 << 16
_LETTERS_A_WORD = 12


class WordTable:
    """Distinct words in the order of their coming, with counts and where each was first seen."""

    def __init__(self, slots: int = _FIRST_SLOTS) -> None:
        self.sizes = np.zeros(1, dtype=np.int64)
        self.slots = np.zeros(slots, dtype=np.int32)
        entries = slots // 2  # a load of at most one half keeps probing short
        self.hashes = np.empty(entries, dtype=np.uint64)
        self.starts = np.zeros(entries + 1, dtype=np.int64)
        self.letters = np.empty(entries * _LETTERS_A_WORD, dtype=np.uint8)
        self.counts = np.empty(entries, dtype=np.int64)
        self.first_seen = np.empty(entries, dtype=np.int64)

    def __len__(self) -> int:
        return int(self.sizes[0])

    def _columns(self) -> tuple[NDArray[np.generic], ...]:
        return (
            self.slots, self.hashes, self.starts, self.letters,
            self.counts, self.first_seen, self.sizes,
        )  # fmt: skip

    def count(self, data: bytes, seen: int) -> None:
        """Count the words of UTF-8 `data`; `seen` is the position of its first byte in all text."""
        text = np.frombuffer(data, dtype=np.uint8)
        position = tokens.count_words(text, 0, seen, *self._columns())
        while position < len(text):
            self._grow(len(text) - position)
            position = tokens.count_words(text, position, seen, *self._columns())

    def merge(self, other: "WordTable") -> None:
        """Add the counts of another table; the earlier first sight of a word counts."""
        entry = 0
        while entry < len(other):
            entry = tokens.merge_counts(
                entry, other.hashes, other.starts, other.letters, other.counts,
                other.first_seen, len(other), *self._columns(),
            )  # fmt: skip
            if entry < len(other):
                self._grow(int(other.starts[entry + 1] - other.starts[entry]))

    def _grow(self, letters_wanted: int) -> None:
        """Double whatever is full: the entries with their slots, or the room for letters."""
        size = len(self)
        used = int(self.starts[size])
        if size == len(self.hashes):
            for name in ("hashes", "counts", "first_seen", "starts"):
                column = getattr(self, name)
                setattr(self, name, np.concatenate((column, np.zeros_like(column[:size]))))
            self.slots = np.zeros(2 * len(self.slots), dtype=np.int32)
            tokens.rebuild_slots(self.slots, self.hashes, size)
        else:
            room = max(2 * len(self.letters), used + letters_wanted)
            letters = np.empty(room, dtype=np.uint8)
            letters[:used] = self.letters[:used]
            self.letters = letters

    def word(self, entry: int) -> str:
        """Return a word as text."""
        start, end = self.starts[entry : entry + 2]
        return self.letters[start:end].tobytes().decode()

    @classmethod
    def of(cls, words: list[str]) -> "WordTable":
        """Return a table in which each of these distinct words has its index as its entry."""
        table = cls(1 << max(4, (2 * len(words)).bit_length()))
        table.count("\n".join(words).encode(), 0)
        return table

    def encode(self, data: bytes) -> tuple[NDArray[np.int32], NDArray[np.int64], int]:
        """Return (ids, sentence ends, number of all words) of UTF-8 `data`.

        The id of a word is its entry; other words are left out. The ends count ids from the
        start of the data.
        """
        text = np.frombuffer(data, dtype=np.uint8)
        ids = np.empty(len(text) // 2 + 1, dtype=np.int32)
        ends = np.empty(len(text) // 2 + 1, dtype=np.int64)
        id_count, sentence_count, word_count = tokens.encode_words(
            text, self.slots, self.hashes, self.starts, self.letters, ids, ends
        )
        return ids[:id_count].copy(), ends[:sentence_count].copy(), word_count
