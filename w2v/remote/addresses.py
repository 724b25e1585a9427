"""Addresses (URLs) where a path is expected: s3://bucket/vectors.bin is read like a file."""

import errno
import io
import os
import re
import stat
import sys
from collections.abc import Mapping
from pathlib import Path, PosixPath, PurePosixPath
from typing import Any, TypeGuard
from urllib.parse import unquote

from w2v.errors import W2VError
from w2v.remote import systems
from w2v.remote.errors import without_secrets
from w2v.remote.reading import RemoteReader

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://.")
_LOCAL = ("file://", "local://")


def located(given: str | os.PathLike[str], options: systems.Options | None = None) -> Path:
    """Return what a user gave as the name of a file: an Address for a URL, else a path.

    Parameters
    ----------
    given : str or path-like
        A path, or a URL such as s3://bucket/key. An Address is returned as it is, and file:// is a
        path.
    options : mapping, optional
        Options of fsspec's file system for a URL, such as {"anon": True}.
    """
    if isinstance(given, Address):
        return given
    name = os.fsdecode(given)
    if name.startswith(_LOCAL):
        return Path(unquote(name.partition("://")[2].removeprefix("localhost/")))
    return Address(name, options) if is_address(name) else Path(name)


def is_address(given: object) -> TypeGuard[str | os.PathLike[str]]:
    """Return whether this is a URL, as str or Address."""
    if isinstance(given, Address):
        return True
    return isinstance(given, str) and _ADDRESS.match(given) is not None


