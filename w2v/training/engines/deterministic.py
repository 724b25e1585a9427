"""Training that gives the same bytes with any number of threads, however they are scheduled.

The threads only decide who calls which function of a round (rounds.py): all plans of a round, then
for each lap all trainings and then all parts of a merge, each in any order.
"""

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.state import TOTALS_SIZE, OutputTables, Schedule, WorkerState
from w2v.training.config import TrainConfig
from w2v.training.engines import memory
from w2v.training.engines.base import BaseEngine
from w2v.training.engines.crew import Crew
from w2v.training.engines.distances import row_distances
from w2v.training.engines.engine import Sizes, Totals
from w2v.training.engines.frozen_rows import hold_rows
from w2v.training.engines.joined_rounds import JoinedRounds
from w2v.training.engines.round_memory import (
    copied_rows,
    list_shapes,
    most_rows,
    new_merge_buffers,
    new_shards,
)
from w2v.training.engines.round_shape import round_shape
from w2v.training.engines.rounds import (
    begin_plan,
    copy_rows,
    hot_bounds,
    merge_hot_part,
    merge_part,
    plan_stretch,
    rate_of_round,
    summed_totals,
    train_stretch,
)
from w2v.training.engines.stretches import AnyText, stretch
from w2v.training.engines.tables import matrices_of, most_outputs, variant_of
from w2v.training.shapes import total_bytes
from w2v.training.weights import Weights, padded_width, weights_shapes

Task = Callable[[], None]
Bounds = Sequence[tuple[int, int]]  # of stretches: the first token, and the one after the last


