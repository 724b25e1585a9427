"""What the valid files of the readers hold, and how they are packed."""

import bz2
import gzip
import io
import lzma
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

from w2v.compression import zstd

WORDS = ["the", "naïve", "字", "cat", "</s>", "1"]
ROWS = np.linspace(-2, 3, 18, dtype=np.float32).reshape(6, 3)
SENTENCES = [["the", "naïve", "cat"], ["字", "the", "cat", "</s>"], ["1"]]
QUESTIONS = [("the", "cat", "naïve", "字"), ("cat", "the", "1", "</s>")]
PAIRS = [("the", "cat", 3.5), ("naïve", "字", -1.0), ("1", "cat", 10.0)]


def in_zip(*members: bytes) -> bytes:
    """Return a zip archive of these files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number, member in enumerate(members):
            archive.writestr(zipfile.ZipInfo(f"member {number}"), member, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": lambda content: gzip.compress(content, mtime=0),  # the same bytes every time
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstandard": zstd.compress,
    "zip": in_zip,
}


Option = TypeVar("Option")


def choice(path: Path, options: list[Option]) -> Option:
    """Choose by the content, so that a file alone says how it was read."""
    return options[zlib.crc32(path.read_bytes()) % len(options)]


def written(write: Callable[[Path], object]) -> bytes:
    """Return the file that `write` makes."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "file"
        write(path)
        return path.read_bytes()
