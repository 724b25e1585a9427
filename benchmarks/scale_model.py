"""The cost model of training on a cluster: named terms, and the seconds of a round made of them.

A round has S shards on W workers, with one thread a worker; each shard is a stretch of T tokens, in
P laps. D(n) is the number of distinct rows that n tokens touch (`Law.rows`), L = T · S / W the
tokens of a worker, H the hot rows, and B the bytes of a row that travels: its numbers, padded, with
the row and how many shards it is of. C cores are those of the one machine of all workers.

    training   ⌈S/W⌉ · (T · kept · token + D(T) · touched)
    waiting    training · spread · √(P · A / S) · E(A)
                   for the slowest of A = min(W, C), or W machines; E(A) is the expected largest of
                   as many normal draws
    planning   ⌈S/W⌉ · T · planned
    merging    M(D(T), D(L), D(T·S)) + (P − 1) · (M(H, H, H) + ⌈S/W⌉ · H · hot_commit)
                   for the M of a lap before the last, `entry` and `commit` are those of hot rows,
                   and `finish` is in `hot_entry`

Workers of one machine read the copies of all shards where they lie:

    M(d, l, a) ⌈S/W⌉ · d · listed + S · d · (look + entry / W) + a/W · (S · shard + finish)
             + a · commit
    exchange   what a round takes that trains nothing, but for planning: notes and calls
    sent       (W − 1) · (N(D(T), D(T·S)) + (P − 1) · N(H, H))
                   only read where it lies; N(d, a) = ⌈S/W⌉ · d · 16 + a/W · B

Workers on machines of their own join what their shards changed for each other one:

    M(d, l, a) ⌈S/W⌉ · d · (listed + entry + W · look) + l · (1 − 1/W) · (entry + S · shard)
             + a/W · (S · shard + finish) + a · commit
    sent       B · (1 − 1/W) · (D(L) + D(T·S) + (P − 1) · 2 · H)
                   bytes of each worker; as many come
    exchange   P · 2 · (latency + (W − 1) · letter) + sent · byte

Everywhere

    order      S · (cut + post) + 2 · 4 · T · S · byte + (order + planning) / the rounds of an order
                   in the first epoch, by way of the scheduler; nothing is planned before an order

Where several workers share few cores, all that computes takes W / C times as long; training and
planning also `crowding` times, and merging `merge_crowding` times. The next round is planned beside
the merging where a worker has two cores, and else in turn.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.special import ndtr

from scale_rows import Law
from w2v.kernels.state import BLOCK
from w2v.training.engines.cluster import MOST_ROUNDS, ORDER_SECONDS
from w2v.training.engines.round_shape import RoundShape, longest_stretch
from w2v.training.weights import padded_width

_SHARDS = 8  # of the smallest plan; up to four may train longer stretches
# Tokens that a shard of skip-gram may train before all rows are merged; more cost quality
# (benchmarks/NOTES.md).
QUALITY_BOUND = longest_stretch(_SHARDS, "skipgram", "negative").blocks * BLOCK
_TOKEN_BYTES = 4
_ROW_NUMBER_BYTES = 8  # and 4 where entries are joined, under a hundredth: left out
_COPY_BYTES = 16  # of a copy in a letter: its row, shard and place, and how far it was brought
_CORES_OF_MACHINE = 2  # of each planned worker, which trains in one thread


@dataclass(frozen=True)
class Costs:
    """What things take here, in seconds, measured by cluster_costs.py and cluster_network.py.

    Attributes
    ----------
    token : float
        Training a token that subsampling keeps, in one thread.
    touched : float
        Copying a row that a stretch touches.
    planned : float
        Listing what a token of the text touches.
    listed : float
        Listing a copy of a row.
    entry, hot_entry : float
        Joining a copy of a row, or an entry that came; and one of a hot row, of which every shard
        has a copy, with its share of making the new row.
    look : float
        Looking at an entry of another part of the rows.
    shard : float
        A joined row, for each shard of the round.
    finish : float
        Making a new row of a joined one.
    commit, hot_commit : float
        Writing a new row; and one of the hot ones, also into a shard's copy.
    latency, letter, byte : float
        An exchange of letters, each letter, and each byte that a worker sends while it receives as
        many, through Dask on this machine.
    order : float
        An order of the training's process to a worker, there and back.
    cut, post : float
        Cutting a stretch out of the text, and putting it into an order.
    crowding, merge_crowding : float
        How much longer a thread trains or merges when all cores do.
    spread : float
        The standard deviation of the time that a stretch takes, as a share of the mean.
    cores : int or None
        Of the machine that all workers share; None where each has one of its own.
    """

    token: float
    touched: float
    planned: float
    listed: float
    entry: float
    hot_entry: float
    look: float
    shard: float
    finish: float
    commit: float
    hot_commit: float
    latency: float
    letter: float
    byte: float
    order: float
    cut: float
    post: float
    crowding: float
    merge_crowding: float
    spread: float
    cores: int | None

    def over_network(self, bandwidth: float) -> "Costs":
        """Return the costs of separate machines, each with a network of so many bytes a second.

        Dask's own work with a byte stays what it is here, unless the network is slower.
        """
        byte = max(self.byte, 1 / bandwidth)
        return replace(self, byte=byte, crowding=1.0, merge_crowding=1.0, cores=None)


@dataclass(frozen=True)
class Round:
    """What a round takes, in seconds, and its bytes.

    Attributes
    ----------
    tokens : int
        That all shards train.
    training, waiting, merging, exchange, order : float
        Seconds. Waiting is for the slowest worker. Merging is joining what changed, and writing it,
        and planning as far as it is not done meanwhile.
    sent : float
        The bytes that each worker sends, or others read in its memory.
    """

    tokens: int
    training: float
    waiting: float
    merging: float
    exchange: float
    order: float
    sent: float

    @property
    def seconds(self) -> float:
        """The whole."""
        return self.training + self.waiting + self.merging + self.exchange + self.order


@dataclass(frozen=True)
class Model:
    """The seconds of a round; see the top of this file.

    Attributes
    ----------
    costs : Costs
    law : Law
    vector_size : int
    still : mapping of int to float
        The seconds of a round that trains nothing on one machine, by the number of workers.
    """

    costs: Costs
    law: Law
    vector_size: int
    still: Mapping[int, float] = field(default_factory=dict)

    def round(self, workers: int, shape: RoundShape) -> Round:
        """Return what a round takes.

        Parameters
        ----------
        workers : int
            No more workers have work than there are shards.
        shape : RoundShape
        """
        shards, stretch, laps, hot_words = shape
        costs, workers = self.costs, min(workers, shards)
        each, tokens = -(-shards // workers), stretch * shards
        one, own, every = (self.law.rows(length) for length in (stretch, tokens / workers, tokens))
        cores = _CORES_OF_MACHINE if costs.cores is None else costs.cores / workers
        crowding, merge_crowding = (
            (costs.crowding, costs.merge_crowding) if workers > 1 else (1.0, 1.0)
        )
        training = each * (stretch * self.law.kept * costs.token + one * costs.touched)
        training *= crowding / min(1.0, cores)
        at_once = workers if costs.cores is None else min(workers, costs.cores)
        slower = costs.spread * math.sqrt(laps * at_once / shards) * expected_largest(at_once)
        planning = crowding * each * stretch * costs.planned
        merging = self._merging(workers, shards, one, own, every)
        hot = self.law.hot_rows(hot_words)
        each_lap = self._merging_hot(workers, shards, hot)
        merging = merge_crowding * (merging + (laps - 1) * each_lap)
        beside = max(merging, planning) if cores >= 2 else merging + planning
        merging = beside / min(1.0, cores)
        planning /= min(1.0, cores)
        exchange = max(0.0, self.still.get(workers, 0.0) - planning)
        sent = self._read(workers, each, one, every)
        sent += (laps - 1) * self._read(workers, each, hot, hot)
        if costs.cores is None:
            sent = self.row_bytes * (1 - 1 / workers) * (own + every + (laps - 1) * 2 * hot)
            exchange = sent * costs.byte
            if workers > 1:
                exchange += 2 * laps * (costs.latency + (workers - 1) * costs.letter)
        seconds = training * (1 + slower) + merging + exchange
        in_order = min(MOST_ROUNDS, max(1, int(ORDER_SECONDS / max(seconds, 1e-6))))
        order = shards * (costs.cut + costs.post) + 2 * _TOKEN_BYTES * tokens * costs.byte
        order += (costs.order + planning) / in_order
        return Round(tokens, training, training * slower, merging, exchange, order, sent)

    def _merging(self, workers: int, shards: int, one: float, own: float, every: float) -> float:
        """Return the seconds of a merge of the rows that a shard, a worker and all changed."""
        costs, each = self.costs, -(-shards // workers)
        finishing = every / workers * (shards * costs.shard + costs.finish) + every * costs.commit
        if costs.cores is not None:
            joining = shards * one * (costs.look + costs.entry / workers)
            return each * one * costs.listed + joining + finishing
        return (
            each * one * (costs.listed + costs.entry + workers * costs.look)
            + own * (1 - 1 / workers) * (costs.entry + shards * costs.shard)
            + finishing
        )

    def _merging_hot(self, workers: int, shards: int, hot: float) -> float:
        """Return the seconds of a merge of the hot rows alone, with writing their copies."""
        costs = self.costs
        costs = replace(costs, entry=costs.hot_entry, finish=0.0, commit=costs.hot_commit)
        merging = replace(self, costs=costs)._merging(workers, shards, hot, hot, hot)
        return merging + -(-shards // workers) * hot * costs.commit

    def _read(self, workers: int, each: int, one: float, every: float) -> float:
        """Return the bytes that neighbours of a worker read in its memory after a lap."""
        return (workers - 1) * (each * one * _COPY_BYTES + every / workers * self.row_bytes)

    @property
    def row_bytes(self) -> int:
        """The bytes of a row that travels, with its number."""
        return 4 * padded_width(self.vector_size) + _ROW_NUMBER_BYTES


def expected_largest(draws: int) -> float:
    """Return the expected largest of some draws of a standard normal distribution."""
    if draws == 1:
        return 0.0
    borders = np.linspace(-10.0, 10.0, 4001)
    middles = (borders[:-1] + borders[1:]) / 2
    return float(10.0 - 20.0 * (ndtr(middles) ** draws).mean())
