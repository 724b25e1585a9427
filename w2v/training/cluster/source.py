"""Where the text lies on the workers of a cluster, as pieces of ids, and how it is fetched."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.text.distant_ids import Runs
from w2v.training.cluster import tasks

Give = Callable[..., Any]  # lets a worker call a function; returns the future of its result
Wait = Callable[[Sequence[Any]], list[Any]]  # returns the results of futures


class Fetched(NamedTuple):
    """Some of a text.

    Attributes
    ----------
    tokens : int32 (n,)
    offset : int
        The position of the first.
    borders : int64
        Where sentences begin and end among them, as far as they are known.
    """

    tokens: NDArray[np.int32]
    offset: int
    borders: NDArray[np.int64]


class Source(NamedTuple):
    """Where the ids of a text lie.

    Attributes
    ----------
    keys : tuple of str
        Of the pieces, for Dask.
    starts : int64 (pieces + 1,)
        Where each begins in the whole text, and the last ends.
    runs : Runs
        The parts of the whole text that are meant.
    """

    keys: tuple[str, ...]
    starts: NDArray[np.int64]
    runs: Runs

    @property
    def size(self) -> int:
        """The number of its tokens."""
        return int(self.runs.bounds[-1])

    def fetch(
        self, spans: Sequence[tuple[int, int]], futures: Callable[[int], Any], give: Give,
        wait: Wait,
    ) -> list[Fetched]:  # fmt: skip
        """Fetch the tokens from one position up to another, for several such spans.

        Parameters
        ----------
        spans : sequence of (int, int)
        futures : callable
            Returns the future of a piece, given its number.
        give, wait : callable
            How tasks are given to workers, and their results fetched.
        """
        wanted: dict[int, list[tuple[NDArray[np.int64], NDArray[np.int64]]]] = {}
        lists: list[list[tuple[int, int]]] = []  # of each span: pieces, and places in their lists
        for low, high in spans:
            places = []
            for piece, starts, stops in self._parts(low, high):
                asked = wanted.setdefault(piece, [])
                places.append((piece, len(asked)))
                asked.append((starts, stops))
            lists.append(places)
        numbers = list(wanted)
        found = dict(
            zip(
                numbers,
                wait([give(tasks.parts, futures(each), wanted[each]) for each in numbers]),
                strict=True,
            )
        )
        return [
            self._joined(low, high, [(piece, *found[piece][place]) for piece, place in places])
            for (low, high), places in zip(spans, lists, strict=True)
        ]

    def ranges(self) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.int64]]]:
        """Yield the numbers of all pieces, and where the parts that are meant lie in each."""
        starts, stops = self.runs.starts, self.runs.starts + np.diff(self.runs.bounds)
        for piece, (begin, end) in enumerate(itertools.pairwise(self.starts.tolist())):
            here = (starts < end) & (stops > begin)
            yield (piece, *(np.clip(each[here], begin, end) - begin for each in (starts, stops)))

    def _parts(self, low: int, high: int) -> list[tuple[int, NDArray[np.int64], NDArray[np.int64]]]:
        """Return what to ask each piece for: starts and stops in it, which may be the same."""
        starts, stops = self.runs.within(low, high)
        if not len(starts):
            return []
        first = int(np.searchsorted(self.starts[1:], starts[0], side="left"))
        last = int(np.searchsorted(self.starts[:-1], stops[-1], side="right"))
        parts = []
        for piece in range(first, last):
            begin, end = self.starts[piece], self.starts[piece + 1]
            here = (starts <= end) & (stops >= begin)
            if here.any():
                parts.append(
                    (
                        piece,
                        np.maximum(starts[here], begin) - begin,
                        np.minimum(stops[here], end) - begin,
                    )
                )
        return parts

    def _joined(
        self, low: int, high: int, parts: list[tuple[int, NDArray[np.int32], NDArray[np.int64]]]
    ) -> Fetched:
        tokens = [np.zeros(0, dtype=np.int32), *(each for _, each, _ in parts)]
        ends = [np.zeros(0, dtype=np.int64), *(self.starts[each] + own for each, _, own in parts)]
        bounds = self.runs.bounds
        own = bounds[np.searchsorted(bounds, low) : np.searchsorted(bounds, high, side="right")]
        borders = np.union1d(self.runs.positions(np.concatenate(ends)), own)
        borders = borders[(borders >= low) & (borders <= high)]
        return Fetched(np.concatenate(tokens), low, borders)


class Sources(NamedTuple):
    """What a worker is told about the texts.

    Attributes
    ----------
    texts : dict of str to Source
        Where each lies; empty where their stretches come with the orders.
    memory_limit : int
        Bytes of stretches that stay in the memory of a worker; others go to files.
    """

    texts: dict[str, Source]
    memory_limit: int
