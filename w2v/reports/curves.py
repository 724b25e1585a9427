"""The curves of trainings: loss, scores, learning rate, speed and the frequencies of words."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from w2v.reports.charts import Chart, Curve, Mark, Points
from w2v.reports.runs import Epoch, Training

_WORDS = "words passed, over all epochs"
_LARGEST = 2**62  # counts
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
    curves = []
    for run, training in enumerate(trainings):
        intervals = _finite((step.words, step.interval_loss) for step in training.steps)
        epochs = _by_epoch(training, lambda epoch: epoch.loss)
        evaluated = _finite((each.words, each.held_out_loss) for each in training.evaluations)
        ended = _by_epoch(training, lambda epoch: epoch.held_out_loss)
        held_out = _finite([*evaluated, *ended])
        curves += [
            Curve(run, _of(training, trainings, "intervals"), intervals, is_faint=True),
            Curve(run, _of(training, trainings, "epochs"), epochs, is_marked=True),
            Curve(run, _of(training, trainings, "held out"), held_out, True, True),
        ]
    about = "Mean negative log-likelihood of a pair; lower is better."
    if any(curve.points and curve.is_dashed for curve in curves):
        about += " The held-out text is never trained on."
    return Chart("Loss", about, _WORDS, "nats a pair", _drawn(curves), _resumed(trainings))


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
        _resumed(trainings),
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


def _by_epoch(training: Training, value: Callable[[Epoch], float]) -> Points:
    """Return a value of each epoch, at the words after which it ended."""
    size = training.corpus_words
    return _finite((epoch.epoch * size, value(epoch)) for epoch in training.epochs)


def _finite(pairs: Iterable[tuple[float, float]]) -> Points:
    """Return the finite points in order of x, for each x the last of its points."""
    points = {float(x): float(y) for x, y in pairs if math.isfinite(x) and math.isfinite(y)}
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


def _resumed(trainings: Sequence[Training]) -> list[Mark]:
    return [
        Mark(run, float(words), "resumed")
        for run, training in enumerate(trainings)
        for words in training.resumed
    ]
