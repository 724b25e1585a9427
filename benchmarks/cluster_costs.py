"""What the parts of a round of training on a cluster take in a worker, each measured alone."""

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy.optimize import nnls

from scale_model import QUALITY_BOUND, Law
from w2v import TrainConfig
from w2v.kernels.state import BLOCK, Schedule
from w2v.machine import available_cores
from w2v.text.encoding import EncodedCorpus
from w2v.text.vocabulary import Vocabulary
from w2v.training.cluster.letters import Both
from w2v.training.cluster.pieces import piece_for
from w2v.training.cluster.replica import Replica
from w2v.training.defaults import fitted
from w2v.training.engines.distances import row_distances
from w2v.training.engines.round_shape import RoundShape
from w2v.training.engines.stretches import as_text, mapped
from w2v.training.engines.tables import output_tables
from w2v.training.sampling import keep_probabilities, keep_thresholds
from w2v.training.schedule import Schedules
from w2v.training.shapes import aligned_empty

_MANY_SHARDS = 512  # what a shard adds to a joined row is the difference to so many
REPEATS = 5
_STRETCHES, _ROUNDS = 12, 12


class Bench:
    """A worker's replica and a text, to do the parts of a round with and time them.

    Parameters
    ----------
    corpus : EncodedCorpus
    vocabulary : Vocabulary
    config : TrainConfig
    shape : RoundShape
        The shards that are trained, and the longest stretch.
    """

    def __init__(
        self, corpus: EncodedCorpus, vocabulary: Vocabulary, config: TrainConfig, shape: RoundShape
    ) -> None:
        self.config = config = fitted(config, len(corpus.tokens), len(vocabulary))
        kept = keep_probabilities(vocabulary.counts, config.threshold)
        self._text = mapped(as_text(corpus, keep_thresholds(kept)))
        counts = np.bincount(corpus.tokens[:], minlength=len(vocabulary)).astype(np.int64)
        self._schedule: Schedule = Schedules(config, counts, kept).epoch(0)
        self.law = Law(vocabulary.counts.astype(np.float64), config.threshold, config.window)
        outputs = output_tables(vocabulary.counts, config)
        self.cores = available_cores()
        slots = max(shape.shards, self.cores)
        longest = RoundShape(slots, max(shape.stretch, QUALITY_BOUND))
        distances = row_distances(counts, config, longest)
        self._replica = Replica(distances, outputs, config, longest)
        self._replica.seat(slots)
        self._shape = shape
        self._replica.compile(self._text, self._schedule)

    def train(self, number: int, stretch: int, slot: int = 0) -> None:
        """Train the stretch of this number, counted from the start of the text, over and over."""
        stretches = max(1, len(self._text.tokens) // stretch)
        start = number % stretches * stretch
        stop = min(start + stretch, len(self._text.tokens))
        self._replica.plan(slot, self._text, start, stop, self._schedule)
        self._replica.train(slot, self._text, start, stop, 0, self._schedule)

    def rows(self, shards: int = 1) -> int:
        """Return the different rows that shards have touched."""
        self._replica.gather(0, shards, 0)
        return rows_of(self._replica.join(0, 1, 0, shards, aligned_empty))

    def training(self) -> tuple[float, float]:
        """Return the seconds of a kept token, and of a row that is touched.

        They are fitted to stretches of several lengths, which touch more rows a token the shorter
        they are. Each length counts by its relative error.
        """
        cases, seconds = [], []
        for stretch in sorted({BLOCK, 5 * BLOCK, self._shape.stretch, QUALITY_BOUND}):
            length, took, rows = min(stretch, len(self._text.tokens)), [], []
            for number in range(_STRETCHES):
                began = time.perf_counter()
                self.train(number, stretch)
                took.append(time.perf_counter() - began)
                rows.append(self.rows())
            cases.append([length * self.law.kept, statistics.mean(rows)])
            seconds.append(statistics.median(took))
        weight = 1 / np.array(seconds)
        found, _ = nnls(np.array(cases) * weight[:, np.newaxis], np.ones(len(seconds)))
        return float(found[0]), float(found[1])

    def cutting(self) -> float:
        """Return the seconds of cutting a stretch out of the text."""
        stretch, shards = self._shape.stretch, self._shape.shards

        def cut() -> None:
            for shard in range(shards):
                start = min(shard * stretch, len(self._text.tokens) - 1)
                stop = min(start + stretch, len(self._text.tokens))
                piece_for(self._text, start, stop, self._schedule, None)

        return timed(cut) / shards

    def crowding(self) -> float:
        """Return how much longer a stretch takes while every core trains one."""
        stretch = self._shape.stretch
        alone = timed(lambda: self.train(0, stretch))
        with ThreadPoolExecutor(self.cores) as threads:

            def all_train() -> None:
                work = [threads.submit(self.train, 0, stretch, slot) for slot in range(self.cores)]
                for each in work:
                    each.result()

            return max(1.0, timed(all_train) / alone)

    def merging(self) -> dict[str, float]:
        """Return the seconds of the parts of a merge, by the names of Costs, and the rows.

        Whole rounds are done, as a worker alone does them, in a thread of its own: what a part
        finds in the caches, and where its memory comes from, is half of what it costs.
        """
        with ThreadPoolExecutor(1) as thread:
            rounds = [thread.submit(self._round, number).result() for number in range(_ROUNDS)]
        return {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}

    def _round(self, number: int) -> dict[str, float]:
        replica, (shards, stretch, *_) = self._replica, self._shape
        for slot in range(shards):
            self.train(number * shards + slot, stretch, slot)
        replica.gather(0, shards, 0)
        alone = [replica.join(0, 1, slot, slot + 1, aligned_empty) for slot in range(shards)]
        entries = sum(map(rows_of, alone))
        clock = Laps()
        replica.gather(0, shards, 0)
        rows = rows_of(replica.join(0, 1, 0, shards, aligned_empty))
        joining = clock.lap()
        finished = replica.finish(0, 1, [], aligned_empty)
        finishing = clock.lap()
        replica.join(1, 1 << 30, 0, shards, aligned_empty)
        looking = clock.lap()
        for side in replica.sides:
            side.shards = _MANY_SHARDS
        clock.lap()
        replica.join(0, 1, 0, shards, aligned_empty)
        many = clock.lap()
        for side in replica.sides:
            side.shards = shards
        clock.lap()
        replica.commit([finished])
        committing = clock.lap()
        shard = max(0.0, many - joining) / ((_MANY_SHARDS - shards) * rows)
        return {
            "entry": max(0.0, joining - shards * rows * shard) / entries,
            "look": looking / entries,
            "shard": shard,
            "finish": max(0.0, finishing - joining) / rows,
            "commit": committing / rows,
            "rows_of_round": float(rows),
            "rows_of_stretch": entries / shards,
        }


class Laps:
    """A clock that is read again and again."""

    def __init__(self) -> None:
        self._last = time.perf_counter()

    def lap(self) -> float:
        """Return the seconds since it was read last."""
        before, self._last = self._last, time.perf_counter()
        return self._last - before


def rows_of(both: Both) -> int:
    """Return the entries of both matrices."""
    return sum(len(entries.rows) for entries in both)


def once(work: Callable[[], object]) -> float:
    """Return the seconds of a piece of work."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def timed(work: Callable[[], object]) -> float:
    """Return the median seconds of a piece of work that can be repeated."""
    return statistics.median(once(work) for _ in range(REPEATS))


def measure(
    corpus: EncodedCorpus,
    vocabulary: Vocabulary,
    config: TrainConfig,
    shape: RoundShape,
) -> dict[str, float]:
    """Return what the parts of a round take, by the names of Costs, and the rows they touched."""
    bench = Bench(corpus, vocabulary, config, shape)
    token, touched = bench.training()
    return {
        "token": token, "touched": touched, **bench.merging(),
        "cut": bench.cutting(), "crowding": bench.crowding(), "cores": bench.cores,
    }  # fmt: skip
