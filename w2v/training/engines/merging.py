"""Which rows each of several workers has copies of, when these are merged, and how.

A worker merges a copy after a certain number of scores with it, which is smaller, the more workers
there are and the higher the learning rate. It assumes that the others have made as many. The scores
are those expected from the words of each chunk (w2v/kernels/hot_rows.py). By the words of the whole
text many workers diverged where languages follow one another (benchmarks/NOTES.md).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.training.config import TrainConfig
from w2v.training.huffman import sums_below
from w2v.training.sampling import keep_probabilities, noise_probabilities
from w2v.training.sentence_windows import mean_contexts

HOT_ROWS = 256  # rows that each worker has copies of; 128 and 512 are as fast and as good
# Words; in smaller vocabularies none has copies. Where all have, merges move all vectors at once:
# walks on a graph of 180 nodes, with CBOW and eight workers in lock step, lost a quarter of the
# planted neighbours. With 1,000 nodes they lost none; nothing in between was measured.
LEAST_VOCABULARY = 1000
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
_NEVER = 2.0**40  # scores


class ScoreRates(NamedTuple):
    """How many scores are expected to be made with each row.

    Attributes
    ----------
    of_input, of_output : float
        With each occurrence of a word: with its input row, and with each of its own output rows as
        the centre word, which are its row in negative sampling and the nodes of its path. The other
        scores of an output row are those of noise.
    nodes : float64 (V − 1,) or (0,)
        For each centre word with each node, from the root; empty without hierarchical softmax.
    """

    of_input: float
    of_output: float
    nodes: NDArray[np.float64]


class CopyPlan(NamedTuple):
    """The copies of one kind of hot rows; HotCopies (w2v/kernels) explains the fields."""

    size: int
    limit: float
    distance: float
    noise: NDArray[np.float64]


class MergePlan(NamedTuple):
    """The hot rows that each worker has copies of; HotRows (w2v/kernels) explains the fields."""

    workers: int
    of_input: float
    of_output: float
    inputs: CopyPlan
    outputs: CopyPlan
    nodes: CopyPlan


def no_copies() -> MergePlan:
    """Return the plan of a worker that has no private copies."""
    none = CopyPlan(0, 1.0, 0.0, np.zeros(0))
    return MergePlan(1, 0.0, 0.0, none, none, none)


def hot_counts(vocabulary_size: int, config: TrainConfig, workers: int) -> tuple[int, int, int]:
    """Return the numbers of input rows, output rows and nodes that each worker has copies of.

    The words of a small vocabulary have none. Some without the others would not do: with two words,
    one copied and the other written to by all of eight workers, the vectors grew without end.

    Parameters
    ----------
    vocabulary_size : int
    config : TrainConfig
    workers : int
        1 or more; a single worker has no copies.
    """
    if workers == 1:
        return 0, 0, 0
    words = min(HOT_ROWS, vocabulary_size) if vocabulary_size >= LEAST_VOCABULARY else 0
    nodes = min(HOT_ROWS, vocabulary_size - 1)
    return words, words * config.has_noise, nodes * config.has_paths


def merge_plan(
    counts: NDArray[np.int64], config: TrainConfig, workers: int, tokens: int
) -> MergePlan:
    """Return the plan by which several workers share the rows of a vocabulary.

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
    if workers == 1:
        return no_copies()
    inputs, outputs, nodes = hot_counts(len(counts), config, workers)
    part = min(1.0, max(LEAST_PART, (tokens * config.passes / LONG_TRAINING) ** 0.5))
    slow = min(1.0, (config.highest_rate / SLOW_RATE) ** 0.5)
    word_limit, node_limit = (
        min(_NEVER, slow * budget / (config.highest_rate * workers))
        for budget in (part * WORD_BUDGET, NODE_BUDGET)
    )
    distance = WORD_CONVERGENCE * workers
    rates, noise = score_rates(counts, config), np.zeros(outputs)
    if config.has_noise:
        probabilities = noise_probabilities(counts, config.ns_exponent)
        noise = rates.of_output * config.negative * probabilities[:outputs]
    return MergePlan(
        workers,
        rates.of_input,
        rates.of_output,
        CopyPlan(inputs, word_limit, distance, np.zeros(inputs)),
        CopyPlan(outputs, word_limit, distance, noise),
        CopyPlan(nodes, node_limit, 0.0, np.zeros(nodes)),  # workers' changes are summed
    )


def score_rates(counts: NDArray[np.int64], config: TrainConfig) -> ScoreRates:
    """Return the scores expected with each row. For the parameters see `merge_plan`."""
    contexts = mean_contexts(config)
    pairs = contexts if config.architecture == "skipgram" else 1.0
    nodes = np.zeros(0)
    scores = 0.0  # of a context word
    if config.has_noise:
        scores += 1.0 + config.negative
    if config.has_paths:
        nodes = _node_shares(counts, config)
        scores += nodes.sum()  # the mean length of a path
    return ScoreRates(contexts * scores, pairs, pairs * nodes)


def _node_shares(counts: NDArray[np.int64], config: TrainConfig) -> NDArray[np.float64]:
    """Return the share of the centre words whose path passes each node, from the root on."""
    kept = counts * keep_probabilities(counts, config.threshold)
    # The copy makes NumPy sum them in this order.
    from_root: NDArray[np.float64] = sums_below(counts, kept / kept.sum())[::-1].copy()
    return from_root
