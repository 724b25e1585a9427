"""The training loop: epochs, chunks, worker threads, learning rate and progress."""

import queue
import threading
import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.chunk import train_chunk
from w2v.kernels.rng import stream_key
from w2v.kernels.scratch import (
    BLOCK,
    CENTERS,
    DROPPED,
    KEPT,
    LOSS,
    PAIRS,
    PLACES,
    SATURATED,
    SCORES,
    Schedule,
    Scratch,
    Text,
)
from w2v.text.encoding import EncodedCorpus
from w2v.text.vocabulary import Vocabulary
from w2v.training.config import TrainConfig
from w2v.training.events import EpochEnded, OnEvent, Progress
from w2v.training.sampling import keep_probabilities, keep_thresholds
from w2v.training.scratch import GROUP_BITS, hot_count, new_scratch, output_tables
from w2v.training.weights import Weights

# A chunk is 10 to 100 ms of work at 100 dimensions: short enough for a prompt Ctrl-C, long enough
# for the hand-over (0.05 ms) not to count.
CHUNK = 32 * BLOCK
INTERVAL = 16 * CHUNK  # tokens whose loss is told together, besides that of the epoch
LOSS_SHARE = 32  # the loss is taken on one group in so many, chosen by position; a power of two
_HELD_OUT_EPOCH = 2**62  # the stream of the held-out text's draws, which no epoch has

Totals = NDArray[np.float64]


