"""A growing hash table of words as bytes: the memory behind the kernels of tokens.py."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from w2v.kernels import tokens
from w2v.kernels.tokens import Table
from w2v.kernels.words import MOST_WORDS, Tokens, WordBuffers
from w2v.memory import huge_zeros

Number = TypeVar("Number", bound=np.generic)

_FIRST_SLOTS = 1 << 17
_FIRST_ENTRIES = 3 * _FIRST_SLOTS // 4  # in a fuller table, searches take long
_LETTERS_A_WORD = 12
_WORDS_AT_ONCE = 1 << 16
_LETTERS_AT_ONCE = 1 << 20


class WordTable:
    """Distinct words in order of appearance, with their counts and first positions."""

    def __init__(self) -> None:
        """Make an empty table."""
        self.columns = Table(
            records=_empty_records(_FIRST_SLOTS),
            starts=np.zeros(_FIRST_ENTRIES + 1, dtype=np.int64),
            letters=np.zeros(_FIRST_ENTRIES * _LETTERS_A_WORD, dtype=np.uint8),
            first_seen=np.zeros(_FIRST_ENTRIES, dtype=np.int64),
            sizes=np.zeros(1, dtype=np.int64),
        )

    def __len__(self) -> int:
        return int(self.columns.sizes[0])

    @property
    def first_seen(self) -> NDArray[np.int64]:
        """Where each word was first seen: the numbers are in the order of the text."""
        return self.columns.first_seen[: len(self)]

    def counts(self) -> NDArray[np.int64]:
        """Return how often each word was seen."""
        counts = np.zeros(len(self), dtype=np.int64)
        tokens.list_counts(self.columns.records, counts)
        return counts

    def words(self, entries: NDArray[np.int64]) -> list[str]:
        """Return words as text."""
        words: list[str] = []
        for first in range(0, len(entries), _WORDS_AT_ONCE):
            words += self._some_words(entries[first : first + _WORDS_AT_ONCE])
        return words

    def _some_words(self, entries: NDArray[np.int64]) -> list[str]:
        """Decode words in one go, each with a newline after it but the last."""
        starts, stops = self.columns.starts[entries], self.columns.starts[entries + 1]
        lengths = stops - starts + 1
        ends = np.cumsum(lengths)
        # The place of a letter takes 24 times its memory, and a word may have megabytes.
        if ends[-1] > _LETTERS_AT_ONCE:
            bounds = zip(starts.tolist(), stops.tolist(), strict=True)
            return [bytes(self.columns.letters[start:stop]).decode() for start, stop in bounds]
        places = np.arange(ends[-1]) + np.repeat(starts - (ends - lengths), lengths)
        letters = self.columns.letters.take(places, mode="clip")
        letters[ends - 1] = ord("\n")
        text: str = letters[:-1].tobytes().decode()
        return text.split("\n")

    def add_text(
        self, text: NDArray[np.uint8], seen: int, buffers: WordBuffers, into: Tokens
    ) -> None:
        """Count the words of a text and write their entries and the ends of sentences.

        Parameters
        ----------
        text : uint8 (n,)
            The text, in UTF-8; it ends in white space.
        seen : int
            The position of its first byte in all text; it rises with each call.
        buffers : WordBuffers
            The memory of this thread.
        into : Tokens
            The arrays to write to, with room for all words of the text.
        """
        position = tokens.tokenise(text, 0, seen, self.columns, buffers, into)
        while position < len(text):
            self._grow(len(text) - position)
            position = tokens.tokenise(text, position, seen, self.columns, buffers, into)

    def merge(self, other: "WordTable", buffers: WordBuffers) -> NDArray[np.int32]:
        """Add the counts of another table; of two first positions the earlier one is kept.

        Returns the entry in this table for each entry of the other one.
        """
        counts, entries = other.counts(), np.zeros(len(other), dtype=np.int32)
        size, letters = len(other), int(other.columns.starts[len(other)])
        done = tokens.merge(0, other.columns, counts, self.columns, buffers, entries)
        while done < size:
            self._grow(letters)
            done = tokens.merge(done, other.columns, counts, self.columns, buffers, entries)
        return entries

    def set_counts(self, counts: NDArray[np.int64], first_seen: NDArray[np.int64]) -> None:
        """Replace the count and the first position of each entry."""
        records = self.columns.records
        used = records[:, tokens.LOW] != 0
        records[used, tokens.COUNT] = counts[records[used, tokens.ENTRY].astype(np.int64)]
        self.first_seen[:] = first_seen

    def _grow(self, letters_wanted: int) -> None:
        """Double whatever is full: the entries with their slots, or the room for letters."""
        old = self.columns
        entries = len(old.first_seen)
        if len(self) + MOST_WORDS > entries:
            self.columns = old._replace(
                records=_empty_records(2 * len(old.records)),
                starts=_extended(old.starts, entries),
                first_seen=_extended(old.first_seen, entries),
            )
            tokens.copy_records(old.records, self.columns.records)
        else:
            more = max(len(old.letters), letters_wanted)
            self.columns = old._replace(letters=_extended(old.letters, more))


def _empty_records(slots: int) -> NDArray[np.uint64]:
    return huge_zeros(4 * slots, np.uint64).reshape(slots, 4)


def _extended(column: NDArray[Number], more: int) -> NDArray[Number]:
    """Return a copy with `more` zeros at the end."""
    return np.concatenate((column, np.zeros(more, dtype=column.dtype)))
