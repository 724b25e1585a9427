"""Evaluation during training: test sets at regular intervals, and early stopping."""

import hashlib
import importlib
import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from w2v.arguments import checked_number
from w2v.errors import Argument, ConfigError, W2VError
from w2v.remote.addresses import located
from w2v.training.callbacks import Training
from w2v.training.events import Evaluated, OnEvent
from w2v.training.model import Model
from w2v.vectors.evaluation_analogies import evaluate_analogies
from w2v.vectors.evaluation_pairs import evaluate_pairs
from w2v.vectors.evaluation_scores import AnalogyScores, SimilarityScores
from w2v.vectors.evaluation_sets import AnalogySet, PairSet, lasting_name, read_evaluation_set
from w2v.vectors.keyed_vectors import KeyedVectors

HELD_OUT = "held-out"


@dataclass(frozen=True)
class EarlyStop:
    """When to stop: after `patience` evaluations in a row without improvement.

    Attributes
    ----------
    metric : str
        The name of a test set, which is its file's name without the suffix, or "held-out" for the
        held-out loss.
    patience : int
        1 to 1,000,000.
    """

    metric: str
    patience: int

    @classmethod
    def parse(cls, text: str) -> "EarlyStop":
        """Read METRIC:PATIENCE, as in questions-words:3.

        Raises ConfigError for another form.
        """
        metric, _, patience = text.rpartition(":") if isinstance(text, str) else ("", "", "")
        if not metric or not patience.isdecimal() or not 1 <= int(patience) <= 1_000_000:
            raise ConfigError(
                Argument("early_stop"),
                " must be METRIC:PATIENCE, a test set's name and a number of evaluations from 1 to"
                f" 1,000,000, as in questions-words:3 or {HELD_OUT}:2, not {text!r}.",
            )
        return cls(metric, int(patience))


@dataclass(frozen=True)
class Evaluation:
    """How a training is evaluated, and its best result, as a checkpoint keeps them.

    Attributes
    ----------
    sets : tuple of str
        Paths of the test sets, valid in every directory.
    every : float
        Million words between evaluations.
    early_stop : str or None
        METRIC:PATIENCE, as given.
    measure : str or None
        What `best` is a score of.
    best : float or None
        The best score so far.
    since_best : int
        Evaluations since then.
    scores : dict of str to float or None
        All scores of that evaluation.
    vectors : str or None
        The digest of the file with the model of that evaluation.
    """

    sets: tuple[str, ...]
    every: float
    early_stop: str | None
    measure: str | None
    best: float | None
    since_best: int
    scores: dict[str, float | None]
    vectors: str | None


