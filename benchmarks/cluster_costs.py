"""What the parts of a round of training on a cluster take on this machine, each measured alone."""

import statistics
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from scipy.optimize import nnls

from cluster_network import timed
from scale_model import QUALITY_BOUND
from scale_rows import Law
from w2v import TrainConfig
from w2v.kernels.state import BLOCK, Schedule
from w2v.machine import available_cores
from w2v.text.encoding import EncodedCorpus
from w2v.text.vocabulary import Vocabulary
from w2v.training.cluster.letters import Both, BothCopies
from w2v.training.cluster.orders import assigned
from w2v.training.cluster.pieces import piece_for
from w2v.training.cluster.replica import Replica
from w2v.training.defaults import fitted
from w2v.training.engines.distances import row_distances
from w2v.training.engines.round_shape import RoundShape
from w2v.training.engines.stretches import as_text, mapped
from w2v.training.engines.tables import output_tables
from w2v.training.sampling import keep_probabilities, keep_thresholds
from w2v.training.schedule import Schedules, pool_size
from w2v.training.shapes import aligned_empty, allocated

_MANY_SHARDS = 512  # what a shard adds to a joined row is the difference to so many
_LAPS = 2  # hot rows are merged after the first, all after the second
_MANY_PARTS = 1 << 16  # of the rows: one of them has hardly any
_ROUNDS = 24
_LONGEST = 2 * QUALITY_BOUND  # tokens of the longest stretch that is timed
_QUARTILE = 0.6745  # standard deviations of a normal distribution above its mean
_MERGING = "listing", "finishing", "committing"
_OF_LAP = *_MERGING, "entries", "rows"
_STAGES = "planning", "training", *(hot + name for hot in ("hot ", "") for name in _OF_LAP)

# The seconds of each worker in each stage of a round, and the entries and rows of a merge.
Stages = dict[str, list[float]]


