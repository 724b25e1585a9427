"""What goes wrong at an address, as an OSError with a reason for users and without secrets."""

import contextlib
import errno
import re
from collections.abc import Iterator
from typing import NamedTuple

_EXTRA = "pip install 'w2v[remote]'"
# What an extra package is needed for, by the scheme; others are named by fsspec.
_IN_EXTRA = {
    "http": "aiohttp", "https": "aiohttp", "s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs",
    "gcs": "gcsfs", "hf": "huggingface_hub",
}  # fmt: skip
_LONGEST = 200  # letters of a message that another library wrote


def without_secrets(url: str) -> str:
    """Return a URL for messages and files: without a password, and without what follows a ?.

    A signed URL holds its signature there. At http the name before an @ may be a token, so it is
    left out too.
    """
    scheme, _, rest = url.partition("://")
    rest, question, _ = rest.partition("?")
    host, slash, path = rest.partition("/")
    user, at, server = host.rpartition("@")
    if at and (":" in user or scheme.lower() in ("http", "https")):
        host = (
            server if scheme.lower() in ("http", "https") else f"{user.partition(':')[0]}@{server}"
        )
    return f"{scheme}://{host}{slash}{path}" + ("?…" if question else "")


@contextlib.contextmanager
def reported(url: str) -> Iterator[None]:
    """Turn whatever a library raises about an address into an OSError.

    Its `strerror` is a reason that continues "Cannot read ADDRESS: ". Without the object it is a
    FileNotFoundError, without permission a PermissionError, and without a connection a
    ConnectionError or TimeoutError.
    """
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except Exception as error:
        raise plain_error(url, error) from error


def plain_error(url: str, error: Exception) -> OSError:
    """Return what a library raised about an address as an OSError, as `reported` raises it."""
    if isinstance(error, ReportedError) or getattr(error, "errno", None) == errno.ENOSPC:
        assert isinstance(error, OSError)
        return error
    if isinstance(error, FileNotFoundError) and isinstance(error.__cause__, Exception):
        error = error.__cause__  # at http, fsspec takes every failure for a missing object
    if isinstance(error, ImportError):
        return not_installed(url, error)
    status, text = _status(error), str(error)
    names = " ".join(kind.__name__ for kind in type(error).__mro__)
    for cause in _CAUSES:
        if status in cause.statuses or any(sign in names or sign in text for sign in cause.signs):
            return cause.kind(cause.number, cause.reason)
    if status is not None:
        return ReportedError(errno.EIO, f"the server answers with the status {status}")
    return ReportedError(errno.EIO, f"{type(error).__name__}: {_cleaned(text)}".rstrip(": "))


class ReportedError(OSError):
    """An error whose reason is one for users already."""


class Cause(NamedTuple):
    """Something that goes wrong: the error for it, and how the libraries call it.

    Attributes
    ----------
    kind : type of OSError
        The error, made of `number` and `reason`.
    signs : tuple of str
        Parts of the names of exceptions, or of their messages.
    statuses : tuple of int
        The statuses of HTTP.
    """

    kind: type[OSError]
    number: int
    reason: str
    signs: tuple[str, ...]
    statuses: tuple[int, ...] = ()


_CAUSES = (
    Cause(
        ReportedError, errno.ENXIO, "there is no bucket of this name; check it",
        ("NoSuchBucket", "bucket does not exist"),
    ),
    Cause(
        PermissionError, errno.EACCES,
        "there are no credentials; give them where fsspec or the package for it looks for them",
        ("NoCredentials", "PartialCredentials", "DefaultCredentials", "LocalTokenNotFound"),
    ),
    Cause(FileNotFoundError, errno.ENOENT, "it is not there", ("FileNotFound",), (404, 410)),
    Cause(
        PermissionError, errno.EACCES, "access is denied; check the name and the credentials",
        ("PermissionError",), (401, 403, 407),
    ),
    Cause(
        TimeoutError, errno.ETIMEDOUT, "there was no answer in time; try again",
        ("Timeout",), (504,),
    ),
    Cause(
        ConnectionResetError, errno.ECONNRESET,
        "there is no connection, or it broke; check the network and the name",
        (
            "ClientConnect", "EndpointConnection", "ConnectError", "ConnectionError",
            "ServerDisconnected", "ClientPayload", "HTTPClient", "IncompleteRead", "TransportError",
        ),
    ),
    Cause(
        IsADirectoryError, errno.EISDIR, "it is a directory; name the files in it",
        ("IsADirectory",),
    ),
    Cause(
        ReportedError, errno.ENOTSUP, "this is not possible at such an address",
        ("NotImplemented",),
    ),
)  # fmt: skip


def _status(error: Exception) -> int | None:
    """Return the status of HTTP that an error of aiohttp, botocore, gcsfs or the Hub has."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        found = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    else:
        found = getattr(response, "status_code", None)
    if found is None:
        found = getattr(error, "status", None)
    if found is None and type(error).__module__.startswith("gcsfs"):
        found = getattr(error, "code", None)  # which aiohttp's errors have too, but deprecated
    return int(found) if str(found).isdecimal() else None


def _cleaned(text: str) -> str:
    """Return the first line of a message, with the addresses in it cleared of secrets."""
    line = next(iter(text.strip().splitlines()), "")
    line = re.sub(r"\w[\w+.-]*://[^\s'\"]+", lambda found: without_secrets(found[0]), line)
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "…"


def not_installed(url: str, error: ImportError) -> OSError:
    """Return the error for an address for which a package is missing."""
    scheme = url.partition("://")[0].lower()
    package = "fsspec" if (error.name or "") == "fsspec" else _IN_EXTRA.get(scheme)
    if package is None:
        return ReportedError(errno.EPROTONOSUPPORT, _cleaned(str(error)).rstrip("."))
    return ReportedError(
        errno.EPROTONOSUPPORT, f"such addresses take {package}; install it, as in {_EXTRA}"
    )


def unknown_scheme(url: str) -> OSError:
    """Return the error for an address of a kind that fsspec does not know."""
    scheme = url.partition("://")[0]
    return ReportedError(
        errno.EPROTONOSUPPORT,
        f"{scheme} is not an address that fsspec knows; it knows s3, gs, https, hf and others",
    )


def read_only(url: str) -> OSError:
    """Return the error for writing to an address that can only be read."""
    scheme = url.partition("://")[0]
    return ReportedError(
        errno.EROFS, f"w2v only reads {scheme}; name a file, or an address such as s3://…"
    )


def cut_off() -> OSError:
    """Return the error for an object that ends before its size."""
    return ReportedError(errno.EIO, "it ends too early; it was changed meanwhile, so start again")
