"""Memory for large arrays, in huge pages, which returns to the system as soon as it is freed."""

import contextlib
import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.errors import OutOfMemoryError

_HAS_FLAGS = hasattr(mmap, "MAP_PRIVATE") and hasattr(mmap, "MAP_ANONYMOUS")


def huge_zeros(size: int, kind: type[Any]) -> NDArray[Any]:
    """Return zeros in page-aligned memory, in huge pages if the system has them.

    Huge pages mean fewer address look-ups. The memory does not come from the C allocator, so it
    returns to the system as soon as it is freed (the allocator kept 90 MB after the tables of
    wiki8).

    Parameters
    ----------
    size : int
        The number of zeros.
    kind : type
        Their type, such as `np.float32`.

    Returns
    -------
    ndarray of `kind`, shape (size,)
        The zeros.

    Raises
    ------
    OutOfMemoryError
        The system refuses the memory.
    """
    # `mmap` requests shared memory by default, which gets no huge pages on most systems.
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
    """Return the error for a refused request of `size` bytes."""
    return OutOfMemoryError(
        f"The system refuses {size / 1e9:,.3g} GB of memory ({error.strerror}); end other programs,"
        " raise the limit that was set for this one, or train fewer or smaller vectors."
    )
