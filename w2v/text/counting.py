"""Counting: a corpus in, a table of its words and its text as numbers of words out.

The text is read, and decompressed if need be, only once. The ids that words have in the vocabulary
are unknown until all words are counted. Before that each worker numbers its words as they come.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.tokens import count_entries
from w2v.kernels.words import Tokens, new_word_buffers
from w2v.machine import available_memory
from w2v.text.corpus import Block, Corpus
from w2v.text.id_storage import allocate_ids
from w2v.text.number_file import FilePart, NumberFile
from w2v.text.sources import NumberedSource
from w2v.text.tokenizer import Tokenizer
from w2v.text.word_table import WordTable

Result = TypeVar("Result")

MEMORY_SHARE = 4  # ids that take more than a quarter of the available memory go to a file
_PERIOD = 0.5  # seconds
_SLAB = 1 << 22  # ids allocated together, or kept in one file, at least
_LARGEST_SLAB = 1 << 28


@dataclass
class TokenBlock:
    """A block of text as numbers of words.

    Attributes
    ----------
    number : int
        Its place in the text.
    worker : int
        The worker that assigned the numbers.
    entries : int32 (n,)
        The number of each word; perhaps in a file: `entries[:]` reads them.
    ends : int64 (s,)
        How many words come before each end of a sentence; perhaps in a file.
    """

    number: int
    worker: int
    entries: NDArray[np.int32] | FilePart[np.int32]
    ends: NDArray[np.int64] | FilePart[np.int64]

    def taken(self) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return the numbers and the ends, which may be written to, and keep neither."""
        entries, ends = self.entries[:], self.ends[:]
        self.entries, self.ends = np.zeros(0, np.int32), np.zeros(0, np.int64)
        return entries, ends


@dataclass(frozen=True)
class Draft:
    """A corpus as numbers of words, which still have to be replaced by ids.

    Attributes
    ----------
    corpus : Corpus
        The corpus.
    blocks : list of TokenBlock
        Its blocks, in the order of the text.
    ids : list of int32
        For each worker, the id of each of its numbers; −1 for a word outside the vocabulary.
    tokens : int
        Words that have an id.
    """

    corpus: Corpus
    blocks: list[TokenBlock]
    ids: list[NDArray[np.int32]]
    tokens: int


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
        For each worker, the entry in `table` of each of its numbers.
    """

    corpus: Corpus
    table: WordTable
    blocks: list[TokenBlock]
    places: list[NDArray[np.int32]]

    def draft(self, ids: NDArray[np.int32]) -> Draft:
        """Return the text, given the id of each entry of the table, or −1."""
        tokens = int(self.table.counts()[ids >= 0].sum())
        return Draft(self.corpus, self.blocks, [ids[places] for places in self.places], tokens)


def count_words(
    corpus: Corpus,
    workers: int,
    memory_limit: int | None = None,
    watch: Callable[[], object] | None = None,
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
    readers = [_Reader(worker, limit // workers, corpus.tokenizer) for worker in range(workers)]
    with ThreadPoolExecutor(workers) as pool:
        try:
            results_of([pool.submit(reader.read, blocks) for reader in readers], watch)
        finally:  # after an error, or Ctrl-C, the other threads stop at their next block
            blocks.end()
    table = readers[0].table
    own = np.arange(len(table), dtype=np.int32)
    read = [block for reader in readers for block in reader.blocks]
    return CountedCorpus(
        corpus=corpus,
        table=table,
        places=[own, *(table.merge(reader.table, reader.buffers) for reader in readers[1:])],
        blocks=sorted(read, key=lambda block: block.number),
    )


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
    return CountedCorpus(corpus, table, blocks, [np.arange(len(table), dtype=np.int32)])


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

    def __init__(self, worker: int, memory_limit: int, tokenizer: Tokenizer | None) -> None:
        self.table = WordTable()
        self.blocks: list[TokenBlock] = []
        self._worker = worker
        self._tokenizer = tokenizer
        self._memory_left = memory_limit
        self._allocated = 0
        self._files: _DraftFiles | None = None  # until the memory is used up
        self.buffers = new_word_buffers()
        self._entries = np.empty(0, dtype=np.int32)  # the rest of a slab
        self._ends = np.empty(0, dtype=np.int64)

    def read(self, blocks: _SharedBlocks) -> None:
        for data, number, seen in blocks:
            text = np.frombuffer(data, dtype=np.uint8)
            if self._tokenizer is not None:
                text = self._tokenizer.rewritten(text)
            self._make_room(len(text) // 2 + 1)
            tokens = Tokens(self._entries, self._ends, np.zeros(2, dtype=np.int64))
            self.table.add_text(text, seen, self.buffers, tokens)
            words, sentences = tokens.sizes.tolist()
            self._keep(number, words, sentences)

    def _make_room(self, most: int) -> None:
        """Allocate memory if the rest has no room for `most` words."""
        if len(self._ends) < most:
            self._ends = np.empty(most, dtype=np.int64)
        if len(self._entries) < most:
            size = slab_size(most, self._allocated)
            if self._files is None and 4 * size > self._memory_left:
                self._files = _DraftFiles()
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
            block = TokenBlock(number, self._worker, entries, ends.copy())
        else:
            block = TokenBlock(number, self._worker, *self._files.keep(entries, ends))
        self.blocks.append(block)


class _DraftFiles:
    """The files of a worker's blocks; each is removed when its last block has been encoded."""

    def __init__(self) -> None:
        self._written = self._room = 0
        self._entries, self._ends = NumberFile(np.int32), NumberFile(np.int64)

    def keep(
        self, entries: NDArray[np.int32], ends: NDArray[np.int64]
    ) -> tuple[FilePart[np.int32], FilePart[np.int64]]:
        """Write a block; return where it lies."""
        if len(self._entries) and len(self._entries) + len(entries) > self._room:
            self._entries, self._ends = NumberFile(np.int32), NumberFile(np.int64)
        if not len(self._entries):
            self._room = slab_size(len(entries), self._written)
        self._written += len(entries)
        return (
            FilePart(self._entries, self._entries.append(entries), len(entries)),
            FilePart(self._ends, self._ends.append(ends), len(ends)),
        )


def slab_size(most: int, before: int) -> int:
    """Return the ids that are kept together, given those of one block and of all before.

    It grows with the text, because each slab in a file keeps a file descriptor open.
    """
    return max(most, _SLAB, min(before // 8, _LARGEST_SLAB))
