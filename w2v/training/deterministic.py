"""Training that gives the same bytes with any number of threads, however they are scheduled.

A round takes the next tokens of the text in equal stretches, one a shard. First each shard lists
the rows that its stretch touches. Then each trains: alone on rows that no other touches, on private
copies of all others. When all are done the copies are merged row by row (w2v/kernels/adasum.py).
No row is written by two shards, and no shared row while somebody reads it: the threads only decide
who does what. How many shards there are depends on the size of the text alone.
"""

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.adasum import Merger, Round, merge_round
from w2v.kernels.chunk import train_chunk
from w2v.kernels.own_rows import list_rows
from w2v.kernels.scratch import BLOCK, Outputs, OwnRows, Schedule, Scratch, Text
from w2v.training.config import TrainConfig
from w2v.training.merging import no_copies
from w2v.training.scratch import new_scratch, path_lengths, pool_size
from w2v.training.threads import Crew
from w2v.training.weights import Weights, aligned_zeros

MOST_SHARDS = 16  # so many threads have something to do; 8 are balanced better than by 8
MOST_BLOCKS = 3  # of a stretch: the fewer, the nearer to training in turn, and the more waiting
LEAST_ROUNDS = 160  # of an epoch, where the blocks suffice: a small text has fewer shards

Task = Callable[[], None]


class RoundShape(NamedTuple):
    """How many shards there are, a power of two, and how many tokens, whole blocks, each trains."""

    shards: int
    stretch: int

    @property
    def tokens(self) -> int:
        """The tokens of a round."""
        return self.shards * self.stretch


class Shards:
    """The shards of one set of weights, and the threads that train them.

    `scratch`: that of each shard, with its totals.
    """

    def __init__(
        self,
        weights: Weights,
        outputs: Outputs,
        path_steps: NDArray[np.int32],
        config: TrainConfig,
        shape: RoundShape,
    ) -> None:
        self._tokens_done = 0
        self._crew = Crew()
        self._shape = shape
        self._threads = min(config.threads, shape.shards)
        self._outputs, self._config, self._weights = outputs, config, weights
        self._rounds, self.scratch = _new_shards(weights, outputs, path_steps, config, shape)
        self._mergers = [
            _new_merger(shape.shards, weights.input.shape[1]) for _ in range(self._threads)
        ]

    @property
    def piece(self) -> int:
        """Tokens of a round: training can stop at multiples of it."""
        return self._shape.tokens

    def compile(self, text: Text, schedule: Schedule) -> None:
        """Compile the kernels, or load them from the cache."""
        scratch = self.scratch[0]
        self._list(scratch, text, 0, 0, schedule)
        self._train(scratch, text, 0, 0, schedule)
        self._merge(0)

    def run(
        self, text: Text, schedule: Schedule, start: int = 0, stop: int | None = None
    ) -> Generator[int, None, None]:
        """Train on a text from one token up to another; yield the tokens done after each round.

        start: a position that `settle` has returned, of the same text. stop: the end of a round;
        None is the end of the text.
        """
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
                    _do(tasks, number % 2 == 1)

        barrier = threading.Barrier(self._threads, begin_stage)
        self._crew = Crew(barrier.abort)
        last = len(text.tokens) if stop is None else stop
        stages = self._stages(text, schedule, range(start, last, self._shape.tokens), self._crew)
        yield from self._crew.run([partial(work, k) for k in range(self._threads)], start)

    def settle(self) -> int:
        """Let the running round end and begin no more; return the position reached."""
        self._crew.settle()
        return self._tokens_done

    def _stages(
        self, text: Text, schedule: Schedule, rounds: range, crew: Crew
    ) -> Iterator[list[Task]]:
        """Yield the tasks that can be done at the same time: those of a round, of its merge, …

        rounds: the tokens that they begin at.
        """
        size = len(text.tokens)
        yield self._share(self._list, text, rounds.start, schedule)
        for begin in rounds:
            yield self._share(self._train, text, begin, schedule)
            end = begin + self._shape.tokens
            merges = [partial(self._merge, part) for part in range(len(self._mergers))]
            if schedule.alpha == 0:  # nothing has changed
                merges = []
            yield merges + self._share(self._list, text, end, schedule)
            self._tokens_done = min(end, size)
            crew.finished.put(self._tokens_done - begin)
            if crew.stop.is_set():
                return

    def _share(
        self,
        work: Callable[[Scratch, Text, int, int, Schedule], None],
        text: Text,
        begin: int,
        schedule: Schedule,
    ) -> list[Task]:
        """Return the tasks to do some work on each shard's stretch of a round."""
        size = len(text.tokens)
        shards, stretch = self._shape
        borders = [min(begin + number * stretch, size) for number in range(shards + 1)]
        return [
            partial(work, scratch, text, start, stop, schedule)
            for scratch, start, stop in zip(self.scratch, borders, borders[1:], strict=False)
        ]

    def _list(
        self, scratch: Scratch, text: Text, start: int, stop: int, schedule: Schedule
    ) -> None:
        list_rows(text, start, stop, schedule, self._outputs, scratch)

    def _train(
        self, scratch: Scratch, text: Text, start: int, stop: int, schedule: Schedule
    ) -> None:
        train_chunk(
            text, start, stop, schedule, self._outputs, self._config.architecture == "cbow",
            self._weights.input_rows, self._weights.output_rows, scratch,
        )  # fmt: skip

    def _merge(self, part: int) -> None:
        inputs, outputs = self._rounds
        merge_round(part, len(self._mergers), inputs, outputs, self._mergers[part])


