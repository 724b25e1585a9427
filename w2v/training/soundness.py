"""Whether a training is sound: nonsense of finite numbers is found as surely as NaN.

Each function says what is wrong as the rest of a sentence, or None where nothing is.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.finite import finite_rows
from w2v.kernels.state import LOSS, PAIRS, OutputTables, Text
from w2v.training.config import TrainConfig
from w2v.training.engines.tables import path_lengths
from w2v.training.weights import Weights


class Margins(NamedTuple):
    """What a loss stays below in a sound training, in terms of that of untrained vectors.

    short: on a few chunks. part: on a PART of the text. last: the same in the last epoch.
    """

    short: float
    part: float
    last: float


# On random words, where there is nothing to learn, hierarchical softmax came to 1.013 in the end at
# a learning rate of 0.1; with sixteen workers on two cores it once began with 1.15, and learned.
FRESH = Margins(2.0, 1.25, 1.1)
# Words of a model that another text uses otherwise are told wrong at first: CBOW with hierarchical
# softmax began with 1.24 on a text whose words had changed places.
CONTINUED = Margins(3.0, 2.0, 2.0)
SPREAD = 3.0  # sampling errors of a mean loss that are allowed for; one is at most that of a pair
LEAST_PAIRS, LEAST_GROUPS = 1000, 200  # on which the loss is judged while an epoch goes on
PART = 1 << 20  # tokens whose loss is compared with what it was in the best epoch before,
PARTS = 8  # or so many parts of a shorter text
RISE, RISES = 1.5, 3  # a loss so many times as high in so many parts in a row has risen
# Sound vectors of all variants, texts and learning rates tried had lengths up to 30.
LONGEST = 1000.0
_ROWS_AT_ONCE = 512
_LARGEST = 2.0**62  # tokens, pairs and sums of losses

NOT_FINITE = "numbers were no longer finite"
_Mark = tuple[int, float, float]  # a position in an epoch, the loss and the pairs up to there


@dataclass(frozen=True)
class Seen:
    """What a `Watch` has seen, by which a training that is resumed is judged as the unbroken one.

    continued: whether the training began with vectors. longest: the length that no row may come
    to. epochs: that were begun. best_epoch: the one of the least loss before. rises: parts in a row
    whose loss has risen; rise_epoch, rise_position: where they began.
    """

    continued: bool
    longest: float
    epochs: int
    best_epoch: int
    rises: int
    rise_epoch: int
    rise_position: int


def check_marks(marks: Mapping[str, NDArray[np.float64]]) -> None:
    """Raise ValueError where these are not the marks of a watch."""
    for name, least, most in (("running", 1, None), ("best", 0, None), ("recent", 2, 2)):
        found = marks[name]
        if found.dtype != np.float64 or found.ndim != 2 or found.shape[1] != 3:
            raise ValueError(f"the marks of its loss ({name}) are of another shape")
        if not least <= len(found) <= (most or len(found)):
            raise ValueError(f"the marks of its loss ({name}) are too few or too many")
        if not ((found >= 0) & (found <= _LARGEST)).all():
            raise ValueError(f"the marks of its loss ({name}) are no numbers of 0 or more")
        if name != "recent" and (np.diff(found, axis=0) < 0).any():
            raise ValueError(f"the marks of its loss ({name}) fall")


class Watch:
    """Judges the loss of a training as its sums grow."""

    def __init__(
        self,
        text: Text,
        outputs: OutputTables,
        config: TrainConfig,
        margins: Margins = FRESH,
        longest: float = LONGEST,
    ) -> None:
        """`longest`: the length that no row may come to."""
        self.longest = longest
        self._text, self._outputs, self._margins = text, outputs, margins
        self._epochs = config.passes
        self._part = min(PART, max(1, len(text.tokens) // PARTS))
        # The pairs of a group share words, and tell no more than one.
        self._at_once = 4 * config.window if config.architecture == "skipgram" else 1
        self._least_pairs = max(LEAST_PAIRS, LEAST_GROUPS * self._at_once)
        self._epoch = -1
        self._marks: list[_Mark] = []
        self._best: tuple[int, list[_Mark]] | None = None  # the epoch of the least loss
        self._rises, self._rise = 0, (0, 0)  # parts in a row, and the epoch and token they began at
        self._restart()

    @classmethod
    def of(
        cls,
        text: Text,
        outputs: OutputTables,
        config: TrainConfig,
        inputs: NDArray[np.float32],
        output: NDArray[np.float32],
    ) -> "Watch":
        """Return what judges a training that starts from the two matrices as they are."""
        margins = CONTINUED if output.any() else FRESH
        return cls(text, outputs, config, margins, length_limit(inputs, output))

    def seen(self) -> tuple[Seen, dict[str, NDArray[np.float64]]]:
        """Return what it has seen, and its marks of the loss, for `go_on_from`."""
        best_epoch, best = self._best or (0, [])
        recent = [self._stretch, self._part_start]
        marks = {"running": self._marks, "best": best, "recent": recent}
        seen = Seen(
            self._margins == CONTINUED, self.longest, self._epoch + 1, best_epoch, self._rises,
            *self._rise,
        )  # fmt: skip
        return seen, {name: _array(each) for name, each in marks.items()}

    def go_on_from(self, seen: Seen, marks: Mapping[str, NDArray[np.float64]]) -> None:
        """Judge as the watch did that has seen this, of a training of the same text."""
        self._margins, self.longest = (CONTINUED if seen.continued else FRESH), seen.longest
        self._epoch, best = seen.epochs - 1, _listed(marks["best"])
        self._marks = _listed(marks["running"])
        self._stretch, self._part_start = _listed(marks["recent"])
        self._best = (seen.best_epoch, best) if best else None
        self._rises, self._rise = seen.rises, (seen.rise_epoch, seen.rise_position)

    def fault(
        self, epoch: int, position: int, sums: NDArray[np.float64], at_once: bool = False
    ) -> str | None:
        """Say what is wrong with the loss of the running epoch, if anything.

        epoch: from 0. position: the tokens of it that are trained. sums: its totals so far, of all
        workers. at_once: judge by however few pairs there are, as before a checkpoint.
        """
        if not math.isfinite(sums[LOSS]):
            return NOT_FINITE
        if epoch != self._epoch:
            self._begin(epoch)
        if position < self._marks[-1][0]:  # told late: training was settled, and judged, beyond it
            return None
        self._marks.append((position, float(sums[LOSS]), float(sums[PAIRS])))
        at_end = position >= len(self._text.tokens)
        return self._judge_stretch(at_once or at_end) or self._judge_part(at_end)

    def _begin(self, epoch: int) -> None:
        if self._best is None or _mean(self._marks) <= _mean(self._best[1]):
            self._best = (self._epoch, self._marks) if len(self._marks) > 1 else self._best
        self._epoch = epoch
        self._restart()

    def _restart(self) -> None:
        start: _Mark = (0, 0.0, 0.0)
        self._marks = [start]
        self._stretch = self._part_start = start

    def _judge_stretch(self, at_once: bool) -> str | None:
        """Judge the loss since it was last judged, where there are pairs enough."""
        start = self._stretch
        if self._marks[-1][2] - start[2] < (1 if at_once else self._least_pairs):
            return None
        self._stretch = self._marks[-1]
        return self._above_untrained(start, self._margins.short)

    def _judge_part(self, at_end: bool) -> str | None:
        """Judge the loss of a part that has ended."""
        start, stop = self._part_start, self._marks[-1]
        if not (at_end or stop[0] - start[0] >= self._part) or stop[2] - start[2] < 1:
            return None
        self._part_start = stop
        is_last = self._epoch == self._epochs - 1
        margin = self._margins.last if is_last else self._margins.part
        return self._above_untrained(start, margin) or self._risen(start)

    def _above_untrained(self, start: _Mark, margin: float) -> str | None:
        """Compare the loss since a place with that of untrained vectors on the same tokens."""
        position, loss, pairs = self._marks[-1]
        mean = (loss - start[1]) / (pairs - start[2])
        untrained = untrained_loss(self._text, self._outputs, start[0], position)
        if mean <= untrained * (margin + self._error(pairs - start[2])):
            return None
        return (
            f"the mean loss of a pair had been {mean:,.4g} since token {start[0]:,}, where"
            f" untrained vectors have {untrained:.4g}"
        )

    def _risen(self, start: _Mark) -> str | None:
        """Compare the loss of a part with that of the same tokens in the best epoch before."""
        if self._best is None:
            return None
        position, loss, pairs = self._marks[-1]
        epoch, marks = self._best
        loss_before, pairs_before = _between(marks, start[0], position)
        if pairs_before < 1:
            return None
        mean, before = (loss - start[1]) / (pairs - start[2]), loss_before / pairs_before
        error = self._error(pairs - start[2]) + self._error(pairs_before)
        untrained = untrained_loss(self._text, self._outputs, start[0], position)
        if mean <= RISE * before + (self._margins.last - 1 + error) * untrained:
            self._rises = 0
            return None
        self._rise = self._rise if self._rises else (self._epoch, start[0])
        self._rises += 1
        if self._rises < RISES:
            return None
        return (
            f"the mean loss of a pair had risen since token {self._rise[1]:,} of epoch"
            f" {self._rise[0] + 1}, and was {mean:.4g} where it had been {before:.4g} in epoch"
            f" {epoch + 1}"
        )

    def _error(self, pairs: float) -> float:
        """Return how far a mean over so many pairs may lie off, as a share of the untrained's."""
        return SPREAD * math.sqrt(self._at_once / pairs)


