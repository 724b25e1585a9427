"""Token ids that lie elsewhere, as on the workers of a cluster."""

from abc import ABC, abstractmethod
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

IdPrint: TypeAlias = tuple[int, int]  # factor and sum; see w2v/kernels/prints.py


class Runs(NamedTuple):
    """Some parts of a text, in order, as a text of their own, in which a sentence ends with each.

    Attributes
    ----------
    starts : int64 (r,)
        Where each begins in the whole text.
    bounds : int64 (r + 1,)
        Where each begins in the new text, and where the last ends.
    """

    starts: NDArray[np.int64]
    bounds: NDArray[np.int64]

    @staticmethod
    def of(parts: NDArray[np.int64]) -> "Runs":
        """Return parts, given where each begins and ends in the whole text: int64 (r, 2)."""
        lengths = np.diff(parts, axis=1).ravel()
        return Runs(np.ascontiguousarray(parts[:, 0]), np.append(0, np.cumsum(lengths)))

    def within(self, low: int, high: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return where the tokens `low` to `high` − 1 of the new text lie: starts and stops."""
        first = max(0, int(np.searchsorted(self.bounds, low, side="right")) - 1)
        last = max(first + 1, int(np.searchsorted(self.bounds, high, side="left")))
        starts = self.starts[first:last].copy()
        stops = starts + np.diff(self.bounds[first : last + 1])
        if len(starts):
            stops[-1] -= max(0, int(self.bounds[last]) - high)
            starts[0] += low - int(self.bounds[first])
        return starts, stops

    def positions(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return where places after a token of the whole text are in the new one, if they are."""
        run = np.searchsorted(self.starts, places, side="left") - 1
        here = self.bounds[run] + places - self.starts[run]
        return here[(run >= 0) & (here <= self.bounds[run + 1])]


class DistantIds(ABC):
    """Token ids that lie elsewhere; slices bring some of them here."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def __getitem__(self, part: slice) -> NDArray[np.int32]: ...

    @abstractmethod
    def counts(self, words: int) -> NDArray[np.int64]:
        """Return how often each of `words` ids is among them."""

    @abstractmethod
    def fingerprint(self) -> IdPrint:
        """Return their fingerprint; see `print_of`."""

    @abstractmethod
    def part(self, runs: Runs) -> "DistantIds":
        """Return some parts of the text, which is whole, as a text of their own."""
