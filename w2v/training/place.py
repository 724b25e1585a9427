"""The place that a training has reached, and the events made from it."""

from dataclasses import dataclass, field

import numpy as np

from w2v.errors import DivergedError
from w2v.kernels.state import (
    BLOCK,
    CENTERS,
    DROPPED,
    KEPT,
    LOSS,
    PAIRS,
    SATURATED,
    SCORES,
    TOTALS_SIZE,
)
from w2v.training.config import TrainConfig
from w2v.training.engines.engine import Totals
from w2v.training.events import EpochEnded, Progress

INTERVAL = 512 * BLOCK  # tokens; the mean loss of each interval is reported besides the epoch's


@dataclass(eq=False)
class Place:
    """The place that a training has reached.

    Attributes
    ----------
    epoch : int
        The running epoch, from 0.
    position : int
        Tokens of it that are trained: all tokens before this one, and none behind.
    totals : float64 (TOTALS_SIZE,)
        The sums of this epoch so far.
    history : list of EpochEnded
        The epochs that have ended.
    seconds : float
        Seconds of training.
    seconds_before : float
        Those before this epoch.
    """

    epoch: int
    position: int
    totals: Totals
    history: list[EpochEnded] = field(default_factory=list)
    seconds: float = 0.0
    seconds_before: float = 0.0


class Reporter:
    """Makes the events of a training from its place and its sums.

    Parameters
    ----------
    config : TrainConfig
    tokens : int
        Tokens of the text that is trained on.
    corpus_words : int
        All words of the corpus.
    workers : int
        Workers that write to the same weights.
    """

    def __init__(self, config: TrainConfig, tokens: int, corpus_words: int, workers: int) -> None:
        self._config, self._tokens, self._corpus_words = config, tokens, corpus_words
        self._workers = workers
        self._interval = _Interval()

    def go_on_from(self, place: Place) -> None:
        """Begin the intervals of the loss where a training is resumed."""
        self._interval = _Interval(place.position, place.totals)

    def done(self, epoch: int, position: int) -> float:
        """Return the share of all the work that is done, 0 to 1."""
        return (epoch + position / self._tokens) / self._config.passes

    def words(self, epoch: int, position: int) -> float:
        """Return the words of the corpus that have been trained, over all epochs."""
        return self.done(epoch, position) * self._config.passes * self._corpus_words

    def learning_rate(self, epoch: int, position: int) -> float:
        """Return the learning rate at a token, as the kernels compute it."""
        first, last = self._config.learning_rate, self._config.final_learning_rate
        rate = first - (first - last) * self.done(epoch, position)
        return max(last, rate) if last <= first else min(last, rate)

    def progress(self, epoch: int, tokens_done: int, place: Place, sums: Totals) -> Progress:
        """Return the progress after `tokens_done` tokens of an epoch, whose sums are given."""
        done, words = self.done(epoch, tokens_done), self.words(epoch, tokens_done)
        history = place.history
        return Progress(
            epoch=epoch + 1,
            epochs=self._config.passes,
            done=done,
            words=round(words),
            words_per_second=words / place.seconds,
            loss=mean_loss(sums),
            interval_loss=self._interval.loss(tokens_done, sums),
            held_out_loss=history[-1].held_out_loss if history else None,
            learning_rate=self.learning_rate(epoch, tokens_done),
            seconds=place.seconds,
            seconds_left=place.seconds * (1 - done) / done,
        )

    def diverged(self, epoch: int, position: int, fault: str) -> DivergedError:
        """Return an error that reports where a training became unsound, and the remedy.

        Parameters
        ----------
        epoch, position : int
            The place, counted from 0.
        fault : str
            The fault as the rest of a sentence (w2v/training/soundness.py, weight_checks.py).
        """
        config = self._config
        name = "alpha" if config.highest_rate == config.learning_rate else "min_alpha"
        also = []
        if self._workers > 2:
            also.append(f"fewer workers ({self._workers})")
        if config.window > 10 and not config.sentence_windows:
            also.append(f"a smaller window ({config.window})")
        hint = f" {' or '.join(also).capitalize()} may also help." if also else ""
        return DivergedError(
            f"The training diverged: in epoch {epoch + 1}, at token {position:,} of"
            f" {self._tokens:,}, where the learning rate was"
            f" {self.learning_rate(epoch, position):.4g}, {fault}; lower {name}, which was"
            f" {config.highest_rate:g}.{hint}"
        )


def epoch_ended(place: Place, sums: Totals, held_out_loss: float | None) -> EpochEnded:
    """Return the event of an epoch that has ended.

    Parameters
    ----------
    place : Place
    sums : float64 (TOTALS_SIZE,)
        Those of the epoch.
    held_out_loss : float or None
        The loss of the held-out text, if there is one.
    """
    return EpochEnded(
        epoch=place.epoch + 1,
        loss=mean_loss(sums),
        loss_pairs=int(sums[PAIRS]),
        held_out_loss=held_out_loss,
        trained=int(sums[KEPT]),
        without_context=int(sums[KEPT] - sums[CENTERS]),
        subsampled=int(sums[DROPPED]),
        saturated=_ratio(sums[SATURATED], sums[SCORES]),
        seconds=place.seconds - place.seconds_before,
    )


def mean_loss(sums: Totals) -> float:
    """Return the mean loss of a pair from float64 (TOTALS_SIZE,) sums; NaN without pairs."""
    return _ratio(sums[LOSS], sums[PAIRS])


class _Interval:
    """The mean loss since the last report, every INTERVAL tokens."""

    def __init__(self, start: int = 0, sums: Totals | None = None) -> None:
        self._start, self._loss = start, float("nan")
        self._sums = np.zeros(TOTALS_SIZE) if sums is None else sums

    def loss(self, tokens_done: int, sums: Totals) -> float:
        """Return the loss of the last interval that has ended; `sums` are those of the epoch."""
        if tokens_done < self._start:  # another epoch
            self._start, self._sums = 0, np.zeros(TOTALS_SIZE)
        if tokens_done - self._start >= INTERVAL:
            self._loss = mean_loss(sums - self._sums)
            self._start, self._sums = tokens_done, sums
        return self._loss


def _ratio(total: float, number: float) -> float:
    return float(total / number) if number else float("nan")
