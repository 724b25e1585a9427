"""How letters go from worker to worker: in memory that both see, or over the network by Dask.

The arrays of a letter to a worker of the same machine stay where they are (neighbours.py). There is
a shelf for each stage of an exchange. Nobody reads the letters of a stage any more when the next
exchange reaches that stage: whoever has sent a letter of the other stage has read them.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.training.cluster.calling import call_actor
from w2v.training.cluster.inbox import Note
from w2v.training.cluster.mailbox import Mailbox, Place
from w2v.training.cluster.neighbours import Address, Neighbour, Own
from w2v.training.cluster.orders import Peer
from w2v.training.cluster.shelf import Empty
from w2v.training.shapes import Shapes, aligned_empty, allocated


class Post:
    """The letters of one worker.

    Parameters
    ----------
    worker : Worker
        Sends them.
    mailbox : Mailbox
        Where they come.

    Attributes
    ----------
    copies : list of float32 (n, width)
        This worker's own two matrices for copies of rows.
    sent, received : int
        The bytes of all arrays in letters to and from other workers.
    """

    def __init__(self, worker: Any, mailbox: Mailbox) -> None:
        self._worker, self._mailbox = worker, mailbox
        self._own: Own | None = None
        with contextlib.suppress(OSError):
            self._own = Own(mailbox)
        self.copies: list[NDArray[np.float32]] = []
        self._neighbours: dict[Peer, Neighbour] = {}
        self._seen_by: dict[Peer, bool] = {}  # whether others see the memory of this one
        self.sent = self.received = 0

    def close(self) -> None:
        """Give up all memory, once nothing uses it any more."""
        if self._own is not None:
            self._own.close()
        self._own, self.copies, self._neighbours = None, [], {}

    def make_copies(self, shapes: Shapes) -> None:
        """Make room for the copies of rows, in two matrices of these shapes."""
        self.copies = list(
            allocated(shapes).values() if self._own is None else self._own.make_copies(shapes)
        )

    def introduce(self, peer: Peer, address: Address | None) -> tuple[bool, Address | None]:
        """Look for the memory of another worker.

        Returns whether it is found, and where that of this one is.
        """
        if address is not None and self._own is not None and peer not in self._neighbours:
            with contextlib.suppress(OSError):
                self._neighbours[peer] = Neighbour(address)
        return peer in self._neighbours, None if self._own is None else self._own.address

    def meet(self, order: int, peers: Sequence[Peer], here: int) -> list[NDArray[np.float32]]:
        """Find out which of some workers share this one's machine; this one is `peers[here]`.

        Returns the two matrices in which the shards of this machine have their copies.
        """
        new = [each for each in peers if each not in self._seen_by and each != peers[here]]
        address = None if self._own is None else self._own.address
        asked = [self._call(order, each, "introduce", peers[here], address) for each in new]
        for peer, answer in zip(new, asked, strict=True):
            if (found := answer.result()) is not None:  # else it is lost
                self._seen_by[peer] = found[0]
                self.introduce(peer, found[1])
        host = next(each for each in peers if each == peers[here] or self.is_neighbour(each))
        return self.copies if host == peers[here] else self._neighbours[host].copies

    def is_neighbour(self, peer: Peer) -> bool:
        """Return whether a worker and this one both see the memory of the other."""
        return self._seen_by.get(peer, False) and peer in self._neighbours

    def paper(self, stage: str) -> Empty:
        """Return what makes the arrays for the letters of a stage; those of the last are lost."""
        if self._own is None or not any(map(self.is_neighbour, self._seen_by)):
            return aligned_empty
        return self._own.paper(stage)

    def exchange(
        self, place: Place, peers: Sequence[Peer], here: int, letters: Sequence[Any]
    ) -> list[Any]:
        """Send a letter to every worker, and return theirs; own ones do not travel.

        Raises Stopped when the order is called off.
        """
        others = [other for other in range(len(peers)) if other != here]
        sending = [self._send(place, peers[other], here, letters[other]) for other in others]
        came = dict(zip(others, self._mailbox.collect(place, others), strict=True))
        for other, letter in came.items():
            if isinstance(letter, Note):
                came[other] = self._neighbours[peers[other]].letter(place.stage, letter)
        for each in sending:
            if each is not None:
                each.result()
        self.sent += sum(_size(letters[other]) for other in others)
        self.received += sum(map(_size, came.values()))
        return [came.get(other, letters[here]) for other in range(len(peers))]

    def _send(self, place: Place, peer: Peer, here: int, letter: Any) -> Future[Any] | None:
        """Send a letter; return the future of the answer, if one comes."""
        if self._own is None or not self.is_neighbour(peer):
            return self._call(place.order, peer, "deliver", tuple(place), here, letter)
        note = self._own.write(place.stage, letter)
        try:
            self._neighbours[peer].send(place, here, note)
        except OSError:  # it is lost
            self._mailbox.stop(place.order)
        return None

    def _call(self, order: int, peer: Peer, method: str, *arguments: Any) -> Future[Any]:
        """Call another worker; where it is lost, call the order off, and return None."""

        async def call() -> Any:
            try:
                return await call_actor(self._worker, peer, method, *arguments)
            except OSError:  # it is lost
                self._mailbox.stop(order)
                return None

        return asyncio.run_coroutine_threadsafe(call(), self._worker.loop.asyncio_loop)


def _size(letter: Any) -> int:
    """Return the bytes of all arrays in a letter."""
    if isinstance(letter, np.ndarray):
        return letter.nbytes
    return sum(map(_size, letter)) if isinstance(letter, (tuple, list)) else 0
