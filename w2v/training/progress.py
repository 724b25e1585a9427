"""The progress of a training in words: lines for the user, and figures."""

import math
import sys
import time
from collections.abc import Callable

from w2v.arguments import not_allowed, real_number, shown, truth, whole_number
from w2v.errors import ConfigError
from w2v.training.events import (
    Compiling,
    Counting,
    DeviceChosen,
    Evaluated,
    Event,
    FindingPhrases,
    Progress,
    Resumed,
    Started,
    VocabularyCounted,
)

_LEAST_SECONDS = 10  # between two lines of progress
_MOST_SECONDS = 600  # after so long without a line, training looks stuck
_STEP = 0.1  # share of the work between two lines
_GAP = "  "  # between figures


class ProgressLines:
    """Writes a line for each important event, and one for progress now and then.

    Progress is reported after ten seconds, and then after each tenth of the work or ten minutes,
    but at most every ten seconds. So a short training has no such line.

    Parameters
    ----------
    say : callable, optional
        Called with each line. Default: print it on standard error.
    steps : bool, default True
        Whether to write lines for progress.

    Raises
    ------
    ConfigError
        An argument is of a wrong kind.
    """

    def __init__(self, say: Callable[[str], object] | None = None, steps: bool = True) -> None:
        if say is not None and not callable(say):
            raise not_allowed("say", "a function", say)
        self._say = say or _to_standard_error
        self._steps = truth("steps", steps)
        self._work = ""  # the kind of work that was begun last
        self._last = 0.0  # seconds at its beginning, or of the last line about it
        self._reported: float | None = None  # the share of it that this line reported

    def __repr__(self) -> str:
        return f"ProgressLines(steps={self._steps})"

    def show(self, event: Event) -> None:
        """Write a line if this event is worth one."""
        if isinstance(event, Counting | FindingPhrases | Progress):
            if self._steps and self._is_due(event):
                self._say(f"{progress_title(event)}{_GAP}{progress_text(event)}")
        elif isinstance(event, Compiling):
            self._say("Compiling the kernels, once on this machine; it takes up to a minute")
        elif isinstance(event, VocabularyCounted):
            more = "more than " if event.dropped else ""
            self._say(
                f"{event.corpus_words:,} words, {more}{event.distinct_words:,} different ones;"
                f" {event.vocabulary:,} of these get vectors"
            )
            if event.dropped:
                self._say(
                    "Rare words were dropped when the memory for counting was full; none of them is"
                    f" seen more than {event.dropped:,} times"
                )
            if event.replaced:
                self._say(f"{event.replaced:,} invalid UTF-8 sequences were replaced by U+FFFD")
        elif isinstance(event, DeviceChosen):
            card = "" if event.device == "cpu" else f" ({event.device})"
            self._say(f"Training on {event.name}{card}{event.reason and f': {event.reason}'}")
        elif isinstance(event, Resumed):
            for sentence in event.passed_over:
                self._say(f"Passed over: {sentence}")
            self._say(f"Going on from {event.path}, after {_millions(event.words)} words")
        elif isinstance(event, Started):
            frozen = ", and keep them" if event.frozen else ""
            self._say(
                f"{event.taken:,} of {event.words:,} words have vectors to start from{frozen}"
            )
        elif isinstance(event, Evaluated):
            self._say(f"After {_millions(event.words)} words: {', '.join(_scores(event))}")

    def _is_due(self, event: Counting | FindingPhrases | Progress) -> bool:
        now = time.monotonic()
        if event.event != self._work:
            self._work, self._last, self._reported = event.event, now, None
        if now < self._last + _LEAST_SECONDS:
            return False
        is_step = self._reported is None or (event.done or 0.0) >= self._reported + _STEP
        if not is_step and now < self._last + _MOST_SECONDS:
            return False
        self._last, self._reported = now, event.done or 0.0
        return True


def _to_standard_error(line: str) -> None:
    if sys.stderr is not None:
        print(line, file=sys.stderr, flush=True)


