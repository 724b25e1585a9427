"""A model gets the weights to train its words with."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.compat.word2vec_settings import Settings, drawn_seed
from w2v.training.pretrained import nodes_in_common


class Weights(Settings):
    """A model with gensim's methods that make weights for its vocabulary."""

    syn1: NDArray[np.float32]
    syn1neg: NDArray[np.float32]
    _tree_before: tuple[list[Any], NDArray[np.int64]]  # the words and counts before the last ones

    def prepare_weights(self, update: bool = False) -> None:
        """Make the weights for the vocabulary; with `update`, earlier ones stay."""
        if update:
            self.update_weights()
        else:
            self.init_weights()

    def init_weights(self) -> None:
        """Give all words random vectors, uniform in ±1/d, and zeros as output weights."""
        self.wv.vectors = np.zeros((0, self.vector_size), dtype=np.float32)
        self.wv.resize_vectors(seed=drawn_seed(self.seed))
        shape = len(self.wv.index_to_key), self.layer1_size
        if self.hs:
            self.syn1 = np.zeros(shape, dtype=np.float32)
        if self.negative:
            self.syn1neg = np.zeros(shape, dtype=np.float32)

    def update_weights(self) -> None:
        """Add weights for new words; those of earlier words stay.

        An inner node of the Huffman tree keeps its weights where it separates the same words as
        before; others begin at zero.
        """
        before = len(self.wv.vectors)
        if not before:
            raise RuntimeError(
                "The model has no words to add to; call build_vocab without update first."
            )
        self.wv.resize_vectors(seed=drawn_seed(self.seed))
        more = len(self.wv.index_to_key) - before
        if self.hs:
            self.syn1 = self._moved_nodes()
        if self.negative:
            zeros = np.zeros((more, self.layer1_size), dtype=np.float32)
            self.syn1neg = np.concatenate([self.syn1neg, zeros])

    def _moved_nodes(self) -> NDArray[np.float32]:
        """Return the weights of the Huffman tree's inner nodes after its counts have changed."""
        words, counts = self._tree_before
        now = self.wv.index_to_key, np.array(self.wv.expandos["count"])
        nodes = np.zeros((len(now[0]), self.layer1_size), dtype=np.float32)
        old, new, signs = nodes_in_common(
            words, np.maximum(counts, 1), now[0], np.maximum(now[1], 1)
        )
        nodes[new] = self.syn1[old] * signs[:, None].astype(np.float32)
        return nodes

    def estimate_memory(
        self, vocab_size: int | None = None, report: dict[str, int] | None = None
    ) -> dict[str, int]:
        """Return the bytes that the words and the matrices of the model take, by name.

        Parameters
        ----------
        vocab_size : int, optional
            The number of words. Default: those of the model.
        report : dict, optional
            Further parts, for the total.
        """
        size = vocab_size or len(self.wv.index_to_key)
        matrix = 4 * size * self.vector_size
        parts = {**(report or {}), "vocab": size * (700 if self.hs else 500), "vectors": matrix}
        if self.hs:
            parts["syn1"] = matrix
        if self.negative:
            parts["syn1neg"] = matrix
        return {**parts, "total": sum(parts.values())}
