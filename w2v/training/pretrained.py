"""Rows of pretrained vectors, copied to the rows of the same words in a new training.

They are copied in blocks, because a matrix may be as large as the free memory.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v.matrices import Matrix
from w2v.phrases.phrases import Phrases
from w2v.remote.addresses import located
from w2v.text.vocabulary import Vocabulary
from w2v.training.config import TrainConfig
from w2v.training.huffman import node_children, sums_below
from w2v.training.model import Model, open_model, read_settings
from w2v.training.stored_phrases import stored_phrases
from w2v.word_rows import rows_by_word, rows_of

_ROWS_AT_ONCE = 512


@dataclass(frozen=True)
class PretrainedModel:
    """A model to train further, whose matrices may still be in its file.

    Attributes
    ----------
    words, counts : sequence of str, int64 (V,)
        Its vocabulary.
    config : TrainConfig
        Its settings.
    tokens : int
        Words of its text that are in its vocabulary. Its counts may be those of more, or of others.
    phrases : Phrases or None
        The phrases that were joined in its text.
    rows : callable
        Takes "vectors" or "output", and yields (number of the first row, rows) for all rows.
    """

    words: Sequence[str]
    counts: NDArray[np.int64]
    config: TrainConfig
    tokens: int
    phrases: Phrases | None
    rows: Callable[[str], Iterator[tuple[int, NDArray[np.float32]]]]

    @classmethod
    def of(cls, source: str | os.PathLike[str] | Model) -> "PretrainedModel":
        """Return a model to train further; a file is opened, without reading its matrices."""
        if not isinstance(source, Model):
            stored = open_model(located(source))
            settings = read_settings(stored)
            tokens, phrases = settings.summary.tokens, stored_phrases(stored)
            return cls(stored.words, stored.counts, settings.config, tokens, phrases, stored.rows)
        vectors, counts = source.vectors, source.vectors.counts
        assert counts is not None
        matrices = {"vectors": vectors.vectors, "output": source.output}
        return cls(
            vectors.index_to_key, counts, source.config, source.summary.tokens, source.phrases,
            lambda name: in_blocks(matrices[name]),
        )  # fmt: skip


def words_in_common(
    words: Sequence[str], vocabulary: Vocabulary
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows of the words that a vocabulary shares with other words.

    Parameters
    ----------
    words : sequence of str
        The words of given vectors, in the order of their rows.
    vocabulary : Vocabulary
        The words of the new training.

    Returns
    -------
    tuple of intp (n,)
        The rows of the common words in the vocabulary, ascending, and their rows in `words`.
    """
    rows = rows_of(vocabulary.words, rows_by_word(words))
    known = np.flatnonzero(rows >= 0)
    return known, rows[known]


def place_rows(
    blocks: Iterable[tuple[int, NDArray[np.float32]]],
    rows: NDArray[np.intp],
    matrix: NDArray[np.float32],
    places: NDArray[np.intp],
) -> None:
    """Copy rows of a matrix that is given in blocks; writes `matrix`.

    Parameters
    ----------
    blocks : iterable of (int, float32 (b, d))
        The number of the first row of each block, and its rows; in order.
    rows : intp (n,)
        The rows to copy.
    matrix : float32 (V, w)
        The matrix to write to, where w is d or more.
    places : intp (n,)
        The row of `matrix` for each of `rows`.
    """
    order = np.argsort(rows)
    rows, places = rows[order], places[order]
    for first, block in blocks:
        inside = slice(*np.searchsorted(rows, [first, first + len(block)]))
        matrix[places[inside], : block.shape[1]] = block[rows[inside] - first]


def in_blocks(matrix: Matrix) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Yield (number of the first row, rows) for all rows of a matrix."""
    for first in range(0, len(matrix), _ROWS_AT_ONCE):
        yield first, matrix[first : first + _ROWS_AT_ONCE]


def nodes_in_common(
    old_words: Sequence[str],
    old_counts: NDArray[np.int64],
    new_words: Sequence[str],
    new_counts: NDArray[np.int64],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Return the nodes that the Huffman trees of two vocabularies have in common.

    A node's vector separates the words on its two sides. It can be used again if both sides have
    the same words as before; if they have changed places, its sign changes.

    Parameters
    ----------
    old_words, old_counts : sequence of str, int64 (V,)
        The first vocabulary, in any order; its tree is that of the words sorted by their counts.
    new_words, new_counts
        The second one.

    Returns
    -------
    tuple of intp (n,)
        The nodes of the first tree, the same nodes of the second, and the signs, 1 or −1.
    """
    # Each word has a random mark, and words together have the sum of theirs, so that equal sums are
    # sums of the same words.
    generator = np.random.default_rng(0)
    new_marks = generator.integers(2**64, size=len(new_words), dtype=np.uint64)
    old_marks = generator.integers(2**64, size=len(old_words), dtype=np.uint64)
    rows = rows_of(old_words, rows_by_word(new_words))
    old_marks[rows >= 0] = new_marks[rows[rows >= 0]]
    old, new = _sides(old_counts, old_marks), _sides(new_counts, new_marks)
    # The words of a side are those below one node, which has one parent: the lower of the two sums
    # finds the parent, and the higher one confirms it.
    old_low, new_low = old.min(axis=1), new.min(axis=1)
    _, nodes, places = np.intersect1d(old_low, new_low, assume_unique=True, return_indices=True)
    is_same = old.max(axis=1)[nodes] == new.max(axis=1)[places]
    nodes, places = nodes[is_same], places[is_same]
    return nodes, places, np.where(old[nodes, 0] == new[places, 0], 1, -1)


def _sides(counts: NDArray[np.int64], marks: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return, for each inner node, the sums of the marks of the words on its two sides."""
    order = np.argsort(-counts, kind="stable")
    counts, marks = counts[order], marks[order]
    return np.concatenate((marks, sums_below(counts, marks)))[node_children(counts)]
