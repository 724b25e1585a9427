"""The place that a training has reached, and the reports made from it."""

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

INTERVAL = 512 * BLOCK  # tokens whose mean loss is reported, besides that of the epoch


@dataclass(eq=False)
class Place:
    """Where a training stands.

    epoch: the running one, from 0. position: the tokens of it that are trained, all before it and
    none behind. totals: float64 (TOTALS_SIZE,), what was added up in this epoch so far.
    history: the epochs that have ended. seconds: of training, and those before this epoch.
    """

    epoch: int
    position: int
    totals: Totals
    history: list[EpochEnded] = field(default_factory=list)
    seconds: float = 0.0
    seconds_before: float = 0.0


class Reporter:
    """Makes the events of a training from its place and its sums.

    tokens: of the text that is trained on. corpus_words: of the corpus, all of them. workers: that
    write to the same weights.
    """

    def __init__(self, config: TrainConfig, tokens: int, corpus_words: int, workers: int) -> None:
        self._config, self._tokens, self._corpus_words = config, tokens, corpus_words
        self._workers = workers
        self._interval = _Interval()

    def done(self, epoch: int, position: int) -> float:
        """Return the share of all the work, 0 to 1."""
        return (epoch + position / self._tokens) / self._config.passes

    def words(self, epoch: int, position: int) -> float:
        """Return the words of the corpus that have been trained, over all epochs."""
        return self.done(epoch, position) * self._config.passes * self._corpus_words

    def learning_rate(self, epoch: int, position: int) -> float:
        """Return the learning rate at a token, as the kernels take it."""
        first, last = self._config.learning_rate, self._config.final_learning_rate
        return max(last, first - (first - last) * self.done(epoch, position))

    def progress(self, epoch: int, tokens_done: int, place: Place, sums: Totals) -> Progress:
        """Return the progress after so many tokens of an epoch."""
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
        """Return the error that says where a training was found to be unsound, and what to do.

        fault: what is wrong, as the rest of a sentence (w2v/training/soundness.py).
        """
        config = self._config
        also = []
        if self._workers > 2:
            also.append(f"fewer workers ({self._workers})")
        if config.window > 10:
            also.append(f"a smaller window ({config.window})")
        hint = f" {' or '.join(also).capitalize()} may also help." if also else ""
        return DivergedError(
            f"The training diverged: in epoch {epoch + 1}, at token {position:,} of"
            f" {self._tokens:,}, where the learning rate was"
            f" {self.learning_rate(epoch, position):.4g}, {fault}; lower alpha, which was"
            f" {config.learning_rate:g}.{hint}"
        )


def epoch_ended(place: Place, sums: Totals, held_out_loss: float | None) -> EpochEnded:
    """Return the sums of the epoch that has come to its end."""
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
    """Return the mean loss of a pair; NaN without any."""
    return _ratio(sums[LOSS], sums[PAIRS])


class _Interval:
    """The loss since the last report, every INTERVAL tokens."""

    def __init__(self) -> None:
        self._start, self._sums, self._loss = 0, np.zeros(TOTALS_SIZE), float("nan")

    def loss(self, tokens_done: int, sums: Totals) -> float:
        """Return the loss of the last interval that has ended; `sums`: those of the epoch."""
        if tokens_done < self._start:  # another epoch
            self._start, self._sums = 0, np.zeros(TOTALS_SIZE)
        if tokens_done - self._start >= INTERVAL:
            self._loss = mean_loss(sums - self._sums)
            self._start, self._sums = tokens_done, sums
        return self._loss


def _ratio(total: float, number: float) -> float:
    return float(total / number) if number else float("nan")
