"""The tables that all workers read: the output rows of each word, and the variant."""

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.state import Matrices, OutputTables, Variant
from w2v.training.config import TrainConfig
from w2v.training.huffman import huffman_paths
from w2v.training.sampling import alias_table, noise_probabilities
from w2v.training.weights import Weights


def output_tables(counts: NDArray[np.int64], config: TrainConfig) -> OutputTables:
    """Return the tables of the loss; those of the other loss are empty.

    Parameters
    ----------
    counts : int64 (V,)
        Descending, each 1 or more.
    config : TrainConfig

    Returns
    -------
    OutputTables
        A path's entries are 2 · row + label, with label = 1 − code.
    """
    if config.loss == "negative":
        table = alias_table(noise_probabilities(counts, config.ns_exponent))
        offsets, targets = np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32)
        return OutputTables(config.negative, table, offsets, targets)
    paths = huffman_paths(counts)
    targets = paths.points  # changed in place: they take 89 MB for a million words
    targets *= 2
    targets += 1
    targets -= paths.codes
    return OutputTables(0, np.zeros(0, dtype=np.uint64), paths.offsets, targets)


def path_lengths(outputs: OutputTables) -> NDArray[np.int64]:
    """Return the number of nodes on each word's path, int64 (V,); empty in negative sampling."""
    return np.diff(outputs.path_offsets)


def most_outputs(outputs: OutputTables) -> int:
    """Return the most output rows that one centre word is scored against."""
    if outputs.negative:
        return outputs.negative + 1
    return int(path_lengths(outputs).max())


def variant_of(config: TrainConfig) -> Variant:
    """Return the variant that the settings name."""
    return Variant(
        cbow=config.architecture == "cbow",
        hierarchical=config.loss == "hierarchical",
        mean=config.cbow_mean,
        shrinks_windows=config.shrink_windows,
    )


def matrices_of(weights: Weights) -> Matrices:
    """Return the two matrices as the kernels take them, including all workers' copies."""
    return Matrices(weights.input_rows, weights.output_rows)
