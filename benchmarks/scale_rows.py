"""How often the words of a text come, and so how many rows of the matrices a stretch touches."""

import math
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from w2v import TrainConfig
from w2v.kernels.state import BLOCK, POOL

NOISE_EXPONENT = TrainConfig().ns_exponent
_CLASSES = 20_000  # of ranks that are alike: a sum over 3 million words takes no time


class Law:
    """How often the words of a text come, and so how many rows its stretches touch.

    Parameters
    ----------
    counts : float64 (V,)
        Of the words, or of classes of words that come equally often.
    sample : float
        The threshold of subsampling.
    window : int
        The largest one.
    words : float64 (V,), optional
        How many words each class has.
    burst : float
        The rows that real stretches touch, as a share of those of independent draws: words repeat.
    """

    def __init__(
        self,
        counts: NDArray[np.float64],
        sample: float,
        window: int,
        words: NDArray[np.float64] | None = None,
        burst: float = 1.0,
    ) -> None:
        self._words = np.ones(len(counts)) if words is None else words
        share = counts / (counts * self._words).sum()
        self._kept = share * keep_in_classes(share, sample)
        noise = share**NOISE_EXPONENT
        self._noise = noise / (noise * self._words).sum()
        self._window, self.burst = window, burst

    @cached_property
    def kept(self) -> float:
        """The share of the tokens that subsampling keeps."""
        return float((self._kept * self._words).sum())

    def hot_rows(self, words: int) -> float:
        """Return the hot rows of both matrices, all of which every stretch touches."""
        return 2 * min(float(words), float(self._words.sum()))

    def rows(self, tokens: float) -> float:
        """Return D: the distinct rows of both matrices that a stretch of so many tokens touches.

        A word of share p that is kept with probability k is missed by n draws with probability
        exp(−n · p · k). Its output row is also touched as noise, of which a block of BLOCK tokens
        draws POOL words, with windows up to 5. The windows reach as far beyond the stretch as they
        are wide.
        """
        if tokens <= 0:
            return 0.0
        drawn = (tokens + 2 * self._window / self.kept) * self._kept
        noise = math.ceil(tokens / BLOCK) * POOL * self._noise
        missed = np.exp(-drawn) + np.exp(-drawn - noise)
        return self.burst * float(((2 - missed) * self._words).sum())


def keep_in_classes(share: NDArray[np.float64], sample: float) -> NDArray[np.float64]:
    """Return the probability that subsampling keeps a token, by the share of its word."""
    if sample == 0:
        return np.ones(len(share))
    ratio = share / sample  # as in w2v.training.sampling.keep_probabilities, for classes of words
    return np.asarray(np.minimum(1.0, (np.sqrt(ratio) + 1) / ratio))


def zipf_law(size: int, exponent: float, sample: float, window: int, burst: float) -> Law:
    """Return the law of a vocabulary in which the share of rank r is in proportion to r^−exponent.

    Ranks that are alike are put together in classes.
    """
    edges = np.unique(np.geomspace(1, size + 1, _CLASSES).astype(np.int64))
    words = np.diff(edges).astype(np.float64)
    middle = np.sqrt(edges[:-1] * (edges[1:] - 1.0))
    return Law(middle**-exponent, sample, window, words, burst)


def zipf_exponent(counts: NDArray[np.int64]) -> float:
    """Return the slope of log count by log rank, each rank's weight in proportion to 1 / rank."""
    ranks = np.unique(np.geomspace(1, len(counts), 200).astype(np.int64))
    return float(-np.polyfit(np.log(ranks), np.log(counts[ranks - 1]), 1)[0])
