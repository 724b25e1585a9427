"""The tables that all workers read: what each word is scored against, and which variant it is."""

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.state import Matrices, Outputs, Variant
from w2v.training.config import TrainConfig
from w2v.training.huffman import huffman_paths
from w2v.training.sampling import alias_table, noise_probabilities
from w2v.training.weights import Weights


def output_tables(counts: NDArray[np.int64], config: TrainConfig) -> Outputs:
    """Return the tables of one kind of loss, the other's empty.

    A step of a path is 2 · row + label, label = 1 − code.
    """
    if config.loss == "negative":
        table = alias_table(noise_probabilities(counts, config.ns_exponent))
        offsets, steps = np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32)
        return Outputs(config.negative, table, offsets, steps)
    paths = huffman_paths(counts)
    steps = paths.points  # changed in place: of a million words they take 89 MB
    steps *= 2
    steps += 1
    steps -= paths.codes
    return Outputs(0, np.zeros(0, dtype=np.uint64), paths.offsets, steps)


def path_lengths(outputs: Outputs) -> NDArray[np.int64]:
    """Return the number of nodes on each word's path; empty in negative sampling."""
    return np.diff(outputs.path_offsets)


def most_outputs(outputs: Outputs) -> int:
    """Return the most output rows that one centre word is scored against."""
    if outputs.negative:
        return outputs.negative + 1
    return int(path_lengths(outputs).max())


def variant_of(config: TrainConfig) -> Variant:
    """Return the variant that some settings name."""
    return Variant(
        cbow=config.architecture == "cbow",
        hierarchical=config.loss == "hierarchical",
        mean=config.cbow_mean,
        shrinks_windows=config.shrink_windows,
    )


def matrices_of(weights: Weights) -> Matrices:
    """Return the two matrices as the kernels take them, with all workers' copies."""
    return Matrices(weights.input_rows, weights.output_rows)
