"""Encoding: a corpus and its vocabulary in, int32 token ids with sentence offsets out."""

import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v.errors import CorpusError
from w2v.kernels.entries import replace_entries
from w2v.machine import available_memory
from w2v.text.corpus import Corpus
from w2v.text.counting import MEMORY_SHARE, count_words
from w2v.text.draft import Draft, TokenBlock
from w2v.text.elsewhere import AnyDraft
from w2v.text.id_prints import print_of
from w2v.text.id_storage import allocate_ids
from w2v.text.looking_up import look_up_entries
from w2v.text.number_file import PIECE, Ids, NumberFile, OffsetFile, Offsets
from w2v.text.vocabulary import Vocabulary


@dataclass(frozen=True)
class EncodedCorpus:
    """A corpus as ids; words outside the vocabulary are left out.

    Attributes
    ----------
    tokens : int32 (T,)
        The ids; in a file if there are many.
    sentence_offsets : int64 (S + 1,)
        Rising from 0 to T: sentence s is tokens[sentence_offsets[s] : sentence_offsets[s + 1]]; in
        a file if the ids are.
    """

    tokens: Ids
    sentence_offsets: Offsets

    @property
    def sentences(self) -> int:
        """S, the number of sentences."""
        return len(self.sentence_offsets) - 1

    def lengths(self) -> Iterator[NDArray[np.int64]]:
        """Yield the number of words in each sentence, in pieces; a text has one, perhaps empty."""
        for first in range(0, max(1, self.sentences), PIECE):
            yield np.diff(self.sentence_offsets[first : first + PIECE + 1])

    def fingerprint(self, words: Sequence[str]) -> str:
        """Return a hash (BLAKE2b) of the vocabulary's words, the sentences and the ids.

        Of the ids it is that of their fingerprint, so that they can stay where they are.
        """
        digest = hashlib.blake2b("\n".join(words).encode(), digest_size=16)
        for first in range(0, len(self.sentence_offsets), PIECE):
            digest.update(np.ascontiguousarray(self.sentence_offsets[first : first + PIECE]).data)
        digest.update(np.array(print_of(self.tokens), dtype="<u8").data)
        return digest.hexdigest()

    def in_arrays(self) -> "EncodedCorpus":
        """Return the same corpus as arrays; a file is mapped."""
        tokens, offsets = self.tokens, self.sentence_offsets
        return EncodedCorpus(
            tokens.mapped() if isinstance(tokens, NumberFile) else tokens,
            offsets.mapped() if isinstance(offsets, NumberFile) else offsets,
        )


def encode_corpus(
    corpus: Corpus,
    vocabulary: Vocabulary,
    workers: int = 1,
    memory_limit: int | None = None,
) -> EncodedCorpus:
    """Replace the words of a corpus by their ids.

    The corpus is read again only if the draft that counting kept has been used already.

    Parameters
    ----------
    corpus : Corpus
        The corpus that was counted.
    vocabulary : Vocabulary
        Its vocabulary, from which the draft is taken.
    workers : int
        Threads.
    memory_limit : int, optional
        Bytes of ids and sentences above which they go to unnamed temporary files (in $TMPDIR).
        Default: a quarter of the available memory.

    Returns
    -------
    EncodedCorpus
        The ids.

    Raises
    ------
    CorpusError
        The corpus was read again, and has changed since it was counted.
    """
    limit = available_memory() // MEMORY_SHARE if memory_limit is None else memory_limit
    draft = _take_draft(corpus, vocabulary) or _read_again(corpus, vocabulary, workers)
    words = draft.words
    if isinstance(draft, Draft):
        encoded = encode_draft(draft, workers, limit)
    else:
        encoded = EncodedCorpus(*draft.encoded(limit))
    if len(encoded.tokens) != vocabulary.tokens or words != vocabulary.corpus_words:
        raise CorpusError(
            f"The corpus {corpus} changed between counting and encoding: "
            f"{vocabulary.corpus_words:,} words were counted; leave it alone and start again."
        )
    return encoded