class Evaluator:
    """A callback that scores the vectors on test sets, and stops when they no longer improve."""

    def __init__(
        self,
        paths: Sequence[str | os.PathLike[str]],
        every: float | None,
        early_stop: str | None,
        held_out: bool,
        emit: OnEvent,
        before: Evaluation | None = None,
    ) -> None:
        """Read the test sets.

        Parameters
        ----------
        paths : sequence of paths
            Analogy or similarity sets.
        every : float or None
            Million words between evaluations; None means 100.
        early_stop : str or None
            METRIC:PATIENCE.
        held_out : bool
            Whether there is a held-out text, whose loss is another metric.
        emit : callable
            Called with each Evaluated.
        before : Evaluation, optional
            The evaluation of the training that is resumed; it fills in what is not given.

        Raises
        ------
        FormatError
            For a bad file.
        ConfigError
            For two sets of one name, or an unknown metric.
        """
        if before is not None:
            paths, early_stop = paths or before.sets, early_stop or before.early_stop
            every = before.every if every is None else every
        every = 100.0 if every is None else every
        self._every = checked_number("evaluate_every", every, 0, 1_000_000, above=True)
        self._paths = [lasting_name(path) for path in paths]
        self._sets: dict[str, AnalogySet | PairSet] = {}
        for path in map(located, paths):
            if path.stem in self._sets or path.stem == HELD_OUT:
                raise ConfigError(f"Two test sets have the name {path.stem!r}; rename one's file.")
            self._sets[path.stem] = read_evaluation_set(path)
        if any(isinstance(found, PairSet) for found in self._sets.values()):
            # Otherwise the first evaluation would take half a second from training.
            importlib.import_module("scipy.stats")
        self._held_out, self._emit = held_out, emit
        self._asked = early_stop
        self._early_stop = None if early_stop is None else EarlyStop.parse(early_stop)
        self._check_metric()
        self._best, self._since_best = -math.inf, 0
        self.best: Model | None = None
        self.best_scores: dict[str, float | None] = {}

    @property
    def every(self) -> float:
        """The words of the corpus between evaluations."""
        return self._every * 1e6

    def _check_metric(self) -> None:
        names = [*self._sets, *([HELD_OUT] if self._held_out else [])]
        if self._early_stop is not None and self._early_stop.metric not in names:
            known = f" (there is {' and '.join(names)})" if names else ""
            raise ConfigError(
                Argument("early_stop"),
                f" names {self._early_stop.metric!r}, which is not measured{known}; name a test set"
                " given to ", Argument("evaluate"), f", or {HELD_OUT} together with ",
                Argument("held_out"), ".",
            )  # fmt: skip

    @property
    def measures(self) -> bool:
        """Whether there is anything to evaluate."""
        return bool(self._sets) or self._held_out

    @property
    def keeps_best(self) -> bool:
        """Whether a copy of the best model is kept."""
        return self._early_stop is not None

    @property
    def asks_analogies(self) -> bool:
        """Whether there is an analogy set among the test sets."""
        return any(isinstance(found, AnalogySet) for found in self._sets.values())

    def __call__(self, training: Training) -> None:
        """Evaluate where training pauses, every so many words."""
        if training.paused and self.measures:
            self._evaluate(training, training.trainer.held_out_loss())

    def finish(self, training: Training) -> None:
        """Evaluate at the end of training, or at a pause where it was stopped."""
        trainer = training.trainer
        if trainer.done == 1 and self.measures:
            self._evaluate(training, trainer.history[-1].held_out_loss)
        elif trainer.pauses_here and self.measures:
            self._evaluate(training, trainer.held_out_loss())

    def _evaluate(self, training: Training, held_out: float | None) -> None:
        """Score the vectors as they are now, and report it."""
        vectors, words = training.vectors(), training.trainer.words
        began = time.perf_counter()
        found = {name: _scored(vectors, each) for name, each in self._sets.items()}
        scores = {name: _figure(result) for name, result in found.items()}
        sections = {
            name: result.sections
            for name, result in found.items()
            if isinstance(result, AnalogyScores)
        }
        self._emit(Evaluated(words, scores, held_out, time.perf_counter() - began, sections))
        training.scores = scores
        if self._early_stop is not None:
            metric = self._early_stop.metric
            value = -held_out if metric == HELD_OUT and held_out is not None else scores.get(metric)
            if value is None or not value > self._best:
                self._since_best += 1
            else:
                self._best, self._since_best = value, 0
                self.best, self.best_scores = training.copied(self.best), scores
            if self.is_over:
                training.stop()

    @property
    def is_over(self) -> bool:
        """Whether as many evaluations as `patience` allows have brought no improvement."""
        return self._early_stop is not None and self._since_best >= self._early_stop.patience

    def evaluation(self, vectors: str | None) -> Evaluation:
        """Return what a checkpoint keeps.

        `vectors` is the digest of the file of `best`.
        """
        best = None if self.best is None else self._best
        return Evaluation(
            tuple(self._paths), self._every, self._asked, self._measure(), best, self._since_best,
            self.best_scores, vectors,
        )  # fmt: skip

    def go_on_from(self, before: Evaluation, read_best: Callable[[str], Model]) -> str | None:
        """Take over another evaluator's best result, if it was scored by the same measure.

        Parameters
        ----------
        before : Evaluation
        read_best : callable
            Takes the digest of the best model's file, and returns the model.

        Returns
        -------
        str or None
            This digest; None if no model was taken over.
        """
        if self._early_stop is None or before.measure != self._measure():
            return None
        self._since_best, self.best_scores = before.since_best, dict(before.scores)
        if before.best is None or before.vectors is None:
            return None
        self._best, self.best = before.best, read_best(before.vectors)
        return before.vectors

    def _measure(self) -> str | None:
        """Return the measure of early stopping; a set with other content is another measure."""
        if self._early_stop is None:
            return None
        metric = self._early_stop.metric
        if metric == HELD_OUT:
            return metric
        found = self._sets[metric]
        asked = found.sections if isinstance(found, AnalogySet) else found.pairs
        digest = hashlib.blake2b(repr(asked).encode("utf-8", "surrogatepass"), digest_size=16)
        return f"{metric} {digest.hexdigest()}"


def _scored(
    vectors: KeyedVectors, found: AnalogySet | PairSet
) -> AnalogyScores | SimilarityScores | None:
    """Return the scores on a test set; None if no word fits."""
    try:
        if isinstance(found, AnalogySet):
            return evaluate_analogies(vectors, found)
        return evaluate_pairs(vectors, found)
    except W2VError:
        return None


def _figure(result: AnalogyScores | SimilarityScores | None) -> float | None:
    """Return the share of correct analogies, or Spearman's correlation; None if there is none."""
    if isinstance(result, AnalogyScores):
        return result.total.accuracy if result.total.answered else None
    if result is None or math.isnan(result.spearman):
        return None
    return result.spearman
