"""Lock-free training: threads train the chunks of a text in its order, on shared weights.

Each thread has its own state, and copies of the hottest rows (w2v/kernels/hot_rows.py).
"""

from collections.abc import Generator, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.chunk import train_chunk
from w2v.kernels.state import BLOCK, OutputTables, Schedule, WorkerState
from w2v.training.config import TrainConfig
from w2v.training.engines import memory
from w2v.training.engines.base import BaseEngine
from w2v.training.engines.crew import Crew
from w2v.training.engines.engine import Sizes, Totals
from w2v.training.engines.frozen_rows import hold_rows
from w2v.training.engines.merging import hot_counts, merge_plan
from w2v.training.engines.stretches import AnyText, stretch
from w2v.training.engines.tables import levels_of, matrices_of, most_outputs, variant_of
from w2v.training.shapes import allocated, total_bytes
from w2v.training.weights import Weights, weights_shapes

# Tokens. A chunk is 10 to 100 ms of work at 100 dimensions: short enough for a prompt Ctrl-C, long
# enough that its hand-over, copies and merges (0.2 ms) hardly count: with chunks of 16,384 tokens
# two workers train CBOW at 0.94 of their speed.
CHUNK = 32 * BLOCK
# Chunks of an epoch for each worker, at least. With one each, all of a text is trained at once. In
# 2.2 million words, half of them the same word, 32 workers lost a quarter of the neighbours so, and
# 8 workers none.
CHUNKS_EACH = 4


def useful_workers(workers: int, size: int) -> int:
    """Return the number of workers for which a text has enough chunks.

    Parameters
    ----------
    workers : int
        The workers there are, 1 or more.
    size : int
        Tokens of the text.

    Returns
    -------
    int
        1 to `workers`.
    """
    return max(1, min(workers, -(-size // CHUNK) // CHUNKS_EACH))


class LockFree(BaseEngine):
    """The engine of threads without locks; see Engine for its methods."""

    def __init__(
        self,
        counts: NDArray[np.int64],
        outputs: OutputTables,
        config: TrainConfig,
        text: AnyText,
        held_out: AnyText | None = None,
    ) -> None:
        """Allocate the weights and the workers' states. For the parameters see `new_engine`."""
        tokens = len(text.tokens)
        self.concurrent_workers = useful_workers(config.threads, tokens)
        plan = merge_plan(counts, config, self.concurrent_workers, tokens)
        copies = plan.inputs.size, plan.outputs.size + plan.nodes.size
        weights = Weights.fresh(
            len(counts),
            config.vector_size,
            config.seed,
            (copies[0] * self.concurrent_workers, copies[1] * self.concurrent_workers),
            config.outputs_per_word,
        )
        super().__init__(text, held_out, weights)
        self._variant, self._outputs = variant_of(config), outputs
        self._matrices = matrices_of(weights)
        longest, nothing = most_outputs(config, levels_of(outputs)), memory.no_own_rows()
        self.states = [
            memory.new_state(config, longest, memory.hot_rows(worker, weights, plan), nothing)
            for worker in range(self.concurrent_workers)
        ]
        # Each worker's totals after its last whole chunk. Those of its state grow while they are
        # read: a machine that stopped between two of them left losses without their scores, and a
        # sound training ended with DivergedError.
        self._totals = allocated(memory.totals_shapes(self.concurrent_workers))["totals"]
        self._crew = Crew()
        self._starts: Iterator[int] = iter(())
        self._stop = 0

    @staticmethod
    def bytes_needed(sizes: Sizes, config: TrainConfig) -> int:
        """Return the memory that a new engine takes, in bytes."""
        workers = useful_workers(config.threads, sizes.tokens)
        hot = inputs, outputs, nodes = hot_counts(sizes.vocabulary, config, workers)
        copies = workers * inputs, workers * (outputs + nodes)
        weights = weights_shapes(
            sizes.vocabulary, config.vector_size, copies, config.outputs_per_word
        )
        state = memory.worker_bytes(config, most_outputs(config, sizes.levels), hot)
        totals = memory.totals_shapes(workers)
        return total_bytes(weights) + total_bytes(totals) + workers * state

    def piece(self, schedule: Schedule) -> int:
        """Return the tokens of a chunk: training can stop at multiples of it."""
        return CHUNK

    @property
    def totals(self) -> Totals:
        """The sums of all chunks that have ended since `set_totals`."""
        total: Totals = self._totals.sum(axis=0)
        return total

    def set_totals(self, totals: Totals) -> None:
        """Replace the totals, which later training adds to.

        They become the first worker's, so that a resumed training with one worker reaches the same
        sums, bit for bit.
        """
        self._totals[:] = 0
        self._totals[0] = totals
        for state, sums in zip(self.states, self._totals, strict=True):
            state.totals[:] = sums

    def compile(self, schedule: Schedule) -> None:
        """Compile the kernel, or load it from the cache."""
        self._train(self._text, 0, 0, schedule, self.states[0])

    def _run(
        self, text: AnyText, schedule: Schedule, start: int, stop: int
    ) -> Generator[int, None, None]:
        size, self._stop = len(text.tokens), stop
        self._starts = iter(range(start, self._stop, CHUNK))  # next() on it is atomic
        self._crew = Crew()
        chunks = -(-(self._stop - start) // CHUNK)
        count = min(useful_workers(len(self.states), size - start), max(1, chunks))
        works = [partial(self._work, text, schedule, number) for number in range(count)]
        yield from self._crew.run(works, start)

    def settle(self) -> int:
        """Let the running chunks end and no more begin; return the position reached."""
        self._crew.settle()
        position = next(self._starts, self._stop)  # the first chunk that nobody took
        self._starts = iter(range(position, self._stop, CHUNK))
        return position

    def freeze(
        self, rows: NDArray[np.integer[Any]], factors: NDArray[np.float32] | None = None
    ) -> None:
        """Keep these rows of the input matrix as they are now, or scale their changes."""
        self.states[:] = hold_rows(self.states, rows, factors, self._weights)

    def _work(self, text: AnyText, schedule: Schedule, number: int) -> None:
        crew, starts, state = self._crew, self._starts, self.states[number]
        while not crew.stop.is_set() and (start := next(starts, None)) is not None:
            end = min(self._stop, start + CHUNK)
            self._train(text, start, end, schedule, state)
            self._totals[number] = state.totals  # under the GIL, as readers are
            crew.finished.put(end - start)

    def _train(
        self, text: AnyText, start: int, stop: int, schedule: Schedule, state: WorkerState
    ) -> None:
        train_chunk(
            stretch(text, start, stop, schedule), start, stop, schedule, self._variant,
            self._outputs, self._matrices, state,
        )  # fmt: skip
