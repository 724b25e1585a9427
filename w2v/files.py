"""Writes files atomically, so that none is ever half-written."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from w2v.errors import KeptError, W2VError
from w2v.locks import locked_directory
from w2v.places import check_replaceable, check_writable, followed, free_names
from w2v.remote.addresses import Address
from w2v.remote.uploading import uploaded
from w2v.remote.writing import try_writing as try_writing_address
from w2v.temporaries import Temporary


@contextlib.contextmanager
def atomic_write(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file beside `path` for binary writing; rename it over `path` at the end.

    The data is synced to the disk first, so `path` always holds either its old content or the whole
    new content. If the block raises an exception, the temporary file is removed.

    Parameters
    ----------
    path : Path
        The file to write; the target of a symbolic link is replaced, not the link.

    Yields
    ------
    binary stream
        The temporary file.

    Raises
    ------
    W2VError
        The directory is missing or cannot be written, or the disk is full.
    KeptError
        The new file is complete but cannot be renamed; it is kept under another name.
    """
    with atomic_path(path) as temporary, temporary.open("wb") as stream:
        yield stream


@contextlib.contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield the path of the temporary file instead of a stream; otherwise like `atomic_write`."""
    with atomic_paths(path) as [temporary]:
        yield temporary


@contextlib.contextmanager
def atomic_paths(*paths: Path) -> Iterator[list[Path]]:
    """Like `atomic_path`, for files that belong together: none is renamed until all are complete.

    Other processes that rename such files in the same directory wait meanwhile. The old last file
    is removed before the first rename, so that no reader finds an old file beside a new one.

    Parameters
    ----------
    *paths : Path
        The files to write, in one directory if there are several. What is written to an address is
        made in the directory for temporary files and uploaded when it is complete.

    Yields
    ------
    list of Path
        The temporary files, in the same order.

    Raises
    ------
    W2VError
        A file cannot be written.
    KeptError
        The new files are complete, but one cannot be renamed. The old files then stay as they were,
        and the new ones are kept beside them under other names.
    """
    for path in paths:
        check_writable(path)
    if any(isinstance(path, Address) for path in paths):
        with uploaded(paths) as files:
            yield files
        return
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
    """Make a hidden temporary file in the directory of `path`, so that it can be renamed to it."""
    return Temporary(path.parent, f".{path.name}.", ".part")


def try_writing(path: Path) -> None:
    """Raise W2VError if `path` cannot be written; nothing is changed.

    Permissions alone do not show it, so a temporary file is made beside it, and replacing the old
    file is tried.
    """
    check_writable(path)
    target = followed(path)
    try:
        if isinstance(target, Address):
            try_writing_address(target.url, target.options)
            return
        temporary_beside(target).remove()
        check_replaceable(target)
    except OSError as error:
        raise W2VError(f"Cannot write {path}: {error.strerror or error}.") from error


def _put_in_place(targets: Sequence[Path], temporaries: Sequence[Temporary]) -> None:
    """Rename complete files to their targets; if one cannot be renamed, undo all and keep them."""
    alone = len(targets) == 1
    with contextlib.nullcontext() if alone else locked_directory(targets[0].parent):
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
    """Return a hard link to a file; None if the file or the support for links is missing."""
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
    """Undo the rename of one file, and restore the old file."""
    with contextlib.suppress(OSError):
        if not temporary.path.exists():
            target.replace(temporary.path)
        if old is not None and not target.exists():
            target.hardlink_to(old.path)


def _kept(targets: Sequence[Path], temporaries: Sequence[Temporary], error: OSError) -> KeptError:
    """Keep complete files under free names; return the error that names them."""
    kept = free_names(targets)
    for path, temporary in zip(kept, temporaries, strict=True):
        temporary.rename(path)
    old, new = (" and ".join(map(str, paths)) for paths in (targets, kept))
    return KeptError(f"Cannot write {old}: {error.strerror or error}; the new content is in {new}.")


def _default_mode(path: Path) -> int:
    """Return the mode that open() would give: that of the old file, or 0o666 minus the umask."""
    with contextlib.suppress(OSError):
        return path.stat().st_mode & 0o7777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
