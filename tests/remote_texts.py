"""A text and vectors for the tests of addresses, and what lies at those of fsspec's memory."""

import numpy as np
import pytest

import w2v

fsspec = pytest.importorskip("fsspec")
TEXT = b"one two three four five six seven two three\n" * 60
VECTORS = w2v.KeyedVectors(
    ["two", "three", "one"],
    np.arange(1, 13, dtype=np.float32).reshape(3, 4),
    counts=np.array([120, 120, 60]),
)
ENDS = ("bin", "txt", "vec.gz", "bin.bz2", "txt.xz", "bin.zst", "bin.zip", "safetensors", "npy",
        "npy.gz")  # fmt: skip


def put(url: str, content: bytes) -> str:
    """Put content at an address, and return this."""
    fsspec.filesystem("memory").pipe_file(url, content)
    return url


def content(url: str) -> bytes:
    """What lies at an address."""
    found: bytes = fsspec.filesystem("memory").cat_file(url)
    return found


def names(directory: str) -> list[str]:
    """The names in a directory."""
    return sorted(name.rpartition("/")[2] for name in fsspec.filesystem("memory").find(directory))


def large_vectors(words: int = 40_000, size: int = 100) -> w2v.KeyedVectors:
    """Vectors whose files have several blocks."""
    numbers = np.random.default_rng(1).normal(size=(words, size)).astype(np.float32)
    return w2v.KeyedVectors([f"word{row}" for row in range(words)], numbers)


def saved(vectors: w2v.KeyedVectors, url: str) -> str:
    """Save vectors at an address, and return this."""
    vectors.save(url)
    return url
