"""A training as its events report it; a resumed one is joined to what came before."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from w2v.reports.fields import Fields


@dataclass(frozen=True)
class Step:
    """A line of progress; a number that is not known is NaN."""

    words: int
    seconds: float
    words_per_second: float
    interval_loss: float
    learning_rate: float
    done: float
    epochs: int


@dataclass(frozen=True)
class Epoch:
    """An epoch that has ended."""

    epoch: int
    loss: float
    held_out_loss: float
    subsampled: int
    trained: int
    without_context: int
    seconds: float


@dataclass(frozen=True)
class Section:
    """The score of a section of an analogy set."""

    name: str
    answered: int
    correct: int


@dataclass(frozen=True)
class Scored:
    """An evaluation: the scores of test sets, and of the sections of analogy sets, by name.

    In an old log without sections the kind of a set is not known.
    """

    words: int
    scores: dict[str, float]
    held_out_loss: float
    sections: dict[str, list[Section]]
    knows_kinds: bool


@dataclass
class Training:
    """All that the events of a training report.

    Attributes
    ----------
    name : str
        Its name in the report.
    steps, epochs, evaluations : lists
        The curves, in order.
    resumed : list of int
        The words after which it was resumed.
    about, text, encoded, summary : Fields
        The events "prepared", "vocabulary", "encoded" and "summary".
    notes : list of str
        Sentences about what is missing or special.
    """

    name: str = ""
    steps: list[Step] = field(default_factory=list)
    epochs: list[Epoch] = field(default_factory=list)
    evaluations: list[Scored] = field(default_factory=list)
    resumed: list[int] = field(default_factory=list)
    about: Fields = field(default_factory=lambda: Fields(None))
    text: Fields = field(default_factory=lambda: Fields(None))
    encoded: Fields = field(default_factory=lambda: Fields(None))
    summary: Fields = field(default_factory=lambda: Fields(None))
    notes: list[str] = field(default_factory=list)

    @property
    def has_begun(self) -> bool:
        """Whether anything was trained."""
        return bool(self.steps or self.epochs or self.summary)

    @property
    def corpus_words(self) -> int:
        """All words of the corpus."""
        return self.text.count("corpus_words") or self.summary.count("corpus_words")

    @property
    def epoch_words(self) -> int:
        """The words that an epoch passes, from the progress where no event has them; else 0."""
        if self.corpus_words or not self.steps:
            return self.corpus_words
        last = self.steps[-1]
        passed = last.done * last.epochs
        words = last.words / passed if passed > 0 else math.nan
        return round(words) if math.isfinite(words) else 0

    @property
    def settings(self) -> dict[str, str]:
        """The settings, as text by name; none in an old log without a summary."""
        return (self.about.inside("config") or self.summary.inside("config")).texts()

    @property
    def done(self) -> float:
        """The share of the work that was done, 0 to 1; NaN where it is not known."""
        if self.summary:
            return self.summary.number("done")
        return self.steps[-1].done if self.steps else math.nan

    @property
    def state(self) -> str:
        """Whether the training was completed, in a few words."""
        share = "" if math.isnan(self.done) else f" after {100 * self.done:.0f} % of the work"
        if not self.has_begun:
            return "The log ends before training began."
        if not self.summary:
            return f"Not finished: the log ends{share}."
        return f"Stopped early,{share}." if self.done < 1 else "Complete."


def collect(name: str, events: Iterable[Mapping[str, Any]], notes: Iterable[str] = ()) -> Training:
    """Return the training that events report.

    Parameters
    ----------
    name : str
        Its name in the report.
    events : iterable of dict
        The events, in order. Events of an unknown kind are left out.
    notes : iterable of str, optional
        Sentences about the source.
    """
    earlier: Training | None = None
    now, replaced = Training(), 0
    for event in events:
        kind, fields = event.get("event"), Fields(event)
        if kind == "vocabulary":  # a training begins, or goes on
            replaced += earlier is not None and earlier.has_begun
            earlier, now = (now, Training()) if now.has_begun else (earlier, Training())
        if kind == "resumed":
            _go_on(now, earlier, fields.count("words"))
            earlier = None
        _add(now, str(kind), fields)
    if earlier is not None and earlier.has_begun and not now.has_begun:
        earlier.notes.append("A later attempt to go on ended before it trained anything.")
        now, earlier = earlier, None
    replaced += earlier is not None and earlier.has_begun
    if replaced:
        now.notes.append(f"The log holds {replaced + 1} trainings; this is the last.")
    now.name = name
    now.notes = [*notes, *now.notes]
    return now


def _go_on(now: Training, earlier: Training | None, words: int) -> None:
    """Take over what a training had done by the checkpoint; what came after is done again."""
    now.resumed.append(words)
    if earlier is None or not earlier.has_begun:
        now.notes.append(
            f"Resumed after {words:,} words; what was trained before is not in this log."
        )
        return
    size = earlier.epoch_words
    now.steps = [step for step in earlier.steps if step.words <= words]
    now.evaluations = [scored for scored in earlier.evaluations if scored.words <= words]
    now.epochs = [epoch for epoch in earlier.epochs if epoch.epoch * size <= words + 1]
    now.resumed = [*earlier.resumed, words]
    now.notes = [*earlier.notes, f"Interrupted, and resumed after {words:,} words."]


def _add(training: Training, kind: str, fields: Fields) -> None:
    """Add an event to a training."""
    if kind == "progress":
        training.steps.append(
            Step(
                fields.count("words"), fields.number("seconds"), fields.number("words_per_second"),
                fields.number("interval_loss"), fields.number("learning_rate"),
                fields.number("done"), fields.count("epochs"),
            )
        )  # fmt: skip
    elif kind == "epoch":
        training.epochs.append(
            Epoch(
                fields.count("epoch"), fields.number("loss"), fields.number("held_out_loss"),
                fields.count("subsampled"), fields.count("trained"),
                fields.count("without_context"), fields.number("seconds"),
            )
        )  # fmt: skip
    elif kind == "evaluated":
        training.evaluations.append(_scored(fields))
    elif kind in _KEPT:
        setattr(training, _KEPT[kind], fields)


_KEPT = {"prepared": "about", "vocabulary": "text", "encoded": "encoded", "summary": "summary"}


def _scored(fields: Fields) -> Scored:
    scores, sections = fields.inside("scores"), fields.inside("sections")
    return Scored(
        fields.count("words"),
        {name: scores.number(name) for name in scores.names()},
        fields.number("held_out_loss"),
        {name: list(map(_section, sections.items(name))) for name in sections.names()},
        knows_kinds="sections" in fields.names(),
    )


def _section(value: object) -> Section:
    fields = Fields(value)
    return Section(fields.text("name"), fields.count("answered"), fields.count("correct"))
