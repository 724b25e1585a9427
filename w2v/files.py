"""Writing files so that none is ever half-written."""

import contextlib
import os
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from w2v.errors import KeptError, W2VError
from w2v.places import check_replaceable, check_writable, followed, free_names

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

# Files that must not outlive the process: unfinished output and copies of streams.
TEMPORARIES: set[Path] = set()
_ABANDONED_AFTER = 60.0  # seconds without a change
_LOCK_PATIENCE = 10.0  # seconds to wait for another process that renames a pair: it takes no time


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
    """Like `atomic_path`, for files that belong together: none is renamed before all are whole.

    Other processes that rename such files in the same directory wait meanwhile; and between two
    renames the last file is not there at all, so that nobody finds an old one beside a new one.

    Raises KeptError where the files are whole but one cannot be renamed: the old ones then stay as
    they were, and the new ones are kept beside them under names of their own.
    """
    for path in paths:
        check_writable(path)
    targets = [followed(path) for path in paths]
    temporaries: list[Temporary] = []
    try:
        for target in targets:
            temporaries.append(temporary_beside(target))
        yield [temporary.path for temporary in temporaries]
        for target, temporary in zip(targets, temporaries, strict=True):
            with temporary.path.open("rb+") as stream:
                os.fsync(stream.fileno())
            temporary.path.chmod(_default_mode(target))
        _put_in_place(targets, temporaries)
    except OSError as error:
        names = " and ".join(map(str, paths))
        raise W2VError(f"Cannot write {names}: {error.strerror or error}.") from error
    finally:
        for temporary in temporaries:
            temporary.remove()


def temporary_beside(path: Path) -> Temporary:
    """Make a hidden file in the directory of `path`, where it can be renamed to it."""
    return Temporary(path.parent, f".{path.name}.", ".part")


def try_writing(path: Path) -> None:
    """Raise W2VError with a sentence where a file `path` could not be written; nothing is changed.

    Permissions are not all: a file is made beside it, and whether the old one can be replaced is
    tried out.
    """
    check_writable(path)
    target = followed(path)
    try:
        temporary_beside(target).remove()
        check_replaceable(target)
    except OSError as error:
        raise W2VError(f"Cannot write {path}: {error.strerror or error}.") from error


def _put_in_place(targets: Sequence[Path], temporaries: Sequence[Temporary]) -> None:
    """Rename finished files; where one cannot be renamed, none is, and all are kept beside."""
    alone = len(targets) == 1
    with contextlib.nullcontext() if alone else locked(targets[0].parent):
        olds = [None if alone else _linked(target) for target in targets]
        try:
            if olds[-1] is not None:
                targets[-1].unlink()
            for target, temporary in zip(targets, temporaries, strict=True):
                temporary.path.replace(target)
        except OSError as error:
            for target, temporary, old in zip(targets, temporaries, olds, strict=True):
                _put_back(target, temporary, old)
            raise _kept(targets, temporaries, error) from error
        finally:
            for old in olds:
                if old is not None:
                    old.remove()


def _linked(path: Path) -> Temporary | None:
    """Return a second name of a file; None where there is no file, or the disk has no links."""
    if not path.exists():
        return None
    link = temporary_beside(path)
    try:
        link.path.unlink()
        link.path.hardlink_to(path)
    except OSError:
        link.remove()
        return None
    return link


def _put_back(target: Path, temporary: Temporary, old: Temporary | None) -> None:
    """Undo what was done for one of several files."""
    with contextlib.suppress(OSError):
        if not temporary.path.exists():
            target.replace(temporary.path)
        if old is not None and not target.exists():
            target.hardlink_to(old.path)


def _kept(targets: Sequence[Path], temporaries: Sequence[Temporary], error: OSError) -> KeptError:
    """Keep finished files under names that are free; return the error that says so."""
    kept = free_names(targets)
    for path, temporary in zip(kept, temporaries, strict=True):
        temporary.rename(path)
    old, new = (" and ".join(map(str, paths)) for paths in (targets, kept))
    return KeptError(
        f"Cannot write {old}: {error.strerror or error}; what was to be written is in {new}."
    )


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Hold the lock of those who rename several files in a directory, or look at them.

    Where there are no locks, or somebody keeps this one, it goes on without.
    """
    handle = None
    with contextlib.suppress(OSError):
        if fcntl is not None:
            handle = os.open(directory, os.O_RDONLY)
            _wait_for_lock(handle)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _wait_for_lock(handle: int) -> None:
    end = time.monotonic() + _LOCK_PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(0.001)


def _default_mode(path: Path) -> int:
    """Return the mode that open() would have given: the old file's, or 0o666 less the umask."""
    with contextlib.suppress(OSError):
        return path.stat().st_mode & 0o7777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
