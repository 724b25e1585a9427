"""A draft: a text as numbers of words, which waits in memory or in files until words have ids.

A worker's table numbers its words as they come. When it drops rare words it numbers the others
anew, so a number means another word afterwards. The words that were dropped are kept in a file: the
draft still knows every word of the text.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.words import new_word_buffers
from w2v.text.corpus import Corpus
from w2v.text.number_file import FilePart, NumberFile
from w2v.text.word_table import Dropped, WordTable

SLAB = 1 << 22  # ids allocated together, or kept in one file, at least
_LARGEST_SLAB = 1 << 28


@dataclass
class TokenBlock:
    """A block of text as numbers of words.

    Attributes
    ----------
    number : int
        Its place in the text; parts of a block have the same.
    worker : int
        The worker that assigned the numbers.
    entries : int32 (n,)
        The number of each word; perhaps in a file: `entries[:]` reads them.
    ends : int64 (s,)
        How many words come before each end of a sentence; perhaps in a file.
    drops : int
        How often the worker's table had dropped words before.
    """

    number: int
    worker: int
    entries: NDArray[np.int32] | FilePart[np.int32]
    ends: NDArray[np.int64] | FilePart[np.int64]
    drops: int = 0

    def taken(self) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return the numbers and the ends, which may be written to, and keep neither."""
        entries, ends = self.entries[:], self.ends[:]
        self.entries, self.ends = np.zeros(0, np.int32), np.zeros(0, np.int64)
        return entries, ends


class Drops:
    """What a worker's table dropped, time after time, in files."""

    def __init__(self) -> None:
        self._drops: list[tuple[FilePart[np.int32], FilePart[np.uint8], FilePart[np.int64]]] = []
        self._files: tuple[NumberFile[np.int32], NumberFile[np.uint8], NumberFile[np.int64]] | None
        self._files = None

    def __len__(self) -> int:
        return len(self._drops)

    def add(self, dropped: Dropped) -> None:
        """Keep the words that were dropped just now."""
        if self._files is None:
            self._files = NumberFile(np.int32), NumberFile(np.uint8), NumberFile(np.int64)
        places, letters, starts = self._files
        self._drops.append(
            (
                FilePart(places, places.append(dropped.places), len(dropped.places)),
                FilePart(letters, letters.append(dropped.letters), len(dropped.letters)),
                FilePart(starts, starts.append(dropped.starts), len(dropped.starts)),
            )
        )

    def __getitem__(self, number: int) -> Dropped:
        places, letters, starts = self._drops[number]
        return Dropped(places[:], letters[:], starts[:])


class Numbering:
    """The entries of a table that a worker's numbers stand for, before and after each drop.

    Parameters
    ----------
    table : WordTable
        The table of all words, in which dropped words are looked up.
    last : int32 (n,)
        The entry of each number after the last drop.
    drops : Drops
        All drops.
    """

    def __init__(self, table: WordTable, last: NDArray[np.int32], drops: Drops) -> None:
        self._last = last
        self._before: list[FilePart[np.int32]] = []
        if not len(drops):
            return
        file, buffers = NumberFile(np.int32), new_word_buffers()
        for number in reversed(range(len(drops))):
            dropped = drops[number]
            is_kept = dropped.places >= 0
            entries = np.empty(len(is_kept), dtype=np.int32)
            entries[is_kept] = last[dropped.places[is_kept]]
            entries[~is_kept] = table.find(dropped, buffers)
            self._before.append(FilePart(file, file.append(entries), len(entries)))
            last = entries
        self._before.reverse()

    def after(self, drops: int) -> NDArray[np.int32]:
        """Return the entry of each number after so many drops; \u22121 for a word that has none."""
        return self._last if drops == len(self._before) else self._before[drops][:]


@dataclass(frozen=True)
class Draft:
    """A corpus as numbers of words, which still have to be replaced by ids.

    Attributes
    ----------
    corpus : Corpus
        The corpus.
    blocks : list of TokenBlock
        Its blocks, in the order of the text.
    numberings : list of Numbering
        What each worker's numbers stand for.
    ids : int32
        The id of each entry of the table; \u22121 for a word outside the vocabulary.
    tokens : int
        Words that have an id.
    """

    corpus: Corpus
    blocks: list[TokenBlock]
    numberings: list[Numbering]
    ids: NDArray[np.int32]
    tokens: int
    _last: dict[int, tuple[int, NDArray[np.int32]]] = field(default_factory=dict)

    @property
    def words(self) -> int:
        """Words of the text."""
        return sum(len(block.entries) for block in self.blocks)

    def ids_of(self, block: TokenBlock) -> NDArray[np.int32]:
        """Return the id of each number of a block, or \u22121."""
        drops, ids = self._last.get(block.worker, (-1, self.ids))
        if drops != block.drops:
            entries = self.numberings[block.worker].after(block.drops)
            ids = np.append(self.ids, np.int32(-1))[entries]
            self._last[block.worker] = block.drops, ids
        return ids


class DraftFiles:
    """The files of a worker's blocks; each is removed when its last block has been encoded.

    Every file is open, and a process may often have 1,024: each has half as many numbers as all
    before it, and the ends of sentences, which are few, lie in a single one.
    """

    def __init__(self) -> None:
        self._written = self._room = 0
        self._entries, self._ends = NumberFile(np.int32), NumberFile(np.int64)

    def keep(
        self, entries: NDArray[np.int32], ends: NDArray[np.int64]
    ) -> tuple[FilePart[np.int32], FilePart[np.int64]]:
        """Write a block; return where it lies."""
        if len(self._entries) and len(self._entries) + len(entries) > self._room:
            self._entries = NumberFile(np.int32)
        if not len(self._entries):
            self._room = max(slab_size(len(entries), self._written), self._written // 2)
        self._written += len(entries)
        return (
            FilePart(self._entries, self._entries.append(entries), len(entries)),
            FilePart(self._ends, self._ends.append(ends), len(ends)),
        )


def slab_size(most: int, before: int) -> int:
    """Return the ids that are kept together, given those of one block and of all before.

    It grows with the text, so that there are few.
    """
    return max(most, SLAB, min(before // 8, _LARGEST_SLAB))