def _do(tasks: deque[Task], from_behind: bool) -> None:
    """Do what is left of a stage's tasks.

    From both ends: of two threads each mostly has the same shards, whose rows its cache holds.
    """
    take = tasks.pop if from_behind else tasks.popleft
    while True:
        try:
            task = take()
        except IndexError:
            return
        task()


def round_shape(tokens: int) -> RoundShape:
    """Return the shape of the rounds of an epoch of so many tokens.

    As many shards as leave LEAST_ROUNDS rounds, of one block a shard if need be: a function of the
    text alone, so that every machine makes the same. Of a small text one is left, which trains it
    as one worker without locks does, to the same bytes.
    """
    shards = MOST_SHARDS
    while shards > 1 and tokens < LEAST_ROUNDS * shards * BLOCK:
        shards //= 2
    blocks = tokens // (LEAST_ROUNDS * shards * BLOCK) if shards > 1 else MOST_BLOCKS
    return RoundShape(shards, BLOCK * min(blocks, MOST_BLOCKS))


def copied_rows(
    size: int, outputs: Outputs, config: TrainConfig, shape: RoundShape
) -> tuple[int, int]:
    """Return the rows that the shards' copies take behind the input and the output matrix.

    size: of the vocabulary.
    """
    inputs, output = most_rows(size, outputs, config, shape)
    return shape.shards * inputs, shape.shards * output


def most_rows(
    size: int, outputs: Outputs, config: TrainConfig, shape: RoundShape
) -> tuple[int, int]:
    """Return the most rows of the input and of the output matrix that a stretch touches."""
    words = min(size, shape.stretch + 2 * config.window)
    if outputs.negative:  # the copies of both rows of a word lie in the same place
        both = min(size, words + shape.stretch // BLOCK * pool_size(config))
        return both, both
    # No level of the tree has more nodes than 2^level, and none more than there are paths.
    levels = int(path_lengths(outputs).max())
    return words, min(size, sum(min(2**level, words) for level in range(levels)))


def _new_shards(
    weights: Weights,
    outputs: Outputs,
    path_steps: NDArray[np.int32],
    config: TrainConfig,
    shape: RoundShape,
) -> tuple[list[Round], list[Scratch]]:
    """Allocate what the merges of the two matrices need, and the memory of the shards."""
    shards = shape.shards
    capacities = most_rows(weights.size, outputs, config, shape)
    marks = [np.zeros((shards, weights.size), dtype=np.uint8) for _ in capacities]
    places = [_rows_themselves(shards, weights.size) for _ in capacities]
    if outputs.negative:  # both rows of a word are copied together
        marks[0], places[0] = marks[1], places[1]
    rounds = [
        Round(
            matrix=matrix,
            copied=np.zeros((shards, capacity), dtype=np.int32),
            counts=np.zeros((shards, 2), dtype=np.int64),
            places=places_,
            holders=np.zeros(weights.size, dtype=np.int32),
        )
        for matrix, capacity, places_ in zip(
            (weights.input_rows, weights.output_rows), capacities, places, strict=True
        )
    ]
    scratch = []
    for shard in range(shards):
        own_inputs, own_outputs = (
            OwnRows(
                shard=shard,
                marks=marks_,
                holders=copies.holders,
                touched=np.zeros(capacity, dtype=np.int32),
                copied=copies.copied[shard],
                counts=copies.counts[shard],
                places=copies.places[shard],
                first=weights.size + shard * capacity,
            )
            for copies, marks_, capacity in zip(rounds, marks, capacities, strict=True)
        )
        plain = new_scratch(0, weights, outputs, path_steps, config, no_copies())
        scratch.append(plain._replace(own_inputs=own_inputs, own_outputs=own_outputs))
    return rounds, scratch


def _rows_themselves(shards: int, size: int) -> NDArray[np.int32]:
    """Return for each shard the places of all rows, of which none is copied yet."""
    return np.tile(np.arange(size, dtype=np.int32), (shards, 1))


def _new_merger(shards: int, width: int) -> Merger:
    return Merger(aligned_zeros(shards, width), np.zeros(shards, dtype=np.int64))
