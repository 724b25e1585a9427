"""Vectors of unseen words, made of the n-grams that they share with other words."""

import numpy as np
from numpy.typing import NDArray

from w2v.formats.ngrams import ngram_buckets
from w2v.formats.word_matrix import Ngrams
from w2v.matrices import Matrix


class Subwords:
    """The n-grams of a fastText model.

    Parameters
    ----------
    ngrams : Ngrams
        The n-gram rows of a file; they are not copied.

    Attributes
    ----------
    rows : float32 (B, d)
        A row for each bucket that n-grams are hashed to.
    shortest, longest : int
        The number of characters of an n-gram, counting the `<` and `>` around the word.
    """

    def __init__(self, ngrams: Ngrams) -> None:
        self.rows: Matrix = ngrams.rows
        self.shortest, self.longest = ngrams.shortest, ngrams.longest
        self._ngrams = ngrams

    def __repr__(self) -> str:
        sizes = f"{self.shortest} to {self.longest} characters"
        return f"Subwords(n-grams of {sizes}, {len(self.rows)} buckets)"

    def __contains__(self, word: str) -> bool:
        """Return whether a word has any n-gram; a word too short for one has none."""
        return len(self.buckets(word)) > 0

    def buckets(self, word: str) -> NDArray[np.intp]:
        """Return the rows of a word's n-grams, by first character, then by length.

        The hash is FNV-1a on the signed bytes of an n-gram in UTF-8, modulo the number of buckets.

        Returns
        -------
        intp (n,)
            The rows; none for a word that is too short.

        References
        ----------
        Bojanowski et al., Enriching Word Vectors with Subword Information, 2017,
        https://arxiv.org/abs/1607.04606, and fastText's dictionary.cc.
        """
        # A str may hold half a character, which has no UTF-8; it hashes as its three bytes.
        return ngram_buckets([word.encode("utf-8", "surrogatepass")], self._ngrams)[0]

    def vector(self, word: str) -> Matrix:
        """Return the mean of the rows of a word's n-grams, float32 (d,).

        fastText and gensim make the vector of a word without a row in the same way. A word
        without n-grams, about which nothing is known, gets zeros, as there.
        """
        buckets = self.buckets(word)
        mean: Matrix = self.rows[buckets].sum(axis=0) / np.float32(max(1, len(buckets)))
        return mean