class Address(PosixPath):
    """A URL in the place of a path: it has a name, and can be looked at and opened for reading.

    As a str it is without its secrets, fit for messages and records. It is not a path of the
    operating system, so functions that want one raise OSError.

    Parameters
    ----------
    url : str
        The URL, complete.
    options : mapping, optional
        Options of fsspec's file system.

    Attributes
    ----------
    url : str
        The URL with all that it holds.
    options : dict
        The options.
    """

    def __new__(cls, url: str, options: systems.Options | None = None) -> "Address":
        return super().__new__(cls, url)

    def __init__(self, url: str, options: systems.Options | None = None) -> None:
        if sys.version_info >= (3, 12):
            super().__init__(url)
        self.url, self.options = url, dict(options or {})
        self._first: systems.Found | None = None

    def __str__(self) -> str:
        return without_secrets(self.url)

    def __repr__(self) -> str:
        return f"Address({str(self)!r})"

    def __fspath__(self) -> str:
        raise io.UnsupportedOperation(f"{self} is an address, and here w2v takes only files")

    def __reduce__(self) -> tuple[Any, ...]:
        return Address, (self.url, self.options)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Address) and self.url == other.url

    def __hash__(self) -> int:
        return hash(self.url)

    @property
    def key(self) -> str:
        """The same for two addresses of one object, as far as they show it."""
        scheme, mark, rest = self.url.partition("://")
        known_as = {"s3a": "s3", "gcs": "gs"}.get(scheme.lower(), scheme.lower())
        return known_as + mark + rest.partition("?")[0]

    @property
    def has_secrets(self) -> bool:
        """Whether the URL holds what is never written down: a password, or what follows a ?."""
        return self.url != str(self) or bool(self.options)

    @property
    def is_pattern(self) -> bool:
        """Whether the URL has wildcards; a ? does not count in web addresses."""
        signs = "*[" if self.url.lower().startswith("http") else "*[?"
        path = self.url.partition("://")[2].partition("/")[2]
        return any(sign in path for sign in signs)

    def _split(self) -> tuple[str, str, str]:
        """Return what stands before the name, the name, and what follows it."""
        is_web = self.url.lower().startswith("http")
        marks = re.search(r"[?#]" if is_web else r"\?", self.url)
        end = len(self.url) if marks is None else marks.start()
        path = self.url[:end].rstrip("/")
        start = max(path.rfind("/") + 1, self.url.index("://") + 3)
        return self.url[:start], path[start:], self.url[end:]

    @property
    def name(self) -> str:
        return self._split()[1]

    @property
    def stem(self) -> str:
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name).suffix

    @property
    def parent(self) -> "Address":
        before, _, after = self._split()
        return Address(
            (before.rstrip("/") if not before.endswith("://") else before) + after, self.options
        )

    def with_name(self, name: str) -> "Address":
        before, _, after = self._split()
        return Address(before + name + after, self.options)

    def with_suffix(self, suffix: str) -> "Address":
        return self.with_name(PurePosixPath(self.name).with_suffix(suffix).name)

    def __truediv__(self, key: str | os.PathLike[str]) -> "Address":
        before, name, after = self._split()
        return Address(f"{before}{name}/{os.fspath(key)}{after}", self.options)

    def absolute(self) -> "Address":
        return self

    def resolve(self, strict: bool = False) -> "Address":
        return self

    def relative_to(self, *other: Any, **options: Any) -> "Address":
        raise ValueError(f"{self} is in no directory")

    def is_symlink(self) -> bool:
        return False

    def look(self) -> systems.Found:
        """Return what lies at the address; raise FileNotFoundError where there is nothing."""
        return systems.look_at(self.url, self.options)

    def _looked(self) -> systems.Found | None:
        """Return what lies at the address, or None; raise W2VError where it cannot be reached."""
        try:
            return self.look()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise W2VError(f"Cannot look at {self}: {error.strerror}.") from error

    def exists(self, **options: Any) -> bool:
        return self._looked() is not None

    def is_file(self, **options: Any) -> bool:
        found = self._looked()
        return found is not None and not found.is_directory

    def is_dir(self, **options: Any) -> bool:
        found = self._looked()
        return found is not None and found.is_directory

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        found = self._looked()
        if found is None:
            raise FileNotFoundError(errno.ENOENT, "it is not there")
        kind = stat.S_IFDIR if found.is_directory else stat.S_IFREG
        when = found.modified
        return os.stat_result((kind | 0o444, 0, 0, 1, 0, 0, found.size or 0, when, when, when))

    def matching(self) -> "list[Address]":
        """Return the addresses that match it as a glob, sorted."""
        return self._listed(systems.matching(self.url, self.options))

    def inside(self) -> "list[Address]":
        """Return the addresses of all objects in it as a directory, sorted."""
        url = self.url if self.url.lower().startswith("http") else self.url.rstrip("/")
        return self._listed(systems.inside(url, self.options))

    def _listed(self, found: Mapping[str, systems.Found]) -> "list[Address]":
        addresses = [Address(url, self.options) for url in found]
        for address, first in zip(addresses, found.values(), strict=True):
            address._first = first if first.size is not None else None
        return addresses

    @property
    def size(self) -> int | None:
        """The bytes of the object as it was seen first; None where the server does not say."""
        return self.first_look().size

    def first_look(self) -> systems.Found:
        """Return what lay at the address when it was seen first; raises as `look` does.

        From then on only this version of an object is read.
        """
        if self._first is None:
            self._first = self.look()
        return self._first

    def is_unchanged(self) -> bool:
        """Return whether the object is the version that was seen first; raises OSError."""
        return self._first is None or self._first.is_same(self.look())

    def open_raw(self) -> RemoteReader:
        """Open it for reading, without a buffer.

        Raises OSError where it is not the version that this Address has seen first.
        """
        reader = RemoteReader(self.url, self.options)
        self._first = self._first or reader.found
        if not self._first.is_same(reader.found):
            reader.close()
            raise OSError(errno.ESTALE, "it was changed since it was opened; start again")
        return reader

    def open(self, mode: str = "r", buffering: int = -1, *rest: Any, **options: Any) -> Any:
        if mode != "rb":
            raise io.UnsupportedOperation(f"{self} is an address, and is opened for reading alone")
        return io.BufferedReader(self.open_raw(), 1 << 17 if buffering < 2 else buffering)
