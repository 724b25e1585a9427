"""Vectors of words that were never seen, out of the n-grams that they share with others."""

import numpy as np
from numpy.typing import NDArray

from w2v.formats.ngrams import ngram_buckets
from w2v.formats.word_matrix import Ngrams
from w2v.matrices import Matrix


class Subwords:
    """What a fastText model knows of parts of words.

    rows: float32 (B, d), a row for each bucket that n-grams are hashed to.
    shortest, longest: the characters of an n-gram, `<` and `>` around the word among them.
    """

    def __init__(self, ngrams: Ngrams) -> None:
        """Take the n-gram rows as a file has them; they are not copied."""
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

        The hash is FNV-1a on the signed bytes of an n-gram in UTF-8, modulo the number of buckets
        (Bojanowski et al., 2017, https://arxiv.org/abs/1607.04606, and fastText's dictionary.cc).
        """
        # Half a character has no UTF-8, but may stand in a str; it hashes as its three bytes.
        return ngram_buckets([word.encode("utf-8", "surrogatepass")], self._ngrams)[0]

    def vector(self, word: str) -> Matrix:
        """Return the mean of the rows of a word's n-grams, float32 (d,).

        That is the vector of a word without a row of its own, as fastText and gensim make it; they
        give a word without any n-gram, of which nothing is known, zeros, as this does.
        """
        buckets = self.buckets(word)
        mean: Matrix = self.rows[buckets].sum(axis=0) / np.float32(max(1, len(buckets)))
        return mean
