"""fastText models written field by field, with vectors that are known exactly."""

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MAGIC = 793712314
COUNTS_FROM = 7  # how often the last word was seen; the one before it once more, and so on


def ngram_buckets(word: bytes, shortest: int, longest: int, buckets: int) -> list[int]:
    """Return the rows of a word's n-grams, as fastText's Dictionary::computeSubwords does."""
    text = b"<" + word + b">"
    found = []
    for start in range(len(text)):
        if text[start] & 0xC0 == 0x80:
            continue
        end = start
        for size in range(1, longest + 1):
            if end == len(text):
                break
            end += 1
            while end < len(text) and text[end] & 0xC0 == 0x80:
                end += 1
            if size >= shortest and not (size == 1 and (start == 0 or end == len(text))):
                found.append(_hash(text[start:end]) % buckets)
    return found


def _hash(ngram: bytes) -> int:
    value = 2166136261
    for byte in ngram:
        signed = byte - 256 if byte > 127 else byte
        value = (value ^ signed % 2**32) * 16777619 % 2**32
    return value


def header(
    words: int,
    *,
    vector_size: int = 3,
    version: int | None = 12,
    labels: int = 0,
    buckets: int = 0,
    shortest: int = 3,
    longest: int = 6,
    pruned: int = -1,
) -> bytes:
    """Return all that stands before the entries; version None is the format without a magic."""
    start = b"" if version is None else struct.pack("<2i", MAGIC, version)
    model = 3 if labels else 2
    settings = (vector_size, 5, 5, 1, 5, 1, 2, model, buckets, shortest, longest, 100, 1e-4)
    sizes = struct.pack("<3iq", words + labels, words, labels, 1000)
    return start + struct.pack("<12id", *settings) + sizes + (
        b"" if version is None else struct.pack("<q", pruned)
    )  # fmt: skip


def entry(word: bytes, count: int = 1, kind: int = 0) -> bytes:
    """Return an entry of the dictionary."""
    return word + b"\0" + struct.pack("<qb", count, kind)


def matrix(rows: NDArray[np.float32], flagged: bool = True) -> bytes:
    """Return a matrix with its shape, and the flag that it is not quantised before it."""
    flag = b"\0" if flagged else b""
    return flag + struct.pack("<2q", *rows.shape) + rows.astype("<f4").tobytes()


def model(
    words: Sequence[str | bytes],
    vectors: NDArray[np.float32],
    ngram_rows: NDArray[np.float32] | None = None,
    *,
    version: int | None = 12,
    labels: Sequence[str] = (),
    shortest: int = 3,
    longest: int = 6,
) -> bytes:
    """Return a model in which the words have these vectors, exactly where all are integers."""
    raw = [word if isinstance(word, bytes) else word.encode() for word in words]
    own = vectors.astype(np.float32)
    buckets = 0 if ngram_rows is None else len(ngram_rows)
    if ngram_rows is not None:
        for row, word in enumerate(raw):
            whole = version is not None and word == b"</s>"
            found = [] if whole else ngram_buckets(word, shortest, longest, buckets)
            own[row] = own[row] * (len(found) + 1) - ngram_rows[found].sum(axis=0)
        own = np.concatenate([own, ngram_rows])
    counts = range(COUNTS_FROM + len(raw) - 1, COUNTS_FROM - 1, -1)
    return b"".join(
        [
            header(
                len(raw),
                vector_size=vectors.shape[1],
                version=version,
                labels=len(labels),
                buckets=buckets,
                shortest=shortest,
                longest=longest,
            ),
            *(entry(word, count) for word, count in zip(raw, counts, strict=True)),
            *(entry(label.encode(), kind=1) for label in labels),
            matrix(own, version is not None),
            matrix(np.zeros((len(labels) or len(raw), vectors.shape[1]), np.float32),
                   version is not None),
        ]
    )  # fmt: skip
