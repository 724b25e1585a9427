"""The tables of a report: the results at a glance, the settings and the versions."""

import math
from collections.abc import Callable, Mapping, Sequence

from w2v.reports.charts import Row
from w2v.reports.fields import shown
from w2v.reports.runs import Training
from w2v.training.config import TrainConfig
from w2v.training.progress import speed_text

SCORE = "score of a test set"  # the meaning of such a row
_NONE = "–"


def at_a_glance(
    trainings: Sequence[Training], measured: Mapping[str, Mapping[int, float]]
) -> list[Row]:
    """Return the results of each training; a row that no training has is left out.

    Parameters
    ----------
    trainings : sequence of Training
        The trainings.
    measured : mapping of mapping
        Scores of their vectors by the test set and the place of the training, which are shown
        instead of those that the training reports.
    """
    rows = [
        Row(name, [value(training) for training in trainings], meaning)
        for name, meaning, value in _RESULTS
    ]
    rows = [row for row in rows if _is_known(row)]
    names = dict.fromkeys(name for training in trainings for name in _scores(training))
    for name in dict.fromkeys([*names, *measured]):
        known = measured.get(name, {})
        scores = [
            known.get(run, _scores(training).get(name, math.nan))
            for run, training in enumerate(trainings)
        ]
        row = Row(name, [_number(score, ".4f") for score in scores], SCORE)
        rows += [row] if known or _is_known(row) else []
    return rows


def _is_known(row: Row) -> bool:
    return any(value != _NONE for value in row.values)


def _loss(training: Training) -> str:
    known = [epoch.loss for epoch in training.epochs if not math.isnan(epoch.loss)]
    loss = training.summary.number("loss")
    return _number(known[-1] if math.isnan(loss) and known else loss, ".4f")


def _held_out(training: Training) -> str:
    losses = [each.held_out_loss for each in training.evaluations]
    losses += [epoch.held_out_loss for epoch in training.epochs]
    known = [loss for loss in losses if not math.isnan(loss)]
    loss = training.summary.number("held_out_loss")
    return _number(known[-1] if math.isnan(loss) and known else loss, ".4f")


def _speed(training: Training) -> str:
    speed = training.summary.number("words_per_second")
    if math.isnan(speed) and training.steps:
        speed = training.steps[-1].words_per_second
    return _NONE if math.isnan(speed) else speed_text(speed)


def _time(training: Training) -> str:
    seconds = training.summary.number("train_seconds")
    if math.isnan(seconds) and training.steps:
        seconds = training.steps[-1].seconds
    if math.isnan(seconds):
        return _NONE
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02} h" if hours else f"{minutes}:{rest:02} min"


def _vocabulary(training: Training) -> str:
    return _count(training.text.count("vocabulary") or training.summary.count("vocabulary"))


def _kept(training: Training) -> str:
    tokens = training.text.count("tokens") or training.summary.count("tokens")
    words = training.corpus_words
    return f"{100 * tokens / words:.1f} %" if words and tokens <= words else _NONE


def _epochs(training: Training) -> str:
    planned = training.settings.get("epochs", "")
    ended = _count(max((epoch.epoch for epoch in training.epochs), default=0))
    return f"{ended} of {planned}" if planned and planned != ended else ended


_RESULTS: tuple[tuple[str, str, Callable[[Training], str]], ...] = (
    ("loss", "of the last epoch, in nats a pair", _loss),
    ("held-out loss", "on text that is never trained on", _held_out),
    ("speed", "all words of the corpus, in every epoch", _speed),
    ("time", "of the epochs, without compilation", _time),
    ("words of the text", "all of them", lambda training: _count(training.corpus_words)),
    ("vocabulary", "words that have vectors", _vocabulary),
    ("in the vocabulary", "share of the words of the text", _kept),
    ("epochs", "passes over the text", _epochs),
)


def _scores(training: Training) -> dict[str, float]:
    """Return the scores of the vectors, by the name of the test set."""
    scores = training.summary.inside("scores")
    if scores:
        return {name: scores.number(name) for name in scores.names()}
    return training.evaluations[-1].scores if training.evaluations else {}


def about_marks(trainings: Sequence[Training]) -> str:
    """Return a sentence on what the marks of rows mean."""
    if len(trainings) == 1:
        return "Marked rows are not the default."
    return "Marked rows differ between the trainings."


def settings(trainings: Sequence[Training]) -> list[Row]:
    """Return the settings of each training; those that differ are marked.

    Of a single training, those are marked that are not the default.
    """
    known = TrainConfig.settings()
    names = dict.fromkeys(name for training in trainings for name in training.settings)
    rows = []
    for name in names:
        values = [training.settings.get(name, _NONE) for training in trainings]
        setting = known.get(name)
        is_different = len(set(values)) > 1
        if len(trainings) == 1 and setting is not None and setting.default is not None:
            is_different = values[0] != shown(setting.default)
        rows.append(Row(name, values, "" if setting is None else setting.summary, is_different))
    return rows


def versions(trainings: Sequence[Training]) -> list[Row]:
    """Return what each training ran with, on which text, and when."""
    known = [_circumstances(training) for training in trainings]
    names = dict.fromkeys(name for each in known for name in each)
    rows = []
    for name in names:
        values = [each.get(name, _NONE) for each in known]
        rows.append(Row(name, values, is_different=len(set(values)) > 1 and name != "began"))
    return rows


def _circumstances(training: Training) -> dict[str, str]:
    about = training.about
    time = about.text("time")
    named = {"corpus": about.text("corpus"), "began": time and f"{time} UTC"}
    return {**{name: text for name, text in named.items() if text},
            **about.inside("versions").texts()}  # fmt: skip


def _count(number: int) -> str:
    return f"{number:,}" if number else _NONE


def _number(value: float, form: str) -> str:
    return _NONE if math.isnan(value) else format(value, form)
