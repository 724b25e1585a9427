"""The training loop: epochs, learning rate, loss and progress; where it stands, to go on later."""

import contextlib
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.chunk import train_chunk
from w2v.kernels.rng import stream_key
from w2v.kernels.scratch import (
    PAIRS,
    PLACES,
    Outputs,
    Schedule,
    Scratch,
    Text,
)
from w2v.text.encoding import EncodedCorpus
from w2v.text.vocabulary import Vocabulary
from w2v.training.config import TrainConfig
from w2v.training.defaults import fitted
from w2v.training.deterministic import Shards, copied_rows, round_shape
from w2v.training.events import EpochEnded, Event
from w2v.training.merging import merge_plan
from w2v.training.pauses import Pauses
from w2v.training.sampling import keep_probabilities, keep_thresholds
from w2v.training.scratch import GROUP_BITS, batch_size, frozen_rows, new_scratch, output_tables
from w2v.training.soundness import Seen, Watch, matrix_fault
from w2v.training.standing import Place, Reporter, Totals, epoch_ended, mean_loss
from w2v.training.weights import Weights
from w2v.training.workers import Driver, Workers, useful_workers

# The loss is taken on one group in so many, chosen by position; a power of two. In a shorter text
# the share is larger, so that it is taken on the groups of LOSS_TOKENS tokens, or on all.
LOSS_SHARE = 32
LOSS_TOKENS = 32_768
_HELD_OUT_EPOCH = 2**62  # the stream of the held-out text's draws, which no epoch has


