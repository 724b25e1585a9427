"""The part of a text that a worker needs to train a stretch of it."""

import numpy as np

from w2v.kernels.state import Schedule
from w2v.kernels.windows import find_reach
from w2v.training.cluster.orders import Piece
from w2v.training.engines.stretches import AnyText, DistantText, stretch

# Tokens on either side beyond those that this epoch's windows reach: other epochs' reach further.
_MARGIN = 256


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
