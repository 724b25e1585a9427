"""Which rows each of several workers has copies of, how often they are merged, and how.

A row is merged more often, the more scores are expected to be made with it and the higher the
learning rate. Rows of every rank come equally far between two merges, and no further if there are
more workers.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.training.config import TrainConfig
from w2v.training.huffman import sums_below
from w2v.training.sampling import keep_probabilities, noise_probabilities
from w2v.training.sentence_windows import mean_contexts

HOT_ROWS = 256  # rows that each worker has copies of; 128 and 512 are as fast and as good
# The scores that all workers together make with a row between two of its merges, times the learning
# rate at the start. For words, on 16 cores: with 16 CBOW makes 25 M words/s, with 24 31, with 64
# 39; with 64 it loses two points of analogies on 4 M words. For nodes, whose changes are summed:
# with 8 skip-gram makes 4.3 M words/s, with 16 6.2; with 64 the sums begin to swing.
WORD_BUDGET = 24.0
NODE_BUDGET = 16.0
# How far a word's row comes with each score and unit of the learning rate, as a part of its way. At
# 0.12 workers that merge in turn still overshoot in the first epoch, at 0.25 hot rows lag behind.
WORD_CONVERGENCE = 0.2
# In a short training the lag of a word's row matters more. On 4 M words, five times, CBOW loses a
# point of analogies with a budget of 32 and none with 16; and less time is lost by waiting.
LONG_TRAINING = 5e7  # words of the text, over all epochs
LEAST_PART = 0.1  # of the budget
# At a slow rate vectors have just begun to grow, in proportion to themselves: at 0.001 those of two
# workers were half as long as those of one.
SLOW_RATE = 0.025
LEAST_INTERVAL = 2  # centre words: merges at the same time lose each other's changes
_NEVER = 2.0**40


class CopyPlan(NamedTuple):
    """The copies of one kind of hot rows; HotCopies (w2v/kernels) explains the fields."""

    size: int
    ends: NDArray[np.int64]
    distance: float


class MergePlan(NamedTuple):
    """The hot rows that each worker has copies of; HotRows (w2v/kernels) explains the fields."""

    workers: int
    merge_interval: int
    inputs: CopyPlan
    outputs: CopyPlan
    nodes: CopyPlan


class ScoreRates(NamedTuple):
    """The scores expected for each centre word with each row, the hottest first; descending.

    Beside them, how many scores an occurrence of a word makes.

    Attributes
    ----------
    inputs : float64 (V,)
        Input rows of words, by rank.
    outputs : float64 (V,) or (0,)
        Output rows of words, by rank; empty without negative sampling.
    nodes : float64 (V − 1,) or (0,)
        Nodes, from the root; empty without hierarchical softmax.
    of_input, of_output : float
        The scores with each occurrence of a word: with its input row, and in negative sampling with
        its output row, as the centre word. The other scores of an output row are those of noise.
    """

    inputs: NDArray[np.float64]
    outputs: NDArray[np.float64]
    nodes: NDArray[np.float64]
    of_input: float
    of_output: float


def no_copies() -> MergePlan:
    """Return the plan of a worker that has no private copies."""
    none = CopyPlan(0, np.zeros(1, dtype=np.int64), 0.0)
    return MergePlan(1, 1, none, none, none)


def hot_counts(vocabulary_size: int, config: TrainConfig, workers: int) -> tuple[int, int, int]:
    """Return the numbers of input rows, output rows and nodes that each worker has copies of.

    A small vocabulary is copied as a whole: with two words, one copied and the other written to by
    all of eight workers, the vectors grew without end.

    Parameters
    ----------
    vocabulary_size : int
    config : TrainConfig
    workers : int
        1 or more; a single worker has no copies.
    """
    if workers == 1:
        return 0, 0, 0
    words = min(HOT_ROWS, vocabulary_size)
    nodes = min(HOT_ROWS, vocabulary_size - 1)
    return words, words * config.has_noise, nodes * config.has_paths


def merge_plan(
    counts: NDArray[np.int64], config: TrainConfig, workers: int, tokens: int
) -> MergePlan:
    """Return the plan by which several workers share the rows of a vocabulary.

    Merge k (1, 2, …) takes the rows whose period is at most 2^(trailing zeros of k) intervals.

    Parameters
    ----------
    counts : int64 (V,)
        Descending.
    config : TrainConfig
    workers : int
        1 or more.
    tokens : int
        Tokens of the text.
    """
    sizes = hot_counts(len(counts), config, workers)
    if not any(sizes):
        return no_copies()
    part = min(1.0, max(LEAST_PART, (tokens * config.passes / LONG_TRAINING) ** 0.5))
    slow = min(1.0, (config.highest_rate / SLOW_RATE) ** 0.5)
    word_budget = slow * part * WORD_BUDGET
    budgets = word_budget, word_budget, slow * NODE_BUDGET
    expected = score_rates(counts, config)
    of_rows = expected.inputs, expected.outputs, expected.nodes
    rates = [rates[:size] for rates, size in zip(of_rows, sizes, strict=True)]
    periods = [
        np.minimum(_NEVER, budget / (config.highest_rate * workers * rate))
        for budget, rate in zip(budgets, rates, strict=True)
    ]
    interval = max(LEAST_INTERVAL, round(min(period.min(initial=_NEVER) for period in periods)))
    levels = [np.rint(np.log2(np.maximum(1, period / interval))) for period in periods]
    numbers = np.arange(max(level.max(initial=0) for level in levels) + 1)
    ends = [np.searchsorted(level, numbers, side="right").astype(np.int64) for level in levels]
    # The hottest rows of a small vocabulary come further between two merges than the budget.
    distances = [
        WORD_CONVERGENCE
        * max(budget / config.highest_rate, interval * workers * rate.max(initial=0))
        for budget, rate in zip(budgets, rates, strict=True)
    ]
    distances[-1] = 0.0  # the workers' changes of nodes are summed
    return MergePlan(workers, interval, *map(CopyPlan, sizes, ends, distances))


def score_rates(counts: NDArray[np.int64], config: TrainConfig) -> ScoreRates:
    """Return the scores expected for each centre word with each row."""
    kept = counts * keep_probabilities(counts, config.threshold)
    kept = kept / kept.sum()
    contexts = mean_contexts(config)
    pairs = contexts if config.architecture == "skipgram" else 1
    outputs = nodes = np.zeros(0)
    scores = 0.0  # of a context word
    if config.has_noise:
        outputs = kept + config.negative * noise_probabilities(counts, config.ns_exponent)
        if config.ns_exponent < 0:  # a rare word is noise more often: count all as the rarest
            outputs = np.maximum.accumulate(outputs[::-1])[::-1]
        scores += 1.0 + config.negative
    if config.has_paths:
        nodes = _node_shares(kept, counts)
        scores += nodes.sum()  # the mean length of a path
    return ScoreRates(
        contexts * scores * _descending(kept),
        pairs * _descending(outputs),
        pairs * _descending(nodes),
        contexts * scores,
        pairs,
    )


def _node_shares(shares: NDArray[np.float64], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share of the centre words whose path passes each node, from the root on."""
    # The copy makes NumPy sum them in this order.
    from_root: NDArray[np.float64] = sums_below(counts, shares)[::-1].copy()
    return from_root


def _descending(rates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rates, lowered where one is above an earlier one.

    Where every word is thinned out to nearly the same share, rounding may change the order, and
    subsampling may change that of nodes.
    """
    lowered: NDArray[np.float64] = np.minimum.accumulate(rates)
    return lowered
