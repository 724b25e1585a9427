"""Writing files so that none is ever half-written."""

import contextlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from w2v.errors import W2VError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

# Files that must not outlive the process: unfinished output and copies of streams.
TEMPORARIES: set[Path] = set()
_ABANDONED_AFTER = 60.0  # seconds without a change


def remove_temporaries() -> None:
    """Remove all temporary files, in a process that is about to end without cleaning up."""
    for path in list(TEMPORARIES):
        with contextlib.suppress(OSError):
            path.unlink()


class Temporary:
    """A file that must not outlive the process, made where nobody else has one.

    It is noted before it is there, so that an interrupt at any moment leaves none behind. What a
    killed process could not remove, the next one does that makes a file of the same kind: its
    process holds a lock on it, which ends with the process.

    directory, prefix, suffix: the file is directory / (prefix + eight letters + suffix).

    Raises OSError where it cannot be made.
    """

    def __init__(self, directory: Path, prefix: str, suffix: str) -> None:
        _remove_abandoned(directory, re.escape(prefix) + r"\w{8}" + re.escape(suffix))
        self.path = directory / f"{prefix}{secrets.token_hex(4)}{suffix}"
        self._handle: int | None = None
        TEMPORARIES.add(self.path)
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError:
            TEMPORARIES.discard(self.path)
            raise
        if fcntl is None:
            os.close(handle)
            return
        self._handle = handle
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def rename(self, path: Path) -> None:
        """Let it become a lasting file, in the place of what is there."""
        self.path.replace(path)
        self._forget()

    def remove(self) -> None:
        """Remove it, if it is still there."""
        self.path.unlink(missing_ok=True)
        self._forget()

    def _forget(self) -> None:
        TEMPORARIES.discard(self.path)
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _remove_abandoned(directory: Path, pattern: str) -> None:
    """Remove temporary files whose process was killed: a minute old, and locked by nobody."""
    if fcntl is None:
        return
    with contextlib.suppress(OSError), os.scandir(directory) as entries:
        for entry in entries:
            if re.fullmatch(pattern, entry.name) and entry.is_file(follow_symlinks=False):
                # A lock may not be seen from another machine, and comes a moment after the file.
                if time.time() - entry.stat().st_mtime < _ABANDONED_AFTER:
                    continue
                with contextlib.suppress(OSError):  # locked, or another user's
                    _remove_unlocked(entry.path)


def _remove_unlocked(path: str) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        Path(path).unlink()
    finally:
        os.close(handle)


@contextlib.contextmanager
def atomic_write(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file beside `path` for binary writing; rename it over `path` at the end.

    The data is flushed and synced first, so `path` holds either its old content or all of the
    new one, whatever happens. On an exception the temporary file is removed.

    Raises W2VError with a sentence when the directory is missing or cannot be written, or when
    the disk is full.
    """
    with atomic_path(path) as temporary, temporary.open("wb") as stream:
        yield stream


@contextlib.contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Like `atomic_write`, for a library that wants the name of a file and not a stream."""
    with atomic_paths(path) as [temporary]:
        yield temporary


@contextlib.contextmanager
def atomic_paths(*paths: Path) -> Iterator[list[Path]]:
    """Like `atomic_path`, for files that belong together: none is renamed before all are whole."""
    for path in paths:
        check_writable(path)
    temporaries: list[Temporary] = []
    try:
        for path in paths:
            temporaries.append(temporary_beside(path))
        yield [temporary.path for temporary in temporaries]
        for path, temporary in zip(paths, temporaries, strict=True):
            with temporary.path.open("rb+") as stream:
                os.fsync(stream.fileno())
            temporary.path.chmod(_default_mode(path))
        for path, temporary in zip(paths, temporaries, strict=True):
            temporary.rename(path)
    except OSError as error:
        names = " and ".join(map(str, paths))
        raise W2VError(f"Cannot write {names}: {error.strerror or error}.") from error
    finally:
        for temporary in temporaries:
            temporary.remove()


def temporary_beside(path: Path) -> Temporary:
    """Make a hidden file in the directory of `path`, where it can be renamed to it."""
    return Temporary(path.parent, f".{path.name}.", ".part")


def check_writable(path: Path) -> None:
    """Raise W2VError with a sentence where a file `path` could not be written."""
    try:
        _check_place(path)
    except OSError as error:  # the name is too long, for one
        raise W2VError(f"Cannot write {path}: {error.strerror or error}.") from error


def _check_place(path: Path) -> None:
    directory = path.parent
    if not directory.is_dir():
        raise W2VError(f"Cannot write {path}: the directory {directory} does not exist; create it.")
    if path.is_dir():
        raise W2VError(f"Cannot write {path}: it is a directory; name a file in it.")
    if path.exists() and not path.is_file():
        # Renaming over a device such as /dev/null would replace the device.
        raise W2VError(f"Cannot write {path}: it is a device or a pipe; name an ordinary file.")
    if not os.access(directory, os.W_OK | os.X_OK):
        raise W2VError(f"Cannot write {path}: no permission to write in {directory}.")
    if path.exists() and not os.access(path, os.W_OK):
        # Renaming over it would work, but is not what its owner wants.
        raise W2VError(f"Cannot write {path}: the file is protected from writing; name another.")


def is_same_file(first: Path, second: Path) -> bool:
    """Return whether two names lead to one file, which need not exist."""
    try:
        return first.samefile(second)
    except OSError:
        return first.resolve() == second.resolve()


def _default_mode(path: Path) -> int:
    """Return the mode that open() would have given: the old file's, or 0o666 less the umask."""
    with contextlib.suppress(OSError):
        return path.stat().st_mode & 0o7777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