class Trainer:
    """Trains one set of weights on one encoded corpus."""

    def __init__(
        self,
        corpus: EncodedCorpus,
        vocabulary: Vocabulary,
        config: TrainConfig,
        held_out: EncodedCorpus | None = None,
    ) -> None:
        self.config = config
        self.corpus_words = vocabulary.corpus_words
        copies = hot_count(len(vocabulary), config.threads) * config.threads
        self.weights = Weights.fresh(len(vocabulary), config.vector_size, config.seed, copies)
        keep = keep_thresholds(keep_probabilities(vocabulary.counts, config.sample))
        self._text = Text(corpus.tokens, corpus.sentence_offsets, keep)
        self._held_out = held_out and Text(held_out.tokens, held_out.sentence_offsets, keep)
        self._outputs, path_steps = output_tables(vocabulary.counts, config)
        self._scratch = [
            new_scratch(worker, self.weights, self._outputs, path_steps, config)
            for worker in range(config.threads)
        ]

    def compile(self) -> float:
        """Compile the kernel, or load it from the cache; return the seconds that it took."""
        began = time.perf_counter()
        self._train(self._text, 0, 0, self._schedule(0), self._scratch[0])
        return time.perf_counter() - began

    def held_out_loss(self) -> float | None:
        """Return the mean loss of a pair of the held-out text; None where nothing was held out.

        A pass at a learning rate of 0, which changes nothing, with the same draws every time.
        """
        if self._held_out is None:
            return None
        kept = [scratch.totals.copy() for scratch in self._scratch]
        before = self._totals()
        for _ in self._run_chunks(self._held_out, self._loss_schedule()):
            pass
        sums = self._totals() - before
        for scratch, totals in zip(self._scratch, kept, strict=True):
            scratch.totals[:] = totals
        return _mean(sums[LOSS], sums[PAIRS])

    def run(self, on_event: OnEvent | None = None) -> list[EpochEnded]:
        """Train all epochs, telling `on_event` of every chunk and epoch; return each one's sums.

        On KeyboardInterrupt, or an exception in a worker or in `on_event`, the running chunks
        are finished, the threads ended, and the exception raised; the weights stay valid.
        """
        began = time.perf_counter()
        self._interval = _Interval()
        results: list[EpochEnded] = []
        for epoch in range(self.config.epochs):
            epoch_began = time.perf_counter()
            before = self._totals()
            for tokens_done in self._run_chunks(self._text, self._schedule(epoch)):
                if on_event is not None:
                    sums = self._totals() - before
                    on_event(self._progress(epoch, tokens_done, sums, began, results))
            ended = self._epoch_ended(epoch, self._totals() - before, epoch_began)
            results.append(ended)
            if on_event is not None:
                on_event(ended)
        return results

    def _run_chunks(self, text: Text, schedule: Schedule) -> Iterator[int]:
        """Share a text's chunks among the workers; yield the tokens done after each chunk."""
        size = len(text.tokens)
        starts = iter(range(0, size, CHUNK))  # next() on it is atomic
        finished: queue.SimpleQueue[int | BaseException | None] = queue.SimpleQueue()
        stop = threading.Event()

        def work(scratch: Scratch) -> None:
            try:
                for start in starts:
                    if stop.is_set():
                        break
                    end = min(size, start + CHUNK)
                    self._train(text, start, end, schedule, scratch)
                    finished.put(end - start)
            except BaseException as error:  # handed to the caller's thread, which raises it
                stop.set()
                finished.put(error)
            finished.put(None)

        threads = [threading.Thread(target=work, args=(s,), daemon=True) for s in self._scratch]
        for thread in threads:
            thread.start()
        try:
            yield from _collect(finished, len(threads))
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    def _train(
        self, text: Text, start: int, stop: int, schedule: Schedule, scratch: Scratch
    ) -> None:
        train_chunk(
            text, start, stop, schedule, self._outputs, self.config.architecture == "cbow",
            self.weights.input_rows, self.weights.output_rows, scratch,
        )  # fmt: skip

    def _schedule(self, epoch: int) -> Schedule:
        config, size = self.config, len(self._text.tokens)
        fall = (config.learning_rate - config.final_learning_rate) / (config.epochs * size)
        return Schedule(
            alpha=config.learning_rate,
            fall=fall,
            min_alpha=config.final_learning_rate,
            position=epoch * size,
            key=stream_key(config.seed, epoch),
            window=config.window,
            group_bits=GROUP_BITS if config.architecture == "skipgram" else 0,
            loss_mask=np.uint64(LOSS_SHARE - 1),
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

    def _epoch_ended(self, epoch: int, sums: Totals, began: float) -> EpochEnded:
        seconds = time.perf_counter() - began
        return EpochEnded(
            epoch=epoch + 1,
            loss=_mean(sums[LOSS], sums[PAIRS]),
            loss_pairs=int(sums[PAIRS]),
            held_out_loss=self.held_out_loss(),
            trained=int(sums[KEPT]),
            without_context=int(sums[KEPT] - sums[CENTERS]),
            subsampled=int(sums[DROPPED]),
            saturated=_mean(sums[SATURATED], sums[SCORES]),
            seconds=seconds,
        )

    def _progress(
        self, epoch: int, tokens_done: int, sums: Totals, began: float, ended: list[EpochEnded]
    ) -> Progress:
        config, schedule = self.config, self._schedule(epoch)
        seconds = time.perf_counter() - began
        done = (epoch + tokens_done / len(self._text.tokens)) / config.epochs
        rate = schedule.alpha - schedule.fall * (schedule.position + tokens_done)
        return Progress(
            epoch=epoch + 1,
            epochs=config.epochs,
            done=done,
            words_per_second=done * config.epochs * self.corpus_words / seconds,
            loss=_mean(sums[LOSS], sums[PAIRS]),
            interval_loss=self._interval.loss(tokens_done, sums),
            held_out_loss=ended[-1].held_out_loss if ended else None,
            learning_rate=max(rate, schedule.min_alpha),
            seconds=seconds,
            seconds_left=seconds * (1 - done) / done,
        )


def _collect(
    finished: "queue.SimpleQueue[int | BaseException | None]", running: int
) -> Iterator[int]:
    """Yield the running sum of the sizes that come in until every worker has ended."""
    done = 0
    while running:
        try:
            item = finished.get(timeout=0.1)  # wakes up for Ctrl-C on every system
        except queue.Empty:
            continue
        if item is None:
            running -= 1
        elif isinstance(item, BaseException):
            raise item
        else:
            done += item
            yield done


class _Interval:
    """The loss since the last report, told every INTERVAL tokens."""

    def __init__(self) -> None:
        self._start, self._sums, self._loss = 0, np.zeros(PLACES), float("nan")

    def loss(self, tokens_done: int, sums: Totals) -> float:
        """Return the loss of the last interval that has ended; `sums`: those of the epoch."""
        if tokens_done < self._start:  # another epoch
            self._start, self._sums = 0, np.zeros(PLACES)
        if tokens_done - self._start >= INTERVAL:
            change = sums - self._sums
            self._start, self._sums, self._loss = tokens_done, sums, _mean(change[LOSS], change[PAIRS])
        return self._loss


def _mean(total: float, number: float) -> float:
    return float(total / number) if number else float("nan")
