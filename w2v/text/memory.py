"""Memory for what is large: in huge pages, or mapped from a file, and given back when unused."""

import contextlib
import errno
import mmap
import os
import tempfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.errors import CorpusError, OutOfMemoryError
from w2v.text.available import available_memory

_HAS_FLAGS = hasattr(mmap, "MAP_PRIVATE") and hasattr(mmap, "MAP_ANONYMOUS")


def huge_zeros(size: int, kind: type[Any]) -> NDArray[Any]:
    """Return zeros, the first at the start of a page, in huge pages where the system has them.

    Fewer pages mean fewer look-ups of addresses; and what is not from the allocator of small
    things goes back to the system at once (it kept 90 MB after the tables of wiki8).

    Raises OutOfMemoryError where the system has no memory for them.
    """
    # Private: shared memory, what `mmap` asks for by itself, gets no huge pages on most systems.
    private = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if _HAS_FLAGS else {}
    length = max(1, size * np.dtype(kind).itemsize)
    try:
        memory = mmap.mmap(-1, length, **private)
    except OSError as error:
        raise _refused(length, error) from error
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
        if error.errno == errno.ENOMEM:  # of addresses: the memory itself is the file's
            raise _refused(4 * size, error) from error
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        raise CorpusError(
            f"{'No room for' if full else 'Cannot keep'} {4 * size:,} bytes of token ids in "
            f"{directory}: {error.strerror}; name a directory with more room in TMPDIR."
        ) from error


def _refused(size: int, error: OSError) -> OutOfMemoryError:
    return OutOfMemoryError(
        f"The system refuses {size / 1e9:,.3g} GB of memory ({error.strerror}); end other programs,"
        " raise the limit that was set for this one, or train fewer or smaller vectors."
    )


def default_limit(share: int) -> int:
    """Return this part of the memory that is available, in bytes."""
    return available_memory() // share
