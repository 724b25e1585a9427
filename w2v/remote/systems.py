"""The file systems behind URLs, as fsspec knows them, and what lies at an address."""

import datetime
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from w2v.remote.errors import reported, unknown_scheme

Options: TypeAlias = Mapping[str, Any]

_SILENCE = 300.0  # seconds without a byte, after which a server is given up
# What tells versions of an object apart, as the file systems call it: by the content, or the time.
_CONTENT = ("ETag", "etag", "generation", "md5Hash", "Content-MD5", "checksum", "blob_id")
_TIME = ("LastModified", "Last-Modified", "last_modified", "updated", "mtime", "created")


class Found(NamedTuple):
    """What lies at an address.

    Attributes
    ----------
    is_directory : bool
        Whether it is a directory, or the common beginning of several names.
    size : int or None
        Its bytes as they are stored; None where the server does not say.
    version : dict of str to str
        What the server tells its versions apart by.
    modified : float
        Seconds since 1970; 0 where the server does not say.
    """

    is_directory: bool
    size: int | None
    version: dict[str, str]
    modified: float

    def is_same(self, other: "Found") -> bool:
        """Return whether both are one version of an object, as far as the server shows it."""
        if self.size != other.size:
            return False
        for names in (_CONTENT, _TIME):
            if shared := [name for name in names if name in self.version and name in other.version]:
                return all(self.version[name] == other.version[name] for name in shared)
        return True


def file_system(url: str, options: Options) -> tuple[Any, str]:
    """Return fsspec's file system of an address, and the address as it calls it."""
    import fsspec  # noqa: PLC0415  (only where there are addresses)

    scheme = url.partition("://")[0].lower()
    if scheme not in fsspec.available_protocols():
        raise unknown_scheme(url)
    options = dict(options)
    if scheme in ("http", "https") and not {"client_kwargs"} & {
        *options, *fsspec.config.conf.get("http", {}), *fsspec.config.conf.get(scheme, {}),
    }:  # fmt: skip
        from aiohttp import ClientTimeout  # noqa: PLC0415

        # By default aiohttp ends every download after five minutes.
        timeout = ClientTimeout(total=None, sock_connect=60, sock_read=_SILENCE)
        options["client_kwargs"] = {"timeout": timeout}
    system, path = fsspec.core.url_to_fs(url, **options)
    system.invalidate_cache()  # listings may be older than the objects
    return system, path


def look_at(url: str, options: Options) -> Found:
    """Return what lies at an address; FileNotFoundError where there is nothing."""
    with reported(url):
        system, path = file_system(url, options)
        return described(system, path, system.info(path))


def described(system: Any, path: str, facts: Mapping[str, Any]) -> Found:
    """Return what fsspec says about an object in the same words for all file systems."""
    when = next((facts[name] for name in ("LastModified", "last_modified") if name in facts), None)
    modified = 0.0 if when is None or isinstance(when, str) else float(_in_seconds(when))
    version = {
        name: str(_in_seconds(facts[name]))
        for name in (*_CONTENT, *_TIME)
        if facts.get(name) is not None
    }
    is_directory = facts.get("type") == "directory" or (
        path.endswith("/") and "http" in str(system.protocol)
    )
    return Found(is_directory, facts.get("size"), version, modified)


def _in_seconds(value: Any) -> Any:
    """Return a datetime in seconds since 1970, and anything else as it is."""
    return value.timestamp() if isinstance(value, datetime.datetime) else value


def matching(url: str, options: Options) -> dict[str, Found]:
    """Return what matches a glob, except directories: the addresses, sorted, with what is there."""
    with reported(url):
        system, path = file_system(url, options)
        try:
            return _addresses(url, system, path, system.glob(path, detail=True))
        except FileNotFoundError:  # older file systems of S3 raise it where nothing matches
            return {}


def inside(url: str, options: Options) -> dict[str, Found]:
    """Return what lies in a directory and those below it, as `matching` does."""
    with reported(url):
        system, path = file_system(url, options)
        return _addresses(url, system, path, system.find(path, detail=True))


def _addresses(url: str, system: Any, path: str, listed: Mapping[str, Any]) -> dict[str, Found]:
    """Return names of a file system as addresses: its names lack the scheme, and some the host."""
    shown = url if url.endswith(path) else url.rstrip("/")
    start = shown.removesuffix(path) if shown.endswith(path) else None
    found: dict[str, Found] = {}
    for name, facts in sorted(listed.items()):
        if facts.get("type") != "directory":
            address = system.unstrip_protocol(name) if start is None else start + name
            found[address] = described(system, name, facts)
    return found
