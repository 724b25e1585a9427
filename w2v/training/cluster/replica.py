"""A worker's replica of the weights, and the arithmetic of a round on it, without any network.

All replicas are equal when a round begins. Each shard trains on copies of all rows that it touches,
by the functions of rounds.py. What the worker's own shards changed is joined where it lies, in the
tree of the shards, and then with what came from other workers (entries.py). After a lap the hot
rows alone are written into the weights and the copies. All others change only in `commit` after the
last lap, when the worker has all that the round changed, anywhere. Until then `call_off` brings
back the weights as the round began.
"""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.copies import HotBounds
from w2v.kernels.state import (
    Matrices,
    OutputTables,
    OwnMatrices,
    OwnRows,
    Schedule,
    Text,
    WorkerState,
)
from w2v.training.cluster.entries import Side
from w2v.training.cluster.letters import Both, BothCopies
from w2v.training.cluster.shelf import Empty
from w2v.training.config import TrainConfig
from w2v.training.engines import memory
from w2v.training.engines.frozen_rows import hold_rows
from w2v.training.engines.merging import no_copies
from w2v.training.engines.round_shape import RoundShape
from w2v.training.engines.rounds import (
    copy_rows,
    hot_bounds,
    list_shapes,
    most_rows,
    plan_stretch,
    rate_of_round,
    share_lists,
    train_stretch,
)
from w2v.training.engines.tables import levels_of, matrices_of, most_outputs, variant_of
from w2v.training.shapes import Shapes, aligned_empty, total_bytes
from w2v.training.weights import Weights, padded_width, weights_shapes

Rows: TypeAlias = NDArray[np.float32]

_ANY_ROW = 255  # a mark above all others: another shard may touch this row
_ALL_ROWS = HotBounds(1 << 31, 1 << 31)


