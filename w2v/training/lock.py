"""A directory into which only one training at a time writes its checkpoints."""

import os
from pathlib import Path

from w2v.errors import W2VError
from w2v.locks import HAS_LOCKS, lock

_NAME = ".lock"


class Lock:
    """The exclusive right to write into a directory, until `close` or the end of the process.

    On a system or a disk without locks, every training has it.

    Parameters
    ----------
    directory : Path
        The lock is a file there, which holds the number of this process.

    Raises
    ------
    W2VError
        If another training holds the lock, or the directory cannot be written.
    """

    def __init__(self, directory: Path) -> None:
        """Take the lock."""
        self._path = directory / _NAME
        self._handle: int | None = None
        try:
            self._handle = self._take() if HAS_LOCKS else None
        except OSError as error:
            raise W2VError(f"Cannot write {self._path}: {error.strerror or error}.") from error

    def _take(self) -> int | None:
        """Return the descriptor of the locked file; None if the disk has no locks."""
        while True:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
            try:
                is_locked = lock(handle)
            except BlockingIOError:
                number = os.read(handle, 20).decode("ascii", "replace")
                os.close(handle)
                raise self._in_use(number) from None
            if is_locked and self._is_at_its_place(handle):
                os.ftruncate(handle, 0)
                os.write(handle, str(os.getpid()).encode())
                return handle
            os.close(handle)
            if not is_locked:
                return None
            # The last holder removed the file after we opened it: try again with a new one.

    def _in_use(self, number: str) -> W2VError:
        process = f" (process {number})" if number.isdecimal() else ""
        return W2VError(
            f"{self._path.parent} is in use: another training{process} writes its checkpoints"
            " there; wait for its end, or name another directory."
        )

    def _is_at_its_place(self, handle: int) -> bool:
        """Return whether the open file is still the one of this name."""
        try:
            return os.path.samestat(os.fstat(handle), self._path.stat())
        except FileNotFoundError:
            return False

    def close(self) -> None:
        """Release the directory, and remove the file."""
        if self._handle is not None:
            self._path.unlink(missing_ok=True)
            os.close(self._handle)
            self._handle = None
