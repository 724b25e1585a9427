"""Known files: found by name in a directory or downloaded, and verified by checksum."""

import contextlib
import hashlib
import json
import logging
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

from w2v.compression import DECOMPRESSION_ERRORS, SUFFIXES, open_members, split_suffix
from w2v_corpora.registry import KnownFile

_log = logging.getLogger("w2v_corpora")
_TIMEOUT = 30  # seconds without an answer
_CHUNK = 1 << 20  # bytes
_UNREADABLE: tuple[type[Exception], ...] = (*DECOMPRESSION_ERRORS, OSError, RuntimeError)


def find(known: KnownFile) -> Path:
    """Return the file of a known corpus or test set; download it if need be.

    The directories of $W2V_CORPORA are searched first, then the cache. A file found there must
    have the right length and checksum after decompression. The cache notes that it has them, so
    that a file is read through only when it is new or has changed. A download goes to the cache,
    and is kept only if its checksum is right.

    Parameters
    ----------
    known : KnownFile
        The corpus or test set.

    Returns
    -------
    Path
        The file, perhaps compressed.

    Raises
    ------
    CorpusError, or FormatError for a test set
        A file of this name holds something else, or there is no such file and it cannot be
        downloaded.
    """
    stems = dict.fromkeys([known.name, split_suffix(Path(known.file_name))[0].name])
    for directory in [*_own_directories(), cache_directory()]:
        for stem in stems:
            for suffix in ("", *SUFFIXES):
                path = directory / f"{stem}{suffix}"
                if path.is_file():
                    _verify(path, known)
                    return path
    path = download(known, cache_directory())
    _note(path, known)
    return path


def cache_directory() -> Path:
    """Return the directory of downloaded files, which need not exist yet."""
    from platformdirs import user_cache_path  # noqa: PLC0415  (only known files need it)

    return user_cache_path("w2v")


def _own_directories() -> list[Path]:
    return [Path(name) for name in os.environ.get("W2V_CORPORA", "").split(os.pathsep) if name]


def _verify(path: Path, known: KnownFile) -> None:
    """Raise `known.error` unless a file has the known length and checksum."""
    if _state(path, known) in _notes().values():
        return
    algorithm, _, expected = known.checksum.partition(":")
    digest = hashlib.new(algorithm, usedforsecurity=False)
    size = 0
    try:
        for chunk in _content(path):
            size += len(chunk)
            digest.update(chunk)
            if size > known.size:
                break
    except _UNREADABLE as error:
        reason = getattr(error, "strerror", None) or f"it is damaged or cut off ({error})"
        raise known.error(
            f"Cannot read {path}: {reason}; copy {known.file_name} there again."
        ) from error
    if size == known.size and digest.hexdigest() == expected:
        _note(path, known)
        return
    found = f"more than {known.size:,}" if size > known.size else f"{size:,}"
    more = "" if size > known.size else f" with the {algorithm.upper()} {digest.hexdigest()}"
    raise known.error(
        f"{path} is not {known.name}: it holds {found} bytes{more}, and {known.name} has"
        f" {known.size:,} with the {algorithm.upper()} {expected}. To use this file, give its path"
        f" in place of the name; for {known.name}, put {known.file_name} there."
    )


def _content(path: Path) -> Iterator[bytes]:
    """Yield the content of a file, decompressed."""
    for _, stream in open_members(path):
        while chunk := stream.read(_CHUNK):
            yield chunk


def _state(path: Path, known: KnownFile) -> list[str | int]:
    """Return values that change when a file is replaced or written to, or is known otherwise."""
    status = path.stat()
    place = str(path.absolute())
    return [place, status.st_ino, status.st_size, status.st_mtime_ns, known.size, known.checksum]


def _notes() -> dict[str, list[str | int]]:
    """Return the states of files that have been verified, by their paths."""
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(_notebook().read_bytes())
        if isinstance(found, dict):
            return found
    return {}


def _note(path: Path, known: KnownFile) -> None:
    """Note that a file was verified. If that fails, the file is only read once more."""
    notes = _notes() | {str(path.absolute()): _state(path, known)}
    notes = {place: state for place, state in notes.items() if Path(place).is_file()}
    with contextlib.suppress(OSError):
        _notebook().parent.mkdir(parents=True, exist_ok=True)
        _notebook().write_text(json.dumps(notes), encoding="utf-8")


def _notebook() -> Path:
    return cache_directory() / "verified.json"


def download(known: KnownFile, directory: Path) -> Path:
    """Download a known file into a directory; the logger "w2v_corpora" reports it.

    Parameters
    ----------
    known : KnownFile
        The file.
    directory : Path
        The directory, which is made if need be.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    CorpusError, or FormatError for a test set
        The server cannot be reached, the transfer breaks off or the checksum is wrong. No file is
        left then.
    """
    with warnings.catch_warnings():
        # In a notebook it warns that there are no widgets for bars, which are not drawn here.
        warnings.simplefilter("ignore")
        import pooch  # noqa: PLC0415  (slow to import)

    downloader = pooch.HTTPDownloader(progressbar=False, chunk_size=_CHUNK, timeout=_TIMEOUT)
    pooch.get_logger().setLevel("WARNING")  # its messages could not be turned off
    _log.info("Downloading %s to %s", known.url, directory)
    try:
        path = pooch.retrieve(
            known.url,
            known_hash=f"sha256:{known.sha256}",
            fname=known.file_name,
            path=directory,
            downloader=downloader,
        )
    except (OSError, ValueError) as error:
        own = _own_directories()
        way_out = f"put {known.file_name} into {own[0] if own else directory} yourself"
        raise known.error(
            f"Cannot download {known.name} from {known.url} ({_reason(error)}); {way_out}"
            f"{known.instead}."
        ) from error
    return Path(path)


def _reason(error: Exception) -> str:
    """Say in a few words what went wrong; the libraries' own messages fill a screen."""
    import requests  # noqa: PLC0415  (pooch has imported it already)

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the server answered {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return f"no answer within {_TIMEOUT} seconds"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the transfer broke off"
    if isinstance(error, requests.RequestException):
        return "no connection to the server"
    if isinstance(error, ValueError):
        return "the downloaded file has a wrong checksum"
    return f"the directory cannot be written: {getattr(error, 'strerror', None) or error}"
