"""Calls of the members of a cluster, some of which may be lost meanwhile."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout  # its own in Python 3.10
from typing import Any

from w2v.errors import W2VError
from w2v.training.cluster.calling import call_actor
from w2v.training.cluster.connecting import Connection, scheduler_lost
from w2v.training.cluster.hand import Hand, release
from w2v.training.cluster.member import Member
from w2v.training.cluster.orders import Peer

_LOOK_SECONDS = 0.2  # between two looks for workers that were lost, while others work


class Members:
    """The members of a cluster, one a worker, and what can be asked of them.

    Parameters
    ----------
    connection : Connection

    Attributes
    ----------
    hands : list of Hand
        Those with equal weights, in the order in which they came.
    """

    def __init__(self, connection: Connection) -> None:
        self._client = connection.client
        self.hands: list[Hand] = []

    def ask_all(self, method: str, *arguments: Any) -> dict[Hand, Any]:
        """Call a method of all members, and return their results."""
        return self.ask(self.hands, method, *arguments)

    def _ask_one(self, method: str, *arguments: Any) -> Any:
        """Call a method of any member, and return its result."""
        while self.hands:
            for result in self.ask(self.hands[:1], method, *arguments).values():
                return result
        raise self._all_lost()

    def ask(self, hands: Iterable[Hand], method: str, *arguments: Any) -> dict[Hand, Any]:
        """Call a method of some members, and return the results of those that were not lost."""
        return self._results({hand: self._call(hand, method, *arguments) for hand in hands})

    def _call(self, hand: Hand, method: str, *arguments: Any) -> Future[Any]:
        """Call a method of a member, without waiting for its result."""
        call = call_actor(self._client, hand.peer, method, *arguments)
        return asyncio.run_coroutine_threadsafe(call, self._client.loop.asyncio_loop)

    def _results(
        self,
        calls: Mapping[Hand, Future[Any]],
        look: Callable[[Mapping[Hand, Any]], object] = lambda _: None,
        when_lost: Callable[[], object] = lambda: None,
    ) -> dict[Hand, Any]:
        """Wait for calls, and return the results of the members that were not lost.

        Parameters
        ----------
        calls : mapping of Hand to Future
        look : callable
            Called with the results so far whenever there is another one.
        when_lost : callable
            Called when a member was lost.
        """
        results: dict[Hand, Any] = {}
        pending = dict(calls)
        looked = time.monotonic()
        while pending:
            hand, call = next(iter(pending.items()))
            is_lost = False
            try:
                results[hand] = call.result(timeout=_LOOK_SECONDS)
                del pending[hand]
                look(results)
            except (OSError, TimeoutError, FutureTimeout):
                # It may have ended well, just after the time was over.
                is_lost = call.done() and call.exception() is not None
            if is_lost or time.monotonic() > looked + _LOOK_SECONDS:
                looked = time.monotonic()
                alive = self._alive()
                for other in list(pending):
                    if (other is hand and is_lost) or other.peer.address not in alive:
                        del pending[other]
                        self._lose(other)
                        when_lost()
        return results

    def _lose(self, hand: Hand) -> None:
        """Forget a member that was lost; raise W2VError if it was the last."""
        release(hand)
        if hand in self.hands:
            self.hands.remove(hand)
            if not self.hands:
                raise self._all_lost()

    def _all_lost(self) -> W2VError:
        return W2VError(
            "All workers of the Dask cluster were lost; start some again and resume from the last"
            " checkpoint, if there is one."
        )

    def _alive(self) -> list[str]:
        """Return the addresses of the workers; raise W2VError if the scheduler is lost."""
        try:
            if self._client.status == "running":
                return list(self._client.nthreads())
        except (OSError, asyncio.TimeoutError):
            pass
        raise scheduler_lost()

    def _new_hand(self, address: str, patience: float = math.inf) -> Hand | None:
        """Make the actor on a worker; return None if it is lost, or too busy for that."""
        key = f"w2v-member-{time.time_ns()}-{address}"
        future = self._client.submit(
            Member, key=key, workers=[address], allow_other_workers=False, actor=True, pure=False
        )
        hand, began = Hand(Peer(address, key), future), time.monotonic()
        while True:  # Dask waits for ever for a worker that is lost
            try:
                future.result(timeout=_LOOK_SECONDS)
                return hand
            except (TimeoutError, asyncio.TimeoutError):
                if address in self._alive() and time.monotonic() <= began + patience:
                    continue
            except Exception:
                if address in self._alive():
                    raise
            release(hand)
            return None
