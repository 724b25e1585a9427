"""Counting: a corpus in, a table of its words and its text as numbers of words out.

The text is read, and decompressed if need be, only once. The ids that words have in the vocabulary
are unknown until all words are counted. Before that each worker numbers its words as they come.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.entries import count_entries, count_ids
from w2v.kernels.words import Tokens, new_word_buffers
from w2v.machine import available_memory
from w2v.text.corpus import Corpus
from w2v.text.counting_threads import CountingThread, SharedBlocks
from w2v.text.draft import Draft, Drops, Numbering, TokenBlock
from w2v.text.sources import NumberedSource
from w2v.text.word_table import WordTable

Result = TypeVar("Result")

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
    blocks = SharedBlocks(corpus)
    each = None if table_limit is None else table_share(table_limit, workers)
    threads = [
        CountingThread(worker, limit // workers, each, corpus.tokenizer)
        for worker in range(workers)
    ]
    with ThreadPoolExecutor(workers) as pool:
        try:
            results_of([pool.submit(thread.read, blocks) for thread in threads], watch)
        finally:  # after an error, or Ctrl-C, the other threads stop at their next block
            blocks.end()
    table = threads[0].table
    table.limit = None
    places = [np.arange(len(table), dtype=np.int32)]
    for thread in threads[1:]:
        known = table.merge(thread.table, thread.buffers) if thread.blocks else places[0][:0]
        places.append(known)
    read = [block for thread in threads for block in thread.blocks]
    return CountedCorpus(
        corpus=corpus,
        table=table,
        places=places,
        blocks=sorted(read, key=lambda block: block.number),  # parts of a block stay in order
        drops=[thread.drops for thread in threads],
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
