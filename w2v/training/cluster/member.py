"""The actor on each worker of a cluster: it trains its shards, and exchanges what they changed.

A round has two exchanges. Each worker owns one part of the rows. First it sends every owner what
its shards changed there. Then every owner joins what came, and sends the new rows to all. A worker
that has all new rows writes them, and only then. If another worker is lost before, the round can be
done again from the same weights.

Dask calls the methods in the thread that also sends and receives, so whatever takes time runs in a
thread of its own. This module loads no compiler, for the same reason.
"""

from __future__ import annotations

import asyncio
import atexit
import contextvars
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from distributed import get_client, get_worker
from distributed.protocol import to_serialize
from numpy.typing import NDArray

from w2v.training.cluster.fetching import Fetcher
from w2v.training.cluster.mailbox import Clock, Mailbox, Place, Stopped
from w2v.training.cluster.orders import Order, Peer, Report, Stretch
from w2v.training.cluster.room import Room, room_of
from w2v.training.cluster.source import Sources
from w2v.training.cluster.text_store import TextStore

if TYPE_CHECKING:
    from w2v.training.cluster.replica import Both, Replica
    from w2v.training.config import TrainConfig

Result = TypeVar("Result")

_LAST = 1 << 62  # no order has a higher number
_CHANGED, _FINISHED = "changed", "finished"  # the stages of a round


