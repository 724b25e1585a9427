"""A round of deterministic training: plan → train → merge, three functions of arrays alone.

A round takes the next tokens of the text in equal stretches, one for each shard. `plan_stretch`
lists the rows that a shard's stretch touches. When all shards are planned, `train_stretch` trains
one shard: on the shared rows that only it touches, and on private copies of the others. When all
are trained, `merge_part` merges the copies row by row (w2v/kernels/adasum.py). No row is written by
two shards, and no shared row while another reads it. So the callers of these functions, and their
order, change nothing but the time. The number of shards is a value; by default it depends on the
size of the text alone.
"""

import itertools
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.errors import Argument, ConfigError
from w2v.kernels.adasum import MergeBuffers, ShardCopies, merge_round
from w2v.kernels.chunk import train_chunk
from w2v.kernels.own_rows import list_rows, place_copies
from w2v.kernels.state import (
    BLOCK,
    Matrices,
    OutputTables,
    OwnMatrices,
    OwnRows,
    Schedule,
    Text,
    Variant,
    WorkerState,
)
from w2v.training.config import TrainConfig
from w2v.training.engines import memory
from w2v.training.engines.merging import no_copies
from w2v.training.engines.tables import levels_of, matrices_of, most_outputs
from w2v.training.shapes import Shapes, allocated
from w2v.training.weights import Weights

MOST_SHARDS = 16  # up to 16 threads have work, and 8 are balanced better than with 8 shards
LARGEST_NUMBER = 62  # shards for which OwnRows.holders has bits
MOST_BLOCKS = 3  # of a stretch: fewer are nearer to training in turn, but wait more
LEAST_ROUNDS = 160  # of an epoch: a small text has fewer shards, not fewer rounds
# Where the number of shards is chosen, mostly for a cluster, rounds are longer: what they change
# has to travel, and grows more slowly than they do. Few shards lose little by it.
MOST_BLOCKS_OF_CHOSEN, LEAST_ROUNDS_OF_CHOSEN = 20, 100
_OF_BOTH = "marks", "places"  # the lists that both matrices share in negative sampling


class RoundShape(NamedTuple):
    """The division of a round.

    Attributes
    ----------
    shards : int
        How many stretches are trained apart.
    stretch : int
        Tokens that each shard trains, a multiple of BLOCK.
    """

    shards: int
    stretch: int

    @property
    def tokens(self) -> int:
        """The tokens of a round."""
        return self.shards * self.stretch

    def stretches(self, begin: int, size: int) -> list[tuple[int, int]]:
        """Return each shard's stretch of the round that begins at token `begin`.

        Parameters
        ----------
        begin : int
        size : int
            Tokens of the text. Stretches end there, and may be empty.

        Returns
        -------
        list of (int, int)
            Start and stop.
        """
        borders = [min(begin + number * self.stretch, size) for number in range(self.shards + 1)]
        return list(itertools.pairwise(borders))


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
    """Train on the tokens that `plan_stretch` has planned, after it has planned all shards.

    The rows that other shards touch too are copied first. Writes these copies, the rows that no
    other shard touches, and the state. For the parameters see `w2v.kernels.chunk.train_chunk`.
    """
    place_copies(variant.paths, state.own)
    train_chunk(text, start, stop, schedule, variant, outputs, matrices, state)


def merge_part(part: int, parts: int, shards: Shards, buffers: MergeBuffers) -> None:
    """Merge one of `parts` equal parts of the copies of all shards into the shared rows.

    Writes the shared rows of both matrices.

    Parameters
    ----------
    part, parts : int
        The part to merge, from 0 to `parts` − 1.
    shards : Shards
    buffers : MergeBuffers
        The calling thread's own.
    """
    merge_round(part, parts, shards.inputs, shards.outputs, buffers)


def round_shape(tokens: int, chosen: int | None = None) -> RoundShape:
    """Return the shape of the rounds of an epoch.

    There are as many shards as leave LEAST_ROUNDS rounds, with stretches of one block if need be.
    This is a function of the text alone, so that every machine makes the same rounds. A small text
    has a single shard, which trains it as one worker without locks does, to the same bytes.

    Parameters
    ----------
    tokens : int
        Tokens of the text.
    chosen : int, optional
        The number of shards, where it is given.
    """
    if chosen is not None:
        blocks = min(tokens // (LEAST_ROUNDS_OF_CHOSEN * chosen * BLOCK), MOST_BLOCKS_OF_CHOSEN)
        return RoundShape(chosen, BLOCK * max(1, blocks))
    shards = MOST_SHARDS
    while shards > 1 and tokens < LEAST_ROUNDS * shards * BLOCK:
        shards //= 2
    blocks = tokens // (LEAST_ROUNDS * shards * BLOCK) if shards > 1 else MOST_BLOCKS
    return RoundShape(shards, BLOCK * min(blocks, MOST_BLOCKS))


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
        memory.shard_shapes(shape.shards, rows, each)
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
    weights: Weights, outputs: OutputTables, config: TrainConfig, shape: RoundShape
) -> Shards:
    """Allocate the memory of all shards; their copies lie behind the rows of the weights.

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
        ShardCopies(matrix, each["copied"], each["counts"], each["places"], each["holders"])
        for matrix, each in zip(matrices, arrays, strict=True)
    ]
    longest = most_outputs(config, levels_of(outputs))
    states = []
    for shard in range(shards):
        own = [
            OwnRows(shard=shard, first=size + shard * capacity, **memory.shard_arrays(each, shard))
            for each, size, capacity in zip(arrays, sizes, capacities, strict=True)
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
