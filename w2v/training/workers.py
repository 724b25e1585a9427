"""Worker threads: the chunks of a text shared among them, without locks on the weights."""

import queue
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TypeAlias

from w2v.kernels.scratch import BLOCK, Schedule, Scratch, Text

# A chunk is 10 to 100 ms of work at 100 dimensions: short enough for a prompt Ctrl-C, long enough
# for the hand-over (0.05 ms) not to count.
CHUNK = 32 * BLOCK

TrainChunk: TypeAlias = Callable[[Text, int, int, Schedule, Scratch], None]


class Workers:
    """Threads that train the chunks of a text in its order, each with its own scratch."""

    def __init__(self, train_chunk: TrainChunk, scratches: Sequence[Scratch]) -> None:
        self._train_chunk = train_chunk
        self._scratches = scratches
        self._threads: list[threading.Thread] = []
        self._stop = threading.Event()
        self._starts: Iterator[int] = iter(())
        self._size = 0

    def run(self, text: Text, schedule: Schedule, start: int = 0) -> Generator[int, None, None]:
        """Train from the token `start`, a chunk's border; yield the tokens done after each chunk.

        What a worker raises is raised here. When this ends or is closed no chunk is running.
        """
        finished: queue.SimpleQueue[int | BaseException | None] = queue.SimpleQueue()
        self._size = len(text.tokens)
        self._starts = iter(range(start, self._size, CHUNK))  # next() on it is atomic
        self._stop.clear()
        self._threads = [
            threading.Thread(
                target=self._work, args=(text, schedule, scratch, finished), daemon=True
            )
            for scratch in self._scratches
        ]
        try:
            for thread in self._threads:
                thread.start()
            yield from _collect(finished, len(self._threads), start)
        finally:
            self.settle()

    def settle(self) -> int:
        """Let the running chunks end and begin no more; return the position reached.

        The tokens before it are trained, and none behind.
        """
        self._stop.set()
        for thread in self._threads:
            if thread.ident is not None:  # the system may have refused to start it
                thread.join()
        position = next(self._starts, self._size)  # the first chunk that nobody took
        self._starts = iter(range(position, self._size, CHUNK))
        return position

    def _work(
        self,
        text: Text,
        schedule: Schedule,
        scratch: Scratch,
        finished: "queue.SimpleQueue[int | BaseException | None]",
    ) -> None:
        try:
            while not self._stop.is_set() and (start := next(self._starts, None)) is not None:
                end = min(len(text.tokens), start + CHUNK)
                self._train_chunk(text, start, end, schedule, scratch)
                finished.put(end - start)
        except BaseException as error:  # handed to the caller's thread, which raises it
            self._stop.set()
            finished.put(error)
        finished.put(None)


def _collect(
    finished: "queue.SimpleQueue[int | BaseException | None]", running: int, done: int
) -> Iterator[int]:
    """Yield `done` plus the running sum of the sizes that come in until every worker has ended."""
    while running:
        try:
            item = finished.get(timeout=0.1)  # wakes up for Ctrl-C on every system
        except queue.Empty:
            continue
        if item is None:
            running -= 1
        elif isinstance(item, BaseException):
            raise item
        else:
            done += item
            yield done
