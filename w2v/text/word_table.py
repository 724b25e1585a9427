"""A growing hash table of words as bytes: the memory behind the kernels of tokens.py."""

from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from w2v.kernels import tokens
from w2v.kernels.tokens import Table
from w2v.kernels.words import MOST_WORDS, Tokens, WordBuffers
from w2v.memory import huge_zeros

Number = TypeVar("Number", bound=np.generic)

_FIRST_SLOTS, _FEWEST_SLOTS = 1 << 17, 1 << 11
_LETTERS_A_WORD = 12
_WORDS_AT_ONCE = 1 << 16
_LETTERS_AT_ONCE = 1 << 20


class Dropped(NamedTuple):
    """The words that a table dropped.

    Attributes
    ----------
    places : int32 (n,)
        The new number of each entry that it had, or −1 if it was dropped.
    letters : uint8
        The words that were dropped, end to end.
    starts : int64 (dropped + 1,)
        Where each of them starts in `letters`.
    """

    places: NDArray[np.int32]
    letters: NDArray[np.uint8]
    starts: NDArray[np.int64]


class PackedTable(NamedTuple):
    """The words of a table without the hash table, to be sent or kept.

    Attributes
    ----------
    letters : uint8
        All words, end to end.
    starts : int64 (n + 1,)
        Where each starts, and the last ends.
    counts, first_seen, missed : int64 (n,)
        How often each was seen, where first, and how often at most it had been dropped before.
    bound : int
        How often a word that is not there may have been seen, at most.
    """

    letters: NDArray[np.uint8]
    starts: NDArray[np.int64]
    counts: NDArray[np.int64]
    first_seen: NDArray[np.int64]
    missed: NDArray[np.int64]
    bound: int


