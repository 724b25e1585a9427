"""Training in rounds on a Dask cluster: the deterministic mode, with workers in place of threads.

Every worker has a replica of the weights, and trains some of a round's shards on it. The result
depends on the shards alone: it is that of `Deterministic` with as many, to the last bit, with any
number of workers, also if some come and some are lost. This file divides the text and keeps account
of the rounds; w2v/training/cluster/ has what runs on the workers.
"""

import threading
import time
from collections.abc import Generator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.errors import W2VError
from w2v.kernels.state import TOTALS_SIZE, OutputTables, Schedule
from w2v.training.cluster.connecting import Connection
from w2v.training.cluster.fleet import Fleet
from w2v.training.cluster.hand import Hand
from w2v.training.cluster.orders import Order, Report, Stretch, assigned, subtrees
from w2v.training.cluster.pieces import ahead_of, piece_for
from w2v.training.cluster.replica_memory import Needs, replica_needs
from w2v.training.cluster.spread_ids import sources_of, text_bytes
from w2v.training.config import TrainConfig
from w2v.training.engines.base import BaseEngine
from w2v.training.engines.distances import row_distances
from w2v.training.engines.engine import Sizes, Totals
from w2v.training.engines.joined_rounds import JoinedRounds
from w2v.training.engines.round_shape import RoundShape, round_shape
from w2v.training.engines.stretches import AnyText
from w2v.training.engines.tables import levels_of
from w2v.training.shapes import total_bytes
from w2v.training.weights import Weights, weights_shapes

ORDER_SECONDS = 3.0  # of an order: the workers are idle for 30 ms between two
FIRST_ROUNDS, MOST_ROUNDS = 4, 256  # of an order, before any are joined
_GROWTH, _MOST_IN_VAIN = 4, 3  # of an order over the last, at most; and orders in a row
_PARTS = "training", "waiting", "merging"  # of the time of a round


