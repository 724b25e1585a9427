"""Evaluation while training goes on: test sets every so many words, and stopping in time."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from w2v.errors import ConfigError, W2VError
from w2v.training.callbacks import Training
from w2v.training.events import EpochEnded, Evaluated, OnEvent, Progress
from w2v.vectors.evaluation import (
    AnalogySet,
    PairSet,
    evaluate_analogies,
    evaluate_pairs,
    read_evaluation_set,
)
from w2v.vectors.keyed_vectors import KeyedVectors

if TYPE_CHECKING:
    from w2v.training.model import Model

# questions-words.txt takes 0.3 s, and a hundred million words 15 s on two cores: two per cent.
EVERY_WORDS = 100_000_000
HELD_OUT = "held-out"


@dataclass(frozen=True)
class EarlyStop:
    """metric: the name of a test set, as its file is called without suffix, or "held-out" for the
    held-out loss. patience: evaluations in a row that may bring nothing better."""

    metric: str
    patience: int

    @classmethod
    def parse(cls, text: str) -> "EarlyStop":
        """Read METRIC:PATIENCE, as in questions-words:3; ConfigError for another form."""
        metric, _, patience = text.rpartition(":")
        if not metric or not patience.isdecimal() or int(patience) < 1:
            raise ConfigError(
                f"early_stop must be METRIC:PATIENCE, as in questions-words:3 or {HELD_OUT}:2,"
                f" not {text!r}."
            )
        return cls(metric, int(patience))


class Evaluator:
    """A callback that scores the vectors on test sets, and stops when they get no better."""

    def __init__(
        self,
        paths: Sequence[str | Path],
        every_words: int,
        early_stop: EarlyStop | None,
        tell: OnEvent,
    ) -> None:
        """Read the test sets; raise FormatError for a bad one, ConfigError for a bad metric."""
        self._sets: dict[str, AnalogySet | PairSet] = {
            Path(path).stem: read_evaluation_set(Path(path)) for path in paths
        }
        self._every, self._early_stop, self._tell = every_words, early_stop, tell
        self._next = every_words
        self._best = -float("inf")
        self._since_best = 0
        self.best: Model | None = None
        metrics = [*self._sets, HELD_OUT]
        if early_stop is not None and early_stop.metric not in metrics:
            raise ConfigError(
                f"early_stop names {early_stop.metric!r}, which is none of {', '.join(metrics)};"
                " name a test set that is evaluated."
            )

    def __call__(self, training: Training) -> None:
        """Evaluate when so many words have been trained, and after each epoch's held-out loss."""
        event = training.event
        if isinstance(event, Progress) and self._sets and event.words >= self._next:
            self._next += self._every * max(1, (event.words - self._next) // self._every + 1)
            self.evaluate(training, event.words)
        if isinstance(event, EpochEnded) and event.held_out_loss is not None:
            self._watch(HELD_OUT, -event.held_out_loss, training)

    def evaluate(self, training: Training, words: int) -> None:
        """Score the vectors as they are now and tell it; early stopping watches its metric."""
        began = time.perf_counter()
        vectors = training.model().vectors
        scores = {name: _score(vectors, found) for name, found in self._sets.items()}
        self._tell(Evaluated(words, scores, time.perf_counter() - began))
        for name, score in scores.items():
            if score is not None:
                self._watch(name, score, training)

    def _watch(self, metric: str, value: float, training: Training) -> None:
        if self._early_stop is None or self._early_stop.metric != metric:
            return
        if value > self._best:
            self._best, self._since_best, self.best = value, 0, training.model()
            return
        self._since_best += 1
        if self._since_best >= self._early_stop.patience:
            training.stop()


def _score(vectors: KeyedVectors, found: AnalogySet | PairSet) -> float | None:
    """Return the share of right analogies, or Spearman's correlation; None where no word fits."""
    try:
        if isinstance(found, AnalogySet):
            return evaluate_analogies(vectors, found).total.accuracy
        return evaluate_pairs(vectors, found).spearman
    except W2VError:
        return None
