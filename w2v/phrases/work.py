"""The work of finding phrases: threads do it, and the thread that waits for them watches it."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from w2v.text.counting import results_of

Item = TypeVar("Item")
Result = TypeVar("Result")

_MOST_WORDS = 1 << 22  # that a thread passes before it looks whether the work goes on: 0.1 s or so


class Work:
    """The progress of finding phrases; Ctrl-C or an error ends it within a fraction of a second.

    Parameters
    ----------
    watch : callable, optional
        Called twice a second in the thread that waits.

    Attributes
    ----------
    round : int
        The round whose candidates are counted, from 1; 0 before the first.
    """

    def __init__(self, watch: Callable[[], object] | None = None) -> None:
        self.round = 0
        self._watch = watch
        self._lock = threading.Lock()
        self._words = self._passed = 0
        self._is_over = False

    @property
    def done(self) -> float:
        """Share of the round that is done, 0 to 1."""
        return min(1.0, self._passed / self._words) if self._words else 0.0

    def begin_round(self, words: int) -> None:
        """Begin a round in which threads pass so many words, some of them several times."""
        self.round += 1
        self._words, self._passed = words, 0

    def steps(self, steps: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """Yield ranges of words in small parts, and count them as passed."""
        for first, last in steps:
            for start in range(first, last, _MOST_WORDS):
                if self._is_over:
                    raise RuntimeError("The work was ended.")
                stop = min(start + _MOST_WORDS, last)
                yield start, stop
                with self._lock:
                    self._passed += stop - start

    def results(
        self, workers: int, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> list[Result]:
        """Call a function with each item, in threads; return the results in the items' order."""
        with ThreadPoolExecutor(workers) as pool:
            try:
                return results_of([pool.submit(function, item) for item in items], self._watch)
            except BaseException:
                self._is_over = True
                pool.shutdown(wait=False, cancel_futures=True)
                raise
