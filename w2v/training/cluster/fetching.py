"""How a worker of a cluster fetches ids from the workers that have them: by tasks of Dask."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import distributed

from w2v.training.cluster.source import Fetched, Source
from w2v.training.cluster.tasks import Failed

_LOOK_SECONDS = 0.2  # between two looks whether the ids are still wanted


class Fetcher:
    """Fetches ids through a client of Dask, which waits for those that have to be made again.

    Parameters
    ----------
    client : callable
        Returns the client; called in the thread that fetches.
    """

    def __init__(self, client: Callable[[], Any]) -> None:
        self._client = client
        self._futures: dict[str, Any] = {}

    def fetch(
        self, source: Source, spans: Sequence[tuple[int, int]], check: Callable[[], object]
    ) -> list[Fetched]:
        """Fetch some spans of a text; `check` raises an error where they are not wanted any more.

        For the rest see `Source.fetch`.
        """

        def future(piece: int) -> Any:
            key = source.keys[piece]
            if key not in self._futures:
                self._futures[key] = distributed.Future(key, self._client())
            return self._futures[key]

        def give(function: Callable[..., Any], *arguments: Any) -> Any:
            return self._client().submit(function, *arguments, pure=False, priority=1)

        def wait(futures: Sequence[Any]) -> list[Any]:
            for each in futures:
                while not each.done():
                    with contextlib.suppress(TimeoutError, asyncio.TimeoutError):
                        each.exception(timeout=_LOOK_SECONDS)
                    check()
            results: list[Any] = self._client().gather(list(futures))
            for each in results:
                if isinstance(each, Failed):
                    raise each.error
            return results

        return source.fetch(spans, future, give, wait)
