"""What all workers read: the tables of output rows, the variant, the matrices."""

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.state import Matrices, OutputTables, Variant
from w2v.training.config import TrainConfig
from w2v.training.huffman import huffman_paths
from w2v.training.sampling import alias_table, noise_probabilities
from w2v.training.shapes import Shape, Shapes
from w2v.training.weights import Weights


def output_tables(counts: NDArray[np.int64], config: TrainConfig) -> OutputTables:
    """Return the tables of the loss; those of a loss that is not trained are empty.

    Parameters
    ----------
    counts : int64 (V,)
        Descending, each 1 or more.
    config : TrainConfig

    Returns
    -------
    OutputTables
        A path's entries are 2 · row + label, with label = 1 − code. With both losses the rows of
        the nodes lie behind those of the words.
    """
    negative, table = 0, np.zeros(0, dtype=np.uint64)
    offsets, targets = np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32)
    if config.has_noise:
        negative = config.negative
        table = alias_table(noise_probabilities(counts, config.ns_exponent))
    if config.has_paths:
        paths = huffman_paths(counts)
        offsets, targets = paths.offsets, paths.points
        # Changed in place: they take 89 MB for a million words.
        targets += first_node(len(counts), config)
        targets *= 2
        targets += 1
        targets -= paths.codes
    return OutputTables(negative, table, offsets, targets)


def first_node(vocabulary_size: int, config: TrainConfig) -> int:
    """Return the output row of Huffman node 0."""
    return vocabulary_size if config.has_noise else 0


def table_shapes(size: int, config: TrainConfig, entries: int) -> Shapes:
    """Return the shapes of the tables that `output_tables` returns.

    Parameters
    ----------
    size : int
        V, the size of the vocabulary.
    config : TrainConfig
    entries : int
        The nodes of all Huffman paths together; not read without hierarchical softmax.
    """
    return {
        "noise_table": Shape((size * config.has_noise,), np.uint64),
        "path_offsets": Shape((size * config.has_paths + 1,), np.int64),
        "path_targets": Shape((entries * config.has_paths,), np.int32),
    }


def path_lengths(outputs: OutputTables) -> NDArray[np.int64]:
    """Return the number of nodes on each word's path, int64 (V,); empty in negative sampling."""
    return np.diff(outputs.path_offsets)


def levels_of(outputs: OutputTables) -> int:
    """Return the depth of the Huffman tree; 0 without hierarchical softmax."""
    return int(path_lengths(outputs).max(initial=0))


def most_outputs(config: TrainConfig, levels: int) -> int:
    """Return the most output rows that one centre word is scored against.

    Parameters
    ----------
    config : TrainConfig
    levels : int
        The depth of the Huffman tree; not read without hierarchical softmax.
    """
    return (config.negative + 1) * config.has_noise + levels * config.has_paths


def variant_of(config: TrainConfig) -> Variant:
    """Return the variant that the settings name."""
    return Variant(
        cbow=config.architecture == "cbow",
        noise=config.has_noise,
        paths=config.has_paths,
        mean=config.cbow_mean,
        shrinks_windows=config.shrink_windows,
    )


def matrices_of(weights: Weights) -> Matrices:
    """Return the two matrices as the kernels take them, including all workers' copies."""
    return Matrices(weights.input_rows, weights.output_rows)
