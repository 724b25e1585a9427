"""The curves of trainings: loss, scores, learning rate, speed and the frequencies of words."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from w2v.reports.charts import Chart, Curve, Mark, Points
from w2v.reports.runs import Training

_WORDS, _EPOCHS = "words passed, over all epochs", "epochs"
_LARGEST = 2**62  # counts
_FAR = 1e300  # beyond, an axis would have no finite ends
_SAME, _COMMON = 0.01, 0.9  # shares of a curve's height and of its width


def learning_charts(trainings: Sequence[Training]) -> list[Chart]:
    """Return the charts of what was learnt: the loss, and one for each test set."""
    scored = (scored for training in trainings for scored in training.evaluations)
    names = dict.fromkeys(name for each in scored for name in each.scores)
    return [
        chart
        for chart in (_loss(trainings), *(_scores(trainings, name) for name in names))
        if chart.curves
    ]


def pace_charts(trainings: Sequence[Training]) -> list[Chart]:
    """Return the charts of the learning rate and of the speed."""
    return [chart for chart in (_learning_rate(trainings), _speed(trainings)) if chart.curves]


def _loss(trainings: Sequence[Training]) -> Chart:
    """Return the chart of the loss, of the text that is trained on and of that held out."""
    in_epochs = any(training.epochs and not training.epoch_words for training in trainings)
    curves, marks = [], []
    for run, training in enumerate(trainings):
        place = _Places(training.epoch_words, in_epochs)
        intervals = [(place.words(step.words), step.interval_loss) for step in training.steps]
        epochs = [(place.epoch(each.epoch), each.loss) for each in training.epochs]
        held_out = [(place.words(each.words), each.held_out_loss) for each in training.evaluations]
        held_out += [(place.epoch(each.epoch), each.held_out_loss) for each in training.epochs]
        curves += [
            Curve(run, _of(training, trainings, "intervals"), _finite(intervals), is_faint=True),
            Curve(run, _of(training, trainings, "epochs"), _finite(epochs), is_marked=True),
            Curve(run, _of(training, trainings, "held out"), _finite(held_out), True, True),
        ]
        marks += _resumed(run, place, training)
    about = "Mean negative log-likelihood of a pair; lower is better."
    if any(curve.points and curve.is_dashed for curve in curves):
        about += " The held-out text is never trained on."
    x_name = _EPOCHS if in_epochs else _WORDS
    return Chart("Loss", about, x_name, "nats a pair", _drawn(curves), marks)


def _scores(trainings: Sequence[Training], name: str) -> Chart:
    """Return the chart of a test set's score."""
    curves = [
        Curve(
            run,
            training.name,
            _finite((each.words, each.scores.get(name, math.nan)) for each in training.evaluations),
            is_marked=True,
        )
        for run, training in enumerate(trainings)
    ]
    named = [each for training in trainings for each in training.evaluations]
    is_analogies = any(name in each.sections for each in named)
    if is_analogies:
        about = "The share of the analogies that the vectors answer correctly."
    elif any(name in each.scores and each.knows_kinds for each in named):
        about = "Spearman's rank correlation with the scores that people gave."
    else:
        about = "The share of correct analogies, or the rank correlation with people's scores."
    return Chart(
        name,
        about,
        _WORDS,
        "correct" if is_analogies else "score",
        _drawn(curves),
        [mark for run, each in enumerate(trainings) for mark in _resumed(run, _Places(), each)],
        as_percent=is_analogies,
    )


def _learning_rate(trainings: Sequence[Training]) -> Chart:
    curves = []
    for run, training in enumerate(trainings):
        rates = _finite((step.words, step.learning_rate) for step in training.steps)
        curves.append(Curve(run, training.name, rates))
    about = "It changes evenly with the share of the work that is done."
    return Chart(
        "Learning rate", about, _WORDS, "learning rate", _joined(curves, _SAME), from_zero=True
    )


def _speed(trainings: Sequence[Training]) -> Chart:
    curves = []
    for run, training in enumerate(trainings):
        means = _finite((step.seconds, step.words_per_second) for step in training.steps)
        curves += [
            Curve(run, _of(training, trainings, "now"), _speeds(training), is_faint=True),
            Curve(run, _of(training, trainings, "mean so far"), means),
        ]
    about = "Words of the corpus a second, between two lines of the log and since the beginning."
    return Chart("Speed", about, "seconds of training", "words/s", _drawn(curves), from_zero=True)


