"""A worker as the training knows it: where it is found, and what it has already."""

import contextlib
from dataclasses import dataclass, field
from typing import Any

from w2v.training.cluster.orders import Peer


@dataclass(eq=False)
class Hand:
    """A member of the cluster.

    Attributes
    ----------
    peer : Peer
        Where the other members find it.
    future : Future
        Keeps the actor.
    held : dict of (str, int) to (int, int)
        The pieces of text that it has: the bounds of each, by text and beginning.
    """

    peer: Peer
    future: Any
    held: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)


def release(hand: Hand) -> None:
    """Let Dask forget the actor of a member."""
    with contextlib.suppress(Exception):  # whatever is wrong with it, it is not needed
        hand.future.release()
