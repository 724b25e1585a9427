"""The progress of a training in a notebook: one output, with a bar, that is updated in place."""

import sys
import time
from collections.abc import Callable
from typing import Any

from w2v.tables import escaped, number
from w2v.training.events import (
    Compiling,
    CorpusEncoded,
    Counting,
    Event,
    FindingPhrases,
    Progress,
    Summary,
    VocabularyCounted,
)
from w2v.training.progress import ProgressLines, progress_text, progress_title, speed_text

_Bar = tuple[str, float | None, str]  # its title, the share of the work that is done, the figures
_PERIOD = 0.25  # seconds between two pictures of the bar: each is a message to the browser


def in_notebook() -> bool:
    """Return whether the code runs in a notebook, or in another front end of Jupyter.

    Nothing is imported: a kernel has imported IPython.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


class NotebookProgress:
    """Shows events in the output of a cell: the lines of `ProgressLines`, and below them a bar.

    The output is plain HTML, which needs no widgets and stays in a notebook that is saved.

    Parameters
    ----------
    display : callable, optional
        Called with the output by MIME type, and returns what updates it. Default: IPython's.
    """

    def __init__(self, display: Callable[[dict[str, str]], Any] | None = None) -> None:
        self._display = display or _displayed
        self._update: Callable[[dict[str, str]], Any] | None = None
        self._lines: list[str] = []
        self._log = ProgressLines(self._lines.append, steps=False)
        self._bar: _Bar = ("", None, "")
        self._last = 0.0  # seconds when it was shown

    def show(self, event: Event) -> None:
        """Add a line or move the bar, if this event is worth it."""
        before = len(self._lines), self._bar[0]
        self._log.show(event)
        self._bar = _bar_of(event) or self._bar
        has_changed = (len(self._lines), self._bar[0]) != before
        if has_changed or self._bar[1] == 1 or time.monotonic() >= self._last + _PERIOD:
            self._draw(*self._bar)

    def _draw(self, title: str, done: float | None, text: str) -> None:
        self._last = time.monotonic()
        status = f"{title}  {text}".strip()
        value = "" if done is None else f' value="{done:.4f}"'
        lines = "".join(f"<div>{escaped(line)}</div>" for line in self._lines)
        picture = {
            "text/plain": "\n".join([*self._lines, status]),
            "text/html": f"{lines}<div><progress{value}></progress> {escaped(status)}</div>",
        }
        if self._update is None:
            self._update = self._display(picture)
        else:
            self._update(picture)


def _bar_of(event: Event) -> _Bar | None:
    """Return what the bar shows after an event; None where the event does not change it."""
    if isinstance(event, Counting | FindingPhrases | Progress):
        return progress_title(event), event.done, progress_text(event)
    if isinstance(event, Compiling):
        return "Compiling", None, ""
    if isinstance(event, VocabularyCounted):
        return "Encoding", None, ""
    if isinstance(event, CorpusEncoded):
        return "Getting ready", None, ""
    if isinstance(event, Summary):
        return "Trained", event.done, _result(event)
    return None


def _displayed(picture: dict[str, str]) -> Callable[[dict[str, str]], Any]:
    """Show an output in the cell that runs; return the function that replaces it."""
    from IPython.display import display  # noqa: PLC0415  (imported by the kernel already)

    handle = display(picture, raw=True, display_id=True)
    return lambda changed: handle.update(changed, raw=True)


def _result(summary: Summary) -> str:
    held_out = summary.held_out_loss
    return (
        f"{summary.vocabulary:,} words in {number(summary.train_seconds, 1)} s"
        f" ({speed_text(summary.words_per_second)}), loss {number(summary.loss, 3)}"
        + ("" if held_out is None else f", held out {number(held_out, 3)}")
    )
