"""The cost model of training on a cluster: named terms, and the seconds of a round made of them.

A round has S shards on W workers, with one thread a worker; each shard is a stretch of T tokens, in
P laps. D(n) is the number of distinct rows that n tokens touch (`Law.rows`), L = T · S / W the
tokens of a worker, H the hot rows, and B the bytes of a row that travels: its numbers, padded, with
the row and how many shards it is of.

    training   ⌈S/W⌉ · (T · kept · token + D(T) · touched)
    merging    M(D(T), D(L), D(T·S)) + (P − 1) · (M(H, H, H) + ⌈S/W⌉ · H · commit)
    M(d, l, a) ⌈S/W⌉ · d · (entry + W · look) + l · (1 − 1/W) · (entry + S · shard)
                   each worker what its own shards changed, for others, and for itself
                   together with what came
             + a/W · (S · shard + finish) + a · commit
    sent       B · (1 − 1/W) · (D(L) + D(T·S) + (P − 1) · 2 · H)
                   bytes of each worker; as many come
    exchange   P · 2 · (latency + (W − 1) · letter) + sent · letter_byte
                   with the latency of busy cores, where there are more workers than cores
    order      S · (cut + post) + 2 · 4 · T · S · byte + order / the rounds of an order
                   in the first epoch, by way of the scheduler

Where several workers share few cores, all but the order and the latency takes W / cores times as
long, and what computes also `crowding` times. Workers of one machine exchange rows in memory that
they share, so that a byte takes no more than the joining. Nothing overlaps. All stretches are taken
to be equal: nobody waits for the slowest.
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from w2v import TrainConfig
from w2v.kernels.state import BLOCK, POOL
from w2v.training.engines.cluster import MOST_ROUNDS, ORDER_SECONDS
from w2v.training.engines.round_shape import MOST_BLOCKS_OF_LAP, MOST_LAPS, RoundShape
from w2v.training.weights import padded_width

# Tokens that a shard may train before all rows are merged; more cost quality (benchmarks/NOTES.md).
QUALITY_BOUND = MOST_BLOCKS_OF_LAP * MOST_LAPS * BLOCK
NOISE_EXPONENT = TrainConfig().ns_exponent
_TOKEN_BYTES = 4
_ROW_NUMBER_BYTES = 8
_CLASSES = 20_000  # of ranks that are alike: a sum over 3 million words takes no time


@dataclass(frozen=True)
class Costs:
    """What things take here, in seconds, measured by cluster_costs.py and cluster_network.py.

    Attributes
    ----------
    token : float
        Training a token that subsampling keeps, in one thread.
    touched : float
        Listing and copying a row that a stretch touches.
    entry : float
        Joining a copy of a row, or an entry that came.
    look : float
        Looking at an entry of another part of the rows.
    shard : float
        A joined row, for each shard of the round.
    finish, commit : float
        Making a new row of a joined one, and writing it.
    latency, letter, byte : float
        An exchange of letters, each letter, and each byte that a worker sends while it receives as
        many, through Dask on this machine.
    busy_latency : float
        An exchange of letters while other processes keep all cores busy.
    letter_byte : float
        Each byte that a worker exchanges with others: nothing where they share memory.
    order : float
        An order of the training's process to a worker, there and back.
    cut, post : float
        Cutting a stretch out of the text, and putting it into an order.
    crowding : float
        How much longer a thread trains when all cores do.
    cores : int
        Of the machine that was measured.
    """

    token: float
    touched: float
    entry: float
    look: float
    shard: float
    finish: float
    commit: float
    latency: float
    busy_latency: float
    letter: float
    byte: float
    letter_byte: float
    order: float
    cut: float
    post: float
    crowding: float
    cores: int

    def over_network(self, bandwidth: float) -> "Costs":
        """Return the costs of separate machines, each with a network of so many bytes a second.

        Dask's own work with a byte stays what it is here, unless the network is slower.
        """
        byte = max(self.byte, 1 / bandwidth)
        return replace(self, byte=byte, letter_byte=byte, crowding=1.0, cores=2**30)


class Law:
    """How often the words of a text come, and so how many rows its stretches touch.

    Parameters
    ----------
    counts : float64 (V,)
        Of the words, or of classes of words that come equally often.
    sample : float
        The threshold of subsampling.
    window : int
        The largest one.
    words : float64 (V,), optional
        How many words each class has.
    burst : float
        The rows that real stretches touch, as a share of those of independent draws: words repeat.
    """

    def __init__(
        self,
        counts: NDArray[np.float64],
        sample: float,
        window: int,
        words: NDArray[np.float64] | None = None,
        burst: float = 1.0,
    ) -> None:
        self._words = np.ones(len(counts)) if words is None else words
        share = counts / (counts * self._words).sum()
        self._kept = share * keep_in_classes(share, sample)
        noise = share**NOISE_EXPONENT
        self._noise = noise / (noise * self._words).sum()
        self._window, self.burst = window, burst

    @cached_property
    def kept(self) -> float:
        """The share of the tokens that subsampling keeps."""
        return float((self._kept * self._words).sum())

    def hot_rows(self, words: int) -> float:
        """Return the hot rows of both matrices, all of which every stretch touches."""
        return 2 * min(float(words), float(self._words.sum()))

    def rows(self, tokens: float) -> float:
        """Return D: the distinct rows of both matrices that a stretch of so many tokens touches.

        A word of share p that is kept with probability k is missed by n draws with probability
        exp(−n · p · k). Its output row is also touched as noise, of which a block of BLOCK tokens
        draws POOL words. The windows reach as far beyond the stretch as they are wide.
        """
        if tokens <= 0:
            return 0.0
        drawn = (tokens + 2 * self._window / self.kept) * self._kept
        noise = math.ceil(tokens / BLOCK) * POOL * self._noise
        missed = np.exp(-drawn) + np.exp(-drawn - noise)
        return self.burst * float(((2 - missed) * self._words).sum())


def keep_in_classes(share: NDArray[np.float64], sample: float) -> NDArray[np.float64]:
    """Return the probability that subsampling keeps a token, by the share of its word."""
    if sample == 0:
        return np.ones(len(share))
    ratio = share / sample  # as in w2v.training.sampling.keep_probabilities, for classes of words
    return np.asarray(np.minimum(1.0, (np.sqrt(ratio) + 1) / ratio))


def zipf_law(size: int, exponent: float, sample: float, window: int, burst: float) -> Law:
    """Return the law of a vocabulary in which the share of rank r is in proportion to r^−exponent.

    Ranks that are alike are put together in classes.
    """
    edges = np.unique(np.geomspace(1, size + 1, _CLASSES).astype(np.int64))
    words = np.diff(edges).astype(np.float64)
    middle = np.sqrt(edges[:-1] * (edges[1:] - 1.0))
    return Law(middle**-exponent, sample, window, words, burst)


def zipf_exponent(counts: NDArray[np.int64]) -> float:
    """Return the slope of log count by log rank, each rank's weight in proportion to 1 / rank."""
    ranks = np.unique(np.geomspace(1, len(counts), 200).astype(np.int64))
    return float(-np.polyfit(np.log(ranks), np.log(counts[ranks - 1]), 1)[0])