class Replica:
    """The weights of one worker, with room to train its shards.

    Parameters
    ----------
    distances : (float32 (V,), float32 (rows of the output matrix,))
        How far a shard brings each row (`row_distances`).
    outputs : OutputTables
    config : TrainConfig
    shape : RoundShape
    """

    def __init__(
        self,
        distances: tuple[Rows, Rows],
        outputs: OutputTables,
        config: TrainConfig,
        shape: RoundShape,
    ) -> None:
        size = len(distances[0])
        self._capacities = most_rows(size, levels_of(outputs), config, shape)
        self.weights = weights = Weights.fresh(
            size, config.vector_size, config.seed, (0, 0), config.outputs_per_word
        )
        self._variant, self._outputs = variant_of(config), outputs
        self._config, self._shape = config, shape
        self._matrices = self._copies = matrices_of(weights)
        self.sides = [
            Side(matrix, distance, shape.shards)
            for matrix, distance in zip(self._matrices, distances, strict=True)
        ]
        self._rate = 0.0
        self._hot = hot_bounds(size, config, shape)
        self._began = [
            (np.empty_like(matrix[: hot.words]), np.empty_like(matrix[hot.nodes :]))
            for matrix, hot in zip((weights.input, weights.output), self._hot, strict=True)
        ]
        self._held: tuple[NDArray[np.int64], NDArray[np.float32] | None] | None = None
        self._states: list[WorkerState] = []

    @property
    def copies_shapes(self) -> Shapes:
        """The shapes of two matrices that have room for the copies of all shards.

        The copies of a shard lie in the same place in all of them, so that the workers of a machine
        may have theirs in the same two. The first rows, as many as the weights have, are not used,
        and take addresses alone.
        """
        copies = [self._shape.shards * each for each in self._capacities]
        config = self._config
        return weights_shapes(
            self.weights.size, config.vector_size, (copies[0], copies[1]), config.outputs_per_word
        )

    def use_copies(self, inputs: Rows, outputs: Rows) -> None:
        """Let the copies of shards lie in two matrices, of `copies_shapes`."""
        self._copies = Matrices(inputs, outputs)
        for side, copies in zip(self.sides, self._copies, strict=True):
            side.use_copies(copies)

    def seat(self, first: int, shards: int) -> None:
        """Make room to train some shards, from the first one of this worker on."""
        new = [
            _new_state(self.weights, self._outputs, self._config, self._shape, self._capacities)
            for _ in range(len(self._states), shards)
        ]
        self._states += new if self._held is None else hold_rows(new, *self._held, self.weights)
        sizes = self.weights.size, self.weights.output_size
        for slot, state in enumerate(self._states[:shards]):
            own = [
                each._replace(first=size + (first + slot) * capacity)
                for each, size, capacity in zip(state.own, sizes, self._capacities, strict=True)
            ]
            self._states[slot] = state._replace(own=OwnMatrices(*own))

    def begin(self, token: int, schedule: Schedule) -> None:
        """Begin the round that begins at a token: keep what its laps write, to bring it back."""
        self._rate = rate_of_round(token, schedule)
        for (words, nodes), matrix, hot in self._hot_rows():
            words[:], nodes[:] = matrix[: hot.words], matrix[hot.nodes :]
        for state in self._states:
            state.totals[:] = 0

    def call_off(self) -> None:
        """Bring back the weights as the round began."""
        for (words, nodes), matrix, hot in self._hot_rows():
            matrix[: hot.words], matrix[hot.nodes :] = words, nodes

    def _hot_rows(self) -> Iterator[tuple[tuple[Rows, Rows], Rows, HotBounds]]:
        matrices = self.weights.input, self.weights.output
        return zip(self._began, matrices, self._hot, strict=True)

    def plan(self, slot: int, text: Text, start: int, stop: int, schedule: Schedule) -> None:
        """List what a stretch will touch; the weights may change meanwhile.

        For the parameters see `train`.
        """
        plan_stretch(text, start, stop, schedule, self._variant, self._outputs, self._states[slot])

    def train(
        self, slot: int, text: Text, start: int, stop: int, lap: int, schedule: Schedule
    ) -> None:
        """Train a lap of one shard's stretch of a round, on copies, after `plan`.

        Different slots may be trained at the same time.

        Parameters
        ----------
        slot : int
            The shard, counted from the first of this worker.
        text : Text
            All that the stretch reads.
        start, stop : int
            The whole stretch.
        lap : int
            The laps before it must have been trained.
        schedule : Schedule
        """
        state = self._states[slot]
        if lap == 0:
            copy_rows(self._variant, self._matrices, self._copies, state)
        start, stop = self._shape.lap(lap, start, stop)
        train_stretch(
            text, start, stop, schedule, self._variant, self._outputs, self._copies, state
        )

    def totals(self, shards: int) -> NDArray[np.float64]:
        """Return the totals of this worker's shards in the round, float64 (shards, TOTALS_SIZE)."""
        return np.array([state.totals for state in self._states[:shards]])

    def gather(self, first: int, shards: int, lap: int, empty: Empty) -> BothCopies:
        """List what this worker's shards have changed that is merged after a lap.

        Parameters
        ----------
        first, shards : int
            The first shard of this worker, and how many it has.
        lap : int
        empty : Empty
            Makes the arrays of the list.
        """
        wanted = (_ALL_ROWS, _ALL_ROWS) if self._is_last(lap) else self._hot
        inputs, outputs = (
            side.list_changed(own, first, rows, self._rate, empty)
            for side, own, rows in zip(self.sides, self._own(shards), wanted, strict=True)
        )
        return inputs, outputs

    def join(self, part: int, parts: int, first: int, stop: int, empty: Empty) -> Both:
        """Join what the shards of a subtree changed in a part of the rows; see `Side.join`."""
        inputs, outputs = (side.join(part, parts, first, stop, empty) for side in self.sides)
        return inputs, outputs

    def finish(
        self,
        part: int,
        parts: int,
        copies: Sequence[BothCopies],
        came: Sequence[Both],
        empty: Empty,
    ) -> Both:
        """Return the new rows of a part, of what all shards changed there; see `Side.finish`."""
        inputs, outputs = (
            side.finish(
                part, parts, [each[number] for each in copies], [each[number] for each in came],
                empty,
            )
            for number, side in enumerate(self.sides)
        )  # fmt: skip
        return inputs, outputs

    def commit(self, finished: Sequence[Both]) -> None:
        """Write the new rows of all parts into the weights."""
        for both in finished:
            for side, entries in zip(self.sides, both, strict=True):
                side.put(entries)

    def commit_lap(self, finished: Sequence[Both], shards: int) -> None:
        """Write the new hot rows of all parts into the weights, and into the shards' copies."""
        self.commit(finished)
        for both in finished:
            for side, entries, own in zip(self.sides, both, self._own(shards), strict=True):
                side.put_copies(entries, own)

    def freeze(self, rows: NDArray[np.int64], factors: NDArray[np.float32] | None) -> None:
        """Keep input rows as they are, or scale their changes; see `Engine.freeze`."""
        self._held = rows, factors
        self._states[:] = hold_rows(self._states, rows, factors, self.weights)

    def compile(self, text: Text, schedule: Schedule) -> None:
        """Compile the kernels, or load them from the cache."""
        self.seat(0, 1)
        self.begin(0, schedule)
        self.plan(0, text, 0, 0, schedule)
        for lap in sorted({0, self._shape.laps - 1}):
            self.train(0, text, 0, 0, lap, schedule)
            copies = self.gather(0, 1, lap, aligned_empty)
            self.join(0, 1, 0, 1, aligned_empty)
            self.commit_lap([self.finish(0, 1, [copies], [], aligned_empty)], 1)

    def _own(self, shards: int) -> tuple[list[OwnRows], list[OwnRows]]:
        states = self._states[:shards]
        return [state.own.input for state in states], [state.own.output for state in states]

    def _is_last(self, lap: int) -> bool:
        return lap == self._shape.laps - 1


