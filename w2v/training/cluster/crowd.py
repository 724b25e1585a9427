"""The workers of a cluster that see the text, and the tasks that they are given."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import CancelledError
from typing import Any

import dask
import distributed
from distributed.comm import get_address_host

from w2v.errors import W2VError
from w2v.text.dividing import TextPiece, files_to_compare, seen
from w2v.training.cluster import tasks
from w2v.training.cluster.connecting import Connection, scheduler_lost
from w2v.training.cluster.room import Room
from w2v.training.cluster.tasks import Failed

_PERIOD = 0.5  # seconds between two calls of a watch
_LOOK_SECONDS = 2.0  # between two looks for workers that were lost
_PATIENCE_SECONDS = 20.0  # without any that sees the files
_MEMORY_SHARE, _TABLE_SHARE = 4, 2  # of its free memory, for the text and for tables of words
_FAN_IN = 8
_LARGE = "distributed.admin.large-graph-warning-threshold"
_numbers = itertools.count()

Look = Callable[[int, Any], object]


class Crowd:
    """The workers that see the files of a text.

    Where all workers of a machine see them, so will those that take their places there.

    Parameters
    ----------
    connection : Connection
    rooms : mapping of str to Room
        Of the workers that see the files, by their addresses.
    all_ : iterable of str
        The addresses of all workers.

    Attributes
    ----------
    memory_limit : int
        Bytes that the text may take in the memory of each.
    table_limit : int
        Bytes that its tables of words may take at most.
    slots : int
        The most tasks that one does at a time.
    """

    def __init__(self, connection: Connection, rooms: dict[str, Room], all_: Iterable[str]) -> None:
        self._client = connection.client
        blind = {get_address_host(each) for each in all_ if each not in rooms}
        hosts = [get_address_host(each) for each in rooms]
        self._places = sorted(
            {address if host in blind else host for address, host in zip(rooms, hosts, strict=True)}
        )
        self.slots = max(room.slots for room in rooms.values())
        free = min(
            room.machine // hosts.count(host) if room.limit is None else room.limit
            for room, host in zip(rooms.values(), hosts, strict=True)
        )
        self.memory_limit, self.table_limit = free // _MEMORY_SHARE, free // _TABLE_SHARE
        self._futures: set[Any] = set()
        self._looked = self._seen = time.monotonic()
        connection.on_close(self.close)

    @staticmethod
    def of(connection: Connection, pieces: Sequence[TextPiece]) -> Crowd | None:
        """Return the workers that see the same files as this machine; None if none does."""
        paths = files_to_compare(pieces)
        found = connection.client.run(tasks.look, paths, on_error="return")
        answers = {
            address: answer for address, answer in found.items() if isinstance(answer, tuple)
        }
        here = seen(paths)
        rooms = {address: room for address, (there, room) in answers.items() if there == here}
        return Crowd(connection, rooms, found) if rooms else None

    def give(self, function: Callable[..., Any], *arguments: Any, is_long: bool = False) -> Any:
        """Let a worker call a function; return the future of its result.

        What is short goes before what is long, though it was given later.
        """
        future = self._client.submit(
            function, *arguments, pure=False, workers=self._places, priority=0 if is_long else 1,
            key=f"w2v-{function.__name__}-{time.time_ns()}-{next(_numbers)}",
        )  # fmt: skip
        self._futures.add(future)
        return future

    def share(self, value: Any) -> Any:
        """Give a value to whichever workers need it; return its future.

        It is the result of a task, and not scattered: so Dask can send it again, where all workers
        that had it were lost.
        """
        with dask.config.set({_LARGE: "1 TB"}):
            return self.give(tasks.same, value)

    def reduced(self, function: Callable[..., Any], futures: list[Any], *arguments: Any) -> Any:
        """Let workers join results in a tree, whose shape depends on their number alone.

        Parameters
        ----------
        function : callable
            Joins a list of them.
        futures : list of Future
            At least one; they are let go.
        *arguments
            Further arguments of the function.
        """
        while True:
            groups = [futures[k : k + _FAN_IN] for k in range(0, len(futures), _FAN_IN)]
            joined = [self.give(function, group, *arguments) for group in groups]
            self.let_go(futures)
            if len(joined) == 1:
                return joined[0]
            futures = joined

    def let_go(self, futures: Iterable[Any]) -> None:
        """Let the workers forget results, once no other task needs them."""
        for future in list(futures):
            self._futures.discard(future)
            future.release()

    def results(
        self,
        futures: Sequence[Any],
        look: Look = lambda *_: None,
        watch: Callable[[], object] | None = None,
    ) -> list[Any]:
        """Wait for results.

        Parameters
        ----------
        futures : sequence of Future
        look : callable
            Called with the place of each result among them, and the result, as they come.
        watch : callable, optional
            Called about twice a second.

        Raises
        ------
        Exception
            The error of the first that failed, once all before it are there.
        W2VError
            The workers, or the scheduler, were lost.
        """
        found: dict[int, Any] = {}
        pending, end = dict(enumerate(futures)), len(futures)
        while any(number < end for number in pending):
            done = [number for number, future in pending.items() if future.done()]
            if done:
                results = self._gathered([pending.pop(number) for number in done])
                for number, result in zip(done, results, strict=True):
                    found[number] = result
                    if isinstance(result, Failed):
                        end = min(end, number)
                    else:
                        look(number, result)
            else:
                self._wait(next(iter(pending.values())))
            if watch is not None:
                watch()
        if end < len(futures):
            raise found[end].error
        return [found[number] for number in range(len(futures))]

    def _wait(self, future: Any) -> None:
        """Wait for a future, but not for long."""
        try:
            future.exception(timeout=_PERIOD)
        except (TimeoutError, asyncio.TimeoutError):
            pass
        except (OSError, CancelledError) as error:
            raise scheduler_lost() from error
        if time.monotonic() >= self._looked + _LOOK_SECONDS:
            self._looked = time.monotonic()
            self.check()

    def check(self) -> None:
        """Raise W2VError where no worker that sees the files has been there for some time.

        Until then Dask may start others in their places.
        """
        try:
            alive = list(self._client.nthreads())
        except (OSError, asyncio.TimeoutError) as error:
            raise scheduler_lost() from error
        if any({each, get_address_host(each)} & set(self._places) for each in alive):
            self._seen = time.monotonic()
        elif time.monotonic() > self._seen + _PATIENCE_SECONDS:
            raise W2VError(
                "All workers of the Dask cluster that see the files of the corpus were lost; start"
                " some again and resume from the last checkpoint, if there is one."
            )

    def _gathered(self, futures: list[Any]) -> list[Any]:
        try:
            results: list[Any] = self._client.gather(futures)
        except distributed.KilledWorker as error:
            raise W2VError(
                "Workers of the Dask cluster were lost again and again while they read the corpus,"
                " perhaps for want of memory; give them more, and see their logs."
            ) from error
        except (OSError, CancelledError, asyncio.TimeoutError) as error:
            raise scheduler_lost() from error
        return results

    def close(self) -> None:
        """Let the workers forget all results, and begin no more tasks: nobody wants them."""
        self.let_go(self._futures)
