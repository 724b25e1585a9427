"""Memory for arrays that are large: in huge pages, and given back to the system when unused."""

import contextlib
import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.errors import OutOfMemoryError

_HAS_FLAGS = hasattr(mmap, "MAP_PRIVATE") and hasattr(mmap, "MAP_ANONYMOUS")


def huge_zeros(size: int, kind: type[Any]) -> NDArray[Any]:
    """Return zeros that start at a page, in huge pages where the system has them.

    Fewer pages mean fewer look-ups of addresses. The allocator of small objects is not involved,
    so the memory returns to the system at once (it kept 90 MB after the tables of wiki8).

    Parameters
    ----------
    size
        How many numbers.
    kind
        Their type, such as `np.float32`.

    Returns
    -------
    Zeros of that type and the shape (size,).

    Raises
    ------
    OutOfMemoryError
        The system has no memory for them.
    """
    # Private: shared memory, which `mmap` requests by default, gets no huge pages on most systems.
    private = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if _HAS_FLAGS else {}
    length = max(1, size * np.dtype(kind).itemsize)
    try:
        memory = mmap.mmap(-1, length, **private)
    except OSError as error:
        raise memory_refused(length, error) from error
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with contextlib.suppress(OSError):  # a kernel without them
            memory.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(memory, dtype=kind, count=size)


def memory_refused(size: int, error: OSError) -> OutOfMemoryError:
    """Return the error for `size` bytes of memory that the system refused."""
    return OutOfMemoryError(
        f"The system refuses {size / 1e9:,.3g} GB of memory ({error.strerror}); end other programs,"
        " raise the limit that was set for this one, or train fewer or smaller vectors."
    )
