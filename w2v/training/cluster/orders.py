"""What the training tells the workers of a cluster, and what they report."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # a worker unpacks these before it has loaded the compiler
    from w2v.kernels.state import Schedule


class Peer(NamedTuple):
    """Where a member of the cluster is found.

    Attributes
    ----------
    address : str
        Of its Dask worker.
    key : str
        Of its actor.
    """

    address: str
    key: str


class Piece(NamedTuple):
    """A stretch of the text with all that training on it reads.

    Attributes
    ----------
    tokens : int32 (n,)
    offset : int
        The position of the first of them.
    sentence_offsets : int64 (m,)
        The borders of the sentences that they are in.
    """

    tokens: NDArray[np.int32]
    offset: int
    sentence_offsets: NDArray[np.int64]

    def covers(self, low: int, high: int) -> bool:
        """Return whether the tokens `low` to `high` − 1 are in it."""
        return self.offset <= low and high <= self.offset + len(self.tokens)


class Stretch(NamedTuple):
    """What one shard trains in a round: the tokens from `start` to `stop` − 1."""

    shard: int
    start: int
    stop: int


@dataclass(frozen=True)
class Order:
    """Some rounds for one worker.

    Attributes
    ----------
    number : int
        Counts the orders; all workers get one of the same number.
    text : str
        The text that is meant.
    schedule : Schedule
    peers : tuple of Peer
        All workers that take part; each owns one part of the rows.
    place : int
        This worker's place among them.
    begins : tuple of int
        The first token of each round.
    rounds : tuple of tuple of Stretch
        What this worker trains, by shard, in each of the rounds that are joined to these.
    laps : int
        Of each round.
    joined : int
        How many rounds are joined to each; at the end of a text there may be fewer.
    trees : tuple of (int, int)
        Its shards as whole subtrees: each the first of them, and the one after the last.
    pieces : tuple of Piece
        The text that it has not been given before.
    changes_nothing : bool
        The learning rate is 0: nothing is exchanged.
    ahead : tuple of Stretch
        What it will train in the next rounds: a worker that fetches text fetches theirs, too.
    """

    number: int
    text: str
    schedule: Schedule
    peers: tuple[Peer, ...]
    place: int
    begins: tuple[int, ...]
    rounds: tuple[tuple[Stretch, ...], ...]
    laps: int
    joined: int
    trees: tuple[tuple[int, int], ...]
    pieces: tuple[tuple[int, Piece], ...]
    changes_nothing: bool
    ahead: tuple[Stretch, ...] = ()


@dataclass(frozen=True)
class Report:
    """What came of an order.

    Attributes
    ----------
    totals : float64 (rounds, shards, TOTALS_SIZE)
        Of each round that was finished, and each shard: all, or the worker's own where nothing
        was exchanged.
    sent, received : int
        Bytes that went to other workers and came from them.
    training, waiting, merging : float
        Seconds: in which shards were trained, of waiting for other workers, and of the rest.
    """

    totals: NDArray[np.float64]
    sent: int = 0
    received: int = 0
    training: float = 0.0
    waiting: float = 0.0
    merging: float = 0.0


def assigned(shards: int, workers: int) -> list[range]:
    """Return the shards of each worker, which are neighbours, as evenly as possible.

    Parameters
    ----------
    shards : int
    workers : int
        At most `shards`.
    """
    borders = [number * shards // workers for number in range(workers + 1)]
    return [range(*pair) for pair in itertools.pairwise(borders)]


def subtrees(own: range, shards: int) -> list[tuple[int, int]]:
    """Return some shards as the largest whole subtrees of the tree in which shards are joined.

    Parameters
    ----------
    own : range
    shards : int
        All shards of a round. A subtree that ends with the last of them may be incomplete.

    Returns
    -------
    list of (int, int)
        The first shard of each, and the one after its last.
    """
    found, first = [], own.start
    while first < own.stop:
        size = 1
        while first % (2 * size) == 0 and min(first + 2 * size, shards) <= own.stop:
            if first + size >= shards:
                break
            size *= 2
        found.append((first, min(first + size, shards)))
        first = found[-1][1]
    return found