def replica_bytes(size: int, levels: int, config: TrainConfig, shape: RoundShape, own: int) -> int:
    """Return the memory that a replica takes, in bytes, with all that a round adds to it.

    Parameters
    ----------
    size : int
    levels : int
        The depth of the Huffman tree, or an upper bound; 0 in negative sampling.
    config : TrainConfig
    shape : RoundShape
    own : int
        The shards that its worker trains in a round.
    """
    capacities = first, second = most_rows(size, levels, config, shape)
    copies = own * first, own * second
    weights = weights_shapes(size, config.vector_size, copies, config.outputs_per_word)
    lists = list_shapes(size, capacities, config, _alone(shape))
    state = memory.worker_bytes(config, most_outputs(config, levels))
    rows = size * (1 + config.outputs_per_word)
    of_own, of_all = (min(shards * (first + second), rows) for shards in (own, shape.shards))
    hot = 2 * shape.hot * (1 + config.outputs_per_word)
    return (
        total_bytes(weights)
        + own * (sum(map(total_bytes, lists)) + state + 16 * (first + second))
        + 8 * rows
        # Joined, and come from others; the new rows of this round and of the last one.
        + (2 * of_own + 2 * of_all + hot) * (4 * padded_width(config.vector_size) + 16)
    )


def _new_state(
    weights: Weights,
    outputs: OutputTables,
    config: TrainConfig,
    shape: RoundShape,
    capacities: tuple[int, int],
) -> WorkerState:
    """Allocate the memory to train a shard, which copies every row that it touches.

    It believes that another shard touches all rows. `seat` says which shard it is.
    """
    arrays = share_lists(list_shapes(weights.size, capacities, config, _alone(shape)))
    sizes = weights.size, weights.output_size
    for each in arrays:
        each["marks"][1] = _ANY_ROW
    own = [
        OwnRows(shard=0, first=size, **memory.shard_arrays(each, 0))
        for each, size in zip(arrays, sizes, strict=True)
    ]
    hot = memory.hot_rows(0, weights, no_copies())
    return memory.new_state(
        config, most_outputs(config, levels_of(outputs)), hot, OwnMatrices(*own)
    )


def _alone(shape: RoundShape) -> RoundShape:
    """Return the shape for the lists of a shard, and of another one that stands for the rest."""
    return RoundShape(2, shape.stretch)
