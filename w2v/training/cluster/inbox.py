"""Notes between the workers of one machine: where on a shelf a letter lies that was just written.

A note goes through a pipe that its receiver reads. The workers open each other's pipes as they open
their shelves (shelf.py). A letter through Dask takes 0.7 to 1 ms (benchmarks/scale.py), in a thread
that the training waits for.
"""

import os
import struct
import threading
import weakref
from collections.abc import Callable
from typing import NamedTuple

from w2v.training.cluster.mailbox import Place

STAGES = CHANGED, FINISHED = "changed", "finished"  # of an exchange
_FORMAT = struct.Struct("=7q")
_END = _FORMAT.pack(*[-1] * 7)
_NOTES_AT_ONCE = 64


class Note(NamedTuple):
    """Where a letter lies on the shelf of a stage: `offset` and `size` are in bytes."""

    offset: int
    size: int


class Inbox:
    """Where the other workers of this machine send notes to.

    Parameters
    ----------
    take : callable
        Called with the place of a letter, the number of its sender and the note, in a thread.

    Attributes
    ----------
    file : int
        The number of the pipe that is written to, in this process.
    """

    def __init__(self, take: Callable[[Place, int, Note], None]) -> None:
        self._take = take
        self._reading, self.file = os.pipe()
        threading.Thread(target=self._read, name="w2v-inbox", daemon=True).start()

    def close(self) -> None:
        """Let the thread end."""
        os.write(self.file, _END)

    def _read(self) -> None:
        try:
            while True:
                # A pipe takes a note as a whole, so that it gives whole ones.
                notes = os.read(self._reading, _NOTES_AT_ONCE * _FORMAT.size)
                for order, round_, lap, stage, sender, *note in _FORMAT.iter_unpack(notes):
                    if order < 0:
                        return
                    self._take(Place(order, round_, lap, STAGES[stage]), sender, Note(*note))
        finally:
            os.close(self._reading)
            os.close(self.file)


class Outbox:
    """The inbox of another worker, to send notes to. Raises OSError if it cannot be opened.

    Parameters
    ----------
    process, file : int
        The other worker's process, and the number of its pipe there.
    """

    def __init__(self, process: int, file: int) -> None:
        self._file = os.open(f"/proc/{process}/fd/{file}", os.O_WRONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._file)

    def send(self, place: Place, sender: int, note: Note) -> None:
        """Send a note. Raises OSError if the other worker is gone."""
        order, round_, lap, stage = place
        os.write(self._file, _FORMAT.pack(order, round_, lap, STAGES.index(stage), sender, *note))
