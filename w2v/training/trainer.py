"""The training loop: epochs, chunks, worker threads, learning rate and progress."""

import queue
import threading
import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.chunk import train_chunk
from w2v.kernels.rng import stream_key
from w2v.kernels.scratch import BLOCK, Schedule, Scratch, Text
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

Totals = NDArray[np.float64]


class Trainer:
    """Trains one set of weights on one encoded corpus."""

    def __init__(self, corpus: EncodedCorpus, vocabulary: Vocabulary, config: TrainConfig) -> None:
        self.config = config
        self.corpus_words = vocabulary.corpus_words
        copies = hot_count(len(vocabulary), config.threads) * config.threads
        self.weights = Weights.fresh(len(vocabulary), config.vector_size, config.seed, copies)
        keep = keep_thresholds(keep_probabilities(vocabulary.counts, config.sample))
        self._text = Text(corpus.tokens, corpus.sentence_offsets, keep)
        self._outputs, path_steps = output_tables(vocabulary.counts, config)
        self._scratch = [
            new_scratch(worker, self.weights, self._outputs, path_steps, config)
            for worker in range(config.threads)
        ]

    def compile(self) -> float:
        """Compile the kernel, or load it from the cache; return the seconds that it took."""
        began = time.perf_counter()
        self._train(0, 0, self._schedule(0), self._scratch[0])
        return time.perf_counter() - began

    def run(self, on_event: OnEvent | None = None) -> list[EpochEnded]:
        """Train all epochs, telling `on_event` of every chunk and epoch; return each one's sums.

        On KeyboardInterrupt, or an exception in a worker or in `on_event`, the running chunks
        are finished, the threads ended, and the exception raised; the weights stay valid.
        """
        began = time.perf_counter()
        results: list[EpochEnded] = []
        for epoch in range(self.config.epochs):
            epoch_began = time.perf_counter()
            before = self._totals()
            for tokens_done in self._run_epoch(epoch):
                if on_event is not None:
                    sums = self._totals() - before
                    on_event(self._progress(epoch, tokens_done, sums, began))
            loss, pairs, centers = self._totals() - before
            seconds = time.perf_counter() - epoch_began
            ended = EpochEnded(epoch + 1, _mean(loss, pairs), int(pairs), int(centers), seconds)
            results.append(ended)
            if on_event is not None:
                on_event(ended)
        return results

    def _run_epoch(self, epoch: int) -> Iterator[int]:
        """Share the chunks among the workers; yield the tokens done after each chunk."""
        schedule = self._schedule(epoch)
        size = len(self._text.tokens)
        starts = iter(range(0, size, CHUNK))  # next() on it is atomic
        finished: queue.SimpleQueue[int | BaseException | None] = queue.SimpleQueue()
        stop = threading.Event()

        def work(scratch: Scratch) -> None:
            try:
                for start in starts:
                    if stop.is_set():
                        break
                    end = min(size, start + CHUNK)
                    self._train(start, end, schedule, scratch)
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

    def _train(self, start: int, stop: int, schedule: Schedule, scratch: Scratch) -> None:
        train_chunk(
            self._text, start, stop, schedule, self._outputs, self.config.architecture == "cbow",
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
        )

    def _totals(self) -> Totals:
        """Sum the workers' totals: loss, pairs it was taken on, centre words."""
        total: Totals = np.sum([scratch.totals for scratch in self._scratch], axis=0)
        return total

    def _progress(self, epoch: int, tokens_done: int, sums: Totals, began: float) -> Progress:
        config, schedule = self.config, self._schedule(epoch)
        seconds = time.perf_counter() - began
        done = (epoch + tokens_done / len(self._text.tokens)) / config.epochs
        rate = schedule.alpha - schedule.fall * (schedule.position + tokens_done)
        return Progress(
            epoch=epoch + 1,
            epochs=config.epochs,
            done=done,
            words_per_second=done * config.epochs * self.corpus_words / seconds,
            loss=_mean(sums[0], sums[1]),
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


def _mean(total: float, number: float) -> float:
    return float(total / number) if number else float("nan")
