"""Which rows each of several workers has copies of, and how often they are merged."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.training.config import TrainConfig
from w2v.training.huffman import node_children
from w2v.training.sampling import keep_probabilities, noise_probabilities

HOT_ROWS = 512
INPUT_BUDGET = 60.0
OUTPUT_BUDGET = 45.0
STRENGTH = 1.0
SCALE = 1.0


class MergePlan(NamedTuple):
    size: int
    interval: int
    input_ends: NDArray[np.int64]
    output_ends: NDArray[np.int64]


def hot_count(vocabulary_size: int, workers: int) -> int:
    """Return the number of rows that each of several workers has copies of."""
    return min(HOT_ROWS, vocabulary_size // 2) if workers > 1 else 0


def merge_plan(counts: NDArray[np.int64], config: TrainConfig) -> MergePlan:
    size = hot_count(len(counts), config.sharing)
    if size == 0:
        return MergePlan(0, 1, np.zeros(1, np.int64), np.zeros(1, np.int64))
    inputs, outputs = (rates[:size] for rates in update_rates(counts, config))
    scale = 1 / (config.learning_rate * config.sharing)
    periods = INPUT_BUDGET * scale / inputs, OUTPUT_BUDGET * scale / outputs
    interval = max(1, round(min(periods[0].min(), periods[1].min())))
    levels = [
        np.maximum(0, np.rint(np.log2(np.maximum.accumulate(p) / interval))).astype(int)
        for p in periods
    ]
    highest = max(level.max() for level in levels)
    ends = [np.searchsorted(level, np.arange(highest + 1), side="right") for level in levels]
    return MergePlan(size, interval, *(end.astype(np.int64) for end in ends))


def update_rates(
    counts: NDArray[np.int64], config: TrainConfig
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Expected scores a centre word, of input rows, and of output rows."""
    kept = counts * keep_probabilities(counts, config.sample)
    kept = kept / kept.sum()
    contexts = config.window + 1  # on average: the window is drawn from 1 … window, on both sides
    pairs = contexts if config.architecture == "skipgram" else 1
    if config.loss == "negative":
        noise = config.negative * noise_probabilities(counts)
        scores = config.negative + 1
        outputs = pairs * (kept + noise)
    else:
        nodes = np.concatenate((kept, np.zeros(len(counts) - 1)))
        for node, (first, second) in enumerate(node_children(counts)):
            nodes[len(counts) + node] = nodes[first] + nodes[second]
        outputs = pairs * nodes[: len(counts) - 1 : -1]
        scores = nodes[len(counts):].sum()  # mean length of a path
    inputs = contexts * kept * scores
    return inputs, outputs
