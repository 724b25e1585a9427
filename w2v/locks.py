"""Locks on files, which end with the process that holds them; Windows has none of this kind."""

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
_PATIENCE = 10.0  # seconds to wait for another process that renames a pair: it takes no time


def lock(handle: int) -> bool:
    """Lock an open file for this process, until the handle is closed.

    Parameters
    ----------
    handle : int
        The descriptor of the open file.

    Returns
    -------
    bool
        Whether it is locked; False where the system or the disk has no locks.

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
    """Hold the lock of those who rename several files in a directory, or look at them.

    Without locks, or where another process keeps this one for long, the work goes on unlocked.
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
