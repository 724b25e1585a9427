"""The threads that count a corpus, each with a table of words by which it numbers them."""

import threading
from collections.abc import Iterator
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.words import Tokens, WordBuffers, new_word_buffers
from w2v.text.corpus import Block, Corpus
from w2v.text.draft import DraftFiles, Drops, TokenBlock, slab_size
from w2v.text.id_storage import allocate_ids
from w2v.text.number_file import FilePart
from w2v.text.tokenizer import Tokenizer
from w2v.text.word_table import WordTable

_Kept: TypeAlias = (
    "tuple[NDArray[np.int32] | FilePart[np.int32], NDArray[np.int64] | FilePart[np.int64]]"
)


class SharedBlocks:
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


class CountingThread:
    """A thread that counts: its table, its memory, and the blocks that it has read.

    Parameters
    ----------
    worker : int
        Its number.
    memory_limit : int
        Bytes above which the numbers of words go to a file.
    table_limit : int or None
        Bytes that its table may take.
    tokenizer : Tokenizer or None
        What finds the words, unless white space separates them.

    Attributes
    ----------
    blocks : list of TokenBlock
        The blocks, as numbers of words.
    drops : Drops
        The words that the table dropped.
    """

    def __init__(
        self,
        worker: int,
        memory_limit: int,
        table_limit: int | None,
        tokenizer: Tokenizer | None,
    ) -> None:
        self.blocks: list[TokenBlock] = []
        self.drops = Drops()
        self._worker = worker
        self._table_limit = table_limit
        self._tokenizer = tokenizer
        self._memory_left = memory_limit
        self._allocated = 0
        self._files: DraftFiles | None = None  # until the memory is used up
        self._entries = np.empty(0, dtype=np.int32)  # the rest of a slab
        self._ends = np.empty(0, dtype=np.int64)

    @cached_property
    def table(self) -> WordTable:
        """The words and their counts.

        It is made for the first block, like the buffers: of a short text most threads get none, and
        1,024 of them would take 1.5 s and a gigabyte.
        """
        return WordTable(self._table_limit)

    @cached_property
    def buffers(self) -> WordBuffers:
        """The memory of the kernels."""
        return new_word_buffers()

    def read(self, blocks: SharedBlocks) -> None:
        """Count blocks until there are no more."""
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
