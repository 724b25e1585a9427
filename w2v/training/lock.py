"""A directory that only one training at a time writes its checkpoints into."""

import os
from pathlib import Path

from w2v.errors import W2VError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_NAME = ".lock"


class Lock:
    """The right to write into a directory, from its making to `close` or the process's end.

    On a system or a disk without locks everybody has it.
    """

    def __init__(self, directory: Path) -> None:
        """Take the lock, a file in the directory that the process holds.

        Raises W2VError where another training has it, or the directory cannot be written.
        """
        self._path = directory / _NAME
        self._handle: int | None = None
        if fcntl is None:
            return
        try:
            while self._handle is None and self._take(directory):
                pass  # whoever had the lock removed the file between our opening and locking it
        except OSError as error:
            raise W2VError(f"Cannot write {self._path}: {error.strerror or error}.") from error

    def _take(self, directory: Path) -> bool:
        """Try to take the lock; return whether to try again."""
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            number = os.read(handle, 20).decode("ascii", "replace")
            os.close(handle)
            process = f" (process {number})" if number.isdecimal() else ""
            raise W2VError(
                f"{directory} is in use: another training{process} writes its checkpoints there;"
                " wait for its end, or name another directory."
            ) from None
        except OSError:  # a disk without locks
            os.close(handle)
            return False
        if not self._is_ours(handle):
            os.close(handle)
            return True
        self._handle = handle
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        return False

    def _is_ours(self, handle: int) -> bool:
        try:
            return os.path.samestat(os.fstat(handle), self._path.stat())
        except FileNotFoundError:
            return False

    def close(self) -> None:
        """Give the directory free, and leave no file there."""
        if self._handle is not None:
            self._path.unlink(missing_ok=True)
            os.close(self._handle)
            self._handle = None
