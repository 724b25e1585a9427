"""What a worker shows the others of its machine, and what it sees of them.

Each has three shelves (shelf.py): one for the letters of each stage of an exchange, and one with
the copies of rows that the shards of the machine train on. It is the first worker of a machine in
whose memory all have their copies. Only two workers that both see the other's memory use it.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.training.cluster.inbox import STAGES, Inbox, Note, Outbox
from w2v.training.cluster.mailbox import Mailbox, Place
from w2v.training.cluster.shelf import Empty, Label, OpenShelf, Shelf, Shelved
from w2v.training.shapes import Shapes

COPIES = "copies"


class Address(NamedTuple):
    """Where a worker's memory is found on its machine.

    Attributes
    ----------
    labels : dict of str to Label
        Of its shelves.
    copies : list of Shelved
        The two matrices of copies.
    inbox : int
        The number of its pipe in its process.
    """

    labels: dict[str, Label]
    copies: list[Shelved]
    inbox: int


class Own:
    """A worker's own memory for its neighbours. Raises OSError where it cannot be shared.

    Parameters
    ----------
    mailbox : Mailbox
        Where notes of letters go.
    """

    def __init__(self, mailbox: Mailbox) -> None:
        self._shelves = {name: Shelf() for name in (*STAGES, COPIES)}
        self._inbox = Inbox(mailbox.put)
        self._copies: list[NDArray[np.float32]] = []

    def close(self) -> None:
        """Let the thread end that takes notes."""
        self._inbox.close()

    def make_copies(self, shapes: Shapes) -> list[NDArray[np.float32]]:
        """Make room for the copies of rows, in matrices of these shapes, and return it."""
        shelf = self._shelves[COPIES]
        shelf.clear()
        self._copies = [shelf.empty(each.shape, np.float32) for each in shapes.values()]
        return self._copies

    @property
    def address(self) -> Address:
        """Where the others find this memory."""
        shelf = self._shelves[COPIES]
        found = [shelf.shelved(each) for each in self._copies]
        labels = {name: each.label for name, each in self._shelves.items()}
        return Address(labels, [each for each in found if isinstance(each, Shelved)],
                       self._inbox.file)  # fmt: skip

    def paper(self, stage: str) -> Empty:
        """Return what makes the arrays for the letters of a stage; those of the last are lost."""
        self._shelves[stage].clear()
        return self._shelves[stage].empty

    def write(self, stage: str, letter: Any) -> Note:
        """Put a letter onto a shelf; return where it lies."""
        shelf = self._shelves[stage]
        written = np.frombuffer(pickle.dumps(_changed(letter, np.ndarray, shelf.shelved)), np.uint8)
        blob = shelf.empty(written.shape, np.uint8)
        blob[:] = written
        found = shelf.shelved(blob)
        assert isinstance(found, Shelved)
        return Note(found.offset, len(written))


class Neighbour:
    """The memory of another worker. Raises OSError if it is not found on this machine.

    Parameters
    ----------
    address : Address
    """

    def __init__(self, address: Address) -> None:
        self._shelves = {name: OpenShelf(each) for name, each in address.labels.items()}
        self._outbox = Outbox(address.labels[COPIES].process, address.inbox)
        self._copies = address.copies

    @property
    def copies(self) -> list[NDArray[np.float32]]:
        """Its matrices of copies."""
        return [self._shelves[COPIES].array(each) for each in self._copies]

    def send(self, place: Place, sender: int, note: Note) -> None:
        """Tell it of a letter of this worker. Raises OSError if it is gone."""
        self._outbox.send(place, sender, note)

    def letter(self, stage: str, note: Note) -> Any:
        """Return a letter of this neighbour, whose arrays stay where they are."""
        shelf = self._shelves[stage]
        written = shelf.array(Shelved(note.offset, (note.size,), "u1"))
        return _changed(pickle.loads(written.tobytes()), Shelved, shelf.array)


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