def progress_title(event: Progress | Counting | FindingPhrases) -> str:
    """Return the title of the work that an event reports, such as "Epoch 2/12".

    Parameters
    ----------
    event : Progress, Counting or FindingPhrases
        The event.

    Raises
    ------
    ConfigError
        It is another event.
    """
    _check_progress(event)
    if isinstance(event, Counting):
        return "Counting words"
    if isinstance(event, FindingPhrases):
        return f"Finding phrases {event.round}/{event.rounds}"
    return f"Epoch {event.epoch}/{event.epochs}"


def progress_text(event: Progress | Counting | FindingPhrases, columns: int | None = None) -> str:
    """Return the figures of an event in one line.

    Parameters
    ----------
    event : Progress, Counting or FindingPhrases
        The event.
    columns : int, optional
        The room for them; the most important figures that fit are returned, one at least.
        Default: all figures.

    Raises
    ------
    ConfigError
        An argument is of a wrong kind.
    """
    _check_progress(event)
    if columns is not None and whole_number(columns) is None:
        raise not_allowed("columns", "a whole number", columns)
    figures = _figures(event)
    ranks = sorted(range(len(figures)), key=lambda place: figures[place][0])
    for kept in range(len(ranks), 1, -1):
        text = _GAP.join(figures[place][1] for place in sorted(ranks[:kept]))
        if columns is None or len(text) <= columns:
            return text
    return figures[ranks[0]][1]


def _figures(event: Progress | Counting | FindingPhrases) -> list[tuple[int, str]]:
    """Return (rank, text) for each figure in the order shown; rank 0 is the most important."""
    if isinstance(event, FindingPhrases):
        return [(0, f"{100 * event.done:.0f} %")]
    return _counting(event) if isinstance(event, Counting) else _training(event)


def _training(event: Progress) -> list[tuple[int, str]]:
    loss = f"{event.loss:.3f}" if math.isfinite(event.loss) else "–"
    held_out = event.held_out_loss
    return [
        (0, f"{100 * event.done:.0f} %"),
        (2, speed_text(event.words_per_second)),
        (3, f"loss {loss}"),
        *([] if held_out is None else [(4, f"held out {held_out:.3f}")]),
        (5, f"rate {event.learning_rate:.4f}"),
        (1, f"{_duration(event.seconds_left)} left"),
    ]


def _counting(event: Counting) -> list[tuple[int, str]]:
    speed = f"{event.read / 1e6 / event.seconds:,.0f} MB/s" if event.seconds else "– MB/s"
    if event.done is None:
        return [(0, f"{event.read / 1e6:,.0f} MB"), (1, speed)]
    return [
        (0, f"{100 * event.done:.0f} %"),
        (2, f"of {(event.size or 0) / 1e6:,.0f} MB"),
        (1, speed),
    ]


def speed_text(words_per_second: float) -> str:
    """Return a speed in words a second as text, such as "6.69 M words/s".

    Raises ConfigError for anything that is not a number.
    """
    if real_number(words_per_second) is None:
        raise not_allowed("words_per_second", "a number", words_per_second)
    if words_per_second >= 1e6:
        return f"{words_per_second / 1e6:.2f} M words/s"
    return f"{words_per_second / 1e3:.0f} k words/s"


def _scores(event: Evaluated) -> list[str]:
    shown = [
        f"{name} {'–' if score is None else f'{score:.4f}'}" for name, score in event.scores.items()
    ]
    if event.held_out_loss is not None:
        shown.append(f"loss held out {event.held_out_loss:.4f}")
    return shown


def _millions(words: int) -> str:
    """Return a number of words in millions."""
    return f"{words / 1e6:,.1f} M"


def _duration(seconds: float) -> str:
    """Return a time as m:ss or h:mm:ss."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _check_progress(event: object) -> None:
    if not isinstance(event, Counting | FindingPhrases | Progress):
        raise ConfigError(
            f"This takes a Progress, a Counting or a FindingPhrases, not {shown(event)}."
        )
