"""Memory for what is large: in huge pages, or mapped from a file, and given back when unused."""

import contextlib
import errno
import mmap
import os
import tempfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.errors import CorpusError

_ASSUMED_MEMORY = 8 << 30  # bytes, on a system that does not tell
_HAS_FLAGS = hasattr(mmap, "MAP_PRIVATE") and hasattr(mmap, "MAP_ANONYMOUS")


def huge_zeros(size: int, kind: type[Any]) -> NDArray[Any]:
    """Return zeros, the first at the start of a page, in huge pages where the system has them.

    Fewer pages mean fewer look-ups of addresses; and what is not from the allocator of small
    things goes back to the system at once (it kept 90 MB after the tables of wiki8).
    """
    # Private: shared memory, what `mmap` asks for by itself, gets no huge pages on most systems.
    private = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if _HAS_FLAGS else {}
    memory = mmap.mmap(-1, max(1, size * np.dtype(kind).itemsize), **private)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with contextlib.suppress(OSError):  # a kernel without them
            memory.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(memory, dtype=kind, count=size)


def allocate_ids(size: int, in_file: bool) -> NDArray[np.int32]:
    """Return memory for so many ids, mapped from a temporary file without a name if `in_file`.

    Raises CorpusError where the file system has no room.
    """
    if not in_file:
        return huge_zeros(size, np.int32)
    try:
        directory = tempfile.gettempdir()
        with tempfile.TemporaryFile(prefix="w2v-ids-", dir=directory) as file:
            # Disk space taken now cannot be missing when the ids are written, which is a crash.
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, 4 * size)
            else:
                file.truncate(4 * size)
            return np.memmap(file, dtype=np.int32, mode="r+", shape=(size,))
    except FileNotFoundError as error:  # gettempdir tried them all
        raise CorpusError(
            "No directory for temporary files can be written, but the token ids take more than the "
            f"memory for them; name one in TMPDIR ({error.strerror})."
        ) from error
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        raise CorpusError(
            f"{'No room for' if full else 'Cannot keep'} {4 * size:,} bytes of token ids in "
            f"{directory}: {error.strerror}; name a directory with more room in TMPDIR."
        ) from error


def default_limit(share: int) -> int:
    """Return this part of the machine's memory, in bytes."""
    return memory_size() // share


def memory_size() -> int:
    """Return the machine's memory in bytes, or 8 GB where the system does not tell."""
    try:
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError):
        return _ASSUMED_MEMORY
    return size if size > 0 else _ASSUMED_MEMORY
