"""The actor on each worker of a cluster: it has the weights, and the text of its shards.

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
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from distributed import get_client, get_worker
from numpy.typing import NDArray

from w2v.training.cluster.calling import call_actor
from w2v.training.cluster.fetching import Fetcher
from w2v.training.cluster.mailbox import Mailbox, Place, Stopped
from w2v.training.cluster.neighbours import Address
from w2v.training.cluster.orders import Order, Peer, Report
from w2v.training.cluster.post import Post
from w2v.training.cluster.room import Room, room_of
from w2v.training.cluster.running import Run
from w2v.training.cluster.source import Sources
from w2v.training.cluster.text_store import TextStore

if TYPE_CHECKING:
    from w2v.training.cluster.letters import Both
    from w2v.training.cluster.replica import Replica
    from w2v.training.config import TrainConfig

Result = TypeVar("Result")

_LAST = 1 << 62  # no order has a higher number


class Member:
    """One worker's replica, text and letters."""

    def __init__(self) -> None:
        self._worker = get_worker()
        self._thread = ThreadPoolExecutor(1, "w2v-member")
        self._slots = max(1, self._worker.state.nthreads)
        self._threads = ThreadPoolExecutor(self._slots, "w2v-shard")
        self._mailbox = Mailbox()
        self._post = Post(self._worker, self._mailbox)
        self._context = contextvars.copy_context()  # in which Dask knows this worker
        self._last: list[Both] = []  # the rows that the last round changed

    async def room(self) -> Room:
        """Return what this worker has room for."""
        return room_of(self._worker)

    async def begin(
        self,
        config: TrainConfig,
        distances: tuple[NDArray[np.float32], NDArray[np.float32]],
        tables: tuple[Any, ...],
        keep_thresholds: NDArray[np.uint64],
        shape: tuple[int, int, int, int],
        longest: tuple[int, int, int, int],
        sources: Sources,
        is_local: bool,
        schedule: tuple[Any, ...] | None,
    ) -> None:
        """Allocate the replica, with its first weights.

        Parameters
        ----------
        config : TrainConfig
        distances : (float32 (V, 2), float32 (rows of the output matrix, 2))
            How far a shard brings each row of both matrices.
        tables : tuple
            The fields of OutputTables.
        keep_thresholds : uint64 (n,)
        shape, longest : (int, int, int, int)
            The fields of RoundShape: of a round, and of the longest that several are joined to.
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
        await self._apart(self._begin, config, distances, tables, shape, longest)
        if schedule is not None:
            await self.compile(schedule)

    def _begin(
        self,
        config: TrainConfig,
        distances: tuple[NDArray[np.float32], NDArray[np.float32]],
        tables: tuple[Any, ...],
        shape: tuple[int, int, int, int],
        longest: tuple[int, int, int, int],
    ) -> None:
        from w2v.kernels.state import OutputTables  # noqa: PLC0415  (see above)
        from w2v.training.cluster.replica import Replica  # noqa: PLC0415
        from w2v.training.engines.round_shape import RoundShape  # noqa: PLC0415

        inputs, outputs = map(np.array, distances)
        own: list[Any] = [
            np.array(each) if isinstance(each, np.ndarray) else each for each in tables
        ]
        self._replica: Replica = Replica(
            (inputs, outputs), OutputTables(*own), config, RoundShape(*shape), RoundShape(*longest)
        )
        self._post.make_copies(self._replica.copies_shapes)

    async def _apart(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Run a function in the thread of this actor, one after another."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, work, *arguments)

    async def compile(self, schedule: tuple[Any, ...]) -> None:
        """Compile the kernels, or load them from the cache; `schedule` has a Schedule's fields."""
        await self._apart(self._compile, schedule)

    def _compile(self, schedule: tuple[Any, ...]) -> None:
        from w2v.kernels.state import Schedule  # noqa: PLC0415

        self._replica.use_copies(*self._post.copies)
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
        self._post.close()

    async def deliver(self, place: Place, sender: int, letter: Any) -> None:
        """Take a letter of another worker."""
        self._mailbox.put(Place(*place), sender, letter)

    async def introduce(self, peer: Peer, address: Address | None) -> tuple[bool, Address | None]:
        """Look for the memory of another worker; see `Post.introduce`."""
        return self._post.introduce(peer, address)

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
        for both in rows:
            await self._apart(self._replica.commit, both)
        self._last = rows
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
        self._mailbox.begin(order.number)
        try:
            self._texts.fill(order, partial(self._mailbox.check, order.number))
        except Stopped:
            return Report(np.zeros(0))
        text_at = partial(self._texts.text, order.text)
        run = Run(
            order, self._replica, text_at, self._mailbox, self._threads, self._slots, self._post
        )
        report = run.all_rounds()
        if run.last_finished:
            self._last = run.last_finished
        return report

    def _client(self) -> Any:
        """Return the client of this worker; not in the thread that also sends and receives."""
        return self._context.run(get_client)
