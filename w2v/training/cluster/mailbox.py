"""What one worker of a cluster has received from the others, until it is asked for."""

import threading
import time
from collections.abc import Sequence
from typing import Any, NamedTuple


class Stopped(Exception):  # noqa: N818  (no error: the order was called off)
    """The running order was called off; the round that runs is not finished."""


class Place(NamedTuple):
    """Where a letter belongs: the order, the round and the lap that it is of, and the stage."""

    order: int
    round: int
    lap: int
    stage: str


class Mailbox:
    """Letters from other workers. They are put in by one thread, and taken out by another."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._letters: dict[Place, dict[int, Any]] = {}
        self._order = self._stopped = 0

    def begin(self, order: int) -> None:
        """Throw away the letters of earlier orders."""
        with self._changed:
            self._order = order
            for place in [place for place in self._letters if place.order < order]:
                del self._letters[place]

    def put(self, place: Place, sender: int, letter: Any) -> None:
        """Put a letter in. One of an earlier order is thrown away; one of a later order waits."""
        with self._changed:
            if place.order >= self._order:
                self._letters.setdefault(place, {})[sender] = letter
                self._changed.notify_all()

    def collect(self, place: Place, senders: Sequence[int]) -> list[Any]:
        """Wait for the letters of these senders, and return them in this order.

        Raises Stopped when the order is called off.
        """
        with self._changed:
            while len(self._letters.get(place, ())) < len(senders):
                self.check(place.order)
                self._changed.wait()
            found = self._letters.pop(place, {})
        return [found[sender] for sender in senders]

    def check(self, order: int) -> None:
        """Raise Stopped if an order was called off."""
        if order <= self._stopped:
            raise Stopped

    def stop(self, order: int) -> None:
        """Call an order off, whether it has begun or not."""
        with self._changed:
            self._stopped = max(self._stopped, order)
            self._changed.notify_all()


class Clock:
    """Sums up the seconds that pass between `__enter__` and `__exit__`."""

    def __init__(self) -> None:
        self.seconds = self._began = 0.0

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._began
