"""The training loop: epochs, loss and events, and the place reached, from which it can resume."""

import contextlib
import math
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.state import PAIRS, TOTALS_SIZE
from w2v.text.encoding import EncodedCorpus
from w2v.text.vocabulary import Vocabulary
from w2v.training.config import TrainConfig
from w2v.training.defaults import fitted
from w2v.training.engines.choosing import new_engine
from w2v.training.engines.stretches import as_text
from w2v.training.engines.tables import output_tables
from w2v.training.events import EpochEnded, Event
from w2v.training.held_out_loss import held_out_loss
from w2v.training.pauses import Pauses, Stop
from w2v.training.place import Place, Reporter, epoch_ended, mean_loss
from w2v.training.sampling import keep_probabilities, keep_thresholds, word_counts
from w2v.training.schedule import Schedules
from w2v.training.sentence_windows import fit_window
from w2v.training.soundness import LossMonitor, LossMonitorState
from w2v.training.weights import Weights

if TYPE_CHECKING:
    from w2v.training.cluster.connecting import Connection


class Trainer:
    """Trains one set of weights on one encoded corpus.

    Parameters
    ----------
    corpus : EncodedCorpus
        The text that is trained on.
    vocabulary : Vocabulary
    config : TrainConfig
    held_out : EncodedCorpus, optional
        A text that is not trained on; `held_out_loss` measures its loss.
    connection : Connection, optional
        That to the cluster that trains.

    Attributes
    ----------
    config : TrainConfig
        With the settings that depend on the text filled in.
    stopping : bool
        Set it to end the training after the running chunks.
    paused : bool
        Whether the event being reported is at a place to pause at (`pause_every`); nothing runs
        then.
    frozen : int64 (frozen,)
        The rows of the input matrix that never change.
    """

    def __init__(
        self,
        corpus: EncodedCorpus,
        vocabulary: Vocabulary,
        config: TrainConfig,
        held_out: EncodedCorpus | None = None,
        connection: "Connection | None" = None,
    ) -> None:
        self.config = fitted(config, len(corpus.tokens), len(vocabulary))
        self._kernel_config = config = fit_window(self.config, corpus, held_out)
        self.stopping = self.paused = self._running = False
        self._stop = Stop(0, pauses=False)  # the engine trains up to it
        self._corpus_words = vocabulary.corpus_words
        kept = keep_probabilities(vocabulary.counts, config.threshold)
        found = word_counts(corpus.tokens, len(vocabulary))
        self.schedules = Schedules(config, found, kept, corpus)
        keep = keep_thresholds(kept)
        self.text = as_text(corpus, keep)
        held = None if held_out is None else as_text(held_out, keep)
        self._holds_out = held_out is not None
        self.pause_every(math.inf)
        self.outputs = output_tables(vocabulary.counts, config)
        self.engine = new_engine(
            vocabulary.counts, self.outputs, config, self.text, held, connection
        )
        self._place = Place(0, 0, self.engine.totals)
        self._reporter = Reporter(
            config, len(corpus.tokens), vocabulary.corpus_words, self.engine.concurrent_workers
        )
        self._monitor: LossMonitor | None = None  # until training begins
        self.frozen = np.zeros(0, dtype=np.int64)

    def compile(self) -> float:
        """Compile the kernels, or load them from the cache; return the seconds that it took."""
        began = time.perf_counter()
        self.engine.compile(self.schedules.epoch(0))
        return time.perf_counter() - began

    @property
    def weights(self) -> Weights:
        """The weights, as of the last time that training was settled."""
        return self.engine.weights_out()

    def run(self, report: Callable[[Event], object] | None = None) -> list[EpochEnded]:
        """Train the rest of the epochs.

        On KeyboardInterrupt, or an exception in a worker or in `report`, the running chunks are
        finished, the threads are ended, and the exception is raised; the weights stay valid.

        Parameters
        ----------
        report : callable, optional
            Called with the Progress of every chunk and with every EpochEnded.

        Returns
        -------
        list of EpochEnded
            Of all epochs that have ended.

        Raises
        ------
        DivergedError
            If the training is no longer sound: numbers that are not finite, vectors longer than any
            sound training makes them, a loss above that of untrained vectors, or a loss that rises.
        """
        report = report or (lambda _: None)
        place, _ = self._place, self.monitor  # made now: it reads the initial weights
        began = time.perf_counter() - place.seconds
        self.stopping = False
        while place.epoch < self.config.passes and not self.stopping:
            if self._run_epoch(place.epoch, began, report):
                place.seconds = time.perf_counter() - began
                self.check_sound()
                ended = epoch_ended(place, self.engine.totals, self.held_out_loss())
                place.history.append(ended)
                place.epoch, place.position = place.epoch + 1, 0
                place.seconds_before = place.seconds
                self.engine.set_totals(np.zeros(TOTALS_SIZE))
                report(ended)
        place.seconds = time.perf_counter() - began
        if place.position:  # stopped within an epoch, whose end would have checked this
            self.check_sound()
        elif self.stopping:
            self._raise_if(self.monitor.fault_at_stop(), place.epoch - 1, self.tokens)
        return place.history

    def _run_epoch(self, epoch: int, began: float, report: Callable[[Event], object]) -> bool:
        """Train the rest of an epoch; return whether it was completed."""
        schedule, size, place = self.schedules.epoch(epoch), self.tokens, self._place
        while place.position < size and not self.stopping:
            self._stop = stop = self._pauses.next(epoch, place.position, self.piece(epoch))
            self._running = True
            try:
                with contextlib.closing(
                    self.engine.run(schedule, place.position, stop.token)
                ) as chunks:
                    for done in chunks:
                        place.seconds = time.perf_counter() - began
                        sums = self.engine.totals
                        self._raise_if(self.monitor.fault(epoch, done, sums), epoch, done)
                        self.paused = stop.pauses and done == stop.token
                        report(self._reporter.progress(epoch, done, place, sums))
                        if self.paused:
                            self._stop = Stop(stop.token, pauses=False)
                        if self.stopping:
                            break
            finally:
                self.paused = False
                self.settle()
        return place.position >= size

    def pause_every(self, words: float) -> None:
        """Pause every `words` words of the corpus, at places that are the same in every run."""
        self._pauses = Pauses(words, self.tokens, self._corpus_words, self.config.passes)

    @property
    def pauses_here(self) -> bool:
        """Whether training was settled where it is to pause, and has not reported the pause yet."""
        return self._stop == Stop(self._place.position, pauses=True) and not self.paused

    @property
    def history(self) -> list[EpochEnded]:
        """The epochs that have ended."""
        return self._place.history

    @property
    def done(self) -> float:
        """The share of all the work, 0 to 1, that was done when training was last settled."""
        return self._reporter.done(self._place.epoch, self._place.position)

    @property
    def words(self) -> int:
        """The words of the corpus that had been trained then, over all epochs."""
        return round(self._reporter.words(self._place.epoch, self._place.position))

    @property
    def seconds(self) -> float:
        """The seconds of training."""
        return self._place.seconds

    @property
    def loss(self) -> float:
        """The mean loss of a pair in the running epoch, or in the last one when it has ended."""
        sums = self.engine.totals
        if not sums[PAIRS] and self.history:
            return self.history[-1].loss
        return mean_loss(sums)

    def settle(self) -> Place:
        """Let the running chunks end, so that nothing changes, and return the place reached.

        Training goes on by itself when the callback that received the event returns.
        """
        if self._running:
            self._place.position = self.engine.settle()
            self._running = False  # not before: Ctrl-C may have come while it settled
        self._place.totals = self.engine.totals
        return self._place

    @property
    def tokens(self) -> int:
        """The tokens of an epoch: those of the text that is trained on."""
        return len(self.text.tokens)

    def piece(self, epoch: int) -> int:
        """Return the tokens of an epoch that are trained together.

        Training stops at multiples, or at the end of the epoch.
        """
        return self.engine.piece(self.schedules.epoch(epoch))

    @property
    def monitor(self) -> LossMonitor:
        """The judge of the loss."""
        if self._monitor is None:
            weights = self.weights
            self._monitor = LossMonitor.of(
                self.tokens, self._kernel_config, weights.input, weights.output
            )
        return self._monitor

    def go_on_from(
        self,
        place: Place,
        state: LossMonitorState,
        curves: Mapping[str, NDArray[np.float64]],
    ) -> None:
        """Take over the place of another training of the same settings and corpus; not its weights.

        Parameters
        ----------
        place : Place
        state, curves
            As `LossMonitor.state` returned them.
        """
        self._place = place
        self.engine.set_totals(place.totals)
        self._reporter.go_on_from(place)
        self.monitor.go_on_from(state, curves)

    def freeze(
        self, rows: NDArray[np.integer[Any]], factors: NDArray[np.float32] | None = None
    ) -> None:
        """Keep these rows of the input matrix as they are now, or scale their changes.

        Factors other than 0 are not kept in checkpoints.

        Parameters
        ----------
        rows : integers (frozen,)
            0 to V − 1, each once.
        factors : float32 (frozen,), optional
            By what all later changes of each row are multiplied, 0 or more; by default 0.
        """
        still = rows if factors is None else rows[factors == 0]
        self.frozen = still.astype(np.int64)
        self.engine.freeze(rows, factors)

    def held_out_loss(self) -> float | None:
        """Return the mean loss of a pair of the held-out text; None if there is no held-out text.

        One pass at a learning rate of 0 changes nothing. Its draws are the same every time.
        """
        if not self._holds_out:
            return None
        self.settle()
        return held_out_loss(self.engine, self.schedules.held_out())

    def check_sound(self) -> None:
        """Raise DivergedError if the loss or any number of the weights is not sound."""
        place = self.settle()
        fault = self.engine.find_fault(self.monitor.longest)
        self._raise_if(fault, place.epoch, place.position)
        fault = self.monitor.fault(place.epoch, place.position, self.engine.totals, at_once=True)
        self._raise_if(fault, place.epoch, place.position)

    def _raise_if(self, fault: str | None, epoch: int, position: int) -> None:
        """Raise DivergedError if there is a fault, found at this place."""
        if fault is not None:
            raise self._reporter.diverged(epoch, position, fault)
