"""The memory of a replica: what it needs to train a shard, and how much it takes in all."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.state import OutputTables, OwnMatrices, WorkerState
from w2v.training.config import TrainConfig
from w2v.training.engines import memory
from w2v.training.engines.merging import no_copies
from w2v.training.engines.round_memory import list_shapes, most_rows, share_lists
from w2v.training.engines.round_shape import RoundShape
from w2v.training.engines.tables import levels_of, matrices_of, most_outputs
from w2v.training.shapes import Shape, Shapes, total_bytes
from w2v.training.weights import Weights, padded_width, weights_shapes

_ANY_ROW = 2**16 - 1  # a mark above all others: another shard may touch this row


class Needs(NamedTuple):
    """The memory that training takes on the workers, in bytes.

    Attributes
    ----------
    own : int
        Of each worker.
    shared : int
        Of all workers of a machine together, besides.
    """

    own: int
    shared: int


def copies_shapes(size: int, levels: int, config: TrainConfig, shape: RoundShape) -> Shapes:
    """Return the shapes of two matrices that have room for the copies of all shards.

    The copies of a shard lie in the same place in all of them, so that the workers of a machine can
    have theirs in the same two. The first rows, as many as the weights have, are not used: they
    take addresses, and a shard's copies take memory when it is first trained.

    Parameters
    ----------
    size : int
    levels : int
        The depth of the Huffman tree, or an upper bound; 0 in negative sampling.
    config : TrainConfig
    shape : RoundShape
    """
    first, second = most_rows(size, levels, config, shape)
    copies = shape.shards * first, shape.shards * second
    return weights_shapes(size, config.vector_size, copies, config.outputs_per_word)


def replica_needs(
    size: int, levels: int, config: TrainConfig, shape: RoundShape, own: int
) -> Needs:
    """Return the memory that a replica takes, with all that a round adds to it.

    For the other parameters see `copies_shapes`.

    Parameters
    ----------
    own : int
        The shards that its worker trains in a round.
    """
    capacities = first, second = most_rows(size, levels, config, shape)
    weights = total_bytes(weights_shapes(size, config.vector_size, (0, 0), config.outputs_per_word))
    lists = _lists_of_shard(size, capacities, config, shape)
    state = memory.worker_bytes(config, most_outputs(config, levels))
    rows = size * (1 + config.outputs_per_word)
    of_own, of_all = (min(shards * (first + second), rows) for shards in (own, shape.shards))
    hot = 2 * shape.hot * (1 + config.outputs_per_word)
    return Needs(
        weights
        + own * (sum(map(total_bytes, lists)) + state + 20 * (first + second))
        + 12 * rows
        # Joined, and come from others; the new rows of this round and of the last one.
        + (2 * of_own + 2 * of_all + hot) * (4 * padded_width(config.vector_size) + 20),
        total_bytes(copies_shapes(size, levels, config, shape)) - weights,
    )


def new_state(
    weights: Weights,
    distances: tuple[NDArray[np.float32], NDArray[np.float32]],
    outputs: OutputTables,
    config: TrainConfig,
    shape: RoundShape,
) -> WorkerState:
    """Allocate the memory to train a shard, which copies every row that it touches.

    It believes that another shard touches all rows. `place_shard` says which shard it is.
    `distances` are those of `row_distances`.
    """
    levels = levels_of(outputs)
    capacities = most_rows(weights.size, levels, config, shape)
    arrays = share_lists(_lists_of_shard(weights.size, capacities, config, shape))
    for each in arrays:
        each["marks"][1] = _ANY_ROW
    own = [
        memory.own_rows(matrix, of_matrix, each)
        for matrix, of_matrix, each in zip(matrices_of(weights), distances, arrays, strict=True)
    ]
    hot = memory.hot_rows(0, weights, no_copies())
    return memory.new_state(config, most_outputs(config, levels), hot, OwnMatrices(*own))


def place_shard(
    state: WorkerState, shard: int, sizes: tuple[int, int], capacities: tuple[int, int]
) -> WorkerState:
    """Return a state that has its copies where those of a shard lie.

    Parameters
    ----------
    state : WorkerState
    shard : int
    sizes : (int, int)
        The rows of both matrices.
    capacities : (int, int)
        The most copies that a shard has of them (`most_rows`).
    """
    own = [
        each._replace(first=size + shard * capacity)
        for each, size, capacity in zip(state.own, sizes, capacities, strict=True)
    ]
    return state._replace(own=OwnMatrices(*own))


def _lists_of_shard(
    size: int, capacities: tuple[int, int], config: TrainConfig, shape: RoundShape
) -> tuple[Shapes, Shapes]:
    """Return the shapes of the lists of a shard, and of another one that stands for the rest.

    For the parameters see `list_shapes`. No `holders` are kept.
    """
    alone = RoundShape(2, shape.stretch)
    inputs, outputs = list_shapes(size, capacities, config, alone)
    holders = Shape((0,), np.int64)
    return {**inputs, "holders": holders}, {**outputs, "holders": holders}
