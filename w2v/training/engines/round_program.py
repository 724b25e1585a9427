"""Rounds of deterministic training as tasks in phases, for `w2v.kernels.round_tasks.run_tasks`."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.round_tasks import END_ROUND, MERGE, MERGE_HOT, PLAN, TRAIN, Program
from w2v.kernels.state import TOTALS_SIZE
from w2v.training.engines.round_shape import RoundShape

Pieces: TypeAlias = Sequence[tuple[int, int]]  # stretches or parts of them: start and stop


class ProgramBuilder:
    """Lists the tasks of some rounds.

    In each round all shards are trained, in laps between which the hot rows are merged. Then the
    copies are merged, while the next round is planned: the merge reads none of what a plan writes.

    Parameters
    ----------
    shape : RoundShape
    joined : int
        How many rounds are joined to one.
    size : int
        Tokens of the text.
    threads : int
        Each has a part of every merge, and shards of its own.
    merges : bool
        Whether training changes anything that has to be merged.
    """

    def __init__(
        self, shape: RoundShape, joined: int, size: int, threads: int, merges: bool
    ) -> None:
        self._shape, self._joined, self._size = shape, joined, size
        self._threads, self._merges = threads, merges
        self._tasks: list[tuple[int, ...]] = []
        self._pieces: list[tuple[int, int]] = []
        self._ends: list[int] = []
        self._rates: list[float] = []

    def program(
        self, rounds: range, rate_of: Callable[[int], float], halt: NDArray[np.int64]
    ) -> Program:
        """Return the tasks of the rounds that begin at the positions in `rounds`.

        The totals are to be set before it runs.

        Parameters
        ----------
        rounds : range
            One or more.
        rate_of : callable
            Takes a position, and returns the learning rate of the round that begins there.
        halt : int64 (1,)
            The program ends with the round in which this is not 0 any more.
        """
        self._plan(rounds.start)
        self._end_phase(rate_of(rounds.start))
        for begin in rounds:
            rate = rate_of(begin)
            for lap in range(self._shape.laps_of(self._joined)):
                if lap > 0 and self._merges:
                    self._merge(MERGE_HOT)
                    self._end_phase(rate)
                self._train(begin, lap)
                self._end_phase(rate)
            if self._merges:
                self._merge(MERGE)
            self._tasks.append((END_ROUND, 0, 0, 0, 0, 0))
            if begin + rounds.step in rounds:
                self._plan(begin + rounds.step)
            self._end_phase(rate)
        return Program(
            tasks=np.array(self._tasks, dtype=np.int64),
            pieces=np.array(self._pieces, dtype=np.int64),
            ends=np.array(self._ends, dtype=np.int64),
            rates=np.array(self._rates),
            parts=self._threads,
            claimed=np.zeros(len(self._tasks), dtype=np.int64),
            progress=np.array([0, len(self._ends), 0], dtype=np.int64),
            halt=halt,
            totals=np.zeros(TOTALS_SIZE),
        )

    def _stretches(self, begin: int) -> list[Pieces]:
        """Return the stretches of each shard in the round that begins at a token."""
        every = self._shape.tokens
        begins = range(begin, begin + self._joined * every, every)
        return list(zip(*(self._shape.stretches(each, self._size) for each in begins), strict=True))

    def _plan(self, begin: int) -> None:
        for shard, stretches in enumerate(self._stretches(begin)):
            self._add_of_shard(PLAN, shard, False, stretches)

    def _train(self, begin: int, lap: int) -> None:
        for shard, stretches in enumerate(self._stretches(begin)):
            parts = self._shape.lap(lap, stretches, len(stretches))
            self._add_of_shard(TRAIN, shard, lap == 0, ((start, stop) for _, start, stop in parts))

    def _add_of_shard(
        self, kind: int, shard: int, is_first: bool, pieces: Iterable[tuple[int, int]]
    ) -> None:
        start, home = len(self._pieces), shard * self._threads // self._shape.shards
        self._pieces.extend(pieces)
        self._tasks.append((kind, shard, home, is_first, start, len(self._pieces)))

    def _merge(self, kind: int) -> None:
        self._tasks.extend((kind, part, part, 0, 0, 0) for part in range(self._threads))

    def _end_phase(self, rate: float) -> None:
        self._ends.append(len(self._tasks))
        self._rates.append(rate)
