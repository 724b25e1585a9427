"""What a training shows on standard error: a bar on a terminal, a few lines everywhere."""

from __future__ import annotations

import logging
import math
import sys
from types import TracebackType
from typing import TYPE_CHECKING

import click

import w2v

if TYPE_CHECKING:
    from rich.progress import TaskID


class Display:
    """Shows events: one bar over all epochs while the context is open.

    There is no bar where standard error is not a terminal; with `quiet` there is nothing at all.
    """

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._bar: Bar | None = None

    def __enter__(self) -> Display:
        if not self._quiet and sys.stderr.isatty():
            self._bar = Bar()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def say(self, text: str) -> None:
        """Print a line, above the bar if there is one."""
        if self._bar is not None:
            self._bar.say(text)
        elif not self._quiet:
            click.echo(text, err=True)

    def show(self, event: w2v.Event) -> None:
        """Show what an event tells."""
        if isinstance(event, w2v.VocabularyCounted):
            self.say(
                f"{event.corpus_words:,} words, {event.distinct_words:,} different ones;"
                f" {event.vocabulary:,} of these get vectors"
            )
            if event.replaced:
                self.say(f"{event.replaced:,} invalid UTF-8 sequences were replaced by U+FFFD")
        elif isinstance(event, w2v.Resumed):
            for sentence in event.passed_over:
                self.say(f"Passed over: {sentence}")
            self.say(f"Going on from {event.path}, after {millions(event.words)} words")
        elif isinstance(event, w2v.Started):
            frozen = ", and keep them" if event.frozen else ""
            self.say(f"{event.taken:,} of {event.words:,} words have vectors to start from{frozen}")
        elif isinstance(event, w2v.Evaluated):
            self.say(f"After {millions(event.words)} words: {', '.join(_scores(event))}")
        if self._bar is not None:
            self._bar.show(event)


class _EchoHandler(logging.Handler):
    """Prints log records as they are on standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print a record."""
        click.echo(record.getMessage(), err=True)


def show_log(name: str) -> None:
    """Print from now on what a logger tells."""
    logger = logging.getLogger(name)
    logger.setLevel(logging.INFO)
    logger.handlers = [_EchoHandler()]


class Bar:
    """A bar with words a second, loss, learning rate and time left."""

    def __init__(self) -> None:
        from rich.console import Console  # noqa: PLC0415  (slow to import)
        from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415

        self._progress: Progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[status]}"),
            console=Console(stderr=True),
            expand=True,
        )
        self._task: TaskID = self._progress.add_task("Counting words", total=None, status="")
        self._progress.start()

    def stop(self) -> None:
        """Leave the bar as it is and give the terminal back."""
        self._progress.stop()

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        self._progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def show(self, event: w2v.Event) -> None:
        """Move the bar, or name what comes next."""
        if isinstance(event, w2v.VocabularyCounted):
            self._progress.update(self._task, description="Encoding")
        elif isinstance(event, w2v.CorpusEncoded):
            self._progress.update(self._task, description="Getting ready")
        elif isinstance(event, w2v.Progress):
            self._progress.update(
                self._task,
                description=f"Epoch {event.epoch}/{event.epochs}",
                total=1.0,
                completed=event.done,
                status=status(event),
            )
        elif isinstance(event, w2v.Summary):
            self._progress.update(self._task, description="Trained")


def status(event: w2v.Progress) -> str:
    """Return the figures beside the bar."""
    loss = f"{event.loss:.3f}" if math.isfinite(event.loss) else "–"
    held_out = "" if event.held_out_loss is None else f" (held out {event.held_out_loss:.3f})"
    return (
        f"{100 * event.done:.0f} %  {speed(event.words_per_second)}  loss {loss}{held_out}"
        f"  rate {event.learning_rate:.4f}  {duration(event.seconds_left)} left"
    )


def _scores(event: w2v.Evaluated) -> list[str]:
    shown = [
        f"{name} {'–' if score is None else f'{score:.4f}'}" for name, score in event.scores.items()
    ]
    if event.held_out_loss is not None:
        shown.append(f"loss held out {event.held_out_loss:.4f}")
    return shown


def millions(words: int) -> str:
    """Return a number of words in millions."""
    return f"{words / 1e6:,.1f} M"


def speed(words_per_second: float) -> str:
    """Return words a second with three digits."""
    if words_per_second >= 1e6:
        return f"{words_per_second / 1e6:.2f} M words/s"
    return f"{words_per_second / 1e3:.0f} k words/s"


def duration(seconds: float) -> str:
    """Return a time as m:ss or h:mm:ss."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