class Bench:
    """A replica for each core and a text, to do the parts of a round with and time them.

    The replicas have their copies in the same memory, as those of the workers of one machine.

    Parameters
    ----------
    corpus : EncodedCorpus
    vocabulary : Vocabulary
    config : TrainConfig
    shape : RoundShape
        The shards that are trained, the longest stretch, and which rows are hot.
    """

    def __init__(
        self, corpus: EncodedCorpus, vocabulary: Vocabulary, config: TrainConfig, shape: RoundShape
    ) -> None:
        self.config = config = fitted(config, len(corpus.tokens), len(vocabulary))
        kept = keep_probabilities(vocabulary.counts, config.threshold)
        self._text = mapped(as_text(corpus, keep_thresholds(kept)))
        counts = np.bincount(corpus.tokens[:], minlength=len(vocabulary)).astype(np.int64)
        schedule: Schedule = Schedules(config, counts, kept, corpus).epoch(0)
        # The replicas have room for the pool of so many shards, whatever the text's own shape.
        self._schedule = schedule._replace(pool=pool_size(config, shape.shards))
        self.law = Law(vocabulary.counts.astype(np.float64), config.threshold, config.window)
        outputs = output_tables(vocabulary.counts, config)
        self.cores = min(available_cores(), shape.shards)
        longest = RoundShape(shape.shards, max(shape.stretch, _LONGEST), _LAPS, shape.hot)
        distances = row_distances(counts, config, longest)
        self._replicas = [
            Replica(distances, outputs, config, longest, longest) for _ in range(self.cores)
        ]
        copies = allocated(self._replicas[0].copies_shapes)
        for replica in self._replicas:
            replica.use_copies(*copies.values())
            replica.compile(self._text, self._schedule)
        self._shape = shape

    def training(self) -> tuple[float, float]:
        """Return the seconds of a kept token, and of a row that is touched.

        They are fitted to rounds of stretches of several lengths, which touch more rows a token the
        shorter they are. Each length counts by its relative error.
        """
        cases, seconds = [], []
        with ThreadPoolExecutor(1) as thread:
            lengths = {BLOCK, 5 * BLOCK, self._shape.stretch, QUALITY_BOUND, _LONGEST}
            for stretch in sorted(lengths):
                rounds = [self._round(thread, number, 1, stretch) for number in range(_ROUNDS // 2)]
                rows = median_of(rounds, "entries") / self._shape.shards
                length = min(stretch, len(self._text.tokens))
                cases.append([length * self.law.kept, rows])
                seconds.append(median_of(rounds, "training"))
        weight = 1 / np.array(seconds)
        found, _ = nnls(np.array(cases) * weight[:, np.newaxis], np.ones(len(seconds)))
        return float(found[0]), float(found[1])

    def cutting(self) -> float:
        """Return the seconds of cutting a stretch out of the text."""
        stretch, shards = self._shape.stretch, self._shape.shards

        def cut() -> None:
            for shard in range(shards):
                piece_for(self._text, *self._borders(shard, stretch), self._schedule, None)

        return timed(cut) / shards

    def rounds(self) -> dict[str, float]:
        """Return the seconds of the parts of a merge, by the names of Costs, and the rows.

        Whole rounds are done, by a worker alone and by as many as there are cores: what a part
        finds in the caches, and where its memory comes from, is half of what it costs.
        """
        with ThreadPoolExecutor(self.cores) as threads:
            alone, crowded = [], []
            for number in range(_ROUNDS):
                crowded.append(self._round(threads, number, self.cores, self._shape.stretch))
                alone.append(self._round(threads, number, 1, self._shape.stretch))
                alone[-1].update(threads.submit(self._parts).result())
        one = {name: median_of(alone, name) for name in alone[0]}
        many = {name: median_of(crowded, name) for name in crowded[0]}
        times = [seconds for each in crowded for seconds in each["training"]]
        lower, middle, upper = np.quantile(times, [0.25, 0.5, 0.75])
        return {
            **merging_costs(one, self._shape.shards),
            "planned": one["planning"] / self._shape.stretch,
            "crowding": max(1.0, many["training"] / one["training"]),
            "merge_crowding": merge_crowding(one, many, self.cores),
            # From the quartiles: seconds in which other programs ran must not count.
            "spread": float((upper - lower) / (2 * _QUARTILE * middle)),
            "rows_of_round": one["rows"],
            "rows_of_stretch": one["entries"] / self._shape.shards,
        }

    def _round(
        self, threads: ThreadPoolExecutor, number: int, workers: int, stretch: int
    ) -> Stages:
        """Do a round with some workers; return the seconds of each stage."""
        ranges = assigned(self._shape.shards, workers)
        together = threading.Barrier(workers)
        listed: list[BothCopies] = [None] * workers  # type: ignore[list-item]
        finished: list[Both] = [None] * workers  # type: ignore[list-item]
        stages: Stages = {name: [] for name in _STAGES}

        def work(place: int) -> None:
            replica, own = self._replicas[place], ranges[place]
            replica.seat(own.start, len(own))
            replica.begin(0, self._schedule, 1)
            clock = Laps()

            def reached(stage: str) -> None:
                stages[stage].append(clock.lap())

            def wait() -> None:
                together.wait()
                clock.lap()

            wait()
            for slot, shard in enumerate(own):
                self._plan(replica, number * self._shape.shards + shard, stretch, slot)
                reached("planning")
            wait()
            for slot, shard in enumerate(own):
                self._train(replica, number * self._shape.shards + shard, stretch, slot)
                reached("training")
            for lap, hot in enumerate(("hot ", "")):
                commit = partial(replica.commit_lap, len(own)) if hot else replica.commit
                wait()
                listed[place] = replica.gather(own.start, len(own), lap, aligned_empty)
                reached(hot + "listing")
                # Times the workers: the mean, which is taken of all stages, is then the sum.
                stages[hot + "entries"].append(float(copies_of(listed[place])) * workers)
                wait()
                finished[place] = replica.finish(place, workers, listed, [], aligned_empty)
                reached(hot + "finishing")
                stages[hot + "rows"].append(float(rows_of(finished[place])) * workers)
                wait()
                for both in finished:
                    commit(both)
                reached(hot + "committing")

        for each in [threads.submit(work, place) for place in range(workers)]:
            each.result()
        return stages

    def _parts(self) -> Stages:
        """Return the seconds of parts of finishing, after a round of one worker."""
        replica, shards = self._replicas[0], self._shape.shards
        clock = Laps()
        replica.join(0, 1, 0, shards, aligned_empty)
        found = {"joining": clock.lap()}
        replica.join(1, _MANY_PARTS, 0, shards, aligned_empty)
        found["looking"] = clock.lap()
        for side in replica.sides:
            side.shards = _MANY_SHARDS
        clock.lap()
        replica.join(0, 1, 0, shards, aligned_empty)
        found["many"] = clock.lap()
        for side in replica.sides:
            side.shards = shards
        return {name: [seconds] for name, seconds in found.items()}

    def _borders(self, number: int, stretch: int) -> tuple[int, int]:
        """Return where a stretch starts and stops, counted from the start, over and over."""
        start = number % max(1, len(self._text.tokens) // stretch) * stretch
        return start, min(start + stretch, len(self._text.tokens))

    def _plan(self, replica: Replica, number: int, stretch: int, slot: int) -> None:
        replica.plan(slot, [(self._text, *self._borders(number, stretch))], self._schedule)

    def _train(self, replica: Replica, number: int, stretch: int, slot: int) -> None:
        replica.train(slot, [(self._text, *self._borders(number, stretch))], 0, self._schedule)


class Laps:
    """A clock that is read again and again."""

    def __init__(self) -> None:
        self._last = time.perf_counter()

    def lap(self) -> float:
        """Return the seconds since it was read last."""
        before, self._last = self._last, time.perf_counter()
        return self._last - before


def median_of(rounds: Sequence[Stages], stage: str) -> float:
    """Return the median of a stage's mean in each round."""
    return statistics.median(statistics.mean(each[stage]) for each in rounds)


def merging_costs(one: dict[str, float], shards: int) -> dict[str, float]:
    """Return the costs of a merge, by the names of Costs, from the stages of a worker alone."""
    entries, rows, hot_entries, hot_rows = (
        one[name] for name in ("entries", "rows", "hot entries", "hot rows")
    )
    look = one["looking"] / entries
    shard = max(0.0, one["many"] - one["joining"]) / ((_MANY_SHARDS - shards) * rows)

    def entry(joining: float, entries: float, rows: float) -> float:
        return max(0.0, joining - look * entries - shard * shards * rows) / entries

    return {
        "listed": one["listing"] / entries,
        "entry": entry(one["joining"], entries, rows),
        "hot_entry": entry(one["hot finishing"], hot_entries, hot_rows),
        "look": look,
        "shard": shard,
        "finish": max(0.0, one["finishing"] - one["joining"]) / rows,
        "commit": one["committing"] / rows,
        "hot_commit": one["hot committing"] / (hot_rows + hot_entries),
    }


def merge_crowding(one: dict[str, float], many: dict[str, float], cores: int) -> float:
    """Return how much longer than alone a merge takes where all cores merge, as a factor."""
    expected = found = 0.0
    for hot in ("hot ", ""):
        entries, rows = one[hot + "entries"], one[hot + "rows"]
        looking = one["looking"] / one["entries"] * entries  # each worker looks at all of them
        copies = entries if hot else 0.0  # each writes all rows, and its own copies
        writing = (rows + copies / cores) / (rows + copies)
        expected += looking + one[hot + "committing"] * writing
        expected += (one[hot + "listing"] + max(0.0, one[hot + "finishing"] - looking)) / cores
        found += sum(many[hot + name] for name in _MERGING)
    return max(1.0, found / expected)


def rows_of(both: Both) -> int:
    """Return the entries of both matrices."""
    return sum(len(entries.rows) for entries in both)


def copies_of(both: BothCopies) -> int:
    """Return the copies of rows of both matrices."""
    return sum(len(copies.rows) for copies in both)


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
        "token": token, "touched": touched, **bench.rounds(),
        "cut": bench.cutting(), "cores": available_cores(),
    }  # fmt: skip
