"""What the letters of a training on a cluster take on this machine, through Dask."""

import asyncio
import contextlib
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from distributed import Client, LocalCluster
from numpy.typing import NDArray

from w2v.kernels.state import BLOCK
from w2v.training.cluster.calling import call_actor
from w2v.training.cluster.member import Member
from w2v.training.cluster.orders import Peer, Piece

_LETTERS = 32
_LETTER_BYTES = 8_000_000
_REPEATS = 5


def timed(work: Callable[[], object]) -> float:
    """Return the median seconds of a piece of work that can be repeated."""

    def once() -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    return statistics.median(once() for _ in range(_REPEATS))


def measure_network() -> dict[str, float]:
    """Return what letters between two local workers take, by the names of Costs."""
    with _two_members() as (client, peers):

        def exchange(letters: int, size: int) -> float:
            took: dict[str, float] = client.run(exchange_letters, peers, letters, size)
            return max(took.values())

        exchange(_LETTERS, 4)  # opens the connections
        latency, many = exchange(1, 4), exchange(_LETTERS, 4)
        large = exchange(1, _LETTER_BYTES)
        peer = next(iter(peers.values()))

        def post(pieces: int) -> float:
            piece = Piece(np.zeros(BLOCK, np.int32), 0, np.zeros(2, np.int64))
            letter = [(0, piece)] * pieces
            return timed(
                lambda: client.sync(call_actor, client, peer, "deliver", (-1, 0, 0, ""), 0, letter)
            )

        order, long_order = post(0), post(_LETTERS)
    return {
        "latency": latency,
        "letter": max(0.0, many - latency) / (_LETTERS - 1),
        "byte": max(0.0, large - latency) / _LETTER_BYTES,
        "order": order,
        "post": max(0.0, long_order - order) / _LETTERS,
    }


@contextlib.contextmanager
def _two_members() -> Iterator[tuple[Client, dict[str, Peer]]]:
    local = LocalCluster(n_workers=2, threads_per_worker=1, memory_limit=0, dashboard_address=":0")
    with local as cluster, Client(cluster, set_as_default=False) as client:
        peers, kept = {}, []
        for address in client.nthreads():
            key = f"member-{address}"
            future = client.submit(Member, key=key, workers=[address], actor=True, pure=False)
            kept.append(future.result())
            peers[address] = Peer(address, key)
            kept.append(future)
        yield client, peers


async def exchange_letters(
    peers: dict[str, Peer], letters: int, size: int, dask_worker: Any
) -> float:
    """Send letters to the other worker at once, which does the same; return the median seconds."""
    peer = next(peer for address, peer in peers.items() if address != dask_worker.address)
    letter: NDArray[np.uint8] = np.zeros(size, dtype=np.uint8)
    took = []
    for _ in range(_REPEATS):
        began = time.perf_counter()
        # Of an order that is over, so that nobody keeps them.
        sending = [
            call_actor(dask_worker, peer, "deliver", (-1, 0, 0, ""), 0, letter)
            for _ in range(letters)
        ]
        await asyncio.gather(*sending)
        took.append(time.perf_counter() - began)
    return statistics.median(took)