def encode_draft(draft: Draft, workers: int, memory_limit: int) -> EncodedCorpus:
    """Replace the numbers of a draft, which is used up, by ids.

    Parameters
    ----------
    draft : Draft
        The text.
    workers : int
        Threads.
    memory_limit : int
        Bytes of ids and sentences above which they go to unnamed temporary files.
    """
    if draft.corpus.numbered is not None and len(draft.blocks) == 1:  # it is not a part of a slab
        [block] = draft.blocks
        _replace_in_memory(block, draft)
        tokens = block.entries[:]
        return EncodedCorpus(tokens, _sentence_offsets([block], np.zeros(1, np.int64)))
    size = 4 * draft.tokens + 8 * sum(len(block.ends) for block in draft.blocks)
    with ThreadPoolExecutor(workers) as pool:
        if size > memory_limit:
            return _in_files(draft, pool, 2 * workers)
        kept = list(pool.map(lambda block: _replace_in_memory(block, draft), draft.blocks))
        starts = np.cumsum([0, *kept])
        tokens = allocate_ids(sum(kept), in_file=False)
        list(pool.map(lambda block, start: _move(block, tokens, start), draft.blocks, starts))
    return EncodedCorpus(tokens, _sentence_offsets(draft.blocks, starts))


def _in_files(draft: Draft, pool: ThreadPoolExecutor, most: int) -> EncodedCorpus:
    """Write the ids of a draft to files; at most `most` blocks are in memory at a time."""
    tokens, offsets = NumberFile(np.int32), OffsetFile()
    offsets.append(np.zeros(1, dtype=np.int64))
    last = 0
    for entries, ends in _in_order(draft, pool, most):
        borders = ends + tokens.append(entries)
        offsets.append(borders[np.diff(borders, prepend=last) > 0])
        last = int(borders[-1]) if len(borders) else last
    return EncodedCorpus(tokens, offsets)


def _in_order(
    draft: Draft, pool: ThreadPoolExecutor, most: int
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
    """Yield the ids and the ends of each block, in the order of the text."""
    waiting: deque[Future[tuple[NDArray[np.int32], NDArray[np.int64]]]] = deque()
    try:
        for block in draft.blocks:
            if len(waiting) == most:
                yield waiting.popleft().result()
            waiting.append(pool.submit(_replaced, block, draft))
        while waiting:
            yield waiting.popleft().result()
    finally:  # after an error no more are begun
        for task in waiting:
            task.cancel()


def _take_draft(corpus: Corpus, vocabulary: Vocabulary) -> AnyDraft | None:
    if vocabulary.drafts and vocabulary.drafts[0].corpus is corpus:
        return vocabulary.drafts.pop()
    return None


def _read_again(corpus: Corpus, vocabulary: Vocabulary, workers: int) -> Draft:
    text = count_words(corpus, workers)
    return text.draft(look_up_entries(text.table, vocabulary.words).astype(np.int32))


def _replaced(block: TokenBlock, draft: Draft) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Take the numbers of a block and replace them by ids."""
    entries, ends = block.taken()
    return entries[: replace_entries(entries, ends, draft.ids_of(block))], ends


def _replace_in_memory(block: TokenBlock, draft: Draft) -> int:
    """Replace the numbers of a block by ids; return how many words have one."""
    block.entries, block.ends = _replaced(block, draft)
    return len(block.entries)


def _move(block: TokenBlock, tokens: NDArray[np.int32], start: int) -> None:
    """Move a block's ids to their place in `tokens`, so that its own memory is released."""
    entries = block.entries[:]
    tokens[start : start + len(entries)] = entries
    block.entries = entries[:0].copy()


def _sentence_offsets(blocks: list[TokenBlock], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where sentences end, after a 0; empty sentences are left out."""
    # In place: a text of one word a line has as many sentences as words.
    offsets = np.zeros(1 + sum(len(block.ends) for block in blocks), dtype=np.int64)
    filled = 1
    for block, start in zip(blocks, starts, strict=False):
        ends = block.ends[:]
        np.add(ends, start, out=offsets[filled : filled + len(ends)])
        filled += len(ends)
        block.ends = ends[:0].copy()
    is_new = np.append(True, offsets[1:] > offsets[:-1])
    return offsets if is_new.all() else offsets[is_new]
