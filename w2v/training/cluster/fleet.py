"""The workers of a cluster as the training sees them: who is there, who was lost, what they do."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, wait
from typing import Any

import numpy as np
from distributed.comm import get_address_host
from numpy.typing import NDArray

from w2v.errors import W2VError
from w2v.training.cluster.asking import Members
from w2v.training.cluster.connecting import Connection
from w2v.training.cluster.hand import Hand, release
from w2v.training.cluster.orders import Order, Report
from w2v.training.cluster.replica_memory import Needs
from w2v.training.cluster.room import check_room
from w2v.training.warn import warn_caller

_JOIN_SECONDS = 2.0  # between two looks for new workers
_PATIENCE_SECONDS = 1.0  # with a new worker that has other work
_BUSY_SECONDS = 30.0  # until it is tried again
_END_SECONDS = 2.0  # that the members may take to end
_BYTES_AT_ONCE = 16 << 20


class Fleet(Members):
    """The members of a cluster, with those that come: they begin, are given orders, and end.

    Parameters
    ----------
    connection : Connection
    begin : tuple
        The arguments of `Member.begin`, without the schedule.
    most : int
        The largest number of members. Further workers wait until one is lost.
    needs : callable
        Returns the memory that members take (Needs), given their number.

    Attributes
    ----------
    is_interrupted : bool
        Whether Ctrl-C ended the last order.
    """

    def __init__(
        self,
        connection: Connection,
        begin: tuple[Any, ...],
        most: int,
        needs: Callable[[int], Needs],
    ) -> None:
        super().__init__(connection)
        self._connection = connection
        self._begin, self._most, self._needs = begin, most, needs
        self.is_interrupted = False
        self._schedule: tuple[Any, ...] | None = None  # of any epoch, to compile for
        self._freezing: tuple[NDArray[np.int64], NDArray[np.float32] | None] | None = None
        self._looked = time.monotonic()
        self._joining: list[tuple[Hand, Any]] = []
        self._refused: set[str] = set()  # workers that cannot take part
        connection.on_close(self.close)
        for address in self._alive()[:most]:
            if (hand := self._new_hand(address)) is not None:
                self.hands.append(hand)
        if not self.hands:
            raise self._all_lost()
        self._check_room(self.hands)
        self.ask_all("begin", *begin, None)

    def close(self) -> None:
        """Let the workers forget this training."""
        hands = [*self.hands, *map(_first, self._joining)]
        self.hands, self._joining = [], []
        if self._client.status == "running":
            wait([self._call(hand, "end") for hand in hands], timeout=_END_SECONDS)
        for hand in hands:
            release(hand)

    def compile(self, schedule: tuple[Any, ...]) -> None:
        """Compile the kernels on all members."""
        self._schedule = schedule
        self.ask_all("compile", schedule)

    def freeze(self, rows: NDArray[np.int64], factors: NDArray[np.float32] | None) -> None:
        """Keep input rows as they are; see `Engine.freeze`."""
        self._freezing = rows, factors
        self.ask_all("freeze", rows, factors)

    def find_fault(self, longest: float) -> str | None:
        """Return the fault of the weights; see `Engine.find_fault`."""
        fault: str | None = self._ask_one("find_fault", longest)
        return fault

    def read_weights(self, name: str, target: NDArray[np.float32]) -> None:
        """Write the matrix "input" or "output" of the members into an array."""
        rows = _rows_at_once(target)
        for start in range(0, len(target), rows):
            target[start : start + rows] = self._ask_one("read_rows", name, start, start + rows)

    def write_weights(self, name: str, source: NDArray[np.float32]) -> None:
        """Give all members the matrix "input" or "output"."""
        rows = _rows_at_once(source)
        for start in range(0, len(source), rows):
            self.ask_all("write_rows", name, start, source[start : start + rows])

    def admit(self) -> None:
        """Take in the workers that have come, once they are ready, with the weights of the others.

        A worker prepares itself while the others go on.
        """
        if time.monotonic() >= self._looked + _JOIN_SECONDS:
            self._looked = time.monotonic()
            known = {hand.peer.address for hand in [*self.hands, *map(_first, self._joining)]}
            new = [each for each in self._alive() if each not in known | self._refused]
            for address in new[: max(0, self._most - len(known))]:
                self._begin_joining(address)
        for hand, begun in [each for each in self._joining if each[1].done()]:
            self._joining.remove((hand, begun))
            with self._refusing(hand.peer.address) as made:
                made.append(hand)
                if self._results({hand: begun}):
                    self._welcome(hand)

    def _begin_joining(self, address: str) -> None:
        """Let a worker that has come prepare itself."""
        with self._refusing(address) as made:
            self._connection.check_workers([address])
            hand = self._new_hand(address, _PATIENCE_SECONDS)
            if hand is None:  # it has other work, perhaps for long
                self._looked += _BUSY_SECONDS
                return
            made.append(hand)
            self._check_room([hand])
            begin = self._call(hand, "begin", *self._begin, self._schedule)
            self._joining.append((hand, begin))

    @contextlib.contextmanager
    def _refusing(self, address: str) -> Iterator[list[Hand]]:
        """Warn of an error of a worker that has come, and do without it: training goes on.

        Yields a list for its Hand, if there is one already.
        """
        made: list[Hand] = []
        try:
            yield made
        except Exception as error:
            for hand in made:
                release(hand)
            if address in self._alive():  # raises where it is the scheduler that is lost
                self._refused.add(address)
                warn_caller(f"The Dask worker at {address} takes no part in training: {error}")

    def _check_room(self, hands: list[Hand]) -> None:
        """Raise OutOfMemoryError if these have too little memory to be members."""
        rooms = {hand.peer: room for hand, room in self.ask(hands, "room").items()}
        members = len({*self.hands, *hands})
        check_room(rooms, get_address_host, self._needs(members))

    def _welcome(self, hand: Hand) -> None:
        """Give a new member what the others have."""
        rows = max(1, _BYTES_AT_ONCE // 4096)
        peer = self.hands[0].peer
        if not self.ask([hand], "copy_weights", peer, rows):
            if {hand.peer.address, peer.address} <= set(self._alive()):
                raise W2VError(f"It does not reach the worker at {peer.address}.")
            return
        if self._freezing is not None and not self.ask([hand], "freeze", *self._freezing):
            return
        self.hands.append(hand)

    def run(self, orders: Mapping[Hand, Order]) -> dict[Hand, Report]:
        """Give each member its order, and return the reports of those that were not lost.

        When one is lost or stops early, the others are stopped too. All that are left in `hands`
        have the same weights then, as after the last round of the longest report.
        """
        first = next(iter(orders.values()))
        calls: dict[Hand, Future[Any]] = {}

        def stop() -> None:
            for hand in calls:
                self._call(hand, "stop", first.number)

        def look(reports: Mapping[Hand, Any]) -> None:
            if any(len(report.totals) < len(first.begins) for report in reports.values()):
                stop()

        self.is_interrupted = False
        try:
            for hand, order in orders.items():
                calls[hand] = self._call(hand, "run", order)
            return self._results(calls, look, stop)
        except KeyboardInterrupt:
            self.is_interrupted = True
            stop()
            return self._results(calls, look, stop)
        except BaseException:
            stop()
            raise

    def even_out(self, done: dict[Hand, int]) -> int:
        """Bring all members to the last round that any of them has finished; return its number.

        Parameters
        ----------
        done : dict of Hand to int
            The rounds that each has finished. They differ by one at most.
        """
        while True:
            done = {hand: rounds for hand, rounds in done.items() if hand in self.hands}
            if not done:
                raise self._all_lost()
            most = max(done.values())
            behind = [hand for hand, rounds in done.items() if rounds < most]
            if not behind:
                return most
            ahead = next(hand for hand, rounds in done.items() if rounds == most)
            caught_up = self.ask(behind, "catch_up", ahead.peer)
            done.update({hand: most for hand, has_rows in caught_up.items() if has_rows})
            if not all(caught_up.values()):
                self._lose(ahead)


def _first(pair: tuple[Hand, Any]) -> Hand:
    return pair[0]


def _rows_at_once(matrix: NDArray[np.float32]) -> int:
    return max(1, _BYTES_AT_ONCE // matrix[:1].nbytes)
