"""How letters go from worker to worker: in memory that both have, or over the network by Dask.

The arrays of a letter to a worker of the same machine stay on a shelf (shelf.py), and only where
they lie is sent. There is a shelf for each stage of an exchange. Nobody reads the letters of a
stage any more when the next exchange reaches that stage, since every worker has answered them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

import numpy as np

from w2v.training.cluster.calling import call_actor
from w2v.training.cluster.mailbox import Mailbox, Place
from w2v.training.cluster.orders import Peer
from w2v.training.cluster.shelf import Empty, Label, OpenShelf, Shelved, new_shelf, open_shelf
from w2v.training.shapes import aligned_empty

CHANGED, FINISHED = "changed", "finished"  # the stages of an exchange


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
    sent, received : int
        The bytes of all arrays in letters to and from other workers.
    """

    def __init__(self, worker: Any, mailbox: Mailbox) -> None:
        self._worker, self._mailbox = worker, mailbox
        self._shelves = {stage: new_shelf() for stage in (CHANGED, FINISHED)}
        self._open: dict[Peer, dict[str, OpenShelf]] = {}  # those of other workers
        self._readers: dict[Peer, bool] = {}  # whether others read the shelves of this one
        self.sent = self.received = 0

    def close(self) -> None:
        """Give up all shelves, once nothing uses them any more."""
        self._open, self._shelves = {}, dict.fromkeys(self._shelves)

    def open_shelves(self, peer: Peer, labels: dict[str, Label]) -> bool:
        """Open the shelves of another worker; return whether they are on this machine."""
        found = {stage: open_shelf(Label(*label)) for stage, label in labels.items()}
        opened = {stage: shelf for stage, shelf in found.items() if shelf is not None}
        self._open[peer] = opened
        return len(opened) == len(self._shelves)

    def meet(self, order: int, peers: Sequence[Peer], here: int) -> None:
        """Find out which of some workers read the shelves of this one, which is `peers[here]`."""
        labels = {
            stage: tuple(shelf.label) for stage, shelf in self._shelves.items() if shelf is not None
        }
        new = [each for each in peers if each not in self._readers and each != peers[here]]
        asked = [
            self._call(order, each, "open_shelves", tuple(peers[here]), labels) for each in new
        ]
        for peer, answer in zip(new, asked, strict=True):
            if (reads := answer.result()) is not None:
                self._readers[peer] = reads

    def paper(self, stage: str) -> Empty:
        """Return what makes the arrays for the letters of a stage; those of the last are lost."""
        shelf = self._shelves[stage]
        if shelf is None or not any(self._readers.values()):
            return aligned_empty
        shelf.clear()
        return shelf.empty

    def exchange(
        self, place: Place, peers: Sequence[Peer], here: int, letters: Sequence[Any]
    ) -> list[Any]:
        """Send a letter to every worker, and return theirs; own ones do not travel.

        Raises Stopped when the order is called off.
        """
        others = [other for other in range(len(peers)) if other != here]
        sending = [
            self._call(
                place.order, peers[other], "deliver", tuple(place), here,
                self._packed(letters[other], peers[other], place.stage),
            )
            for other in others
        ]  # fmt: skip
        packed = self._mailbox.collect(place, others)
        came = {
            other: self._unpacked(letter, peers[other], place.stage)
            for other, letter in zip(others, packed, strict=True)
        }
        for each in sending:
            each.result()
        self.sent += sum(_size(letters[other]) for other in others)
        self.received += sum(map(_size, came.values()))
        return [came.get(other, letters[here]) for other in range(len(peers))]

    def _packed(self, letter: Any, peer: Peer, stage: str) -> Any:
        shelf = self._shelves[stage]
        if shelf is None or not self._readers.get(peer, False):
            return letter
        return _changed(letter, np.ndarray, shelf.shelved)

    def _unpacked(self, letter: Any, peer: Peer, stage: str) -> Any:
        if stage not in self._open.get(peer, {}):
            return letter
        return _changed(letter, Shelved, self._open[peer][stage].array)

    def _call(self, order: int, peer: Peer, method: str, *arguments: Any) -> Future[Any]:
        """Call another worker; where it is lost, call the order off, and return None."""

        async def call() -> Any:
            try:
                return await call_actor(self._worker, peer, method, *arguments)
            except OSError:  # it is lost
                self._mailbox.stop(order)
                return None

        return asyncio.run_coroutine_threadsafe(call(), self._worker.loop.asyncio_loop)


def _changed(letter: Any, kind: type[Any], change: Callable[[Any], Any]) -> Any:
    """Return a letter in which everything of a kind is replaced."""
    if isinstance(letter, kind):
        return change(letter)
    if not isinstance(letter, (tuple, list)):
        return letter
    each = [_changed(part, kind, change) for part in letter]
    if isinstance(letter, list):
        return each
    return type(letter)(*each) if hasattr(letter, "_fields") else tuple(each)


def _size(letter: Any) -> int:
    """Return the bytes of all arrays in a letter."""
    if isinstance(letter, np.ndarray):
        return letter.nbytes
    return sum(map(_size, letter)) if isinstance(letter, (tuple, list)) else 0
