"""Counting: a corpus in, a table of its words and its text as numbers of words out.

The text is read, and decompressed if need be, only once. The ids that words have in the vocabulary
are unknown until all words are counted. Before that each worker numbers its words as they come.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.entries import count_entries, count_ids
from w2v.kernels.words import Tokens, new_word_buffers
from w2v.machine import available_memory
from w2v.text.corpus import Block, Corpus
from w2v.text.draft import Draft, DraftFiles, Drops, Numbering, TokenBlock, slab_size
from w2v.text.id_storage import allocate_ids
from w2v.text.number_file import FilePart
from w2v.text.sources import NumberedSource
from w2v.text.tokenizer import Tokenizer
from w2v.text.word_table import WordTable

Result = TypeVar("Result")

_Kept: TypeAlias = (
    "tuple[NDArray[np.int32] | FilePart[np.int32], NDArray[np.int64] | FilePart[np.int64]]"
)

MEMORY_SHARE = 4  # ids that take more than a quarter of the available memory go to a file
_PERIOD = 0.5  # seconds


@dataclass(frozen=True)
class CountedCorpus:
    """The words of a corpus, counted, and its text as numbers of words.

    Attributes
    ----------
    corpus : Corpus
        The corpus.
    table : WordTable
        Its words and their counts.
    blocks : list of TokenBlock
        Its text, in order.
    places : list of int32
        For each worker, the entry in `table` of each of its last numbers.
    drops : list of Drops
        For each worker, the words that its table dropped.
    """

    corpus: Corpus
    table: WordTable
    blocks: list[TokenBlock]
    places: list[NDArray[np.int32]]
    drops: list[Drops]

    @property
    def words(self) -> int:
        """Words of the text."""
        return sum(len(block.entries) for block in self.blocks)

    def draft(self, ids: NDArray[np.int32]) -> Draft:
        """Return the text, given the id of each entry of the table, or −1."""
        tokens = int(self.table.counts()[ids >= 0].sum())
        numberings = [
            Numbering(self.table, places, drops)
            for places, drops in zip(self.places, self.drops, strict=True)
        ]
        return Draft(self.corpus, self.blocks, numberings, ids, tokens)

    def count_again(self, chosen: NDArray[np.bool_]) -> None:
        """Count the chosen entries of the table once more, in the draft, if words were dropped.

        Then their counts and the order in which they were first seen are exact, whenever they were
        dropped.
        """
        if not self.table.bound:
            return
        ids = np.where(chosen, np.cumsum(chosen) - 1, -1).astype(np.int32)
        draft = self.draft(ids)
        found = np.zeros((2, int(chosen.sum())), dtype=np.int64)
        seen = 0
        for block in self.blocks:
            entries = block.entries[:]
            count_ids(entries, draft.ids_of(block), seen, *found)
            seen += len(entries)
        counts, first_seen = self.table.counts(), self.table.first_seen.copy()
        counts[chosen], first_seen[chosen] = found
        self.table.set_counts(counts, first_seen)


def count_words(
    corpus: Corpus,
    workers: int,
    memory_limit: int | None = None,
    watch: Callable[[], object] | None = None,
    table_limit: int | None = None,
) -> CountedCorpus:
    """Read a corpus, and number and count its words.

    Parameters
    ----------
    corpus : Corpus
        The corpus, from `open_corpus`.
    workers : int
        Threads, each with its own table; the tables are merged at the end.
    memory_limit : int, optional
        Bytes above which numbers go to unnamed temporary files (in $TMPDIR). Default: a quarter of
        the available memory.
    watch : callable, optional
        Called in this thread twice a second while the others read.
    table_limit : int, optional
        Bytes that the tables of words may take together; when they are full, rare words are
        dropped. Words that are numbers already have no such tables. Default: any number.

    Returns
    -------
    CountedCorpus
        The words, their counts and the text.

    Raises
    ------
    CorpusError
        The corpus cannot be read, or is not UTF-8 text.
    """
    limit = available_memory() // MEMORY_SHARE if memory_limit is None else memory_limit
    if corpus.numbered is not None:
        return _count_numbers(corpus, corpus.numbered, workers, limit, watch)
    blocks = _SharedBlocks(corpus)
    each = None if table_limit is None else table_share(table_limit, workers)
    readers = [
        _Reader(worker, limit // workers, each, corpus.tokenizer) for worker in range(workers)
    ]
    with ThreadPoolExecutor(workers) as pool:
        try:
            results_of([pool.submit(reader.read, blocks) for reader in readers], watch)
        finally:  # after an error, or Ctrl-C, the other threads stop at their next block
            blocks.end()
    table = readers[0].table
    table.limit = None
    own = np.arange(len(table), dtype=np.int32)
    read = [block for reader in readers for block in reader.blocks]
    return CountedCorpus(
        corpus=corpus,
        table=table,
        places=[own, *(table.merge(reader.table, reader.buffers) for reader in readers[1:])],
        blocks=sorted(read, key=lambda block: block.number),  # parts of a block stay in order
        drops=[reader.drops for reader in readers],
    )


def table_share(limit: int, workers: int) -> int:
    """Return the bytes of each worker's table if all of them, and then one of all, may take some.

    The table of all words may be as large as they are together. While it grows, its old columns
    exist too.
    """
    return limit if workers == 1 else int(limit / (2.5 * workers))


def _count_numbers(
    corpus: Corpus,
    source: NumberedSource,
    workers: int,
    memory_limit: int,
    watch: Callable[[], object] | None,
) -> CountedCorpus:
    """Count words that are numbers already: the numbers are the entries of the table."""
    made = source.numbers(workers, memory_limit, watch or _pass)
    pieces = list(made)
    table = WordTable()
    add_names(table, source.names)
    counts, first_seen = np.zeros((2, len(table)), dtype=np.int64)
    seen = 0
    for piece in pieces:
        count_entries(piece.entries, seen, counts, first_seen)
        seen += len(piece.entries)
    blocks = [TokenBlock(number, 0, *piece) for number, piece in enumerate(pieces)]
    table.set_counts(counts, first_seen)
    return CountedCorpus(corpus, table, blocks, [np.arange(len(table), dtype=np.int32)], [Drops()])


def add_names(table: WordTable, names: Sequence[str]) -> NDArray[np.int32]:
    """Add words to a table, and return the entry of each, which may have been there before."""
    text = np.frombuffer("\n".join([*names, ""]).encode(), dtype=np.uint8)
    most = len(text) // 2 + 1
    room = Tokens(np.empty(most, np.int32), np.empty(most, np.int64), np.zeros(2, np.int64))
    table.add_text(text, 0, new_word_buffers(), room)
    return room.entries[: room.sizes[0]]


def _pass() -> None:
    """Do nothing."""


def results_of(tasks: Sequence[Future[Result]], watch: Callable[[], object] | None) -> list[Result]:
    """Wait for tasks, call `watch` twice a second, and return their results.

    Raises the first error of a task as soon as there is one, while others still run.
    """
    while wait(tasks, _PERIOD, FIRST_EXCEPTION).not_done and not any(map(_failed, tasks)):
        if watch is not None:
            watch()
    for task in tasks:
        if task.done():
            task.result()
    return [task.result() for task in tasks]


def _failed(task: Future[Result]) -> bool:
    return task.done() and task.exception() is not None


class _SharedBlocks:
    """The blocks of a corpus, shared by threads; each with its number and where its words begin."""

    def __init__(self, corpus: Corpus) -> None:
        self._blocks: Iterator[Block] = corpus.blocks()
        self._lock = threading.Lock()
        self._number = self._seen = 0
        self._ended = False

    def end(self) -> None:
        """Give out no more blocks."""
        self._ended = True

    def __iter__(self) -> Iterator[tuple[bytes, int, int]]:
        while True:
            with self._lock:
                block = None if self._ended else next(self._blocks, None)
                if block is None:
                    return
                number, seen = self._number, self._seen
                self._number += 1
                self._seen += 2 * len(block.data)  # a tokenizer may lengthen it
            yield block.data, number, seen


class _Reader:
    """A worker: its table, its memory, and the blocks that it has read."""

    def __init__(
        self,
        worker: int,
        memory_limit: int,
        table_limit: int | None,
        tokenizer: Tokenizer | None,
    ) -> None:
        self.table = WordTable(table_limit)
        self.blocks: list[TokenBlock] = []
        self.drops = Drops()
        self._worker = worker
        self._tokenizer = tokenizer
        self._memory_left = memory_limit
        self._allocated = 0
        self._files: DraftFiles | None = None  # until the memory is used up
        self.buffers = new_word_buffers()
        self._entries = np.empty(0, dtype=np.int32)  # the rest of a slab
        self._ends = np.empty(0, dtype=np.int64)

    def read(self, blocks: _SharedBlocks) -> None:
        for data, number, seen in blocks:
            text = np.frombuffer(data, dtype=np.uint8)
            if self._tokenizer is not None:
                text = self._tokenizer.rewritten(text)
            self._read_block(text, number, seen)

    def _read_block(self, text: NDArray[np.uint8], number: int, seen: int) -> None:
        """Count a block; where the table is full in the middle, drop words and go on."""
        start, has_room = 0, False
        while start < len(text):
            self._make_room((len(text) - start) // 2 + 1)
            tokens = Tokens(self._entries, self._ends, np.zeros(2, dtype=np.int64))
            start = self.table.add_text(text, seen, self.buffers, tokens, start, has_room)
            words, sentences = tokens.sizes.tolist()
            # Where it stopped early, sentences that end further on are listed already.
            sentences = int(np.searchsorted(tokens.ends[:sentences], words, side="right"))
            self._keep(number, words, sentences)
            if start < len(text):
                if len(self.table):  # else white space alone is longer than its room for letters
                    self.drops.add(self.table.drop_rare())
                has_room = True

    def _make_room(self, most: int) -> None:
        """Allocate memory if the rest has no room for `most` words."""
        if len(self._ends) < most:
            self._ends = np.empty(most, dtype=np.int64)
        if len(self._entries) < most:
            size = slab_size(most, self._allocated)
            if self._files is None and 4 * size > self._memory_left:
                self._files = DraftFiles()
            if self._files is None:
                self._allocated += size
                self._memory_left -= 4 * size
                self._entries = allocate_ids(size, in_file=False)
            else:
                self._entries = np.empty(most, dtype=np.int32)

    def _keep(self, number: int, words: int, sentences: int) -> None:
        """Keep the block that was just read."""
        entries, ends = self._entries[:words], self._ends[:sentences]
        if self._files is None:
            self._entries = self._entries[words:]
            self._memory_left -= ends.nbytes
            kept: _Kept = entries, ends.copy()
        else:
            kept = self._files.keep(entries, ends)
        self.blocks.append(TokenBlock(number, self._worker, *kept, drops=len(self.drops)))
