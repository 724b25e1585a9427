"""Encoding: a corpus and its vocabulary in, int32 token ids with sentence offsets out."""

import os
import tempfile
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v.errors import CorpusError
from w2v.text.corpus import Corpus
from w2v.text.vocabulary import Vocabulary
from w2v.text.word_table import WordTable

MEMORY_SHARE = 4  # ids that take more than a quarter of the memory go to a file

_Encoded = tuple[NDArray[np.int32], NDArray[np.int64], int]


@dataclass(frozen=True)
class EncodedCorpus:
    """A corpus as ids; words outside the vocabulary are left out.

    tokens: int32 (T,), ids; memory-mapped where they are many.
    sentence_offsets: int64 (S + 1,), rising from 0 to T; sentence s is
        tokens[sentence_offsets[s] : sentence_offsets[s + 1]].
    """

    tokens: NDArray[np.int32]
    sentence_offsets: NDArray[np.int64]


def encode_corpus(
    corpus: Corpus,
    vocabulary: Vocabulary,
    workers: int = 1,
    memory_limit: int | None = None,
) -> EncodedCorpus:
    """Read a corpus a second time and write every known word as its id.

    Parameters:
        corpus: the one that was counted.
        vocabulary: its vocabulary.
        workers: threads that look words up.
        memory_limit: bytes of ids above which they go to an unnamed temporary file (in $TMPDIR);
            None is a quarter of the machine's memory.

    Raises CorpusError where the corpus has changed since it was counted.
    """
    limit = physical_memory() // MEMORY_SHARE if memory_limit is None else memory_limit
    tokens = _allocate(vocabulary.tokens, limit)
    offsets = [np.zeros(1, dtype=np.int64)]
    used = words = 0
    for ids, ends, block_words in _encode_blocks(corpus, vocabulary, workers):
        if used + len(ids) > len(tokens):
            words = -1
            break
        tokens[used : used + len(ids)] = ids
        offsets.append(ends + used)
        used += len(ids)
        words += block_words
    if used != len(tokens) or words != vocabulary.corpus_words:
        raise CorpusError(
            f"The corpus {corpus} changed between counting and encoding: "
            f"{vocabulary.corpus_words:,} words were counted; leave it alone and start again."
        )
    return EncodedCorpus(tokens, np.unique(np.concatenate(offsets)))


def _encode_blocks(corpus: Corpus, vocabulary: Vocabulary, workers: int) -> Iterator[_Encoded]:
    """Yield the encoded blocks in the order of the text, a few of them in the making."""
    table = WordTable.of(vocabulary.words)
    pending: deque[Future[_Encoded]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for block in corpus.blocks():
            pending.append(pool.submit(table.encode, block.data))
            if len(pending) > workers:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


def _allocate(size: int, limit: int) -> NDArray[np.int32]:
    if 4 * size <= limit:
        return np.empty(size, dtype=np.int32)
    with tempfile.TemporaryFile(prefix="w2v-ids-") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, 4 * size)
        except AttributeError:  # not on this system: the file grows as it is written
            file.truncate(4 * size)
        except OSError as error:
            raise CorpusError(
                f"No room for {4 * size:,} bytes of token ids in {tempfile.gettempdir()}: "
                f"{error.strerror}; name a directory with more room in TMPDIR."
            ) from error
        return np.memmap(file, dtype=np.int32, mode="r+", shape=(size,))


def physical_memory() -> int:
    """Return the bytes of memory that this machine has."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