def _speeds(training: Training) -> Points:
    """Return the words a second between two lines of the log."""
    points = []
    for before, now in pairwise(training.steps):
        passed, words = now.seconds - before.seconds, now.words - before.words
        if passed > 0 and words > 0:
            points.append((now.seconds, words / passed))
    return _finite(points)


def frequency_chart(trainings: Sequence[Training], counted: Sequence[Points]) -> Chart | None:
    """Return the chart of the counts of words by their ranks; None where no counts are known.

    Parameters
    ----------
    trainings : sequence of Training
        The trainings.
    counted : sequence of points
        For each, ranks and counts of the words that have vectors, for a log without any.
    """
    curves, marks = [], []
    for run, (training, known) in enumerate(zip(trainings, counted, strict=True)):
        logged = [_pair(value) for value in training.text.items("frequencies")]
        points = _finite(pair for pair in logged if pair is not None)
        curves.append(Curve(run, training.name, points or known))
        size = training.text.count("vocabulary")
        if points and not training.text.is_true("is_given") and 0 < size < points[-1][0]:
            marks.append(Mark(run, float(size), f"cut at {size:,}"))
    drawn = _joined(curves, 0.0)
    if not drawn:
        return None
    about = "How often each word of the text occurs, from the commonest to the rarest."
    if marks:
        about += " Words to the right of the cut have no vector."
    marks = list({(mark.x, mark.label): mark for mark in reversed(marks)}.values())
    return Chart("Frequencies", about, "rank", "count", drawn, marks, is_logarithmic=True)


def _pair(value: Any) -> tuple[float, float] | None:
    """Return a rank and a count; None for anything else."""
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        return None
    if not all(type(each) is int and 1 <= each < _LARGEST for each in value):
        return None
    return float(value[0]), float(value[1])


@dataclass(frozen=True)
class _Places:
    """Places on the horizontal axis, in words or in epochs; NaN where a place is not known.

    Attributes
    ----------
    size : int
        The words of an epoch, 0 where they are not known.
    in_epochs : bool
        Whether the axis counts epochs: the only way where the size is not known.
    """

    size: int = 0
    in_epochs: bool = False

    def words(self, passed: int) -> float:
        """Return the place after so many words."""
        if not self.in_epochs:
            return float(passed)
        return passed / self.size if self.size else math.nan

    def epoch(self, number: int) -> float:
        """Return the place at the end of an epoch."""
        return float(number if self.in_epochs else number * self.size)


def _finite(pairs: Iterable[tuple[float, float]]) -> Points:
    """Return the finite points in order of x, for each x the last of its points."""
    points = {float(x): float(y) for x, y in pairs if abs(x) < _FAR and abs(y) < _FAR}
    return sorted(points.items())


def _drawn(curves: Iterable[Curve]) -> list[Curve]:
    return [curve for curve in curves if curve.points]


def _joined(curves: Iterable[Curve], tolerance: float) -> list[Curve]:
    """Return the curves with those joined that look the same and would hide each other."""
    joined: list[Curve] = []
    for curve in _drawn(curves):
        for place, other in enumerate(joined):
            if _look_alike(curve.points, other.points, tolerance):
                joined[place] = replace(other, name=f"{other.name}, {curve.name}")
                break
        else:
            joined.append(curve)
    return joined


def _look_alike(one: Points, other: Points, tolerance: float) -> bool:
    """Return whether two curves have about the same ends, and differ little between them."""
    if one == other:
        return True
    first, second = (np.array(points) for points in (one, other))
    starts, ends = (first[0, 0], second[0, 0]), (first[-1, 0], second[-1, 0])
    low, high = max(starts), min(ends)
    if high - low < _COMMON * (max(ends) - min(starts)):
        return False
    places = np.linspace(low, high, 50)
    apart = np.interp(places, *first.T) - np.interp(places, *second.T)
    height = np.ptp(np.concatenate((first, second))[:, 1])
    return bool(np.abs(apart).max() < tolerance * height)


def _of(training: Training, trainings: Sequence[Training], what: str) -> str:
    """Return the name of a curve; the training's own is part of it if there are several."""
    return what if len(trainings) == 1 else f"{training.name}, {what}"


def _resumed(run: int, place: _Places, training: Training) -> list[Mark]:
    places = map(place.words, training.resumed)
    return [Mark(run, x, "resumed") for x in places if math.isfinite(x)]
