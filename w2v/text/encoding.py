"""Encoding: a corpus and its vocabulary in, int32 token ids with sentence offsets out."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v.errors import CorpusError
from w2v.kernels.tokens import replace_entries
from w2v.machine import available_memory
from w2v.text.corpus import Corpus
from w2v.text.counting import MEMORY_SHARE, Draft, TokenBlock, count_words
from w2v.text.id_storage import allocate_ids
from w2v.text.vocabulary import Vocabulary


@dataclass(frozen=True)
class EncodedCorpus:
    """A corpus as ids; words outside the vocabulary are left out.

    Attributes
    ----------
    tokens : int32 (T,)
        The ids; memory-mapped if there are many.
    sentence_offsets : int64 (S + 1,)
        Rising from 0 to T: sentence s is tokens[sentence_offsets[s] : sentence_offsets[s + 1]].
    """

    tokens: NDArray[np.int32]
    sentence_offsets: NDArray[np.int64]

    def fingerprint(self, words: Sequence[str]) -> str:
        """Return a hash (BLAKE2b) of the vocabulary's words, the sentences and the ids."""
        digest = hashlib.blake2b("\n".join(words).encode(), digest_size=16)
        for array in (self.sentence_offsets, self.tokens):
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()


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
        Bytes of ids above which they go to an unnamed temporary file (in $TMPDIR). Default: a
        quarter of the available memory.

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
    words = sum(len(block.entries) for block in draft.blocks)
    encoded = encode_draft(draft, workers, limit)
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
        Bytes of ids above which they go to an unnamed temporary file.
    """
    with ThreadPoolExecutor(workers) as pool:
        kept = list(pool.map(lambda block: _replace(block, draft.ids[block.worker]), draft.blocks))
        if draft.corpus.numbered is not None and len(draft.blocks) == 1:  # it is no slab's part
            [block] = draft.blocks
            return EncodedCorpus(block.entries, _sentence_offsets([block], np.zeros(1, np.int64)))
        tokens = allocate_ids(sum(kept), in_file=4 * sum(kept) > memory_limit)
        starts = np.cumsum([0, *kept])
        list(pool.map(lambda block, start: _move(block, tokens, start), draft.blocks, starts))
    return EncodedCorpus(tokens, _sentence_offsets(draft.blocks, starts))


def _take_draft(corpus: Corpus, vocabulary: Vocabulary) -> Draft | None:
    if vocabulary.drafts and vocabulary.drafts[0].corpus is corpus:
        return vocabulary.drafts.pop()
    return None


def _read_again(corpus: Corpus, vocabulary: Vocabulary, workers: int) -> Draft:
    text = count_words(corpus, workers)
    words = text.table.words(np.arange(len(text.table)))
    return text.draft(np.array([vocabulary.index.get(word, -1) for word in words], dtype=np.int32))


def _replace(block: TokenBlock, ids: NDArray[np.int32]) -> int:
    """Replace the numbers of a block by ids; return how many words have one."""
    kept = replace_entries(block.entries, block.ends, ids)
    block.entries = block.entries[:kept]
    return kept


def _move(block: TokenBlock, tokens: NDArray[np.int32], start: int) -> None:
    """Move a block's ids to their place in `tokens`, so that its own memory is released."""
    tokens[start : start + len(block.entries)] = block.entries
    block.entries = block.entries[:0].copy()


def _sentence_offsets(blocks: list[TokenBlock], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where sentences end, after a 0; empty sentences are left out."""
    # In place: a text of one word a line has as many sentences as words.
    offsets = np.zeros(1 + sum(len(block.ends) for block in blocks), dtype=np.int64)
    filled = 1
    for block, start in zip(blocks, starts, strict=False):
        np.add(block.ends, start, out=offsets[filled : filled + len(block.ends)])
        filled += len(block.ends)
        block.ends = block.ends[:0].copy()
    is_new = np.append(True, offsets[1:] > offsets[:-1])
    return offsets if is_new.all() else offsets[is_new]
