"""Writing to URLs: an object is the old one until it is the whole new one."""

import contextlib
import errno
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from w2v.remote.errors import ReportedError, plain_error, read_only, reported, without_secrets
from w2v.remote.systems import Options, file_system

# Where an upload shows only when it is complete. Elsewhere a complete copy is moved into place.
_WHOLE = {"s3", "s3a", "gs", "gcs", "hf", "az", "abfs", "abfss", "adl", "oci", "oss"}
_READ_ONLY = {"http", "https", "data", "github", "zip", "tar"}


def check_writable(url: str) -> None:
    """Raise OSError where nothing is written to addresses of this kind."""
    if url.partition("://")[0].lower() in _READ_ONLY:
        raise read_only(url)


def try_writing(url: str, options: Options) -> None:
    """Raise OSError if an object beside this one could not be written; none stays there.

    The Hub would make two commits of it, so only its repository is looked for.
    """
    check_writable(url)
    with reported(url):
        system, path = file_system(url, options)
        if url.startswith("hf://"):
            system.info("/".join(path.split("/")[:-1]))
            return
        probe = _beside(path)
        system.pipe_file(probe, b"w2v")
        with contextlib.suppress(PermissionError):  # writing may be allowed without removing
            system.rm_file(probe)


def put(files: Mapping[Path, str], options: Options) -> None:
    """Upload complete files; each object is the old one until it is the whole new one.

    Of several, all are uploaded under temporary names before the first replaces an old object. The
    old last object is removed first, so that no reader finds an old one beside a new one.

    Parameters
    ----------
    files : mapping of Path to str
        The address of each file; all are of one file system.
    options : mapping
        The storage options.

    Raises
    ------
    KeptAsideError
        All are uploaded, but one cannot be moved into place.
    OSError
        One cannot be uploaded; the old objects stay.
    """
    first, *others = files.values()
    check_writable(first)
    with reported(first):
        system, _ = file_system(first, options)
        targets = [file_system(url, options)[1] for url in files.values()]
        if not others and first.partition("://")[0].lower() in _WHOLE:
            system.put_file(str(next(iter(files))), targets[0])
            return
        uploaded = [_beside(target) for target in targets]
        try:
            for file, temporary in zip(files, uploaded, strict=True):
                system.put_file(str(file), temporary)
        except BaseException:
            _remove(system, uploaded)
            raise
        try:
            if others and system.exists(targets[-1]):
                system.rm_file(targets[-1])
            for temporary, target in zip(uploaded, targets, strict=True):
                _move(system, temporary, target)
        except Exception as error:
            raise KeptAsideError(
                first, error, list(map(_renamed, files.values(), uploaded))
            ) from error


def _renamed(url: str, path: str) -> str:
    """Return the address, for messages, of an object beside one at `url`."""
    beside, name = url.rpartition("/")[0], path.rpartition("/")[2]
    return without_secrets(f"{beside}/{name}")


class KeptAsideError(ReportedError):
    """Complete objects could not be moved into place; `kept` has the addresses that they have."""

    def __init__(self, url: str, error: Exception, kept: list[str]) -> None:
        self.kept = kept
        reason = plain_error(url, error)
        super().__init__(errno.EIO, reason.strerror)


def _remove(system: Any, paths: Sequence[str]) -> None:
    for path in paths:
        with contextlib.suppress(Exception):
            system.rm_file(path)


def _move(system: Any, source: str, target: str) -> None:
    try:
        system.cp_file(source, target)
    except NotImplementedError:  # a file system that renames, such as SFTP's
        system.mv(source, target)
    else:
        system.rm_file(source)


def _beside(path: str) -> str:
    """Return a temporary name beside an object."""
    directory, slash, name = path.rpartition("/")
    return f"{directory}{slash}.{name}.{os.urandom(4).hex()}.part"
