"""Training that gives the same bytes with any number of threads, however they are scheduled.

The threads go through some rounds in one call, and share out what there is to do in each
(w2v/kernels/round_tasks.py).
"""

import contextlib
import platform
import sys
import threading
import time
from collections.abc import Generator, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.round_tasks import DONE, PHASES, ROUNDS, Program, run_tasks
from w2v.kernels.state import BLOCK, TOTALS_SIZE, OutputTables, Schedule, Text
from w2v.kernels.windows import learning_rate
from w2v.training.config import TrainConfig
from w2v.training.engines import memory
from w2v.training.engines.base import BaseEngine
from w2v.training.engines.crew import Crew
from w2v.training.engines.distances import row_distances
from w2v.training.engines.engine import Sizes, Totals
from w2v.training.engines.frozen_rows import hold_rows
from w2v.training.engines.joined_rounds import JoinedRounds
from w2v.training.engines.merging import no_copies
from w2v.training.engines.round_memory import (
    copied_rows,
    list_shapes,
    most_rows,
    new_merge_buffers,
    new_round_memory,
)
from w2v.training.engines.round_program import ProgramBuilder
from w2v.training.engines.round_shape import round_shape
from w2v.training.engines.rounds import hot_bounds
from w2v.training.engines.stretches import AnyText, stretch
from w2v.training.engines.tables import levels_of, matrices_of, most_outputs, variant_of
from w2v.training.shapes import total_bytes
from w2v.training.weights import Weights, padded_width, weights_shapes

# Tokens of the rounds in one call, for each thread, or one round: some 50 ms at 100 dimensions.
# Listing the tasks of a call takes one thread 0.5 to 2 ms (16 blocks apart: up to 8), while others
# train; the threads meet once a call for some tenths of a millisecond.
TOKENS_EACH = 64 * BLOCK
# How often a thread looks for the end of a phase before it lets go of its core (some 0.2 ms: most
# waits are shorter), and the seconds from then on to the next look. Where a sleep lasts 15 ms at
# least, the thread only lets others run.
LOOKS = 4_000
PAUSE = 0.0 if platform.system() == "Windows" and sys.version_info < (3, 11) else 1e-4


class Batch(NamedTuple):
    """The rounds of one call: their tasks, the text they train, and where they begin."""

    program: Program
    text: Text
    rounds: range
    size: int  # tokens of all of the text


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
        hot = hot_bounds(size, config, longest)
        self.memory = new_round_memory(weights, config, longest, distances, hot)
        most, no_rows = most_outputs(config, levels_of(outputs)), memory.no_own_rows()
        self.states = [
            memory.new_state(config, most, memory.hot_rows(0, weights, no_copies()), no_rows)
            for _ in range(self._threads)
        ]
        width = weights.input.shape[1]
        self._merge_buffers = [
            new_merge_buffers(longest.shards, width) for _ in range(self._threads)
        ]
        self._halt, self._barrier = np.zeros(1, dtype=np.int64), threading.Barrier(self._threads)
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
            + min(config.threads, shape.shards) * (state + total_bytes(merge))
            + total_bytes(memory.totals_shapes(shape.shards))
            + 8 * size * (1 + config.outputs_per_word)  # how far each row comes
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
        self.memory.totals[:] = 0  # what rounds that failed have left there
        self._totals = totals.copy()

    def compile(self, schedule: Schedule) -> None:
        """Compile the kernels, or load them from the cache."""
        nothing = self._batch(self._text, schedule, range(0, 1), merges=False)
        nothing.program.progress[PHASES] = 0
        self._work_on(nothing, schedule, 0)

    def _run(
        self, text: AnyText, schedule: Schedule, start: int, stop: int
    ) -> Generator[int, None, None]:
        self._tokens_done = start
        running: Batch | None = None
        coming: Batch | None = None

        def begin_batch() -> None:  # in one thread, while all wait
            nonlocal running
            if running is not None:
                self._end_batch(running, crew)
            running = None if crew.stop.is_set() else coming
            if running is not None:
                running.program.totals[:] = self._totals

        def work(number: int) -> None:
            nonlocal coming
            # A broken barrier means that the error which broke it is on its way to the caller.
            with contextlib.suppress(threading.BrokenBarrierError):
                while barrier.wait() >= 0 and running is not None:
                    if number == 0:  # others take its tasks meanwhile
                        coming = next(batches, None)
                    self._work_on(running, schedule, number)

        self._barrier = barrier = threading.Barrier(self._threads, begin_batch)
        self._halt = np.zeros(1, dtype=np.int64)
        self._crew = crew = Crew(barrier.abort, partial(self._halt.fill, 1))
        rounds = range(start, stop, self.piece(schedule))
        batches = self._batches(text, schedule, rounds)
        coming = next(batches, None)
        yield from crew.run([partial(work, k) for k in range(self._threads)], start)

    def settle(self) -> int:
        """Let the running round end and no more begin; return the position reached."""
        self._crew.settle()
        return self._tokens_done

    def freeze(
        self, rows: NDArray[np.integer[Any]], factors: NDArray[np.float32] | None = None
    ) -> None:
        """Keep these rows of the input matrix as they are now, or scale their changes."""
        self.states[:] = hold_rows(self.states, rows, factors, self._weights)

    def _batches(self, text: AnyText, schedule: Schedule, rounds: range) -> Iterator[Batch]:
        """Yield the rounds of each call."""
        changes_nothing = schedule.alpha == schedule.fall == 0
        number = max(1, self._threads * TOKENS_EACH // rounds.step)
        for first in range(0, len(rounds), number):
            yield self._batch(text, schedule, rounds[first : first + number], not changes_nothing)

    def _batch(self, text: AnyText, schedule: Schedule, rounds: range, merges: bool) -> Batch:
        size, joined = len(text.tokens), self._rounds.number(schedule)
        builder = ProgramBuilder(self._shape, joined, size, self._threads, merges)
        program = builder.program(
            rounds, lambda begin: float(learning_rate(begin, schedule)), self._halt
        )
        stop = min(size, rounds[-1] + rounds.step)
        part = stretch(text, rounds.start, stop, schedule)
        return Batch(program, part, rounds, size)

    def _end_batch(self, batch: Batch, crew: Crew) -> None:
        self._totals = batch.program.totals
        begin, done = batch.rounds.start, int(batch.program.progress[ROUNDS])
        self._tokens_done = min(begin + done * batch.rounds.step, batch.size)
        crew.finished.put(self._tokens_done - begin)

    def _work_on(self, batch: Batch, schedule: Schedule, number: int) -> None:
        """Do a thread's share of some rounds, and more than that where other threads are late.

        Raises BrokenBarrierError if another thread has failed, which perhaps did not end its task.
        """
        program, phase = batch.program, 0
        while True:
            phase = run_tasks(
                number, phase, LOOKS, program, batch.text, schedule, self._variant, self._outputs,
                self._matrices, self.states[number], self._merge_buffers[number], self.memory,
            )  # fmt: skip
            if phase >= program.progress[PHASES]:
                return
            while program.progress[DONE] < program.ends[phase]:
                if self._barrier.broken:
                    raise threading.BrokenBarrierError
                time.sleep(PAUSE)