class Trainer:
    """Trains one set of weights on one encoded corpus.

    stopping: set it to end the training after the running chunks.
    paused: whether the place that is told of is one to pause at (`pause_every`): nothing runs.
    """

    def __init__(
        self,
        corpus: EncodedCorpus,
        vocabulary: Vocabulary,
        config: TrainConfig,
        held_out: EncodedCorpus | None = None,
    ) -> None:
        self.config = config = fitted(config, len(corpus.tokens), len(vocabulary))
        self.stopping = self.paused = False
        self._pauses: Pauses | None = None
        self._stop = 0, False  # the token up to which the driver trains, and whether to pause there
        self._corpus_words = vocabulary.corpus_words
        self._outputs, path_steps = output_tables(vocabulary.counts, config)
        size = len(vocabulary)
        workers = useful_workers(config.threads, len(corpus.tokens))
        sharing = 1 if config.deterministic else workers
        plan = merge_plan(vocabulary.counts, config, sharing, len(corpus.tokens))
        copies = (plan.size * sharing,) * 2
        if config.deterministic:
            shape = round_shape(len(corpus.tokens))
            copies = copied_rows(size, self._outputs, config, shape)
        self.weights = Weights.fresh(size, config.vector_size, config.seed, copies)
        kept = keep_probabilities(vocabulary.counts, config.threshold)
        keep = keep_thresholds(kept)
        shares = kept * np.bincount(corpus.tokens, minlength=size)
        share = shares.max() / shares.sum()
        self._batch = batch_size(config.learning_rate, config.window, share)
        self._text = Text(corpus.tokens, corpus.sentence_offsets, keep)
        self._held_out = (
            None if held_out is None else Text(held_out.tokens, held_out.sentence_offsets, keep)
        )
        self._driver: Driver
        if config.deterministic:
            self._driver = Shards(self.weights, self._outputs, path_steps, config, shape)
        else:
            scratch = [
                new_scratch(worker, self.weights, self._outputs, path_steps, config, plan)
                for worker in range(workers)
            ]
            self._driver = Workers(partial(_train, self.weights, self._outputs, config), scratch)
        self._scratch = self._driver.scratch
        self._place = Place(0, 0, np.zeros((len(self._scratch), PLACES)))
        self._reporter = Reporter(config, len(corpus.tokens), vocabulary.corpus_words, sharing)
        self._running = False
        self._watch: Watch | None = None  # until training begins
        self.frozen = np.zeros(0, dtype=np.int64)

    def compile(self) -> float:
        """Compile the kernel, or load it from the cache; return the seconds that it took."""
        began = time.perf_counter()
        self._driver.compile(self._text, self._schedule(0))
        return time.perf_counter() - began

    def run(self, tell: Callable[[Event], object] | None = None) -> list[EpochEnded]:
        """Train what is left of the epochs; return the sums of those that have ended.

        `tell` is called with every chunk's Progress and every EpochEnded. On KeyboardInterrupt,
        or an exception in a worker or in `tell`, the running chunks are finished, the threads
        ended, and the exception raised; the weights stay valid.

        Raises DivergedError where the training is no longer sound: numbers that are not finite,
        vectors longer than any training makes them, a loss above that of untrained vectors, or
        one that rises.
        """
        tell = tell or (lambda _: None)
        place, _ = self._place, self.watch  # which has to see the weights as they begin
        began = time.perf_counter() - place.seconds
        self.stopping = False
        while place.epoch < self.config.passes and not self.stopping:
            if self._run_epoch(place.epoch, began, tell):
                place.seconds = time.perf_counter() - began
                self.check_sound()
                ended = epoch_ended(place, self._totals(), self.held_out_loss())
                place.history.append(ended)
                place.epoch, place.position = place.epoch + 1, 0
                place.seconds_before = place.seconds
                for scratch in self._scratch:
                    scratch.totals[:] = 0
                tell(ended)
        place.seconds = time.perf_counter() - began
        if place.position:  # stopped within an epoch, whose end would have looked
            self.check_sound()
        return place.history

    def _run_epoch(self, epoch: int, began: float, tell: Callable[[Event], object]) -> bool:
        """Train the rest of an epoch; return whether it came to its end."""
        schedule, size, place = self._schedule(epoch), len(self._text.tokens), self._place
        while place.position < size and not self.stopping:
            self._stop = stop, pauses = self._next_stop(epoch, place.position)
            self._running = True
            try:
                with contextlib.closing(
                    self._driver.run(self._text, schedule, place.position, stop)
                ) as chunks:
                    for done in chunks:
                        place.seconds = time.perf_counter() - began
                        sums = self._totals()
                        self._check_loss(epoch, done, sums)
                        self.paused = pauses and done == stop
                        tell(self._reporter.progress(epoch, done, place, sums))
                        self._stop = stop, pauses and not self.paused
                        if self.stopping:
                            break
            finally:
                self.paused = False
                self.settle()
        return place.position >= size

    def _next_stop(self, epoch: int, position: int) -> tuple[int, bool]:
        if self._pauses is None:
            return len(self._text.tokens), False
        return self._pauses.next(epoch, position, self._driver.piece)

    def pause_every(self, words: float) -> None:
        """Pause every so many words of the corpus, at places that are the same in every run."""
        tokens = len(self._text.tokens)
        self._pauses = Pauses(words, tokens, self._corpus_words, self.config.passes)

    @property
    def pauses_here(self) -> bool:
        """Whether training was settled where it is to pause, and has still to tell of it."""
        return self._stop == (self._place.position, True) and not self.paused

    @property
    def history(self) -> list[EpochEnded]:
        """The epochs that have ended."""
        return self._place.history

    @property
    def done(self) -> float:
        """Share of all the work, 0 to 1, that was done when training was last settled."""
        return self._reporter.done(self._place.epoch, self._place.position)

    @property
    def words(self) -> int:
        """Words of the corpus that were trained then, over all epochs."""
        return round(self._reporter.words(self._place.epoch, self._place.position))

    @property
    def seconds(self) -> float:
        """Time spent on it."""
        return self._place.seconds

    @property
    def loss(self) -> float:
        """Mean loss of a pair in the running epoch, or the last one at its end."""
        sums = self._totals()
        if not sums[PAIRS] and self.history:
            return self.history[-1].loss
        return mean_loss(sums)

    def settle(self) -> Place:
        """Let the running chunks end, so that nothing changes; return where training stands then.

        Training goes on by itself when whoever was told of an event returns.
        """
        if self._running:
            self._running = False
            self._place.position = self._driver.settle()
        self._place.totals = np.array([scratch.totals for scratch in self._scratch])
        return self._place

    @property
    def tokens(self) -> int:
        """Tokens of the text that is trained on, in an epoch."""
        return len(self._text.tokens)

    @property
    def piece(self) -> int:
        """Tokens that are trained together: training stands at a multiple, or an epoch's end."""
        return self._driver.piece

    @property
    def watch(self) -> Watch:
        """What judges the loss."""
        if self._watch is None:
            weights = self.weights
            self._watch = Watch.of(
                self._text, self._outputs, self.config, weights.input, weights.output
            )
        return self._watch

    def go_on_from(
        self, place: Place, seen: Seen, marks: Mapping[str, NDArray[np.float64]]
    ) -> None:
        """Take over where a training of the same settings and corpus stood, but for its weights.

        seen, marks: what its watch had seen.
        """
        self._place = place
        for worker, totals in enumerate(place.totals):  # of any number of workers
            own = self._scratch[worker % len(self._scratch)].totals
            own += totals
        self.watch.go_on_from(seen, marks)

    def freeze(self, rows: NDArray[np.integer[Any]]) -> None:
        """Let these rows of the input matrix stay as they are now."""
        self.frozen = rows.astype(np.int64)
        frozen = frozen_rows(self.frozen, self.weights)
        self._scratch[:] = [scratch._replace(frozen=frozen) for scratch in self._scratch]

    def held_out_loss(self) -> float | None:
        """Return the mean loss of a pair of the held-out text; None where there is none.

        A pass at a learning rate of 0, which changes nothing, with the same draws every time.
        """
        if self._held_out is None:
            return None
        self.settle()
        kept = [scratch.totals.copy() for scratch in self._scratch]
        for scratch in self._scratch:
            scratch.totals[:] = 0
        for _ in self._driver.run(self._held_out, self._loss_schedule()):
            pass
        sums = self._totals()
        for scratch, totals in zip(self._scratch, kept, strict=True):
            scratch.totals[:] = totals
        return mean_loss(sums) if sums[PAIRS] else None

    def check_sound(self) -> None:
        """Raise DivergedError where the training is not sound; look at the loss and all numbers."""
        place = self.settle()
        for matrix in (self.weights.input, self.weights.output):
            fault = matrix_fault(matrix, self.watch.longest)
            if fault is not None:
                raise self._reporter.diverged(place.epoch, place.position, fault)
        self._check_loss(place.epoch, place.position, self._totals(), at_once=True)

    def _check_loss(self, epoch: int, position: int, sums: Totals, at_once: bool = False) -> None:
        fault = self.watch.fault(epoch, position, sums, at_once)
        if fault is not None:
            raise self._reporter.diverged(epoch, position, fault)

    def _schedule(self, epoch: int) -> Schedule:
        config, size = self.config, len(self._text.tokens)
        fall = (config.learning_rate - config.final_learning_rate) / (config.passes * size)
        return Schedule(
            alpha=config.learning_rate,
            fall=fall,
            min_alpha=config.final_learning_rate,
            position=epoch * size,
            key=stream_key(config.seed, epoch),
            window=config.window,
            group_bits=GROUP_BITS if config.architecture == "skipgram" else 0,
            batch=self._batch,
            loss_mask=np.uint64(loss_share(size) - 1),
        )

    def _loss_schedule(self) -> Schedule:
        """Return a schedule that changes nothing and takes the loss on every group."""
        return self._schedule(0)._replace(
            alpha=0.0,
            fall=0.0,
            min_alpha=0.0,
            key=stream_key(self.config.seed, _HELD_OUT_EPOCH),
            loss_mask=np.uint64(0),
        )

    def _totals(self) -> Totals:
        """Sum the workers' totals."""
        total: Totals = np.sum([scratch.totals for scratch in self._scratch], axis=0)
        return total


def _train(
    weights: Weights,
    outputs: Outputs,
    config: TrainConfig,
    text: Text,
    start: int,
    stop: int,
    schedule: Schedule,
    scratch: Scratch,
) -> None:
    # No method: with a reference to the trainer the matrices would outlive their last use.
    train_chunk(
        text, start, stop, schedule, outputs, config.architecture == "cbow",
        weights.input_rows, weights.output_rows, scratch,
    )  # fmt: skip


def loss_share(tokens: int) -> int:
    """Return of how many groups of a text the loss is taken on one; a power of two."""
    share = 1
    while share < LOSS_SHARE and 2 * share * LOSS_TOKENS <= tokens:
        share *= 2
    return share
