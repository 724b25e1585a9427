"""A round of deterministic training: plan → train → merge, three functions of arrays alone.

A round takes the next tokens of the text in equal stretches, one for each shard. `plan_stretch`
lists the rows that a shard's stretch touches. When all shards are planned, `copy_rows` places the
copies of those that other shards touch too, and `train_stretch` trains one shard: on the shared
rows that only it touches, and on the copies. When all are trained, `merge_part` merges the copies
row by row (w2v/kernels/copies.py). No row is written by two shards, and no shared row while another
reads it. So the callers of these functions, and their order, change nothing but the time.

Where a round has several laps (round_shape.py), a stretch is trained in as many parts. After each
but the last, `merge_hot_part` merges the hot rows alone, and training goes on with the same copies.
Hot rows are those that nearly every block touches: they are what long rounds make worse.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.errors import Argument, ConfigError
from w2v.kernels.chunk import train_chunk
from w2v.kernels.copies import MergeBuffers, ShardCopies, merge_hot_round, merge_round
from w2v.kernels.own_rows import HotBounds, copy_hot_rows, list_rows, place_copies
from w2v.kernels.state import (
    BLOCK,
    Matrices,
    OutputTables,
    OwnMatrices,
    Schedule,
    Text,
    Variant,
    WorkerState,
)
from w2v.kernels.windows import learning_rate
from w2v.training.config import TrainConfig
from w2v.training.engines import memory
from w2v.training.engines.merging import no_copies
from w2v.training.engines.round_shape import LARGEST_NUMBER, RoundShape
from w2v.training.engines.tables import levels_of, matrices_of, most_outputs
from w2v.training.shapes import Shapes, allocated
from w2v.training.weights import Weights

_LEAST_RATE = 1e-30  # how far rows come stays infinite, where it is
_OF_BOTH = "marks", "places"  # the lists that both matrices share in negative sampling


class Shards(NamedTuple):
    """The memory of a round: each shard's state, and the copies of both matrices for the merge."""

    states: list[WorkerState]
    inputs: ShardCopies
    outputs: ShardCopies


def plan_stretch(
    text: Text,
    start: int,
    stop: int,
    schedule: Schedule,
    variant: Variant,
    outputs: OutputTables,
    state: WorkerState,
) -> None:
    """List the rows that training on the tokens from `start` to `stop` − 1 will touch.

    Writes the lists and marks of this shard's state; other shards may write theirs meanwhile. For
    the parameters see `w2v.kernels.chunk.train_chunk`.
    """
    list_rows(text, start, stop, schedule, variant, outputs, state)


def copy_rows(
    variant: Variant, hot: tuple[HotBounds, HotBounds], copies: Matrices, state: WorkerState
) -> None:
    """Place the copies of rows that other shards touch too, after all shards are planned.

    The hot rows are copied now. All others are copied when the first block that touches them is
    trained. `hot` is that of `hot_bounds`; copies lie in `copies` from `state.own.first` on. Writes
    the hot ones, and `state.own`.
    """
    place_copies(variant.paths, hot, state.own)
    copy_hot_rows(state.own, copies)


def train_stretch(
    text: Text,
    start: int,
    stop: int,
    schedule: Schedule,
    variant: Variant,
    outputs: OutputTables,
    matrices: Matrices,
    state: WorkerState,
) -> None:
    """Train on tokens that `plan_stretch` has planned, after `copy_rows`: all, or those of a lap.

    Writes the copies, the rows that no other shard touches, and the state. For the parameters see
    `w2v.kernels.chunk.train_chunk`.
    """
    train_chunk(text, start, stop, schedule, variant, outputs, matrices, state)


def merge_part(part: int, parts: int, rate: float, shards: Shards, buffers: MergeBuffers) -> None:
    """Merge one of `parts` equal parts of the copies of all shards into the shared rows.

    Writes the shared rows of both matrices.

    Parameters
    ----------
    part, parts : int
        The part to merge, from 0 to `parts` − 1.
    rate : float
        The learning rate of the round (`rate_of_round`).
    shards : Shards
    buffers : MergeBuffers
        The calling thread's own.
    """
    merge_round(part, parts, rate, shards.inputs, shards.outputs, buffers)


def merge_hot_part(
    part: int,
    parts: int,
    rate: float,
    shards: Shards,
    buffers: MergeBuffers,
) -> None:
    """Merge one of `parts` parts of the copies of hot rows, and write the result to the copies too.

    For the parameters see `merge_part`.
    """
    merge_hot_round(part, parts, rate, shards.inputs, shards.outputs, buffers)


def rate_of_round(begin: int, schedule: Schedule) -> float:
    """Return the learning rate of the round that begins at a token, above 0."""
    return max(float(learning_rate(begin, schedule)), _LEAST_RATE)


def hot_bounds(size: int, config: TrainConfig, shape: RoundShape) -> tuple[HotBounds, HotBounds]:
    """Return which rows of the input and of the output matrix are hot, of V = `size` words."""
    # The root is the last node, but for one row that is not used.
    outputs, nodes = size * config.outputs_per_word, max(0, size - 1 - shape.hot)
    return (
        HotBounds(shape.hot, size),
        HotBounds(
            shape.hot * config.has_noise,
            outputs - size + nodes if config.has_paths else outputs,
        ),
    )


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
    """Return the most rows of the input and of the output matrix that a stretch touches.

    Parameters
    ----------
    size : int
        V, the size of the vocabulary.
    levels : int
        The depth of the Huffman tree; not read without hierarchical softmax.
    config : TrainConfig
    shape : RoundShape
    """
    words = min(size, shape.stretch + 2 * config.window)
    outputs = min(size, words + shape.stretch // BLOCK * memory.pool_size(config))
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


def new_shards(
    weights: Weights,
    outputs: OutputTables,
    config: TrainConfig,
    shape: RoundShape,
    distances: tuple[NDArray[np.float32], NDArray[np.float32]],
) -> Shards:
    """Allocate the memory of all shards; their copies lie behind the rows of the weights.

    `distances` are those of `row_distances`.

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
    capacities = first, second
    arrays = share_lists(list_shapes(weights.size, capacities, config, shape))
    rounds = [
        ShardCopies(
            matrix, each["copied"], each["counts"], each["places"], each["holders"], distance
        )
        for matrix, each, distance in zip(matrices, arrays, distances, strict=True)
    ]
    longest = most_outputs(config, levels_of(outputs))
    states = []
    for shard in range(shards):
        own = [
            memory.own_rows(shard, size + shard * capacity, matrix, each)
            for matrix, each, size, capacity in zip(
                matrices, arrays, sizes, capacities, strict=True
            )
        ]
        hot = memory.hot_rows(0, weights, no_copies())
        states.append(memory.new_state(config, longest, hot, OwnMatrices(*own)))
    return Shards(states, *rounds)


def new_merge_buffers(shards: int, width: int) -> MergeBuffers:
    """Allocate the memory of one thread that merges matrices of `width` columns."""
    return MergeBuffers(**allocated(memory.merge_shapes(shards, width)))


def summed_totals(states: list[WorkerState]) -> NDArray[np.float64]:
    """Return the sum of the shards' totals, added in the order of the shards, and clear them.

    Returns
    -------
    float64 (TOTALS_SIZE,)
    """
    total = np.zeros_like(states[0].totals)
    for state in states:
        total += state.totals
        state.totals[:] = 0
    return total
