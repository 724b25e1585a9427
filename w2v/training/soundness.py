"""Whether the loss of a training is sound: finite nonsense is found as surely as NaN.

A fault is returned as the rest of a sentence; None stands for no fault.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.state import LOSS, PAIRS, SCORES
from w2v.training.config import TrainConfig
from w2v.training.loss_curve import Point, curve_array, curve_mean, curve_points, loss_between
from w2v.training.loss_margins import CONTINUED, FRESH, Margins
from w2v.training.sentence_windows import usual_window
from w2v.training.weight_checks import LONGEST, NOT_FINITE, length_limit

SPREAD = 3.0  # sampling errors of a mean loss to allow for
LEAST_PAIRS, LEAST_CENTERS = 1000, 200  # the loss is judged on as many, within an epoch
# Parts of the text, whose loss is compared with that of the best epoch before.
PART, PARTS = 1 << 20, 8  # tokens of a part; parts of a shorter text
# A loss RISE times as high, in RISES parts in a row, has risen.
RISE, RISES = 1.5, 3


@dataclass(frozen=True)
class LossMonitorState:
    """The state of a `LossMonitor`, besides its curves, from which a resumed one goes on.

    Attributes
    ----------
    continued : bool
        Whether the training began with trained vectors.
    longest : float
        The length that no row may reach.
    epochs : int
        Epochs that were begun.
    best_epoch : int
        The earlier epoch of the least loss.
    rises : int
        Parts in a row whose loss has risen.
    rise_epoch, rise_position : int
        Where they began.
    """

    continued: bool
    longest: float
    epochs: int
    best_epoch: int
    rises: int
    rise_epoch: int
    rise_position: int


class LossMonitor:
    """Judges the loss of a training as its sums grow.

    A rise is found from the second epoch on. Before, another part of the text may be harder than
    all that came: only the loss of untrained vectors can be compared.

    Parameters
    ----------
    tokens : int
        Those of the text that is trained on.
    config : TrainConfig
    margins : Margins
    longest : float
        The length that no row may reach.
    """

    def __init__(
        self,
        tokens: int,
        config: TrainConfig,
        margins: Margins = FRESH,
        longest: float = LONGEST,
    ) -> None:
        """Begin before the first epoch."""
        self.longest = longest
        self._tokens, self._margins = tokens, margins
        self._epochs = config.passes
        self._part = min(PART, max(1, tokens // PARTS))
        # The pairs of a centre word share it and its noise, and count as one observation.
        self._at_once = 2 * usual_window(config) if config.architecture == "skipgram" else 1
        self._least_pairs = max(LEAST_PAIRS, LEAST_CENTERS * self._at_once)
        self._epoch = -1
        self._curve: list[Point] = []
        self._best: tuple[int, list[Point]] | None = None  # the epoch of the least loss
        self._rises, self._rise = 0, (0, 0)  # parts in a row; the epoch and token they began at
        self._restart()

    @classmethod
    def of(
        cls,
        tokens: int,
        config: TrainConfig,
        inputs: NDArray[np.float32],
        output: NDArray[np.float32],
    ) -> "LossMonitor":
        """Return the monitor of a training that starts from two matrices as they are.

        Parameters
        ----------
        tokens : int
        config : TrainConfig
        inputs, output : float32 (V, d)
        """
        margins = CONTINUED if output.any() else FRESH
        return cls(tokens, config, margins, length_limit(inputs, output))

    def state(self) -> tuple[LossMonitorState, dict[str, NDArray[np.float64]]]:
        """Return the state, for `go_on_from`.

        Returns
        -------
        state : LossMonitorState
        curves : dict of str to float64 (n, 4)
            Points: "running", of the running epoch; "best", of the best one; "recent", where the
            loss was last judged.
        """
        best_epoch, best = self._best or (0, [])
        recent = [self._stretch, self._part_start]
        curves = {"running": self._curve, "best": best, "recent": recent}
        state = LossMonitorState(
            self._margins == CONTINUED, self.longest, self._epoch + 1, best_epoch, self._rises,
            *self._rise,
        )  # fmt: skip
        return state, {name: curve_array(each) for name, each in curves.items()}

    def go_on_from(
        self, state: LossMonitorState, curves: Mapping[str, NDArray[np.float64]]
    ) -> None:
        """Take over the state of another monitor, in a training of the same text."""
        self._margins, self.longest = (CONTINUED if state.continued else FRESH), state.longest
        self._epoch, best = state.epochs - 1, curve_points(curves["best"])
        self._curve = curve_points(curves["running"])
        self._stretch, self._part_start = curve_points(curves["recent"])
        self._best = (state.best_epoch, best) if best else None
        self._rises, self._rise = state.rises, (state.rise_epoch, state.rise_position)

    def fault(
        self, epoch: int, position: int, sums: NDArray[np.float64], at_once: bool = False
    ) -> str | None:
        """Return the fault of the running epoch's loss as the rest of a sentence, or None.

        Parameters
        ----------
        epoch : int
            From 0.
        position : int
            Tokens of it that are trained.
        sums : float64 (TOTALS_SIZE,)
            Its totals so far, of all workers.
        at_once : bool
            Judge by however few pairs there are, as before a checkpoint.
        """
        if not math.isfinite(sums[LOSS]):
            return NOT_FINITE
        if epoch != self._epoch:
            self._begin(epoch)
        if position < self._curve[-1].position:  # a late report: training was judged beyond it
            return None
        self._curve.append(Point(position, *map(float, sums[[LOSS, PAIRS, SCORES]])))
        at_end = position >= self._tokens
        return (
            self._judge_stretch(at_once or at_end)
            or self._judge_part(at_end)
            or (self._judge_epoch(self._margins.whole) if at_end and self._is_settled() else None)
        )

    def fault_at_stop(self) -> str | None:
        """Return the fault of an epoch after which a training is stopped, or None."""
        if self._epoch == 0 and self._margins == CONTINUED:
            return None
        return self._judge_epoch(self._margins.last if self._is_first() else self._margins.whole)

    def _begin(self, epoch: int) -> None:
        if self._best is None or curve_mean(self._curve) <= curve_mean(self._best[1]):
            self._best = (self._epoch, self._curve) if len(self._curve) > 1 else self._best
        self._epoch = epoch
        self._restart()

    def _restart(self) -> None:
        start = Point(0, 0.0, 0.0, 0.0)
        self._curve = [start]
        self._stretch = self._part_start = start

    def _judge_stretch(self, at_once: bool) -> str | None:
        """Judge the loss since it was last judged, if there are enough pairs."""
        start = self._stretch
        if self._curve[-1].pairs - start.pairs < (1 if at_once else self._least_pairs):
            return None
        self._stretch = self._curve[-1]
        return self._above_untrained(start, self._margins.short)

    def _judge_part(self, at_end: bool) -> str | None:
        """Judge the loss of a part that has ended."""
        start, stop = self._part_start, self._curve[-1]
        is_whole = at_end or stop.position - start.position >= self._part
        if not is_whole or stop.pairs - start.pairs < 1:
            return None
        self._part_start = stop
        is_last = self._epoch == self._epochs - 1
        margin = self._margins.last if is_last else self._margins.part
        return self._above_untrained(start, margin) or self._risen(start)

    def _judge_epoch(self, margin: float) -> str | None:
        """Judge the loss of a whole epoch."""
        if self._curve[-1].pairs < 1:
            return None
        if self._margins == CONTINUED and self._best is not None:
            error = 2 * self._error(self._curve[-1].pairs)  # that of either mean
            if curve_mean(self._curve) <= (margin + error) * curve_mean(self._best[1]):
                return None
        return self._above_untrained(self._curve[0], margin)

    def _is_first(self) -> bool:
        """Return whether the epoch is the first of several."""
        return self._epoch == 0 and self._epochs > 1

    def _is_settled(self) -> bool:
        """Return whether the epoch is not the first of several, nor that of a trained model."""
        return self._epoch > 0 or not (self._is_first() or self._margins == CONTINUED)

    def _above_untrained(self, start: Point, margin: float) -> str | None:
        """Compare the loss since a place with that of untrained vectors on the same pairs."""
        start = self._with_enough(start)
        found = self._curve[-1].since(start)
        if found.loss <= found.untrained * (margin + self._error(found.pairs)):
            return None
        return (
            f"the mean loss of a pair had been {found.loss / found.pairs:,.4g} since token"
            f" {start.position:,}, where untrained vectors have"
            f" {found.untrained / found.pairs:.4g}"
        )

    def _with_enough(self, start: Point) -> Point:
        """Return a place, or one before it, since which there are enough pairs to judge.

        The sums hold what other workers have trained beyond a position, so that a part may be left
        with a handful of pairs. Seven of them ended a sound training: where one word takes 98 % of
        all places, one pair of another word costs as much as 40.
        """
        most = self._curve[-1].pairs - self._least_pairs
        enough = bisect_right(self._curve, most, key=lambda point: point.pairs)
        return min(start, self._curve[max(enough - 1, 0)])

    def _risen(self, start: Point) -> str | None:
        """Compare a part's loss with that of the same tokens in the best earlier epoch."""
        if self._best is None:
            return None
        found, (epoch, curve) = self._curve[-1].since(start), self._best
        loss_before, pairs_before = loss_between(curve, start.position, found.position)
        if pairs_before < 1:
            return None
        mean, before = found.loss / found.pairs, loss_before / pairs_before
        error = self._error(found.pairs) + self._error(pairs_before)
        untrained = found.untrained / found.pairs
        if mean <= RISE * before + (self._margins.last - 1 + error) * untrained:
            self._rises = 0
            return None
        self._rise = self._rise if self._rises else (self._epoch, start.position)
        self._rises += 1
        if self._rises < RISES:
            return None
        return (
            f"the mean loss of a pair had risen since token {self._rise[1]:,} of epoch"
            f" {self._rise[0] + 1}, and was {mean:.4g} where it had been {before:.4g} in epoch"
            f" {epoch + 1}"
        )

    def _error(self, pairs: float) -> float:
        """Return the sampling error of a mean over some pairs, relative to the untrained loss."""
        return SPREAD * math.sqrt(self._at_once / pairs)
