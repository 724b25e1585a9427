"""The training loop: epochs, loss and progress; the place it has reached, to go on later."""

import contextlib
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.state import PAIRS, TOTALS_SIZE, Text
from w2v.text.encoding import EncodedCorpus
from w2v.text.vocabulary import Vocabulary
from w2v.training.config import TrainConfig
from w2v.training.defaults import fitted
from w2v.training.engines.choosing import new_engine
from w2v.training.engines.engine import Totals
from w2v.training.engines.tables import output_tables
from w2v.training.events import EpochEnded, Event
from w2v.training.pauses import Pauses
from w2v.training.place import Place, Reporter, epoch_ended, mean_loss
from w2v.training.sampling import keep_probabilities, keep_thresholds
from w2v.training.schedule import Schedules
from w2v.training.soundness import Seen, Watch
from w2v.training.weights import Weights


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
        self._stop = 0, False  # the token up to which the engine trains, and whether to pause there
        self._corpus_words = vocabulary.corpus_words
        kept = keep_probabilities(vocabulary.counts, config.threshold)
        shares = kept * np.bincount(corpus.tokens, minlength=len(vocabulary))
        self.schedules = Schedules(config, len(corpus.tokens), shares.max() / shares.sum())
        keep = keep_thresholds(kept)
        self.text = Text(corpus.tokens, 0, corpus.sentence_offsets, keep)
        self._held_out = (
            None if held_out is None else Text(held_out.tokens, 0, held_out.sentence_offsets, keep)
        )
        self.outputs = output_tables(vocabulary.counts, config)
        self.engine = new_engine(vocabulary.counts, self.outputs, config, len(corpus.tokens))
        self._place = Place(0, 0, self.engine.totals)
        self._reporter = Reporter(
            config, len(corpus.tokens), vocabulary.corpus_words, self.engine.concurrent_workers
        )
        self._running = False
        self._watch: Watch | None = None  # until training begins
        self.frozen = np.zeros(0, dtype=np.int64)

    def compile(self) -> float:
        """Compile the kernel, or load it from the cache; return the seconds that it took."""
        began = time.perf_counter()
        self.engine.compile(self.text, self.schedules.epoch(0))
        return time.perf_counter() - began

    @property
    def weights(self) -> Weights:
        """The weights, as of when training was last settled."""
        return self.engine.weights_out()

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
                ended = epoch_ended(place, self.engine.totals, self.held_out_loss())
                place.history.append(ended)
                place.epoch, place.position = place.epoch + 1, 0
                place.seconds_before = place.seconds
                self.engine.set_totals(np.zeros(TOTALS_SIZE))
                tell(ended)
        place.seconds = time.perf_counter() - began
        if place.position:  # stopped within an epoch, whose end would have looked
            self.check_sound()
        return place.history

    def _run_epoch(self, epoch: int, began: float, tell: Callable[[Event], object]) -> bool:
        """Train the rest of an epoch; return whether it came to its end."""
        schedule, size, place = self.schedules.epoch(epoch), self.tokens, self._place
        while place.position < size and not self.stopping:
            self._stop = stop, pauses = self._next_stop(epoch, place.position)
            self._running = True
            try:
                with contextlib.closing(
                    self.engine.run(self.text, schedule, place.position, stop)
                ) as chunks:
                    for done in chunks:
                        place.seconds = time.perf_counter() - began
                        sums = self.engine.totals
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
            return self.tokens, False
        return self._pauses.next(epoch, position, self.engine.piece)

    def pause_every(self, words: float) -> None:
        """Pause every so many words of the corpus, at places that are the same in every run."""
        self._pauses = Pauses(words, self.tokens, self._corpus_words, self.config.passes)

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
        sums = self.engine.totals
        if not sums[PAIRS] and self.history:
            return self.history[-1].loss
        return mean_loss(sums)

    def settle(self) -> Place:
        """Let the running chunks end, so that nothing changes; return where training stands then.

        Training goes on by itself when whoever was told of an event returns.
        """
        if self._running:
            self._running = False
            self._place.position = self.engine.settle()
        self._place.totals = self.engine.totals
        return self._place

    @property
    def tokens(self) -> int:
        """Tokens of the text that is trained on, in an epoch."""
        return len(self.text.tokens)

    @property
    def piece(self) -> int:
        """Tokens that are trained together: training stands at a multiple, or an epoch's end."""
        return self.engine.piece

    @property
    def watch(self) -> Watch:
        """What judges the loss."""
        if self._watch is None:
            weights = self.weights
            self._watch = Watch.of(
                self.text, self.outputs, self.config, weights.input, weights.output
            )
        return self._watch

    def go_on_from(
        self, place: Place, seen: Seen, marks: Mapping[str, NDArray[np.float64]]
    ) -> None:
        """Take over where a training of the same settings and corpus stood, but for its weights.

        seen, marks: what its watch had seen.
        """
        self._place = place
        self.engine.set_totals(place.totals)
        self.watch.go_on_from(seen, marks)

    def freeze(self, rows: NDArray[np.integer[Any]]) -> None:
        """Let these rows of the input matrix stay as they are now."""
        self.frozen = rows.astype(np.int64)
        self.engine.freeze(self.frozen)

    def held_out_loss(self) -> float | None:
        """Return the mean loss of a pair of the held-out text; None where there is none.

        A pass at a learning rate of 0, which changes nothing, with the same draws every time.
        """
        if self._held_out is None:
            return None
        self.settle()
        kept = self.engine.totals
        self.engine.set_totals(np.zeros(TOTALS_SIZE))
        for _ in self.engine.run(self._held_out, self.schedules.held_out()):
            pass
        sums = self.engine.totals
        self.engine.set_totals(kept)
        return mean_loss(sums) if sums[PAIRS] else None

    def check_sound(self) -> None:
        """Raise DivergedError where the training is not sound; look at the loss and all numbers."""
        place = self.settle()
        fault = self.engine.find_fault(self.watch.longest)
        if fault is not None:
            raise self._reporter.diverged(place.epoch, place.position, fault)
        self._check_loss(place.epoch, place.position, self.engine.totals, at_once=True)

    def _check_loss(self, epoch: int, position: int, sums: Totals, at_once: bool = False) -> None:
        fault = self.watch.fault(epoch, position, sums, at_once)
        if fault is not None:
            raise self._reporter.diverged(epoch, position, fault)