class Deterministic(BaseEngine):
    """The engine of deterministic rounds; see Engine for its methods."""

    concurrent_workers = 1  # no two shards write the same row

    def __init__(
        self,
        counts: NDArray[np.int64],
        outputs: OutputTables,
        config: TrainConfig,
        text: AnyText,
        held_out: AnyText | None = None,
    ) -> None:
        """Allocate the weights and the shards. For the parameters see `new_engine`."""
        self._shape = round_shape(len(text.tokens), config.shards, config.architecture, config.loss)
        self._rounds = JoinedRounds(self._shape, len(text.tokens), config)
        longest = self._rounds.longest
        size = len(counts)
        copies = copied_rows(size, outputs, config, longest)
        weights = Weights.fresh(
            size, config.vector_size, config.seed, copies, config.outputs_per_word
        )
        super().__init__(text, held_out, weights)
        self._matrices = matrices_of(weights)
        self._variant, self._outputs = variant_of(config), outputs
        self._threads = min(config.threads, longest.shards)
        distances = row_distances(counts, config, self._shape)
        self.shards = new_shards(weights, outputs, config, longest, distances)
        self._hot = hot_bounds(size, config, longest)
        width = weights.input.shape[1]
        self._merge_buffers = [
            new_merge_buffers(longest.shards, width) for _ in range(self._threads)
        ]
        self._tokens_done = 0
        self._totals: Totals = np.zeros(TOTALS_SIZE)
        self._crew = Crew()

    @staticmethod
    def bytes_needed(sizes: Sizes, config: TrainConfig) -> int:
        """Return the memory that a new engine takes, in bytes."""
        size = sizes.vocabulary
        usual = round_shape(sizes.tokens, config.shards, config.architecture, config.loss)
        shape = JoinedRounds(usual, sizes.tokens, config).longest
        first, second = capacities = most_rows(size, sizes.levels, config, shape)
        copies = shape.shards * first, shape.shards * second
        weights = weights_shapes(size, config.vector_size, copies, config.outputs_per_word)
        lists = list_shapes(size, capacities, config, shape)
        merge = memory.merge_shapes(shape.shards, padded_width(config.vector_size))
        state = memory.worker_bytes(config, most_outputs(config, sizes.levels))
        return (
            total_bytes(weights)
            + sum(map(total_bytes, lists))
            + shape.shards * state
            + min(config.threads, shape.shards) * total_bytes(merge)
            + 4 * size * (1 + config.outputs_per_word)  # how far each row comes
        )

    def piece(self, schedule: Schedule) -> int:
        """Return the tokens of a round of an epoch: training can stop at multiples of it."""
        return self._rounds.tokens(schedule)

    @property
    def division(self) -> tuple[int, ...]:
        """The shape of the rounds; see `JoinedRounds`."""
        return self._rounds.division

    @property
    def totals(self) -> Totals:
        """The sums since `set_totals`, added round by round: the same with any threads."""
        return np.array(self._totals)

    def set_totals(self, totals: Totals) -> None:
        """Replace the totals, which later rounds add to."""
        summed_totals(self.shards.states)  # what a round that failed has left there
        self._totals = totals.copy()

    def compile(self, schedule: Schedule) -> None:
        """Compile the kernels, or load them from the cache."""
        state = self.shards.states[0]
        self._plan(state, self._text, [(0, 0)], schedule)
        self._train(0, state, self._text, [(0, 0)], schedule)
        rate = rate_of_round(0, schedule, 1)
        self._merge(rate, 0)
        if self._shape.laps_of(self._rounds.most) > 1:
            self._merge_hot(rate, 0)

    def _run(
        self, text: AnyText, schedule: Schedule, start: int, stop: int
    ) -> Generator[int, None, None]:
        self._tokens_done = start
        tasks: deque[Task] | None = None

        def begin_stage() -> None:  # in one thread, while all wait
            nonlocal tasks
            stage = next(stages, None)
            tasks = None if stage is None else deque(stage)

        def work(number: int) -> None:
            # A broken barrier means that the error which broke it is on its way to the caller.
            with contextlib.suppress(threading.BrokenBarrierError):
                while barrier.wait() >= 0 and tasks is not None:
                    _run_tasks(tasks, number % 2 == 1)

        barrier = threading.Barrier(self._threads, begin_stage)
        self._crew = Crew(barrier.abort)
        rounds = range(start, stop, self.piece(schedule))
        stages = self._stages(text, schedule, rounds, self._crew)
        yield from self._crew.run([partial(work, k) for k in range(self._threads)], start)

    def settle(self) -> int:
        """Let the running round end and no more begin; return the position reached."""
        self._crew.settle()
        return self._tokens_done

    def freeze(
        self, rows: NDArray[np.integer[Any]], factors: NDArray[np.float32] | None = None
    ) -> None:
        """Keep these rows of the input matrix as they are now, or scale their changes."""
        states = self.shards.states
        states[:] = hold_rows(states, rows, factors, self._weights)

    def _stages(
        self, text: AnyText, schedule: Schedule, rounds: range, crew: Crew
    ) -> Iterator[list[Task]]:
        """Yield, stage by stage, the tasks that can be done at the same time.

        `rounds` holds the positions at which the rounds begin. The merge of a round and the plan of
        the next one are one stage.
        """
        changes_nothing = schedule.alpha == schedule.fall == 0
        joined = self._rounds.number(schedule)
        parts = [] if changes_nothing else list(range(len(self._merge_buffers)))
        yield self._share(self._plan, text, rounds.start, schedule)
        for begin in rounds:
            rate = rate_of_round(begin, schedule, joined)
            for lap in range(self._shape.laps_of(joined)):
                if lap > 0 and parts:
                    yield [partial(self._merge_hot, rate, part) for part in parts]
                yield self._share(partial(self._train, lap), text, begin, schedule)
            end = begin + rounds.step
            merges = [partial(self._merge, rate, part) for part in parts]
            yield merges + self._share(self._plan, text, end, schedule)
            self._totals = self._totals + summed_totals(self.shards.states)
            self._tokens_done = min(end, len(text.tokens))
            crew.finished.put(self._tokens_done - begin)
            if crew.stop.is_set():
                return

    def _share(
        self,
        work: Callable[[WorkerState, AnyText, Bounds, Schedule], None],
        text: AnyText,
        begin: int,
        schedule: Schedule,
    ) -> list[Task]:
        """Return the tasks of some work, one for each shard's stretches of a round."""
        every, size = self._shape.tokens, len(text.tokens)
        begins = range(begin, begin + self._rounds.tokens(schedule), every)
        stretches = zip(*(self._shape.stretches(each, size) for each in begins), strict=True)
        return [
            partial(work, state, text, each, schedule)
            for state, each in zip(self.shards.states, stretches, strict=True)
        ]

    def _plan(self, state: WorkerState, text: AnyText, bounds: Bounds, schedule: Schedule) -> None:
        begin_plan(state)
        for start, stop in bounds:
            part = stretch(text, start, stop, schedule)
            plan_stretch(part, start, stop, schedule, self._variant, self._outputs, state)

    def _train(
        self,
        lap: int,
        state: WorkerState,
        text: AnyText,
        bounds: Bounds,
        schedule: Schedule,
    ) -> None:
        if lap == 0:
            copy_rows(self._variant, self._hot, self._matrices, state)
        for _, start, stop in self._shape.lap(lap, bounds, len(bounds)):
            part = stretch(text, start, stop, schedule)
            train_stretch(
                part, start, stop, schedule, self._variant, self._outputs, self._matrices, state
            )

    def _merge(self, rate: float, part: int) -> None:
        parts = len(self._merge_buffers)
        merge_part(part, parts, rate, self.shards, self._merge_buffers[part])

    def _merge_hot(self, rate: float, part: int) -> None:
        parts = len(self._merge_buffers)
        merge_hot_part(part, parts, rate, self.shards, self._merge_buffers[part])


def _run_tasks(tasks: deque[Task], from_behind: bool) -> None:
    """Run the tasks left in a stage, from its front or its end.

    Two threads work from both ends, so that each mostly has the same shards: their rows are in its
    cache.
    """
    take = tasks.pop if from_behind else tasks.popleft
    while True:
        try:
            task = take()
        except IndexError:
            return
        task()
