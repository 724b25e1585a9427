"""Where files are: not at an address of the web, and written only where that does no harm."""

import errno
import os
import re
import stat
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from w2v.errors import W2VError

_LINKS = 40  # that may lead from one to the next, as in Linux
_REFUSALS = (errno.EPERM, errno.EACCES, errno.EBUSY, errno.EROFS)


class NamedFile(NamedTuple):
    """A file with what it is to the user: "the corpus", "the log"."""

    path: Path
    role: str


def check_apart(inputs: Iterable[NamedFile], outputs: Iterable[NamedFile]) -> None:
    """Raise W2VError where a file to write is one that is read, or that is written already.

    Two names of one file count, as of links; the files to write need not exist. A terminal, a pipe
    or a device may be both.
    """
    taken = {_identity(file.path): file for file in inputs if not _is_stream(file.path)}
    for file in outputs:
        if _is_stream(file.path):
            continue
        other = taken.setdefault(_identity(file.path), file)
        if other is not file:
            is_what = other.role if other.path == file.path else f"{other.role}, {other.path}"
            raise W2VError(
                f"Cannot write {file.path}: it is {is_what}; name another for {file.role}."
            )


def _is_stream(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):  # it is not there, or no name of a file
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def is_same_file(first: Path, second: Path) -> bool:
    """Return whether two names lead to one file, which need not exist."""
    return _identity(first) == _identity(second)


def _identity(path: Path) -> tuple[int, int] | str:
    try:
        found = path.stat()
    except (OSError, ValueError):  # a NUL character in the name
        return os.path.realpath(path) if "\0" not in str(path) else str(path)
    return found.st_dev, found.st_ino


def address_in(path: str | os.PathLike[str]) -> str | None:
    """Return the address (URL) that was given instead of a path, or None for a path.

    A `Path` of https://example.com/a has lost one of the two slashes; here it is again.
    """
    found = re.fullmatch(r"([A-Za-z][A-Za-z0-9+.-]+:)/{1,3}([^/].*)", os.fspath(path))
    return None if found is None else f"{found[1]}//{found[2]}"


def missing_file(kind: str, path: str | os.PathLike[str]) -> str:
    """Return the sentence for a file that does not exist, or that is an address on the web.

    kind: what the file was to be, such as "vector file".
    """
    address = address_in(path)
    if address is None:
        return f"There is no {kind} {path}; check the name."
    return f"{address} is an address, and w2v reads files; download the {kind} and name its file."


def followed(path: Path) -> Path:
    """Return the file to replace where `path` is written: of a symbolic link what it leads to.

    So a link stays one. What it leads to need not exist.
    """
    for _ in range(_LINKS):
        if not path.is_symlink():
            break
        path = path.parent / path.readlink()  # in parts: the way from the root may be closed
    return path


def free_names(paths: Sequence[Path]) -> list[Path]:
    """Return names that are not taken, for finished files that cannot get those they should have.

    They are finished-NAME beside each, or finished-2-NAME and so on, with one number for all.
    """
    number = 1
    while True:
        prefix = "finished-" if number == 1 else f"finished-{number}-"
        found = [path.with_name(f"{prefix}{path.name}") for path in paths]
        if not any(map(os.path.lexists, found)):
            return found
        number += 1


def check_writable(path: Path) -> None:
    """Raise W2VError with a sentence where a file `path` could not be written."""
    try:
        problem = _problem(path)
    except OSError as error:  # the name is too long, for one
        problem = error.strerror or str(error)
    except ValueError:
        problem = "a name holds no NUL character"
    if problem is not None:
        raise W2VError(f"Cannot write {address_in(path) or path}: {problem}.")


def _problem(path: Path) -> str | None:
    """Return what prevents a file from being written, and what to do, or None."""
    target = followed(path)
    directory = target.parent
    if not directory.is_dir():
        if address_in(path) is not None:
            return "it is an address, and w2v writes files; name a file, and upload it"
        return f"the directory {directory} does not exist; create it"
    if path.is_dir():
        return "it is a directory; name a file in it"
    if target.is_symlink():
        return "it is a link that leads back to itself; name another file"
    if path.exists() and not path.is_file():
        # Renaming over a device such as /dev/null would replace the device.
        return "it is a device or a pipe; name an ordinary file"
    if not os.access(directory, os.W_OK | os.X_OK):
        return f"no permission to write in {directory}"
    if path.exists() and not os.access(path, os.W_OK):
        # Renaming over it would work, but is not what its owner wants.
        return "the file is protected from writing; name another"
    if _is_mounted(target):
        return "it is mounted as a single file, which cannot be replaced; name another"
    return None


def _is_mounted(path: Path) -> bool:
    """Return whether a file is a mount of its own, as those are that a container is lent."""
    try:
        table = Path("/proc/self/mountinfo").read_bytes()
    except OSError:  # not Linux
        return False
    wanted = os.fsencode(os.path.realpath(path))
    return any(_unescaped(line.split(b" ")[4]) == wanted for line in table.splitlines())


def _unescaped(name: bytes) -> bytes:
    """Return a name in which a space, for one, is written as an octal number."""
    return re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8)]), name)


def check_replaceable(target: Path) -> None:
    """Raise OSError where nothing could be renamed to a file that is there; it stays as it is.

    No directory ever replaces a file, but the system says so only where a file could: in a sticky
    directory, another user's file is refused first.
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
