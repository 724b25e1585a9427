"""Storage for the token ids of a corpus: in memory, or in a file if they are too many."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from w2v.errors import Argument, CorpusError
from w2v.memory import huge_zeros, memory_refused


def allocate_ids(size: int, in_file: bool) -> NDArray[np.int32]:
    """Return memory for token ids.

    Parameters
    ----------
    size : int
        The number of ids.
    in_file : bool
        Whether to map a temporary file without a name instead of taking memory.

    Returns
    -------
    int32 (size,)
        Zeros.

    Raises
    ------
    CorpusError
        The file system has no room, or no directory for temporary files.
    OutOfMemoryError
        The system has no memory.
    """
    if not in_file:
        return huge_zeros(size, np.int32)
    with (
        temporary_files(4 * size) as directory,
        tempfile.TemporaryFile(prefix="w2v-ids-", dir=directory) as file,
    ):
        # Space is reserved now: a full disk would crash the process when ids are written.
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, 4 * size)
        else:
            file.truncate(4 * size)
        return np.memmap(file, dtype=np.int32, mode="r+", shape=(size,))


@contextlib.contextmanager
def temporary_files(size: int) -> Iterator[str]:
    """Yield the directory for temporary files, and make one sentence of what goes wrong there.

    Parameters
    ----------
    size : int
        The bytes that are written, for the message.

    Raises
    ------
    CorpusError
        The file system has no room, or no directory for temporary files.
    OutOfMemoryError
        The system has no memory.
    """
    try:
        directory = tempfile.gettempdir()
        yield directory
    except FileNotFoundError as error:  # gettempdir tried them all
        raise CorpusError(
            "No directory for temporary files can be written, but the token ids need more than the "
            f"memory set aside for them; name one in TMPDIR ({error.strerror})."
        ) from error
    except OSError as error:
        if error.errno == errno.ENOMEM:  # there are no addresses left
            raise memory_refused(size, error) from error
        if error.errno in (errno.EMFILE, errno.ENFILE):
            raise CorpusError(
                f"Cannot keep token ids in {directory}: {error.strerror}; raise the limit with"
                " ulimit -n, or give fewer ",
                Argument("workers"),
                ".",
            ) from error
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        raise CorpusError(
            f"{'No room for' if full else 'Cannot keep'} {size:,} bytes of token ids in "
            f"{directory}: {error.strerror or error}; name a directory with more room in TMPDIR."
        ) from error