def untrained_loss(text: Text, outputs: OutputTables, start: int, stop: int) -> float:
    """Return the mean loss of a pair, on some tokens of a text, where all scores are zero.

    (K + 1) · ln 2 for negative sampling; for hierarchical softmax the mean path length · ln 2 of
    the words that subsampling keeps there.
    """
    if outputs.negative:
        return (outputs.negative + 1) * math.log(2)
    start = min(start, len(text.tokens) - 1)
    words = text.tokens[start : max(stop, start + 1)]
    kept = text.keep_thresholds
    weights = kept[np.minimum(words, len(kept) - 1)] + 1.0  # which is nothing, but more than zero
    return float(np.average(path_lengths(outputs)[words], weights=weights)) * math.log(2)


def longest_row(matrix: NDArray[np.float32]) -> float:
    """Return the length of the longest row of (V, d); infinity or NaN where it is none."""
    longest = 0.0
    for start in range(0, len(matrix), _ROWS_AT_ONCE):
        rows = matrix[start : start + _ROWS_AT_ONCE]
        squares = np.einsum("ij,ij->i", rows, rows)
        if not squares.max() < 1e30:  # float32 was too small for them, or they are no numbers
            squares = np.einsum("ij,ij->i", rows, rows, dtype=np.float64)
        longest = float(np.maximum(longest, squares.max()))
    return math.sqrt(longest)


