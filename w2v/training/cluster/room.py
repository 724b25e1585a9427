"""The memory that the workers of a cluster have, against what a training takes there."""

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from w2v.errors import Argument, OutOfMemoryError
from w2v.machine import available_memory

if TYPE_CHECKING:
    from w2v.training.cluster.orders import Peer
    from w2v.training.cluster.replica_memory import Needs

_ALLOWED_SHARE = 0.95  # of its limit: Dask ends a worker that takes more
# A worker has not loaded the compiler when it is asked. It grew from 80 to 181 MB by that.
_COMPILER, _COMPILER_BYTES = "numba", 100_000_000


class Room(NamedTuple):
    """What a worker has room for.

    Attributes
    ----------
    slots : int
        What it does at the same time.
    limit : int or None
        The bytes that are left of its own limit, once the compiler is loaded; None without one.
    machine : int
        The bytes that are free on its machine, which it may share with others.
    """

    slots: int
    limit: int | None
    machine: int


def room_of(worker: Any) -> Room:
    """Return the room of a Dask worker, in whose process this runs."""
    limit = worker.memory_manager.memory_limit  # None or 0 without one
    left = None
    if limit:
        loading = 0 if _COMPILER in sys.modules else _COMPILER_BYTES
        used = worker.monitor.get_process_memory() + loading
        left = max(0, int(limit * _ALLOWED_SHARE) - used)
    return Room(max(1, worker.state.nthreads), left, available_memory())


def check_room(rooms: Mapping["Peer", Room], host_of: Callable[[str], str], needs: "Needs") -> None:
    """Raise OutOfMemoryError if some workers need more memory than they have.

    Parameters
    ----------
    rooms : mapping of Peer to Room
    host_of : callable
        Returns the machine of an address: its workers share its free memory.
    needs : Needs
    """
    hosts: dict[str, list[Room]] = {}
    for peer, room in rooms.items():
        hosts.setdefault(host_of(peer.address), []).append(room)
        # What it shares counts as its own where Dask looks at its memory.
        if room.limit is not None and sum(needs) > room.limit:
            place = f"the Dask worker at {peer.address}"
            raise _shortage(place, sum(needs), room.limit)
    for host, each in hosts.items():
        total, free = needs.own * len(each) + needs.shared, max(room.machine for room in each)
        if total > free:
            what = "Dask worker" if len(each) == 1 else f"{len(each)} Dask workers"
            raise _shortage(f"the {what} on {host}", total, free)


def _shortage(place: str, needed: int, free: int) -> OutOfMemoryError:
    return OutOfMemoryError(
        f"Training takes {needed / 1e9:,.3g} GB of memory on {place}, and {free / 1e9:,.3g} GB are"
        " available there; give the workers more memory or fewer threads, choose a smaller ",
        Argument("vector_size"),
        ", or set ",
        Argument("min_count"),
        " or ",
        Argument("max_vocabulary"),
        " so that fewer words are left.",
    )