@dataclass(frozen=True)
class Round:
    """What a round takes, in seconds, and its bytes.

    Attributes
    ----------
    tokens : int
        That all shards train.
    training, merging, exchange, order : float
        Seconds. Merging is joining what changed, and writing it.
    sent : float
        The bytes that each worker sends.
    """

    tokens: int
    training: float
    merging: float
    exchange: float
    order: float
    sent: float

    @property
    def seconds(self) -> float:
        """The whole."""
        return self.training + self.merging + self.exchange + self.order


@dataclass(frozen=True)
class Model:
    """The seconds of a round; see the top of this file.

    Attributes
    ----------
    costs : Costs
    law : Law
    vector_size : int
    """

    costs: Costs
    law: Law
    vector_size: int

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
        tokens, each = stretch * shards, -(-shards // workers)
        one, own, every = (self.law.rows(length) for length in (stretch, tokens / workers, tokens))
        busy = max(1.0, workers / costs.cores) * (costs.crowding if workers > 1 else 1.0)
        training = each * (stretch * self.law.kept * costs.token + one * costs.touched)
        merging = self._merging(workers, shards, one, own, every)
        hot = self.law.hot_rows(hot_words)
        each_lap = self._merging(workers, shards, hot, hot, hot) + each * hot * costs.commit
        merging += (laps - 1) * each_lap
        sent = self.row_bytes * (1 - 1 / workers) * (own + every + (laps - 1) * 2 * hot)
        exchange = 0.0
        if workers > 1:
            is_crowded = workers > costs.cores
            latency = costs.busy_latency if is_crowded else costs.latency
            letters = max(1.0, workers / costs.cores) * (workers - 1) * costs.letter
            exchange = 2 * laps * (latency + letters)
            exchange += max(1.0, workers / costs.cores) * sent * costs.letter_byte
        seconds = busy * (training + merging) + exchange
        at_once = min(MOST_ROUNDS, max(1, int(ORDER_SECONDS / max(seconds, 1e-6))))
        order = shards * (costs.cut + costs.post) + 2 * _TOKEN_BYTES * tokens * costs.byte
        order += costs.order / at_once
        return Round(tokens, busy * training, busy * merging, exchange, order, sent)

    def _merging(self, workers: int, shards: int, one: float, own: float, every: float) -> float:
        """Return the seconds of a merge of the rows that a shard, a worker and all changed."""
        costs, each = self.costs, -(-shards // workers)
        return (
            each * one * (costs.entry + workers * costs.look)
            + own * (1 - 1 / workers) * (costs.entry + shards * costs.shard)
            + every / workers * (shards * costs.shard + costs.finish)
            + every * costs.commit
        )

    @property
    def row_bytes(self) -> int:
        """The bytes of a row that travels, with its number."""
        return 4 * padded_width(self.vector_size) + _ROW_NUMBER_BYTES
