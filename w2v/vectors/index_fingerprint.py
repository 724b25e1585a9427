"""What ties an index to its vectors: their size, how they are held, and a digest of them."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from w2v.errors import FormatError
from w2v.matrices import CompactMatrix
from w2v.vectors.hnsw import LIBRARY
from w2v.vectors.types import WordVectors

_BLOCK = 1024  # rows summed at once, which stay in the cache

_DIFFERENCES = {
    "library": "it was made by another library",
    "words": "it has another number of words",
    "vector_size": "its vectors have another size",
    "dtype": "its numbers are held in another way",
    "digest": "words or numbers were changed since it was built",
}
_ADVICE = {
    "words": "load the words that it was built of, with the same limit, or build it again",
    "dtype": "load them with the dtype that it was built of, or build it again",
}


def fingerprint(vectors: WordVectors) -> dict[str, Any]:
    """Return the part of an index's metadata in which it has to agree with its vectors."""
    return {
        "library": LIBRARY,
        "words": len(vectors),
        "vector_size": vectors.vector_size,
        "dtype": _dtype(vectors),
        "digest": _digest(vectors),
    }


def check_fingerprint(path: Path, metadata: dict[str, Any], vectors: WordVectors) -> None:
    """Raise FormatError unless the index in a file, with this metadata, is of these vectors."""
    for name, value in fingerprint(vectors).items():
        if metadata.get(name) != value:
            raise FormatError(
                f"{path} does not belong to these vectors: {_DIFFERENCES[name]}"
                f" ({metadata.get(name)}, not {value}); {_ADVICE.get(name, 'build it again')}."
            )


def _dtype(vectors: WordVectors) -> str:
    """Return how the numbers are held, in the words of `load`."""
    matrix: Any = vectors.vectors
    return str(matrix.codes.dtype if isinstance(matrix, CompactMatrix) else matrix.dtype)


def _digest(vectors: WordVectors) -> str:
    """Return a digest (BLAKE2b) of the words, and of the sums of the bits of rows and columns.

    Any single number changes the sums, which take a third of the time of hashing all numbers.
    """
    digest = hashlib.blake2b(digest_size=16)
    digest.update("\n".join(vectors.index_to_key).encode("utf-8", "surrogatepass"))
    for start in range(0, len(vectors), _BLOCK):
        block = np.ascontiguousarray(vectors.vectors[start : start + _BLOCK])
        bits = block.view(np.uint32)
        for axis in (0, 1):
            digest.update(np.ascontiguousarray(bits.sum(axis=axis, dtype=np.uint64)).data)
    return digest.hexdigest()
