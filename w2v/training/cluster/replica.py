"""A worker's replica of the weights, and the arithmetic of a round on it, without any network.

All replicas are equal when a round begins. Each shard trains on copies of all rows that it touches,
by the functions of rounds.py. What it changed becomes entries (w2v/kernels/changes.py), which are
joined in the tree of the shards, first those of one worker and then all. The weights change only in
`commit`, when the worker has all that the round changed, anywhere.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.changes import (
    add_changes,
    chain_entries,
    join_entries,
    put_rows,
    take_rows,
)
from w2v.kernels.own_rows import COPIED
from w2v.kernels.state import OutputTables, OwnMatrices, OwnRows, Schedule, Text, WorkerState
from w2v.training.config import TrainConfig
from w2v.training.engines import memory
from w2v.training.engines.engine import Totals
from w2v.training.engines.frozen_rows import hold_rows
from w2v.training.engines.merging import no_copies
from w2v.training.engines.rounds import (
    RoundShape,
    list_shapes,
    most_rows,
    plan_stretch,
    share_lists,
    summed_totals,
    train_stretch,
)
from w2v.training.engines.tables import levels_of, matrices_of, most_outputs, variant_of
from w2v.training.shapes import allocated, total_bytes
from w2v.training.weights import Weights, weights_shapes

_ANY_ROW = 255  # a mark above all others: another shard may touch this row


class Entries(NamedTuple):
    """What some shards changed in one matrix; see w2v/kernels/changes.py.

    Attributes
    ----------
    shard : int
        The first of the shards that they stand for.
    rows : int32 (n,)
    values : float32 (n, vector_size)
    """

    shard: int
    rows: NDArray[np.int32]
    values: NDArray[np.float32]


Both = tuple[Entries, Entries]  # of the input and of the output matrix


class Together(NamedTuple):
    """The entries of one matrix and of several shards, one after another.

    Attributes
    ----------
    rows, values : int32 (n,), float32 (n, vector_size)
    shards : int32 (n,)
        The first shard that each entry stands for.
    following : int32 (n,)
        Room for the chains of `chain_entries`.
    """

    rows: NDArray[np.int32]
    values: NDArray[np.float32]
    shards: NDArray[np.int32]
    following: NDArray[np.int32]


class Gathered(NamedTuple):
    """What several shards changed in both matrices; `shard` is the first of them."""

    shard: int
    inputs: Together
    outputs: Together


class Replica:
    """The weights of one worker, with room to train some shards at the same time.

    Parameters
    ----------
    size : int
        V, the size of the vocabulary.
    outputs : OutputTables
    config : TrainConfig
    shape : RoundShape
    slots : int
        The shards that may be trained at the same time.
    """

    def __init__(
        self, size: int, outputs: OutputTables, config: TrainConfig, shape: RoundShape, slots: int
    ) -> None:
        capacities = most_rows(size, levels_of(outputs), config, shape)
        self.weights = weights = Weights.fresh(
            size,
            config.vector_size,
            config.seed,
            (slots * capacities[0], slots * capacities[1]),
            config.outputs_per_word,
        )
        self._variant, self._outputs = variant_of(config), outputs
        self._matrices = matrices_of(weights)
        self._vector_size, self._shards = config.vector_size, shape.shards
        self.states = [
            _new_state(weights, outputs, config, shape, capacities, slot) for slot in range(slots)
        ]
        self._heads = [
            np.full(rows, -1, dtype=np.int32) for rows in (weights.size, weights.output_size)
        ]

    def train(
        self, slot: int, shard: int, text: Text, start: int, stop: int, schedule: Schedule
    ) -> tuple[Both, Totals]:
        """Train one shard's stretch of a round on copies, and return what it changed.

        Different slots may be trained at the same time.

        Parameters
        ----------
        slot : int
        shard : int
        text : Text
            All that the stretch reads.
        start, stop : int
        schedule : Schedule

        Returns
        -------
        entries : (Entries, Entries)
        totals : float64 (TOTALS_SIZE,)
        """
        state = self.states[slot]
        arguments = text, start, stop, schedule, self._variant, self._outputs
        plan_stretch(*arguments, state)
        train_stretch(*arguments, self._matrices, state)
        own = state.own.input, state.own.output
        first, second = (
            self._taken(shard, matrix, rows)
            for matrix, rows in zip(self._matrices, own, strict=True)
        )
        return (first, second), summed_totals([state])

    def _taken(self, shard: int, matrix: NDArray[np.float32], own: OwnRows) -> Entries:
        count = int(own.counts[COPIED])
        entries = _empty(shard, count, self._vector_size)
        take_rows(matrix, own, entries.rows, entries.values)
        return entries

    def gather(self, changed: Sequence[Both]) -> Gathered:
        """Put what several shards changed together, to be joined.

        Parameters
        ----------
        changed : sequence of (Entries, Entries)
            Together they must be a whole subtree of the shards: 2^k of them, the first a multiple
            of 2^k, or all.
        """
        return Gathered(
            min(first.shard for first, _ in changed),
            _together([first for first, _ in changed]),
            _together([second for _, second in changed]),
        )

    def join(self, part: int, parts: int, gathered: Gathered) -> Both:
        """Join one of `parts` parts of what was gathered; row r is in part r mod parts.

        Different parts may be joined at the same time.
        """
        first, second = (
            self._joined(part, parts, gathered.shard, each, side)
            for side, each in enumerate((gathered.inputs, gathered.outputs))
        )
        return first, second

    def _joined(self, part: int, parts: int, shard: int, all_: Together, side: int) -> Entries:
        heads, matrix = self._heads[side], self._matrices[side]
        count = chain_entries(part, parts, all_.rows, heads, all_.following)
        joined = _empty(shard, count, self._vector_size)
        buffers = allocated(memory.merge_shapes(self._shards, matrix.shape[1]))
        join_entries(
            part, parts, all_.rows, all_.values, all_.shards, matrix, heads, all_.following,
            buffers["changes"], buffers["joined"], joined.rows, joined.values,
        )  # fmt: skip
        return joined

    def finish(self, joined: Both) -> Both:
        """Turn what all shards changed, joined, into the new rows; they are overwritten."""
        for entries, matrix in zip(joined, self._matrices, strict=True):
            add_changes(entries.rows, entries.values, matrix)
        return joined

    def commit(self, finished: Sequence[Both]) -> None:
        """Write the new rows of all parts into the weights."""
        for both in finished:
            for entries, matrix in zip(both, self._matrices, strict=True):
                put_rows(_writable(entries.rows), _writable(entries.values), matrix)

    def freeze(self, rows: NDArray[np.int64], factors: NDArray[np.float32] | None) -> None:
        """Keep input rows as they are, or scale their changes; see `Engine.freeze`."""
        self.states[:] = hold_rows(self.states, rows, factors, self.weights)

    def compile(self, text: Text, schedule: Schedule) -> None:
        """Compile the kernels, or load them from the cache."""
        changed, _ = self.train(0, 0, text, 0, 0, schedule)
        self.commit([self.finish(self.join(0, 1, self.gather([changed])))])


def replica_bytes(
    size: int, levels: int, config: TrainConfig, shape: RoundShape, slots: int, own: int
) -> int:
    """Return the memory that a replica takes, in bytes, with all that a round adds to it.

    Parameters
    ----------
    size : int
    levels : int
        The depth of the Huffman tree, or an upper bound; 0 in negative sampling.
    config : TrainConfig
    shape : RoundShape
    slots : int
    own : int
        The shards that its worker trains in a round.
    """
    capacities = first, second = most_rows(size, levels, config, shape)
    copies = slots * first, slots * second
    weights = weights_shapes(size, config.vector_size, copies, config.outputs_per_word)
    lists = list_shapes(size, capacities, config, _alone(shape))
    state = memory.worker_bytes(config, most_outputs(config, levels))
    of_a_shard = first + second  # entries
    of_all = min(shape.shards * of_a_shard, size * (1 + config.outputs_per_word))
    return (
        total_bytes(weights)
        + slots * (sum(map(total_bytes, lists)) + state)
        + 4 * size * (1 + config.outputs_per_word)
        # Taken, joined, and come from others; the new rows of this round and of the last one.
        + (3 * own * of_a_shard + 2 * of_all) * (4 * config.vector_size + 12)
    )


def _new_state(
    weights: Weights,
    outputs: OutputTables,
    config: TrainConfig,
    shape: RoundShape,
    capacities: tuple[int, int],
    slot: int,
) -> WorkerState:
    """Allocate the memory of one slot, which copies every row that it touches.

    It believes that another shard touches all rows.
    """
    arrays = share_lists(list_shapes(weights.size, capacities, config, _alone(shape)))
    sizes = weights.size, weights.output_size
    for each in arrays:
        each["marks"][1] = _ANY_ROW
    own = [
        OwnRows(shard=0, first=size + slot * capacity, **memory.shard_arrays(each, 0))
        for each, size, capacity in zip(arrays, sizes, capacities, strict=True)
    ]
    hot = memory.hot_rows(0, weights, no_copies())
    return memory.new_state(
        config, most_outputs(config, levels_of(outputs)), hot, OwnMatrices(*own)
    )


def _alone(shape: RoundShape) -> RoundShape:
    """Return the shape for the lists of a shard, and of another one that stands for the rest."""
    return RoundShape(2, shape.stretch)


def _together(changed: Sequence[Entries]) -> Together:
    lengths = [len(each.rows) for each in changed]
    shards = np.repeat(np.array([each.shard for each in changed], dtype=np.int32), lengths)
    if len(changed) == 1:
        rows, values = _writable(changed[0].rows), _writable(changed[0].values)
    else:
        rows = np.concatenate([each.rows for each in changed])
        values = np.concatenate([each.values for each in changed])
    return Together(rows, values, shards, np.empty(len(rows), dtype=np.int32))


def _writable(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array that came from elsewhere as the kernels were compiled for it."""
    return np.require(array, requirements=["C", "W"])


def _empty(shard: int, count: int, vector_size: int) -> Entries:
    values = np.empty((count, vector_size), dtype=np.float32)
    return Entries(shard, np.empty(count, dtype=np.int32), values)
