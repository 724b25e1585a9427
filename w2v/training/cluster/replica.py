"""A worker's replica of the weights, and the arithmetic of a round on it, without any network.

All replicas are equal when a round begins. Each shard trains on copies of all rows that it touches,
by the functions of rounds.py. What the worker's own shards changed is joined where it lies, in the
tree of the shards, and then with what came from other workers (entries.py). After a lap the hot
rows alone are written into the weights and the copies. All others change only in `commit` after the
last lap, when the worker has all that the round changed, anywhere. Until then `call_off` brings
back the weights as the round began.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.own_rows import HotBounds
from w2v.kernels.state import (
    Matrices,
    OutputTables,
    OwnRows,
    Schedule,
    Text,
    WorkerState,
)
from w2v.kernels.touched_rows import COPIED, HOT
from w2v.kernels.windows import learning_rate
from w2v.training.cluster.entries import Side
from w2v.training.cluster.letters import Both, BothCopies
from w2v.training.cluster.replica_memory import copies_shapes, new_state, place_shard
from w2v.training.cluster.shelf import Empty
from w2v.training.config import TrainConfig
from w2v.training.engines.frozen_rows import hold_rows
from w2v.training.engines.round_memory import most_rows
from w2v.training.engines.round_shape import RoundShape
from w2v.training.engines.rounds import (
    begin_plan,
    copy_rows,
    hot_bounds,
    plan_stretch,
    train_stretch,
)
from w2v.training.engines.tables import levels_of, matrices_of, variant_of
from w2v.training.shapes import Shapes, aligned_empty
from w2v.training.weights import Weights

Rows: TypeAlias = NDArray[np.float32]
Stretches: TypeAlias = Iterable[tuple[Text, int, int]]


class Replica:
    """The weights of one worker, with room to train its shards.

    Parameters
    ----------
    distances : (float32 (V, 2), float32 (rows of the output matrix, 2))
        How far a shard brings each row (`row_distances`).
    outputs : OutputTables
    config : TrainConfig
    shape, longest : RoundShape
        Of a round, and of the longest that several are joined to.
    """

    def __init__(
        self,
        distances: tuple[Rows, Rows],
        outputs: OutputTables,
        config: TrainConfig,
        shape: RoundShape,
        longest: RoundShape,
    ) -> None:
        size = len(distances[0])
        self._capacities = most_rows(size, levels_of(outputs), config, longest)
        self.weights = weights = Weights.fresh(
            size, config.vector_size, config.seed, (0, 0), config.outputs_per_word
        )
        self._variant, self._outputs = variant_of(config), outputs
        self._config, self._shape, self._longest = config, shape, longest
        self._matrices = self._copies = matrices_of(weights)
        self.sides = [
            Side(matrix, len(of_matrix), shape.shards)
            for matrix, of_matrix in zip(self._matrices, distances, strict=True)
        ]
        self._distances, self._rate, self._joined = distances, 0.0, 1
        self._hot = hot_bounds(size, config, shape)
        self._began = [
            (np.empty_like(matrix[: hot.words]), np.empty_like(matrix[hot.nodes :]))
            for matrix, hot in zip((weights.input, weights.output), self._hot, strict=True)
        ]
        self._held: tuple[NDArray[np.int64], NDArray[np.float32] | None] | None = None
        self._states: list[WorkerState] = []

    @property
    def copies_shapes(self) -> Shapes:
        """The shapes of two matrices that have room for the copies of all shards."""
        levels = levels_of(self._outputs)
        return copies_shapes(self.weights.size, levels, self._config, self._longest)

    def use_copies(self, inputs: Rows, outputs: Rows) -> None:
        """Let the copies of shards lie in two matrices, of `copies_shapes`."""
        self._copies = Matrices(inputs, outputs)
        for side, copies in zip(self.sides, self._copies, strict=True):
            side.use_copies(copies)

    def seat(self, first: int, shards: int) -> None:
        """Make room to train some shards, from the first one of this worker on."""
        new = [
            new_state(self.weights, self._distances, self._outputs, self._config, self._longest)
            for _ in range(len(self._states), shards)
        ]
        self._states += new if self._held is None else hold_rows(new, *self._held, self.weights)
        sizes = self.weights.size, self.weights.output_size
        for slot, state in enumerate(self._states[:shards]):
            self._states[slot] = place_shard(state, first + slot, sizes, self._capacities)

    def begin(self, token: int, schedule: Schedule, joined: int) -> None:
        """Begin a round: keep what its laps write, to bring it back.

        Parameters
        ----------
        token : int
            Where it begins.
        schedule : Schedule
        joined : int
            How many rounds are joined to it.
        """
        self._rate, self._joined = float(learning_rate(token, schedule)), joined
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

    def plan(self, slot: int, stretches: Stretches, schedule: Schedule) -> None:
        """List what a round will touch; the weights may change meanwhile.

        `stretches` are all of one shard; for the parameters see `train`.
        """
        state = self._states[slot]
        begin_plan(state)
        for text, start, stop in stretches:
            plan_stretch(text, start, stop, schedule, self._variant, self._outputs, state)

    def parts_of_lap(
        self, lap: int, stretches: Sequence[tuple[int, int]]
    ) -> list[tuple[int, int, int]]:
        """Return what a shard trains in a lap; see `RoundShape.lap`."""
        return self._shape.lap(lap, stretches, self._joined)

    def train(self, slot: int, stretches: Stretches, lap: int, schedule: Schedule) -> None:
        """Train a lap of one shard's stretches of a round, on copies, after `plan`.

        Different slots may be trained at the same time.

        Parameters
        ----------
        slot : int
            The shard, counted from the first of this worker.
        stretches : iterable of (Text, int, int)
            The parts of this lap: of each the text that it reads, and where it starts and stops.
        lap : int
            The laps before it must have been trained.
        schedule : Schedule
        """
        state = self._states[slot]
        if lap == 0:
            copy_rows(self._variant, self._hot, self._copies, state)
        for text, start, stop in stretches:
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
        wanted = COPIED if lap == self._shape.laps_of(self._joined) - 1 else HOT
        inputs, outputs = (
            side.list_changed(own, first, wanted, self._rate, empty)
            for side, own in zip(self.sides, self._own(shards), strict=True)
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

    def commit(self, finished: Both) -> None:
        """Write the new rows of a part into the weights; several may be written at a time."""
        for side, entries in zip(self.sides, finished, strict=True):
            side.put(entries)

    def commit_lap(self, shards: int, finished: Both) -> None:
        """Write the new hot rows of a part into the weights, and into the shards' copies."""
        self.commit(finished)
        for side, entries, own in zip(self.sides, finished, self._own(shards), strict=True):
            side.put_copies(entries, own)

    def freeze(self, rows: NDArray[np.int64], factors: NDArray[np.float32] | None) -> None:
        """Keep input rows as they are, or scale their changes; see `Engine.freeze`."""
        self._held = rows, factors
        self._states[:] = hold_rows(self._states, rows, factors, self.weights)

    def compile(self, text: Text, schedule: Schedule) -> None:
        """Compile the kernels, or load them from the cache."""
        self.seat(0, 1)
        self.begin(0, schedule, 1)
        nothing = [(text, 0, 0)]
        self.plan(0, nothing, schedule)
        for lap in sorted({0, self._shape.laps - 1}):
            self.train(0, nothing, lap, schedule)
            copies = self.gather(0, 1, lap, aligned_empty)
            self.join(0, 1, 0, 1, aligned_empty)
            self.commit_lap(1, self.finish(0, 1, [copies], [], aligned_empty))

    def _own(self, shards: int) -> tuple[list[OwnRows], list[OwnRows]]:
        states = self._states[:shards]
        return [state.own.input for state in states], [state.own.output for state in states]
