"""The result of reading a file of vectors: words, matrix, counts, n-grams and defects."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v.formats.defects import Defect
from w2v.matrices import Matrix
from w2v.word_forms import AS_IT_IS, WordForm


@dataclass(frozen=True)
class EntryBlock:
    """Consecutive entries of a file, unchecked.

    Attributes
    ----------
    words : list of bytes
        n words.
    matrix : ndarray of float32, shape (n, d)
        Their vectors.
    place : callable
        Takes a row and returns its entry number, from 1, and its byte offset.
    malformed : tuple of Defect
        Entries that could not be read.
    counts : ndarray of int64, shape (n,), or None
        How often each word was seen, if the file has counts.
    """

    words: list[bytes]
    matrix: Matrix
    place: Callable[[int], tuple[int, int]]
    malformed: tuple[Defect, ...] = ()
    counts: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class Ngrams:
    """The vectors that fastText learned for the n-grams of words.

    Attributes
    ----------
    rows : ndarray of float32, shape (B, d), or CompactMatrix
        A row for each bucket, finite. The hash of an n-gram selects its row; several n-grams may
        share one.
    shortest, longest : int, 1 or more
        The lengths of n-grams in characters. The marks `<` and `>` around the word count.
    whole : bytes
        A word that has no n-grams; b"" if there is no such word.
    """

    rows: Matrix
    shortest: int
    longest: int
    whole: bytes = b""


@dataclass(frozen=True)
class WordMatrix:
    """The words and vectors of a file.

    Attributes
    ----------
    words : list of str
        V distinct words.
    matrix : ndarray of float32, shape (V, d), or CompactMatrix
        C-contiguous and finite; row i is the vector of words[i].
    defects : tuple of Defect
        The entries that on_defect="skip" left out, in file order.
    counts : ndarray of int64, shape (V,), or None
        How often each word was seen, if the file has counts.
    ngrams : Ngrams or None
        The rows from which vectors of unseen words are computed, if the format has them.
    form : WordForm
        What the training made of the words of its text, if the file records that.
    """

    words: list[str]
    matrix: Matrix
    defects: tuple[Defect, ...] = ()
    counts: NDArray[np.int64] | None = None
    ngrams: Ngrams | None = None
    form: WordForm = AS_IT_IS
