"""Worker threads: their results and errors reach the caller, and no thread is left behind."""

import queue
import threading
from collections.abc import Callable, Generator, Sequence


class Crew:
    """Threads that work until nothing is left to do, or `stop` is set.

    Attributes
    ----------
    stop : threading.Event
        Set it to let no more pieces of work begin.
    finished : queue.SimpleQueue
        The threads put the size of each finished piece of work here.
    """

    def __init__(
        self,
        free_waiting: Callable[[], object] = lambda: None,
        begin_no_more: Callable[[], object] = lambda: None,
    ) -> None:
        """Prepare a crew without threads.

        Parameters
        ----------
        free_waiting : callable, optional
            Called when a thread has failed, to free the threads that wait for it. Compiled code
            must end by itself.
        begin_no_more : callable, optional
            Called when `stop` is set, for compiled code, which does not see it.
        """
        self._free_waiting, self._begin_no_more = free_waiting, begin_no_more
        self.stop = threading.Event()
        self.finished: queue.SimpleQueue[int | BaseException | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def run(self, works: Sequence[Callable[[], None]], done: int) -> Generator[int, None, None]:
        """Run each function in a thread of its own.

        All threads have ended when this ends, in whatever way.

        Parameters
        ----------
        works : sequence of callables
            Each takes nothing.
        done : int
            The size of the work done before.

        Yields
        ------
        int
            `done` plus the sizes that have come in, after each piece of work.

        Raises
        ------
        BaseException
            The first error of a thread.
        """
        self._threads = [
            threading.Thread(target=self._run, args=(work,), daemon=True) for work in works
        ]
        try:
            self._start()
            yield from self._collect(done)
        finally:
            self.settle()

    def settle(self) -> None:
        """Let the running pieces of work end and no more begin; return when no thread runs."""
        self._set_stop()
        for thread in self._threads:
            if thread.ident is not None:  # the system may have refused to start it
                thread.join()

    def _set_stop(self) -> None:
        self.stop.set()
        self._begin_no_more()

    def _start(self) -> None:
        try:
            for thread in self._threads:
                thread.start()
        except BaseException:  # the system refuses another thread
            self._free_waiting()
            raise

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # handed to the caller's thread, which raises it
            self._set_stop()
            self._free_waiting()
            self.finished.put(error)
        self.finished.put(None)

    def _collect(self, done: int) -> Generator[int, None, None]:
        running = len(self._threads)
        while running:
            try:
                item = self.finished.get(timeout=0.1)  # wakes up for Ctrl-C on every system
            except queue.Empty:
                continue
            if item is None:
                running -= 1
            elif isinstance(item, BaseException):
                raise item
            else:
                done += item
                yield done
