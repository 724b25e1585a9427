"""Temporary files that do not outlive their process for long, even if it is killed."""

import contextlib
import errno
import os
import re
import secrets
import threading
import time
from pathlib import Path

from w2v.locks import HAS_LOCKS, lock

# Files that must not outlive the process: unfinished output and copies of streams.
TEMPORARIES: set[Path] = set()
_ABANDONED_AFTER = 60.0  # seconds without a change
_MAKING = threading.Lock()  # held while one is made
_MAKING_SECONDS = 1.0  # that making one may hold up the end of the process
_ENDING = threading.Event()  # no more are made


def remove_temporaries() -> None:
    """Remove all temporary files of a process that is about to end without cleaning up.

    No more can be made: another thread may still run, and would leave one behind.
    """
    _ENDING.set()
    if _MAKING.acquire(timeout=_MAKING_SECONDS):  # that of a thread which saw nothing of it
        _MAKING.release()
    for path in list(TEMPORARIES):
        with contextlib.suppress(OSError):
            path.unlink()


class Temporary:
    """A file that must not outlive the process, under a name that no other process uses.

    The name is recorded in TEMPORARIES before the file is made, so an interrupt at any moment
    leaves no file behind. A process that was killed leaves its file; the next `Temporary` with the
    same prefix and suffix removes it. Files in use are safe: their process holds a lock on each,
    which ends with the process.

    Parameters
    ----------
    directory : Path
        Where the file is made.
    prefix, suffix : str
        The name is prefix + eight letters + suffix.

    Attributes
    ----------
    path : Path
        The file.

    Raises
    ------
    OSError
        The file cannot be made, or the process is about to end.
    """

    def __init__(self, directory: Path, prefix: str, suffix: str) -> None:
        _remove_abandoned(directory, re.escape(prefix) + r"\w{8}" + re.escape(suffix))
        self.path = directory / f"{prefix}{secrets.token_hex(4)}{suffix}"
        self._handle: int | None = None
        with _MAKING:
            self._handle = handle = self._made()
        if HAS_LOCKS:
            with contextlib.suppress(BlockingIOError):
                lock(handle)
        else:
            self._close()  # Windows does not rename an open file

    def _made(self) -> int:
        if _ENDING.is_set():
            raise InterruptedError(errno.EINTR, "the process ends")
        TEMPORARIES.add(self.path)
        try:
            return os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError:
            TEMPORARIES.discard(self.path)
            raise

    def rename(self, path: Path) -> None:
        """Rename it to `path`, replacing an existing file; it is no longer temporary."""
        self.path.replace(path)
        self._forget()

    def remove(self) -> None:
        """Remove it if it still exists."""
        self.path.unlink(missing_ok=True)
        self._forget()

    def _forget(self) -> None:
        TEMPORARIES.discard(self.path)
        self._close()

    def _close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _remove_abandoned(directory: Path, pattern: str) -> None:
    """Remove temporary files whose process was killed: a minute old, and not locked."""
    if not HAS_LOCKS:
        return
    with contextlib.suppress(OSError), os.scandir(directory) as entries:
        for entry in entries:
            if re.fullmatch(pattern, entry.name) and entry.is_file(follow_symlinks=False):
                # Other machines may not see a lock, and it is taken just after the file is made.
                if time.time() - entry.stat().st_mtime < _ABANDONED_AFTER:
                    continue
                with contextlib.suppress(OSError):  # it is locked, or belongs to another user
                    _remove_unlocked(Path(entry.path))


def _remove_unlocked(path: Path) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        if lock(handle):
            path.unlink()
    finally:
        os.close(handle)