class Cluster(BaseEngine):
    """The engine of a Dask cluster; see Engine for its methods.

    Attributes
    ----------
    traffic : dict of str to float
        What the rounds so far cost: "rounds", the bytes "sent" by all workers, and the seconds of
        "training", "waiting" and "merging", in the mean of the workers.
    """

    concurrent_workers = 1  # no two shards write the same row

    def __init__(
        self,
        counts: NDArray[np.int64],
        outputs: OutputTables,
        config: TrainConfig,
        text: AnyText,
        held_out: AnyText | None = None,
        *,
        connection: Connection,
    ) -> None:
        """Allocate a replica on every worker. For the parameters see `new_engine`."""
        self._shape = round_shape(len(text.tokens), config.shards, config.architecture, config.loss)
        self._rounds = JoinedRounds(self._shape, len(text.tokens), config)
        longest = self._rounds.longest
        size = len(counts)
        weights = Weights.fresh(
            size, config.vector_size, config.seed, (0, 0), config.outputs_per_word
        )
        super().__init__(text, held_out, weights)
        self._is_current = True  # whether `_weights` are those of the workers
        tables, sources = tuple(outputs), sources_of(text, held_out)
        distances = row_distances(counts, config, self._shape)
        thresholds, shapes = text.keep_thresholds, map(tuple, (self._shape, longest))
        begin = config, distances, tables, thresholds, *shapes, sources, connection.is_local
        needs = partial(_needs_of_members, size, outputs, config, text, longest)
        self._fleet = Fleet(connection, begin, self._shape.shards, needs)
        self._tokens_done = self._orders = 0
        # Those that were reported last, and those of all rounds that are done.
        self._totals = self._reached = np.zeros(TOTALS_SIZE)
        self._ending = threading.Event()  # of the run that began last
        self._at_once = FIRST_ROUNDS
        self._in_vain = 0  # orders in a row that brought nothing, without a loss
        self.traffic = dict.fromkeys(("rounds", "sent", *_PARTS), 0.0)

    @property
    def members(self) -> list[str]:
        """The addresses of the workers that take part."""
        return [hand.peer.address for hand in self._fleet.hands]

    @staticmethod
    def bytes_needed(sizes: Sizes, config: TrainConfig) -> int:
        """Return the memory that a new engine takes on this machine, in bytes."""
        return total_bytes(
            weights_shapes(sizes.vocabulary, config.vector_size, (0, 0), config.outputs_per_word)
        )

    def piece(self, schedule: Schedule) -> int:
        """Return the tokens of a round of an epoch: training can stop at multiples of it."""
        return self._rounds.tokens(schedule)

    @property
    def division(self) -> tuple[int, ...]:
        """The shape of the rounds; see `JoinedRounds`."""
        return self._rounds.division

    @property
    def totals(self) -> Totals:
        """The sums since `set_totals`, added round by round: the same with any workers."""
        return np.array(self._totals)

    def set_totals(self, totals: Totals) -> None:
        """Replace the totals, which later rounds add to."""
        self._totals = self._reached = totals.copy()

    def compile(self, schedule: Schedule) -> None:
        """Compile the kernels on all workers, or load them from their caches."""
        self._fleet.compile(tuple(schedule))

    def _run(
        self, text: AnyText, schedule: Schedule, start: int, stop: int
    ) -> Generator[int, None, None]:
        # Another text may be run through while this run is settled, and yields no more.
        self._ending = ending = threading.Event()
        before = self._tokens_done = start
        joined, every = self._rounds.number(schedule), self.piece(schedule)
        while before < stop and not ending.is_set():
            self._fleet.admit()
            began, at_once = time.perf_counter(), max(1, self._at_once // joined)
            begins = list(range(before, min(stop, before + at_once * every), every))
            members = self.members
            rounds = self._order(text, schedule, begins)
            is_in_vain = not rounds and members == self.members and not self._fleet.is_interrupted
            self._in_vain = self._in_vain + 1 if is_in_vain else 0
            if self._in_vain == _MOST_IN_VAIN:
                raise W2VError(
                    "The Dask workers do not reach each other, though the scheduler reaches them;"
                    " let each connect to the addresses of all: " + ", ".join(members) + "."
                )
            self._pace(len(begins) * joined, time.perf_counter() - began)
            # All are done: the totals are those after the last, except while one is reported.
            self._tokens_done = min(stop, before + len(rounds) * every)
            sums = [self._totals]
            for totals in rounds:
                sums.append(sums[-1] + totals)
            self._totals = self._reached = sums[-1]
            if self._fleet.is_interrupted:
                raise KeyboardInterrupt
            for number, reached in enumerate(sums[1:], 1):
                if ending.is_set():
                    return
                self._totals = reached
                try:
                    yield min(stop, before + number * every)
                finally:
                    if not ending.is_set():
                        self._totals = sums[-1]
            before = self._tokens_done

    def _pace(self, rounds: int, seconds: float) -> None:
        """Let the next order take about as long as an order should."""
        wanted = int(rounds * ORDER_SECONDS / max(seconds, 1e-6))
        self._at_once = max(1, min(wanted, _GROWTH * self._at_once, MOST_ROUNDS))

    def settle(self) -> int:
        """Return the position reached, and begin no more; nothing runs while `run` yields."""
        self._ending.set()
        self._totals = self._reached
        return self._tokens_done

    def weights_out(self) -> Weights:
        """Return the weights of the workers, brought to this machine."""
        if not self._is_current:
            for name in ("input", "output"):
                self._fleet.read_weights(name, getattr(self._weights, name))
            self._is_current = True
        return self._weights

    def weights_in(self, weights: Weights) -> None:
        """Go on from the values of these weights, on all workers."""
        super().weights_in(weights)
        for name in ("input", "output"):
            self._fleet.write_weights(name, getattr(self._weights, name))
        self._is_current = True

    def freeze(
        self, rows: NDArray[np.integer[Any]], factors: NDArray[np.float32] | None = None
    ) -> None:
        """Keep these rows of the input matrix as they are now, or scale their changes."""
        self._fleet.freeze(np.asarray(rows, dtype=np.int64), factors)

    def find_fault(self, longest: float) -> str | None:
        """Return the fault of the weights as the rest of a sentence, or None if they are sound."""
        return self._fleet.find_fault(longest)

    def close(self) -> None:
        """Let the workers forget this training."""
        self._fleet.close()

    def _order(self, text: AnyText, schedule: Schedule, begins: list[int]) -> list[Totals]:
        """Let the workers do some rounds, and return the totals of those that were done.

        Where a worker is lost, it may be fewer than were asked for, or none.
        """
        self._orders += 1
        is_still = schedule.alpha == schedule.fall == 0  # nothing changes
        self._is_current = self._is_current and is_still
        hands = list(self._fleet.hands)
        shares = assigned(self._shape.shards, len(hands))
        orders = {
            hand: self._order_for(hand, place, hands, shares[place], text, schedule, begins)
            for place, hand in enumerate(hands)
        }
        reports = self._fleet.run(orders)
        self._account(list(reports.values()))
        if is_still:
            if any(hand not in reports for hand in hands) or self._fleet.is_interrupted:
                return []
            each = np.concatenate([reports[hand].totals for hand in hands], axis=1)
            return [_in_turn(totals) for totals in each]
        done = self._fleet.even_out({hand: len(each.totals) for hand, each in reports.items()})
        longest = max(reports.values(), key=lambda each: len(each.totals))
        return [_in_turn(totals) for totals in longest.totals[:done]]

    def _order_for(
        self,
        hand: Hand,
        place: int,
        hands: list[Hand],
        own: range,
        text: AnyText,
        schedule: Schedule,
        begins: list[int],
    ) -> Order:
        """Return a worker's order, with the text that it lacks."""
        name = "text" if text is self._text else "held out"
        size, every = len(text.tokens), self._shape.tokens
        joined = self._rounds.number(schedule)
        end = begins[-1] + every * joined
        following = (self._shape.stretches(begin, size) for begin in range(end, size, every))
        rounds, pieces = [], []
        for begin in range(begins[0], end, every):
            stretches = self._shape.stretches(begin, size)
            rounds.append(tuple(Stretch(shard, *stretches[shard]) for shard in own))
        for _, start, stop in (stretch for each in rounds for stretch in each):
            piece = piece_for(text, start, stop, schedule, hand.held.get((name, start)))
            if piece is not None:
                pieces.append((start, piece))
                hand.held[name, start] = piece.offset, piece.offset + len(piece.tokens)
        return Order(
            number=self._orders,
            text=name,
            schedule=schedule,
            peers=tuple(each.peer for each in hands),
            place=place,
            begins=tuple(begins),
            rounds=tuple(rounds),
            laps=self._shape.laps_of(joined),
            joined=joined,
            trees=tuple(subtrees(own, self._shape.shards)),
            pieces=tuple(pieces),
            changes_nothing=schedule.alpha == schedule.fall == 0,
            ahead=ahead_of(text, following, own),
        )

    def _account(self, reports: list[Report]) -> None:
        if not reports:
            return
        self.traffic["rounds"] += max(len(each.totals) for each in reports)
        self.traffic["sent"] += sum(each.sent for each in reports)
        for name in _PARTS:
            self.traffic[name] += sum(getattr(each, name) for each in reports) / len(reports)


def _needs_of_members(
    size: int,
    outputs: OutputTables,
    config: TrainConfig,
    text: AnyText,
    shape: RoundShape,
    members: int,
) -> Needs:
    """Return the memory that `members` workers take."""
    own = -(-shape.shards // members)
    tables = [each for each in outputs if isinstance(each, np.ndarray)]
    needs = replica_needs(size, levels_of(outputs), config, shape, own)
    of_tables = sum(each.nbytes for each in [*tables, text.keep_thresholds])
    return needs._replace(own=needs.own + of_tables + text_bytes(text, own, shape.shards))


def _in_turn(totals: NDArray[np.float64]) -> Totals:
    """Return the sum of the shards' totals, added in the order of the shards."""
    total = np.zeros(TOTALS_SIZE)
    for each in totals:
        total += each
    return total
