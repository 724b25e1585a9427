"""Counting: a corpus in, a frozen vocabulary out."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from w2v.errors import CorpusError
from w2v.text.corpus import Block, Corpus
from w2v.text.word_table import WordTable


@dataclass(frozen=True)
class Vocabulary:
    """The words that get vectors, commonest first; of equal counts the first seen comes first.

    words: V distinct words; a word's place is its id.
    counts: int64 (V,), descending.
    corpus_words: number of all words of the corpus, those outside the vocabulary too.
    distinct_words: how many different words the corpus holds.
    index: from a word to its id.
    """

    words: list[str]
    counts: NDArray[np.int64]
    corpus_words: int
    distinct_words: int
    index: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", {word: k for k, word in enumerate(self.words)})

    def __len__(self) -> int:
        return len(self.words)

    @property
    def tokens(self) -> int:
        """Number of words of the corpus that are in the vocabulary."""
        return int(self.counts.sum())


def count_vocabulary(
    corpus: Corpus, min_count: int = 5, max_vocabulary: int | None = None, workers: int = 1
) -> Vocabulary:
    """Count the words of a corpus and keep the common ones.

    Parameters:
        corpus: from `open_corpus`.
        min_count: leave out words seen less often.
        max_vocabulary: keep at most so many; None keeps all.
        workers: threads that count.

    Raises CorpusError where the corpus has no words, or none is left.
    """
    table = _count_blocks(corpus, workers)
    size = len(table)
    if size == 0:
        raise CorpusError(f"The corpus {corpus} holds no words; give a text with words in it.")
    counts = table.counts
    kept = np.flatnonzero(counts >= min_count)
    if len(kept) == 0:
        raise CorpusError(
            f"No word of {corpus} is left with min_count {min_count}: the commonest of its "
            f"{size:,} words is seen {counts.max():,} times; lower min_count or give more text."
        )
    order = np.lexsort((table.first_seen[kept], -counts[kept]))
    kept = kept[order][:max_vocabulary]
    if len(kept) == 1:
        raise CorpusError(
            f"The vocabulary of {corpus} has one word only, {shown(table.word(int(kept[0])))}: "
            "there is nothing to tell it from; lower min_count or give more text."
        )
    return Vocabulary(
        words=[table.word(entry) for entry in kept.tolist()],
        counts=counts[kept].copy(),
        corpus_words=int(counts.sum()),
        distinct_words=size,
    )


def shown(word: str) -> str:
    """Return a word in quotes for a message, cut where it is very long."""
    return repr(word if len(word) <= 40 else word[:40] + "…")


def _count_blocks(corpus: Corpus, workers: int) -> WordTable:
    """Count with one table a worker, and merge them."""
    blocks = _SharedBlocks(corpus)
    tables = [WordTable() for _ in range(workers)]

    def work(table: WordTable) -> None:
        for block, seen in blocks:
            table.count(block.data, seen)

    with ThreadPoolExecutor(workers) as pool:
        try:
            for task in [pool.submit(work, table) for table in tables]:
                task.result()
        finally:  # after an error, or Ctrl-C, the other threads stop at their next block
            blocks.end()
    for table in tables[1:]:
        tables[0].merge(table)
    return tables[0]


class _SharedBlocks:
    """The blocks of a corpus for several threads, each with the number of bytes before it."""

    def __init__(self, corpus: Corpus) -> None:
        self._blocks: Iterator[Block] = corpus.blocks()
        self._lock = threading.Lock()
        self._seen = 0
        self._ended = False

    def end(self) -> None:
        """Give out no more blocks."""
        self._ended = True

    def __iter__(self) -> Iterator[tuple[Block, int]]:
        while True:
            with self._lock:
                block = None if self._ended else next(self._blocks, None)
                if block is None:
                    return
                seen = self._seen
                self._seen += len(block.data)
            yield block, seen
