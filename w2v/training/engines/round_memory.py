"""The memory of a round: the lists of all shards, and their copies behind the weights."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.errors import Argument, ConfigError
from w2v.kernels.copies import MergeBuffers, ShardCopies
from w2v.kernels.own_rows import HotBounds
from w2v.kernels.round_tasks import RoundMemory, RoundRows
from w2v.kernels.state import BLOCK, OutputTables
from w2v.training.config import TrainConfig
from w2v.training.engines import memory
from w2v.training.engines.round_shape import LARGEST_NUMBER, RoundShape
from w2v.training.engines.tables import levels_of, matrices_of
from w2v.training.schedule import pool_size
from w2v.training.shapes import Shapes, allocated
from w2v.training.weights import Weights

_OF_COPIES = "copied", "ways", "counts", "places", "holders"
_OF_BOTH = "marks", "places"  # the lists that both matrices share in negative sampling


def copied_rows(
    size: int, outputs: OutputTables, config: TrainConfig, shape: RoundShape
) -> tuple[int, int]:
    """Return the rows that the shards' copies take behind the input and the output matrix.

    Parameters
    ----------
    size : int
        V, the size of the vocabulary.
    outputs : OutputTables
    config : TrainConfig
    shape : RoundShape
    """
    inputs, output = most_rows(size, levels_of(outputs), config, shape)
    return shape.shards * inputs, shape.shards * output


def most_rows(size: int, levels: int, config: TrainConfig, shape: RoundShape) -> tuple[int, int]:
    """Return the most rows of the input and of the output matrix that a shard touches in a round.

    Parameters
    ----------
    size : int
        V, the size of the vocabulary.
    levels : int
        The depth of the Huffman tree; not read without hierarchical softmax.
    config : TrainConfig
    shape : RoundShape
    """
    # A stretch may be several that are joined, each of a block or more, with margins of its own.
    margins = 2 * config.window * (shape.stretch // BLOCK)
    words = min(size, shape.stretch + margins)
    outputs = min(size, words + shape.stretch // BLOCK * pool_size(config, shape.shards))
    if not config.has_paths:  # the copies of both rows of a word lie in the same place
        return outputs, outputs
    # No level of the tree has more nodes than 2^level, and none more than there are paths.
    nodes = min(size, sum(min(2**level, words) for level in range(levels)))
    return words, nodes + outputs * config.has_noise


def list_shapes(
    size: int, capacities: tuple[int, int], config: TrainConfig, shape: RoundShape
) -> tuple[Shapes, Shapes]:
    """Return the shapes of the lists that all shards keep of the input and of the output matrix.

    In negative sampling alone both rows of a word are copied together, so that the marks and places
    of the output matrix serve both.

    Parameters
    ----------
    size : int
        V, the size of the vocabulary.
    capacities : (int, int)
        The rows of each matrix that a shard has room for (`most_rows`).
    config : TrainConfig
    shape : RoundShape
    """
    sizes = size, size * config.outputs_per_word
    inputs, outputs = (
        memory.shard_shapes(shape.shards, rows, each, shape.stretch // BLOCK)
        for rows, each in zip(sizes, capacities, strict=True)
    )
    if not config.has_paths:
        inputs = {name: each for name, each in inputs.items() if name not in _OF_BOTH}
    return inputs, outputs


def share_lists(shapes: tuple[Shapes, Shapes]) -> list[dict[str, NDArray[Any]]]:
    """Allocate the lists of `list_shapes`; no row is copied yet.

    Returns
    -------
    list of dict of str to array
        Those of the input and of the output matrix, which may share some.
    """
    inputs, outputs = map(allocated, shapes)
    both = [{name: outputs[name] for name in _OF_BOTH} | inputs, outputs]
    for each in both:
        each["places"][:] = np.arange(each["places"].shape[1])
    return both


def new_round_memory(
    weights: Weights,
    config: TrainConfig,
    shape: RoundShape,
    distances: tuple[NDArray[np.float32], NDArray[np.float32]],
    hot: tuple[HotBounds, HotBounds],
) -> RoundMemory:
    """Allocate the memory of all shards; their copies lie behind the rows of the weights.

    `distances` are those of `row_distances`, and `hot` those of `hot_bounds`.

    Raises
    ------
    ConfigError
        For more than LARGEST_NUMBER shards.
    """
    shards = shape.shards
    if shards > LARGEST_NUMBER:
        raise ConfigError(
            Argument("shards"),
            f" is at most {LARGEST_NUMBER} without ",
            Argument("cluster"),
            f", not {shards}.",
        )
    matrices, sizes = matrices_of(weights), (weights.size, weights.output_size)
    first, second = (
        (len(matrix) - size) // shards for matrix, size in zip(matrices, sizes, strict=True)
    )
    arrays = share_lists(list_shapes(weights.size, (first, second), config, shape))
    inputs, outputs = (
        RoundRows(
            ShardCopies(matrix, **{name: each[name] for name in _OF_COPIES}),
            of_matrix,
            each["marks"],
            each["touched"],
            each["ends"],
        )
        for matrix, each, of_matrix in zip(matrices, arrays, distances, strict=True)
    )
    return RoundMemory(inputs, outputs, hot, **allocated(memory.totals_shapes(shards)))


def new_merge_buffers(shards: int, width: int) -> MergeBuffers:
    """Allocate the memory of one thread that merges matrices of `width` columns."""
    return MergeBuffers(**allocated(memory.merge_shapes(shards, width)))
