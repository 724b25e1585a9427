"""The part of a text that a worker needs to train a stretch of it."""

from collections.abc import Iterable, Sequence

import numpy as np

from w2v.kernels.state import Schedule
from w2v.kernels.windows import find_reach
from w2v.training.cluster.orders import Piece, Stretch
from w2v.training.engines.stretches import AnyText, DistantText, stretch

# Tokens on either side beyond those that this epoch's windows reach: other epochs' reach further.
_MARGIN = 256
_AHEAD = 1 << 20  # tokens that a worker fetches at a time: each time takes as long as 10,000 words


def ahead_of(
    text: AnyText, rounds: Iterable[Sequence[tuple[int, int]]], own: range
) -> tuple[Stretch, ...]:
    """Return the stretches of the next rounds that a worker fetches with those of an order.

    Parameters
    ----------
    text : Text, StoredText or DistantText
        Only the last is fetched by workers.
    rounds : iterable of sequence of (int, int)
        The stretches of all shards in the next rounds.
    own : range
        The worker's shards.
    """
    ahead: list[Stretch] = []
    tokens = 0
    for stretches in rounds if isinstance(text, DistantText) else ():
        ahead += [Stretch(shard, *stretches[shard]) for shard in own]
        tokens += sum(stop - start for _, start, stop in ahead[-len(own) :])
        if tokens >= _AHEAD:
            break
    return tuple(each for each in ahead if each.start < each.stop)


def piece_for(
    text: AnyText, start: int, stop: int, schedule: Schedule, held: tuple[int, int] | None
) -> Piece | None:
    """Return what training on the tokens from `start` to `stop` − 1 reads, unless it is held.

    Parameters
    ----------
    text : Text, StoredText or DistantText
    start, stop : int
    schedule : Schedule
        Of the epoch.
    held : (int, int) or None
        The bounds of the piece that the worker has already.
    """
    if isinstance(text, DistantText):
        return None  # workers fetch it from each other
    if start >= stop:
        empty = Piece(np.zeros(0, dtype=np.int32), start, np.array([start, start]))
        return empty if held is None else None
    text = stretch(text, start, stop, schedule)
    low, high = find_reach(text, start, stop, schedule)
    if held is not None and held[0] <= low and high <= held[1]:
        return None
    low = max(text.offset, low - _MARGIN)
    high = min(text.offset + len(text.tokens), high + _MARGIN)
    first = np.searchsorted(text.sentence_offsets, low, side="right") - 1
    last = np.searchsorted(text.sentence_offsets, high, side="left")
    tokens = text.tokens[low - text.offset : high - text.offset]
    return Piece(tokens, low, text.sentence_offsets[first : last + 1])
