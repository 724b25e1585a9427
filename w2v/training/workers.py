"""Workers: the chunks of a text shared among threads, without locks on the weights."""

from collections.abc import Callable, Generator, Iterator
from functools import partial
from typing import Protocol, TypeAlias

from w2v.kernels.scratch import BLOCK, Schedule, Scratch, Text
from w2v.training.threads import Crew

# A chunk is 10 to 100 ms of work at 100 dimensions: short enough for a prompt Ctrl-C, long enough
# for the hand-over (0.05 ms) not to count.
CHUNK = 32 * BLOCK


# Of an epoch for each worker. With one each, all of a text is trained at once: 32 workers lost a
# quarter of the neighbours of 2.2 million words half of which are one word, and 8 none.
CHUNKS_EACH = 4


def useful_workers(workers: int, size: int) -> int:
    """Return how many of some workers a text of `size` tokens has chunks for, 1 or more."""
    return max(1, min(workers, -(-size // CHUNK) // CHUNKS_EACH))


TrainChunk: TypeAlias = Callable[[Text, int, int, Schedule, Scratch], None]


class Driver(Protocol):
    """Whatever trains a text with several threads: these workers, or the shards of a round."""

    scratch: list[Scratch]

    @property
    def piece(self) -> int:
        """Tokens that are trained together: training can stop at multiples of it."""

    def compile(self, text: Text, schedule: Schedule) -> None:
        """Compile the kernels, or load them from the cache."""

    def run(
        self, text: Text, schedule: Schedule, start: int = 0, stop: int | None = None
    ) -> Generator[int, None, None]:
        """Train from one token up to another; yield the tokens done after each piece.

        start: a place that `settle` has returned. stop: the end of a piece; None is the end of the
        text. What a thread raises is raised here. When this ends or is closed nothing is running.
        """

    def settle(self) -> int:
        """Let what is running end, and begin no more; return the position reached.

        The tokens before it are trained, and none behind.
        """


class Workers:
    """Threads that train the chunks of a text in its order, each with its own scratch."""

    def __init__(self, train_chunk: TrainChunk, scratch: list[Scratch]) -> None:
        self.scratch = scratch
        self._train_chunk = train_chunk
        self._crew = Crew()
        self._starts: Iterator[int] = iter(())
        self._stop = 0

    @property
    def piece(self) -> int:
        """Tokens that are trained together: training can stop at multiples of it."""
        return CHUNK

    def compile(self, text: Text, schedule: Schedule) -> None:
        """Compile the kernel, or load it from the cache."""
        self._train_chunk(text, 0, 0, schedule, self.scratch[0])

    def run(
        self, text: Text, schedule: Schedule, start: int = 0, stop: int | None = None
    ) -> Generator[int, None, None]:
        """Train from one border of chunks up to another, or to the end; yield the tokens done."""
        size = len(text.tokens)
        self._stop = size if stop is None else stop
        self._starts = iter(range(start, self._stop, CHUNK))  # next() on it is atomic
        self._crew = Crew()
        chunks = -(-(self._stop - start) // CHUNK)
        count = min(useful_workers(len(self.scratch), size - start), max(1, chunks))
        works = [partial(self._work, text, schedule, scratch) for scratch in self.scratch[:count]]
        yield from self._crew.run(works, start)

    def settle(self) -> int:
        """Let the running chunks end and begin no more; return the position reached."""
        self._crew.settle()
        position = next(self._starts, self._stop)  # the first chunk that nobody took
        self._starts = iter(range(position, self._stop, CHUNK))
        return position

    def _work(self, text: Text, schedule: Schedule, scratch: Scratch) -> None:
        crew, starts = self._crew, self._starts
        while not crew.stop.is_set() and (start := next(starts, None)) is not None:
            end = min(len(text.tokens), start + CHUNK)
            self._train_chunk(text, start, end, schedule, scratch)
            crew.finished.put(end - start)
