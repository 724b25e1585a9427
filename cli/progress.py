"""The progress of a training on standard error: a few lines, and on a terminal a bar."""

from __future__ import annotations

import logging
import os
import sys
from types import TracebackType
from typing import TYPE_CHECKING

import w2v
from w2v.characters import printable
from w2v_cli.output import say

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID


_WITHOUT_CURSOR = ("dumb", "unknown")  # terminals that cannot redraw a line
_SHORTEST_BAR = 8  # columns


class Display:
    """Shows events while the context is open: as lines, and as one bar over all epochs.

    Where standard error is not a terminal, a line now and then takes the place of the bar. With
    `quiet` nothing is shown.
    """

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._bar: Bar | None = None
        self._lines: w2v.ProgressLines | None = None

    def __enter__(self) -> Display:
        if not self._quiet:
            if sys.stderr.isatty() and os.environ.get("TERM") not in _WITHOUT_CURSOR:
                self._bar = Bar()
            self._lines = w2v.ProgressLines(self.say, steps=self._bar is None)
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
            self._bar.say(printable(text))
        elif not self._quiet:
            say(text, err=True)

    def show(self, event: w2v.Event) -> None:
        """Show an event."""
        if self._lines is not None:
            self._lines.show(event)
        if self._bar is not None:
            self._bar.show(event)


class _EchoHandler(logging.Handler):
    """Prints log records as they are on standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print a record."""
        say(record.getMessage(), err=True)


def show_log(name: str) -> None:
    """Print the messages of a logger from now on."""
    logger = logging.getLogger(name)
    logger.setLevel(logging.INFO)
    logger.handlers = [_EchoHandler()]


class Bar:
    """A bar with words a second, loss, learning rate and time left, as far as there is room.

    Parameters
    ----------
    console : Console, optional
        The place to draw it. Default: standard error.
    """

    def __init__(self, console: Console | None = None) -> None:
        from rich.console import Console  # noqa: PLC0415  (slow to import)
        from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415

        self._progress: Progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[status]}"),
            console=console or Console(stderr=True),
            expand=True,
        )
        self._task: TaskID = self._progress.add_task("Counting words", total=None, status="")
        self._progress.start()

    def stop(self) -> None:
        """Stop drawing; the bar stays on the terminal as it is."""
        self._progress.stop()

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        self._progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def show(self, event: w2v.Event) -> None:
        """Move the bar, or name the work that begins."""
        if isinstance(event, w2v.Compiling):
            self._begin("Compiling")
        elif isinstance(event, w2v.VocabularyCounted):
            self._begin("Encoding")
        elif isinstance(event, w2v.CorpusEncoded):
            self._begin("Getting ready")
        elif isinstance(event, w2v.Counting | w2v.FindingPhrases | w2v.Progress):
            title = w2v.progress_title(event)
            room = self._progress.console.width - len(title) - _SHORTEST_BAR - 2
            self._progress.update(
                self._task,
                description=title,
                total=None if event.done is None else 1.0,
                completed=event.done or 0.0,
                status=w2v.progress_text(event, room),
            )
        elif isinstance(event, w2v.Summary):
            self._progress.update(self._task, description="Trained")

    def _begin(self, title: str) -> None:
        """Name work whose length is not known."""
        self._progress.update(self._task, description=title, total=None, status="")