class WordTable:
    """Distinct words in order of appearance, with their counts and first positions.

    A table with a limit drops its rarest words when it is full (`drop_rare`). That is lossy
    counting (Manku and Motwani, 2002, "Approximate frequency counts over data streams"), in which
    the table's size and not the error is given: a word is dropped where it cannot have been seen
    more than `bound` times, and a word that is added may have been seen as often before.

    Parameters
    ----------
    limit : int or None, optional
        Bytes that it may take, also while it grows; at least some 200 kB are taken. Default: any
        number.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit
        slots = _FIRST_SLOTS
        while limit is not None and slots > _FEWEST_SLOTS and 100 * slots > limit:
            slots //= 2
        entries = _room(slots)
        self.columns = Table(
            records=_empty_records(slots),
            starts=np.zeros(entries + 1, dtype=np.int64),
            letters=np.zeros(entries * _LETTERS_A_WORD, dtype=np.uint8),
            first_seen=np.zeros(entries, dtype=np.int64),
            missed=np.zeros(entries, dtype=np.int64),
            sizes=np.zeros(2, dtype=np.int64),
        )

    def __len__(self) -> int:
        return int(self.columns.sizes[0])

    @property
    def bound(self) -> int:
        """How often a word that is not in the table may have been seen, at most."""
        return int(self.columns.sizes[1])

    @property
    def first_seen(self) -> NDArray[np.int64]:
        """Where each word was first seen: the numbers are in the order of the text."""
        return self.columns.first_seen[: len(self)]

    def most(self) -> NDArray[np.int64]:
        """Return how often each word was seen at most; `counts` has the least."""
        return self.counts() + self.columns.missed[: len(self)]

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
        self,
        text: NDArray[np.uint8],
        seen: int,
        buffers: WordBuffers,
        into: Tokens,
        start: int = 0,
        must: bool = False,
    ) -> int:
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
        start : int
            Where to begin in the text, outside of words.
        must : bool
            Whether to grow beyond the limit for the first stretch if need be: words that were just
            dropped leave no more room.

        Returns
        -------
        int
            Where it stopped: the end of the text, or earlier if the table is full.
        """
        position = tokens.tokenise(text, start, seen, self.columns, buffers, into)
        while position < len(text) and (
            (must and position == start) or self._may_grow(len(text) - position)
        ):
            self._grow(len(text) - position)
            position = tokens.tokenise(text, position, seen, self.columns, buffers, into)
        return position

    def drop_rare(self) -> Dropped:
        """Drop the words that are seen least, so that at most half of the table is used.

        All words that may have been seen as often as one that is dropped are dropped, too.
        """
        columns, most, size = self.columns, self.most(), len(self)
        order = np.argsort(most)[::-1]
        lengths = np.diff(columns.starts[: size + 1])[order]
        fit = int(np.searchsorted(np.cumsum(lengths), len(columns.letters) // 2, side="right"))
        fit = min(fit, len(columns.first_seen) // 2, size - 1)
        columns.sizes[1] = most[order[fit]]
        is_kept = most > columns.sizes[1]
        places = np.where(is_kept, np.cumsum(is_kept) - 1, -1).astype(np.int32)
        letters = np.zeros(int(lengths[~is_kept[order]].sum()), dtype=np.uint8)
        starts = np.zeros(size - int(is_kept.sum()) + 1, dtype=np.int64)
        records = _empty_records(len(columns.records))
        tokens.drop_entries(columns, places, records, letters, starts)
        self.columns = columns._replace(records=records)
        return Dropped(places, letters, starts)

    def find(self, words: Dropped | PackedTable, buffers: WordBuffers) -> NDArray[np.int32]:
        """Return the entries of words that another table has, or dropped; −1 for others."""
        letters, starts = _writable(words.letters), _writable(words.starts)
        entries = np.zeros(len(starts) - 1, dtype=np.int32)
        tokens.find_entries(letters, starts, self.columns, buffers, entries)
        return entries

    def packed(self) -> PackedTable:
        """Return the words and their counts; they share memory with this table."""
        size, columns = len(self), self.columns
        return PackedTable(
            columns.letters[: columns.starts[size]], columns.starts[: size + 1], self.counts(),
            columns.first_seen[:size], columns.missed[:size], self.bound,
        )  # fmt: skip

    def merge(self, other: "WordTable | PackedTable", buffers: WordBuffers) -> NDArray[np.int32]:
        """Add the counts of another table; of two first positions the earlier one is kept.

        Returns the entry in this table for each entry of the other one. The limit does not count.
        The bounds of both add up: a word that is in neither may have been dropped from both.
        """
        packed = other.packed() if isinstance(other, WordTable) else other
        letters, starts, counts, first_seen, missed = map(_writable, packed[:5])
        size = len(counts)
        sizes = np.array([size, packed.bound], dtype=np.int64)
        columns = Table(_empty_records(1), starts, letters, first_seen, missed, sizes)
        entries = np.zeros(size, dtype=np.int32)
        done = tokens.merge(0, columns, counts, self.columns, buffers, entries)
        while done < size:
            self._grow(len(letters))
            done = tokens.merge(done, columns, counts, self.columns, buffers, entries)
        self.columns.missed[: len(self)] += packed.bound
        self.columns.sizes[1] += packed.bound
        return entries

    def set_counts(self, counts: NDArray[np.int64], first_seen: NDArray[np.int64]) -> None:
        """Replace the count and the first position of each entry."""
        records = self.columns.records
        used = records[:, tokens.LOW] != 0
        records[used, tokens.COUNT] = counts[records[used, tokens.ENTRY].astype(np.int64)]
        self.first_seen[:] = first_seen

    @property
    def _is_short_of_entries(self) -> bool:
        return len(self) + MOST_WORDS > len(self.columns.first_seen)

    def _may_grow(self, letters_wanted: int) -> bool:
        """Return whether the limit allows it to grow, while the old columns are still there."""
        if self.limit is None:
            return True
        old = self.columns
        if self._is_short_of_entries:
            new = 2 * (old.records.nbytes + 3 * old.first_seen.nbytes)
        else:
            new = len(old.letters) + max(len(old.letters), letters_wanted)
        return sum(column.nbytes for column in old) + new <= self.limit

    def _grow(self, letters_wanted: int) -> None:
        """Double whatever is full: the entries with their slots, or the room for letters."""
        old = self.columns
        entries = len(old.first_seen)
        if self._is_short_of_entries:
            self.columns = old._replace(
                records=_empty_records(2 * len(old.records)),
                starts=_extended(old.starts, entries),
                first_seen=_extended(old.first_seen, entries),
                missed=_extended(old.missed, entries),
            )
            tokens.copy_records(old.records, self.columns.records)
        else:
            more = max(len(old.letters), letters_wanted)
            self.columns = old._replace(letters=_extended(old.letters, more))


def _writable(column: Any) -> Any:
    """Return a column that may have come from elsewhere as the kernels were compiled for it."""
    return np.require(column, requirements=["C", "W"])


def _room(slots: int) -> int:
    """Return the entries for which a table has slots: in a fuller one, searches take long."""
    return 3 * slots // 4


def _empty_records(slots: int) -> NDArray[np.uint64]:
    return huge_zeros(4 * slots, np.uint64).reshape(slots, 4)


def _extended(column: NDArray[Number], more: int) -> NDArray[Number]:
    """Return a copy with `more` zeros at the end."""
    return np.concatenate((column, np.zeros(more, dtype=column.dtype)))
