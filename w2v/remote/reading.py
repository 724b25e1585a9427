"""Reading an object at a URL: in ranges of growing size, or as a stream."""

import contextlib
import io
import os
import time
from collections.abc import Callable
from typing import Any

from w2v.remote.errors import cut_off, reported
from w2v.remote.systems import Options, described, file_system

_FIRST = 1 << 16  # bytes fetched where reading begins or jumps to; each further fetch is twice that
_MOST = 1 << 23  # at most; more gained nothing, since the next block is fetched meanwhile
_PAUSES = (0.2, 1.0)  # seconds before a broken connection is tried again


class RemoteReader(io.RawIOBase):
    """An object at an address, read in ranges of growing size; seeking fetches nothing.

    Where a server ignores ranges, the object is read as one stream; going back then begins anew.

    Attributes
    ----------
    size : int or None
        Its bytes as they are stored, if the server says so.
    bytes_read : int
        How many of them have been handed over.
    found : Found
        What lay at the address when it was opened.
    """

    def __init__(self, url: str, options: Options) -> None:
        super().__init__()
        with reported(url):
            system, path = file_system(url, options)
            self.found = described(system, path, system.info(path))
            if self.found.is_directory:
                raise IsADirectoryError
            self._object = _opened(system, path, self.found.size)
        self.size, self.bytes_read = self.found.size, 0
        self._url, self._position = url, 0
        self._start, self._chunk = 0, b""
        self._ahead = _FIRST // 2

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_END and self.size is None:
            raise io.UnsupportedOperation("the server does not say how long it is")
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size or 0}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        if self.size is not None and self._position >= self.size:
            return 0
        begun = self._position - self._start
        if not 0 <= begun < len(self._chunk):
            self._fetch(len(buffer))
            begun = 0
        part = memoryview(self._chunk)[begun : begun + len(buffer)]
        buffer[: len(part)] = part
        self._position += len(part)
        self.bytes_read += len(part)
        return len(part)

    def _fetch(self, wanted: int) -> None:
        """Fetch the bytes from the position on."""
        goes_on = self._position == self._start + len(self._chunk)
        self._ahead = min(2 * self._ahead, _MOST) if goes_on else _FIRST
        count = max(wanted, self._ahead)
        if self.size is not None:
            count = min(count, self.size - self._position)
        self._chunk = b""  # frees it first
        self._chunk = self._patiently(self._position, count)
        self._start = self._position
        if len(self._chunk) < count and self.size is not None:
            raise cut_off()

    def _patiently(self, start: int, count: int) -> bytes:
        """Return `count` bytes; a connection that broke is tried again."""
        for pause in (*_PAUSES, None):
            try:
                with reported(self._url):
                    return self._object.read(start, count)
            except (ConnectionError, TimeoutError):
                if pause is None:
                    raise
                time.sleep(pause)
        raise AssertionError

    def close(self) -> None:
        if not self.closed and hasattr(self, "_object"):
            with contextlib.suppress(OSError), reported(self._url):
                self._object.close()
        super().close()


def _opened(system: Any, path: str, size: int | None) -> "_Ranges | _Stream":
    """Return an object to read ranges of, or one to read as a stream."""
    if "http" not in str(system.protocol):
        # The Hub's file system would fetch five megabytes beyond each range.
        options = {"cache_type": "none"} if "hf" in str(system.protocol) else {}
        return _Ranges(
            lambda start, count: system.cat_file(path, start=start, end=start + count, **options)
        )
    if size is None:
        return _Stream(lambda: system.open(path, "rb", block_size=0))
    return _HttpRanges(system, path, size)


class _Ranges:
    """An object of which any range can be fetched."""

    def __init__(self, fetch: Callable[[int, int], bytes]) -> None:
        self._fetch = fetch

    def read(self, start: int, count: int) -> bytes:
        return self._fetch(start, count)

    def close(self) -> None:
        """Nothing is open between two ranges."""


class _Stream:
    """An object that can only be read from its start to its end."""

    def __init__(self, open_anew: Callable[[], Any]) -> None:
        self._open_anew = open_anew
        self._stream: Any = None
        self._position = 0

    def read(self, start: int, count: int) -> bytes:
        if self._stream is None or self._position > start:
            self.close()
            self._stream, self._position = self._open_anew(), 0
        try:
            while self._position < start and self._next(min(_MOST, start - self._position)):
                pass
            pieces = []
            while count and (piece := self._next(count)):
                pieces.append(piece)
                count -= len(piece)
        except BaseException:
            self.close()  # so that another try begins anew
            raise
        return b"".join(pieces)

    def _next(self, count: int) -> bytes:
        piece: bytes = self._stream.read(count)
        self._position += len(piece)
        return piece

    def close(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()


class _HttpRanges(_Stream):
    """An object of a web server, which may ignore ranges."""

    def __init__(self, system: Any, path: str, size: int) -> None:
        super().__init__(lambda: system.open(path, "rb", block_size=0))
        self._object = system.open(path, "rb", size=size, cache_type="none") if size else None

    def read(self, start: int, count: int) -> bytes:
        if self._object is None:
            return super().read(start, count)
        try:
            self._object.seek(start)
            fetched: bytes = self._object.read(count)
            return fetched
        except ValueError as error:  # fsspec says so of a server that ignores ranges
            if "range" not in str(error):
                raise
            self._object = None
            return super().read(start, count)

    def close(self) -> None:
        if self._object is not None:
            self._object.close()
        super().close()