class Member:
    """One worker's replica, text and letters."""

    def __init__(self) -> None:
        self._worker = get_worker()
        self._slots = max(1, self._worker.state.nthreads)
        self._thread = ThreadPoolExecutor(1, "w2v-member")
        self._threads = ThreadPoolExecutor(self._slots, "w2v-shard")
        self._mailbox = Mailbox()
        self._context = contextvars.copy_context()  # in which Dask knows this worker
        self._last: list[Both] = []  # the rows that the last round changed

    async def room(self) -> Room:
        """Return what this worker has room for."""
        return room_of(self._worker)

    async def begin(
        self,
        config: TrainConfig,
        size: int,
        tables: tuple[Any, ...],
        keep_thresholds: NDArray[np.uint64],
        shape: tuple[int, int],
        sources: Sources,
        is_local: bool,
        schedule: tuple[Any, ...] | None,
    ) -> None:
        """Allocate the replica, with its first weights.

        Parameters
        ----------
        config : TrainConfig
        size : int
            V, the size of the vocabulary.
        tables : tuple
            The fields of OutputTables.
        keep_thresholds : uint64 (n,)
        shape : (int, int)
            The fields of RoundShape.
        sources : Sources
            Where the text lies.
        is_local : bool
            This process belongs to the training, which handles Ctrl-C.
        schedule : tuple, optional
            The fields of a Schedule to compile for.
        """
        if is_local and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            atexit.register(os._exit, 0)  # Python takes seconds to take the compiler down
        self._texts = TextStore(np.array(keep_thresholds), sources, Fetcher(self._client).fetch)
        await self._apart(self._begin, config, size, tables, shape)
        if schedule is not None:
            await self.compile(schedule)

    def _begin(
        self, config: TrainConfig, size: int, tables: tuple[Any, ...], shape: tuple[int, int]
    ) -> None:
        from w2v.kernels.state import OutputTables  # noqa: PLC0415  (see above)
        from w2v.training.cluster.replica import Replica  # noqa: PLC0415
        from w2v.training.engines.rounds import RoundShape  # noqa: PLC0415

        own: list[Any] = [
            np.array(each) if isinstance(each, np.ndarray) else each for each in tables
        ]
        self._replica: Replica = Replica(
            size, OutputTables(*own), config, RoundShape(*shape), self._slots
        )

    async def _apart(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Run a function in the thread of this actor, one after another."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, work, *arguments)

    async def compile(self, schedule: tuple[Any, ...]) -> None:
        """Compile the kernels, or load them from the cache; `schedule` has a Schedule's fields."""
        await self._apart(self._compile, schedule)

    def _compile(self, schedule: tuple[Any, ...]) -> None:
        from w2v.kernels.state import Schedule  # noqa: PLC0415

        self._replica.compile(self._texts.empty(), Schedule(*schedule))

    async def run(self, order: Order) -> Report:
        """Do the rounds of an order, until they are done or it is called off."""
        return await self._apart(self._run, order)

    async def stop(self, order: int) -> None:
        """Call an order off. The round that runs changes nothing."""
        self._mailbox.stop(order)

    async def end(self) -> None:
        """Let the threads end; nothing can be asked any more."""
        self._mailbox.stop(_LAST)
        for threads in (self._thread, self._threads):
            threads.shutdown(wait=False, cancel_futures=True)

    async def deliver(self, place: Place, sender: int, letter: Any) -> None:
        """Take a letter of another worker."""
        self._mailbox.put(Place(*place), sender, letter)

    async def last_round(self) -> list[Both]:
        """Return the rows that the last round changed."""
        return self._last

    async def catch_up(self, peer: Peer) -> bool:
        """Do what the last round did, with the rows of a worker that has finished it.

        Returns whether that worker could be asked.
        """
        try:
            rows = await call_actor(self._worker, peer, "last_round")
        except OSError:  # it is lost
            return False
        await self._apart(self._commit, rows)
        return True

    async def freeze(self, rows: NDArray[np.int64], factors: NDArray[np.float32] | None) -> None:
        """Keep input rows as they are, or scale their changes; see `Engine.freeze`."""
        own = None if factors is None else np.array(factors)
        await self._apart(lambda: self._replica.freeze(np.array(rows), own))

    async def find_fault(self, longest: float) -> str | None:
        """Return the fault of the weights; see `Engine.find_fault`."""
        from w2v.training.weight_checks import weights_fault  # noqa: PLC0415

        return await self._apart(lambda: weights_fault(self._replica.weights, longest))

    async def read_rows(self, name: str, start: int, stop: int) -> NDArray[np.float32]:
        """Return some rows of the matrix "input" or "output", with their padding."""
        rows: NDArray[np.float32] = getattr(self._replica.weights, name)[start:stop]
        return rows

    async def write_rows(self, name: str, start: int, rows: NDArray[np.float32]) -> None:
        """Write some rows of the matrix "input" or "output"."""
        getattr(self._replica.weights, name)[start : start + len(rows)] = rows

    async def copy_weights(self, peer: Peer, rows_at_once: int) -> None:
        """Take over the weights of another worker."""
        for name in ("input", "output"):
            for start in range(0, len(getattr(self._replica.weights, name)), rows_at_once):
                rows = await call_actor(
                    self._worker, peer, "read_rows", name, start, start + rows_at_once
                )
                await self.write_rows(name, start, rows)

    def _run(self, order: Order) -> Report:
        mailbox, run = self._mailbox, _Run(self, order)
        mailbox.begin(order.number)
        try:
            self._texts.fill(order, partial(mailbox.check, order.number))
            for number in range(len(order.rounds)):
                mailbox.check(order.number)
                run.round(number)
        except Stopped:
            pass
        return run.report()

    def _commit(self, finished: list[Both]) -> None:
        self._replica.commit(finished)
        self._last = finished

    def _client(self) -> Any:
        """Return the client of this worker; not in the thread that also sends and receives."""
        return self._context.run(get_client)


class _Run:
    """One order, while it runs."""

    def __init__(self, member: Member, order: Order) -> None:
        self._member, self._order = member, order
        self._totals: list[NDArray[np.float64]] = []
        self._training, self._waiting, self._all = Clock(), Clock(), Clock()
        self._sent = self._received = 0

    def report(self) -> Report:
        """Return what came of the order so far."""
        training, waiting = self._training.seconds, self._waiting.seconds
        return Report(
            np.array(self._totals), self._sent, self._received, training, waiting,
            max(0.0, self._all.seconds - training - waiting),
        )  # fmt: skip

    def round(self, number: int) -> None:
        """Do one round: train, exchange, and write what it changed."""
        with self._all:
            with self._training:
                changed, totals = self._train(self._order.rounds[number])
            if not self._order.changes_nothing:
                totals = self._merge(number, changed, totals)
        self._totals.append(totals)

    def _train(self, stretches: tuple[Stretch, ...]) -> tuple[list[Both], NDArray[np.float64]]:
        """Train all shards of this worker, as many at a time as it has threads."""
        free = list(range(self._member._slots))  # list.pop and list.append are atomic

        def train(stretch: Stretch) -> tuple[Both, NDArray[np.float64]]:
            member, slot = self._member, free.pop()
            text = member._texts.text(self._order.text, stretch.start)
            try:
                return member._replica.train(slot, stretch.shard, text, stretch.start,
                                             stretch.stop, self._order.schedule)  # fmt: skip
            finally:
                free.append(slot)

        done = list(self._member._threads.map(train, stretches))
        return [changed for changed, _ in done], np.array([totals for _, totals in done])

    def _merge(
        self, number: int, changed: list[Both], totals: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Exchange what the shards changed, write it, and return all shards' totals."""
        order, replica = self._order, self._member._replica
        parts = len(order.peers)
        first = changed[0][0].shard
        trees = [
            replica.gather(changed[start - first : stop - first]) for start, stop in order.trees
        ]

        def join(part: int) -> list[Both]:
            return [replica.join(part, parts, tree) for tree in trees]

        letters = list(self._member._threads.map(join, range(parts)))
        came = self._exchange(number, _CHANGED, letters)
        mine = replica.gather([each for letter in came for each in letter])
        finished = replica.finish(replica.join(order.place, parts, mine))
        came = self._exchange(number, _FINISHED, [(finished, totals)] * parts)
        self._member._commit([rows for rows, _ in came])
        return np.concatenate([own for _, own in came])

    def _exchange(self, number: int, stage: str, letters: list[Any]) -> list[Any]:
        """Send a letter to every worker, and return theirs; own ones do not travel."""
        order, worker = self._order, self._member._worker
        place, here = Place(order.number, number, stage), order.place
        others = [other for other in range(len(order.peers)) if other != here]
        with self._waiting:
            sending = [
                self._send(worker, order.peers[other], place, letters[other]) for other in others
            ]
            came = dict(zip(others, self._member._mailbox.collect(place, others), strict=True))
            for each in sending:
                each.result()
        self._sent += sum(_size(letters[other]) for other in others)
        self._received += sum(map(_size, came.values()))
        return [came.get(other, letters[here]) for other in range(len(order.peers))]

    def _send(self, worker: Any, peer: Peer, place: Place, letter: Any) -> Future[None]:
        async def send() -> None:
            try:
                await call_actor(worker, peer, "deliver", tuple(place), self._order.place, letter)
            except OSError:  # it is lost
                self._member._mailbox.stop(place.order)

        return asyncio.run_coroutine_threadsafe(send(), worker.loop.asyncio_loop)


async def call_actor(caller: Any, peer: Peer, method: str, *arguments: Any) -> Any:
    """Call a method of the actor of a member.

    Dask's own handles of actors need the client that the whole process uses.

    Parameters
    ----------
    caller : Worker or Client
        Through whose connections it is called, in whose event loop. A client goes by way of the
        scheduler, unless it was made with `direct_to_workers`.
    peer : Peer
    method : str
    *arguments
        Of the method.
    """
    message = {
        "actor": peer.key,
        "function": method,
        "args": [to_serialize(each) for each in arguments],
        "kwargs": {},
    }
    if getattr(caller, "direct_to_workers", True):
        answer = await caller.rpc(peer.address).actor_execute(**message)
    else:
        asked = {"op": "actor_execute", **message}
        answer = await caller.scheduler.proxy(worker=peer.address, msg=asked)
    if answer["status"] != "OK":
        raise answer["exception"]
    return answer["result"]


def _size(letter: Any) -> int:
    """Return the bytes of all arrays in a letter."""
    if isinstance(letter, np.ndarray):
        return letter.nbytes
    return sum(map(_size, letter)) if isinstance(letter, (tuple, list)) else 0
