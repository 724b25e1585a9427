"""Loss curves: the sums of the loss of an epoch as they grow, in memory and in checkpoints."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_LARGEST = 2.0**62  # tokens, pairs, scores and sums of losses


class Point(NamedTuple):
    """A position in an epoch, and the sums up to there: of the loss, its pairs and its scores."""

    position: int
    loss: float
    pairs: float
    scores: float

    @property
    def untrained(self) -> float:
        """The loss where all scores are zero: ln 2 for each."""
        return self.scores * math.log(2)

    def since(self, start: "Point") -> "Point":
        """Return the sums between an earlier place and this one."""
        loss, pairs, scores = self.loss - start.loss, self.pairs - start.pairs, self.scores
        return Point(self.position, loss, pairs, scores - start.scores)


def check_loss_curves(curves: Mapping[str, NDArray[np.float64]]) -> None:
    """Raise ValueError unless these arrays can be the curves of a `LossMonitor`."""
    for name, least, most in (("running", 1, None), ("best", 0, None), ("recent", 2, 2)):
        found = curves[name]
        if found.dtype != np.float64 or found.ndim != 2 or found.shape[1] != 4:
            raise ValueError(f"the points of its loss ({name}) have another shape")
        if not least <= len(found) <= (most or len(found)):
            raise ValueError(f"the points of its loss ({name}) are too few or too many")
        if not ((found >= 0) & (found <= _LARGEST)).all():
            raise ValueError(f"the points of its loss ({name}) are not numbers of 0 or more")
        if name != "recent" and (np.diff(found, axis=0) < 0).any():
            raise ValueError(f"the points of its loss ({name}) fall")


def curve_array(curve: list[Point]) -> NDArray[np.float64]:
    """Return a curve as float64 (n, 4)."""
    return np.array(curve, dtype=np.float64).reshape(-1, 4)


def curve_points(array: NDArray[np.float64]) -> list[Point]:
    """Return the curve in an array that `curve_array` made."""
    return [Point(int(position), *sums) for position, *sums in array.tolist()]


def curve_mean(curve: list[Point]) -> float:
    """Return the mean loss of a pair over a whole curve; infinity without pairs."""
    return curve[-1].loss / curve[-1].pairs if curve and curve[-1].pairs else math.inf


def loss_between(curve: list[Point], start: int, stop: int) -> tuple[float, float]:
    """Return the loss and the pairs between two positions, interpolated."""
    positions, losses, pairs, _ = zip(*curve, strict=True)
    at = (start, stop)
    loss, number = (np.diff(np.interp(at, positions, sums))[0] for sums in (losses, pairs))
    return float(loss), float(number)
