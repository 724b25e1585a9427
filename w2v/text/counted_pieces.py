"""Counting one piece of a corpus, and merging the counts of several.

It is done piece by piece so that it can be done anywhere: what comes of all pieces is what comes of
the whole text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.entries import count_ids
from w2v.kernels.words import new_word_buffers
from w2v.text.counting import count_words
from w2v.text.dividing import TextPiece
from w2v.text.draft import Drops, Numbering, TokenBlock
from w2v.text.piece_memory import Weighed, bytes_of, memory_taken
from w2v.text.word_table import PackedTable, WordTable

_PLACES = 40  # bits: positions in one piece are below 2^40, and those of the next one follow


@dataclass(frozen=True)
class Account:
    """What was found in a piece, and what was left out of it.

    Attributes
    ----------
    words : int
        Its words.
    replaced, left_out, nulls : int
        See `Corpus`.
    first_left_out : str
        Where the first word was left out.
    """

    words: int
    replaced: int
    left_out: int
    nulls: int
    first_left_out: str


@dataclass(eq=False)
class CountedPiece(Weighed):
    """A piece as numbers of its own words, which are counted.

    Attributes
    ----------
    number : int
        Its place among the pieces.
    table : PackedTable
        Its words.
    blocks : list of TokenBlock
        Its text.
    drops : Drops
        The words that were dropped because the table was full.
    account : Account
    """

    number: int
    table: PackedTable
    blocks: list[TokenBlock]
    drops: Drops
    account: Account

    @property
    def nbytes(self) -> int:
        """Bytes of memory, without what lies in files."""
        arrays = [each for block in self.blocks for each in (block.entries, block.ends)]
        return sum(map(bytes_of, [*self.table[:5], *arrays]))


@dataclass(eq=False)
class ChosenWords:
    """Words of the text that have ids.

    Attributes
    ----------
    letters, starts : uint8, int64 (n + 1,)
        The words, as in a PackedTable.
    ids : int32 (n,)
        The id of each.
    """

    letters: NDArray[np.uint8]
    starts: NDArray[np.int64]
    ids: NDArray[np.int32]

    @staticmethod
    def of(table: WordTable, ids: NDArray[np.int32]) -> "ChosenWords":
        """Return the words of a table that have ids, given the id of each entry, or −1."""
        chosen = np.flatnonzero(ids >= 0)
        words = [word.encode() for word in table.words(chosen)]
        starts = np.cumsum([0, *map(len, words)], dtype=np.int64)
        letters = np.frombuffer(b"".join(words), dtype=np.uint8)
        return ChosenWords(letters, starts, np.ascontiguousarray(ids[chosen]))

    def __getstate__(self) -> dict[str, Any]:
        return {name: vars(self)[name] for name in ("letters", "starts", "ids")}

    def __sizeof__(self) -> int:
        return self.letters.nbytes + self.starts.nbytes + self.ids.nbytes + 1_000

    @cached_property
    def table(self) -> WordTable:
        """The words; the entry of each is its place."""
        table = WordTable()
        self.add_to(table)
        return table

    def add_to(self, table: WordTable) -> None:
        """Add the words to an empty table, with a count of 0."""
        nothing = np.zeros(len(self.ids), dtype=np.int64)
        packed = PackedTable(self.letters, self.starts, nothing, nothing, nothing, 0)
        table.merge(packed, new_word_buffers())

    def numbers_in(self, piece: CountedPiece) -> Callable[[int], NDArray[np.int32]]:
        """Return a function from the drops before a block to the id of each number, or −1."""
        ids = np.append(self.ids, np.int32(-1))
        if not len(piece.drops):
            own = ids[self.table.find(piece.table, new_word_buffers())]
            return lambda _: own
        both = WordTable()
        self.add_to(both)
        places = both.merge(piece.table, new_word_buffers())
        numbering = Numbering(both, places, piece.drops)

        def after(drops: int) -> NDArray[np.int32]:
            entries = numbering.after(drops)
            return ids[np.where(entries < len(self.ids), entries, -1)]

        return after


def count_piece(piece: TextPiece, memory_limit: int, table_limit: int | None) -> CountedPiece:
    """Read a piece, and count its words.

    Parameters
    ----------
    piece : TextPiece
    memory_limit : int
        Bytes that all pieces of this process may take; the text of others goes to files.
    table_limit : int or None
        Bytes that its table of words may take.

    Raises
    ------
    CorpusError
        It cannot be read.
    """
    corpus = piece.opened()
    left = max(0, memory_limit - memory_taken())
    counted = count_words(corpus, 1, left, table_limit=table_limit)
    table = counted.table.packed()
    seen = table.first_seen + (piece.number << _PLACES)
    own = table._replace(
        letters=table.letters.copy(), starts=table.starts.copy(), first_seen=seen,
        missed=table.missed.copy(),
    )  # fmt: skip
    account = Account(
        counted.words, corpus.replaced, corpus.left_out, corpus.nulls, corpus.first_left_out
    )
    return CountedPiece(piece.number, own, counted.blocks, counted.drops[0], account)


def merge_tables(tables: Sequence[PackedTable], limit: int | None) -> PackedTable:
    """Return the words of several tables, with the sums of their counts.

    Parameters
    ----------
    tables : sequence of PackedTable
    limit : int or None
        Bytes that the table may take; when it is full, rare words are dropped. What a word may
        have been seen at most, and is not counted, is the sum of that in all tables.
    """
    whole, buffers = WordTable(), new_word_buffers()
    for table in tables:
        whole.merge(table, buffers)
        if limit is not None and sum(column.nbytes for column in whole.columns) > limit:
            whole.drop_rare()
    return whole.packed()


def count_chosen(piece: CountedPiece, chosen: ChosenWords) -> NDArray[np.int64]:
    """Count chosen words exactly in a piece, whose table may have dropped them.

    Parameters
    ----------
    piece : CountedPiece
    chosen : ChosenWords
        Their ids are 0, 1, 2 and so on.

    Returns
    -------
    int64 (2, n)
        How often each word is seen, and where first, as in `sum_of_chosen`.
    """
    found = np.zeros((2, len(chosen.ids)), dtype=np.int64)
    numbers = chosen.numbers_in(piece)
    seen = piece.number << _PLACES
    for block in piece.blocks:
        entries = block.entries[:]
        count_ids(entries, numbers(block.drops), seen, *found)
        seen += len(entries)
    return found


def sum_of_chosen(found: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return the counts of several pieces, and where each word was seen first in any."""
    total = np.array(found[0])
    for counts, first_seen in found[1:]:
        is_new = (counts > 0) & ((total[0] == 0) | (first_seen < total[1]))
        total[1, is_new] = first_seen[is_new]
        total[0] += counts
    return total