def length_limit(*matrices: NDArray[np.float32]) -> float:
    """Return the length that no row may come to in a training that starts from these."""
    start = max(map(longest_row, matrices))
    return 10 * start if start > LONGEST else LONGEST


def matrix_fault(matrix: NDArray[np.float32], limit: float) -> str | None:
    """Say what is wrong with the numbers of a matrix, if anything."""
    longest = longest_row(matrix)
    if longest <= limit:
        return None
    if not finite_rows(matrix).all():
        return NOT_FINITE
    return f"a vector had the length {longest:,.4g}, where sound ones stay below {limit:,.4g}"


def weights_fault(weights: Weights, limit: float) -> str | None:
    """Say what is wrong with the numbers of both matrices, if anything."""
    return matrix_fault(weights.input, limit) or matrix_fault(weights.output, limit)


def _array(marks: list[_Mark]) -> NDArray[np.float64]:
    return np.array(marks, dtype=np.float64).reshape(-1, 3)


def _listed(array: NDArray[np.float64]) -> list[_Mark]:
    return [(int(position), loss, pairs) for position, loss, pairs in array.tolist()]


def _mean(marks: list[_Mark]) -> float:
    """Return the mean loss of an epoch; infinity where there is none."""
    _, loss, pairs = marks[-1] if marks else (0, 0.0, 0.0)
    return loss / pairs if pairs else math.inf


def _between(marks: list[_Mark], start: int, stop: int) -> tuple[float, float]:
    """Return the loss and the pairs of an epoch between two positions."""
    positions, losses, pairs = zip(*marks, strict=True)
    at = (start, stop)
    loss, number = (np.diff(np.interp(at, positions, sums))[0] for sums in (losses, pairs))
    return float(loss), float(number)
