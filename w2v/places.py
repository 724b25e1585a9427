"""Checks on paths: no writing where it would do harm, nor over what is read."""

import errno
import os
import re
import stat
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from w2v.errors import W2VError
from w2v.remote.addresses import Address
from w2v.remote.writing import check_writable as check_writable_address

CORPUS = "the corpus"  # its role; of a corpus that is a directory, all files in it are read
_LINKS = 40  # the longest chain of symbolic links that is followed, as in Linux
_REFUSALS = (errno.EPERM, errno.EACCES, errno.EBUSY, errno.EROFS)


class NamedFile(NamedTuple):
    """A file and its role for the user, such as "the corpus" or "the log"."""

    path: Path
    role: str


def check_apart(inputs: Iterable[NamedFile], outputs: Iterable[NamedFile]) -> None:
    """Raise W2VError if a file to write is also read, or is named twice for writing.

    Two names of one file, such as links, are the same file, and so are two addresses of one object.
    Files to write need not exist. Terminals, pipes and devices may be both read and written. In a
    directory that is the corpus, nothing may be written.

    Parameters
    ----------
    inputs : iterable of NamedFile
        The files to read.
    outputs : iterable of NamedFile
        The files to write.
    """
    taken = {_identity(file.path): file for file in inputs if not _is_stream(file.path)}
    directories = {
        place: file
        for place, file in taken.items()
        if file.role == CORPUS and not isinstance(file.path, Address) and file.path.is_dir()
    }
    for file in outputs:
        if _is_stream(file.path):
            continue
        for above in _above(file.path) if directories else ():
            if above in directories:
                directory = directories[above]
                raise W2VError(
                    f"Cannot write {file.path}: all files in {directory.path} are"
                    f" {directory.role}; name another place for {file.role}."
                )
        other = taken.setdefault(_identity(file.path), file)
        if other is not file:
            is_what = other.role if other.path == file.path else f"{other.role}, {other.path}"
            raise W2VError(
                f"Cannot write {file.path}: it is {is_what}; name another for {file.role}."
            )


def _above(path: Path) -> Iterator[tuple[int, int] | str]:
    """Yield the identity of each directory above a file."""
    if isinstance(path, Address):
        return iter(())
    return map(_identity, Path(os.path.realpath(path)).parents)


def _is_stream(path: Path) -> bool:
    if isinstance(path, Address):
        return False
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):  # it does not exist, or is not a valid name
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def is_same_file(first: Path, second: Path) -> bool:
    """Return whether two names lead to the same file, which need not exist."""
    return _identity(first) == _identity(second)


def _identity(path: Path) -> tuple[int, int] | str:
    if isinstance(path, Address):
        return path.key
    try:
        found = path.stat()
    except (OSError, ValueError):  # a NUL character in the name
        return os.path.realpath(path) if "\0" not in str(path) else str(path)
    return found.st_dev, found.st_ino


def address_in(path: str | os.PathLike[str]) -> str | None:
    """Return the address (URL) that a path was meant to be; None for a real path.

    `Path` drops one of the two slashes in https://example.com/a; it is restored.
    """
    found = re.fullmatch(r"([A-Za-z][A-Za-z0-9+.-]+:)/{1,3}([^/].*)", os.fspath(path))
    return None if found is None else f"{found[1]}//{found[2]}"


def missing_file(kind: str, path: str | os.PathLike[str]) -> str:
    """Return the message for a file that does not exist.

    Parameters
    ----------
    kind : str
        The kind of file that was expected, such as "vector file".
    path : str or PathLike
        What was given.
    """
    address = None if isinstance(path, Address) else address_in(path)
    if address is None:
        return f"There is no {kind} {path}; check the name."
    return f"There is no {kind} {path}; an address is a str with two slashes, {address}."


def followed(path: Path) -> Path:
    """Return the file to replace when `path` is written: the target of a symbolic link.

    The link itself stays. Its target need not exist.
    """
    for _ in range(_LINKS):
        if not path.is_symlink():
            break
        path = path.parent / path.readlink()  # not resolve(): directories above may be unreadable
    return path


def free_names(paths: Sequence[Path]) -> list[Path]:
    """Return free names for complete files that cannot be renamed to `paths`.

    They are finished-NAME beside each, or finished-2-NAME and so on, with the same number for all.
    """
    number = 1
    while True:
        prefix = "finished-" if number == 1 else f"finished-{number}-"
        found = [path.with_name(f"{prefix}{path.name}") for path in paths]
        if not any(map(os.path.lexists, found)):
            return found
        number += 1


def check_writable(path: Path) -> None:
    """Raise W2VError if a file `path` cannot be written, as far as its permissions show."""
    try:
        problem = _problem(path)
    except OSError as error:  # for example, the name is too long
        problem = error.strerror or str(error)
    except ValueError:
        problem = "a name cannot hold a NUL character"
    if problem is not None:
        raise W2VError(f"Cannot write {path}: {problem}.")


def _problem(path: Path) -> str | None:
    """Return the reason why a file cannot be written, with advice; None if it can."""
    if isinstance(path, Address):
        check_writable_address(path.url)
        return None
    target = followed(path)
    directory = target.parent
    if not directory.is_dir():
        if address_in(path) is not None:
            return f"an address is a str with two slashes, {address_in(path)}"
        return f"the directory {directory} does not exist; create it"
    if path.is_dir():
        return "it is a directory; name a file in it"
    if target.is_symlink():
        return "it is a link that leads back to itself; name another file"
    found = _status(path)
    if found is not None and not stat.S_ISREG(found.st_mode):
        # Renaming over a device such as /dev/null would replace the device.
        return "it is a device or a pipe; name an ordinary file"
    if not os.access(directory, os.W_OK | os.X_OK):
        return f"no permission to write in {directory}"
    if found is not None and not os.access(path, os.W_OK) and _is_still(path, found):
        # Renaming over it would work, but its owner does not want that.
        return "the file is protected from writing; name another"
    if _is_mounted(target):
        return "it is mounted as a single file, which cannot be replaced; name another"
    return None


def _status(path: Path) -> os.stat_result | None:
    """Return the status of an existing file; None if there is none.

    Its kind is read from one status: another process may remove it between two questions.
    """
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _is_still(path: Path, found: os.stat_result) -> bool:
    """Return whether a file is still the one that was found.

    A second writer of a pair removes the old file before it renames the new one. os.access()
    denies permission for a file that is missing then.
    """
    now = _status(path)
    return now is not None and os.path.samestat(found, now)


def _is_mounted(path: Path) -> bool:
    """Return whether a file is a mount point, as files shared with a container may be."""
    try:
        table = Path("/proc/self/mountinfo").read_bytes()
    except OSError:  # not Linux
        return False
    wanted = os.fsencode(os.path.realpath(path))
    return any(_unescaped(line.split(b" ")[4]) == wanted for line in table.splitlines())


def _unescaped(name: bytes) -> bytes:
    """Return a name after replacing octal escapes, which stand for spaces and the like."""
    return re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8)]), name)


def check_replaceable(target: Path) -> None:
    """Raise OSError if an existing file cannot be replaced by renaming another over it.

    The file is not changed. The check renames a directory over it, which always fails; but the
    error is a different one if even a file could not replace it, for example another user's file
    in a sticky directory.
    """
    if not target.exists():
        return
    directory = Path(tempfile.mkdtemp(".part", f".{target.name}.", target.parent))
    try:
        directory.rename(target)
    except OSError as error:
        directory.rmdir()
        if error.errno in _REFUSALS:
            raise
    else:  # the file was removed meanwhile
        target.rmdir()
