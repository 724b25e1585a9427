"""Loss curves: the sums of the loss of an epoch as they grow, in memory and in checkpoints."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

_LARGEST = 2.0**62  # tokens, pairs and sums of losses

# A position in an epoch, and the sums of loss and pairs up to there.
Point = tuple[int, float, float]


def check_loss_curves(curves: Mapping[str, NDArray[np.float64]]) -> None:
    """Raise ValueError unless these arrays can be the curves of a `LossMonitor`."""
    for name, least, most in (("running", 1, None), ("best", 0, None), ("recent", 2, 2)):
        found = curves[name]
        if found.dtype != np.float64 or found.ndim != 2 or found.shape[1] != 3:
            raise ValueError(f"the points of its loss ({name}) have another shape")
        if not least <= len(found) <= (most or len(found)):
            raise ValueError(f"the points of its loss ({name}) are too few or too many")
        if not ((found >= 0) & (found <= _LARGEST)).all():
            raise ValueError(f"the points of its loss ({name}) are not numbers of 0 or more")
        if name != "recent" and (np.diff(found, axis=0) < 0).any():
            raise ValueError(f"the points of its loss ({name}) fall")


def curve_array(curve: list[Point]) -> NDArray[np.float64]:
    """Return a curve as float64 (n, 3)."""
    return np.array(curve, dtype=np.float64).reshape(-1, 3)


def curve_points(array: NDArray[np.float64]) -> list[Point]:
    """Return the curve in an array that `curve_array` made."""
    return [(int(position), loss, pairs) for position, loss, pairs in array.tolist()]


def curve_mean(curve: list[Point]) -> float:
    """Return the mean loss of a pair over a whole curve; infinity without pairs."""
    _, loss, pairs = curve[-1] if curve else (0, 0.0, 0.0)
    return loss / pairs if pairs else math.inf


def loss_between(curve: list[Point], start: int, stop: int) -> tuple[float, float]:
    """Return the loss and the pairs between two positions, interpolated."""
    positions, losses, pairs = zip(*curve, strict=True)
    at = (start, stop)
    loss, number = (np.diff(np.interp(at, positions, sums))[0] for sums in (losses, pairs))
    return float(loss), float(number)
