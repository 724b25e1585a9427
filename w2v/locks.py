"""Locks on files, which end with the process that holds them. Windows has no such locks."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

HAS_LOCKS = fcntl is not None
_PATIENCE = 10.0  # seconds to wait for another process; renaming a pair is quick


def lock(handle: int) -> bool:
    """Lock an open file for this process, until the handle is closed.

    Parameters
    ----------
    handle : int
        The file descriptor of the open file.

    Returns
    -------
    bool
        True if the file is locked; False if the system or the file system has no locks.

    Raises
    ------
    BlockingIOError
        Another process holds the lock.
    """
    if not HAS_LOCKS:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:
        return False
    return True


@contextlib.contextmanager
def locked_directory(directory: Path) -> Iterator[None]:
    """Lock a directory against other processes that rename files together in it, or read them.

    If the system has no locks, or another process holds this one for ten seconds, the block runs
    without the lock.
    """
    handle = None
    with contextlib.suppress(OSError):  # Windows does not open directories
        handle = os.open(directory, os.O_RDONLY)
        _wait_for(handle)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _wait_for(handle: int) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(BlockingIOError):
            lock(handle)
            return
        time.sleep(0.001)
