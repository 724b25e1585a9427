"""What a trained model says about sentences: their likelihood, and words that would fit."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.compat.keyed_vectors import KeyedVectors

Matrix = NDArray[np.float32]

_MOST = 6.0  # gensim leaves out the nodes whose product with the context is beyond it


def output_probabilities(
    vectors: Matrix, outputs: Matrix, rows: Sequence[int], mean: bool
) -> NDArray[np.float64]:
    """Return the probability of each word between the context words: a softmax.

    Parameters
    ----------
    vectors, outputs : float32 (V, d)
        The word vectors, and the output vectors of negative sampling.
    rows : sequence of int
        The context words.
    mean : bool
        Whether the model takes the mean of their vectors, else the sum.

    Returns
    -------
    float64 (V,)
    """
    chosen = vectors[list(rows)]
    context = chosen.mean(axis=0) if mean else chosen.sum(axis=0)
    logits = (outputs @ context).astype(np.float64)
    shares = np.exp(logits - logits.max())
    return np.asarray(shares / shares.sum())


class SentenceScorer:
    """The log-likelihood of sentences, by the Huffman tree of a model.

    Parameters
    ----------
    wv : KeyedVectors
        Words and vectors, with the attributes "code" and "point".
    nodes : float32 (V, d)
        The vectors of the inner nodes.
    skipgram : bool
        Whether each context word is scored alone; else the mean, or the sum, of the window.
    mean : bool
        Whether it is the mean.
    window : int
        The words on either side.
    """

    def __init__(
        self, wv: KeyedVectors, nodes: Matrix, skipgram: bool, mean: bool, window: int
    ) -> None:
        self._rows, self._vectors, self._nodes = wv.key_to_index, wv.vectors, nodes
        self._codes, self._points = wv.expandos["code"], wv.expandos["point"]
        self._skipgram, self._mean, self._window = skipgram, mean, window

    def scores(self, sentences: Iterable[Any], most: int) -> Matrix:
        """Return the score of each of the first `most` sentences, float32 (n,)."""
        found = [self._score(sentence) for sentence in islice(sentences, most)]
        return np.array(found, dtype=np.float32)

    def _score(self, sentence: Iterable[Any]) -> float:
        rows = [self._rows[word] for word in sentence if word in self._rows]
        total = 0.0
        for center, row in enumerate(rows):
            near = rows[max(0, center - self._window) : center]
            near += rows[center + 1 : center + 1 + self._window]
            total += self._likelihood(row, self._contexts(near))
        return total

    def _contexts(self, rows: list[int]) -> Matrix:
        chosen: Matrix = self._vectors[np.array(rows, dtype=np.intp)]
        if self._skipgram:
            return chosen
        together = chosen.sum(axis=0, keepdims=True)  # zeros for a word alone, as in gensim
        return np.asarray(together / max(1, len(rows)) if self._mean else together)

    def _likelihood(self, word: int, contexts: Matrix) -> float:
        """Return Σ log σ(± context · node) over the nodes on the way to a word."""
        signs = 1 - 2 * self._codes[word].astype(np.float64)
        margins = contexts @ self._nodes[self._points[word]].T * signs
        return float(-np.logaddexp(0, -margins[np.abs(margins) < _MOST]).sum())
