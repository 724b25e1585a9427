"""Writes tensors as a safetensors file, and hashes them, a few rows at a time.

The safetensors library copies all tensors twice when it writes; training has no memory for that.

Source: https://huggingface.co/docs/safetensors, the section on the format.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from w2v.matrices import Matrix

TENSOR_DTYPES = {"F32": "<f4", "F64": "<f8", "I64": "<i8", "U64": "<u8", "U8": "|u1"}
_NAMES = {np.dtype(code): name for name, code in TENSOR_DTYPES.items()}
_BLOCK = 1 << 22  # bytes copied at once
_ALIGNMENT = 8  # of the first tensor; tensors of larger numbers come first, so all are aligned


def write_tensors(
    stream: IO[bytes], tensors: Mapping[str, Matrix | NDArray[Any]], metadata: Mapping[str, str]
) -> None:
    """Write a safetensors file.

    Parameters
    ----------
    stream : binary stream
        Where to write.
    tensors : mapping of str to ndarray
        Arrays by name, of the types in TENSOR_DTYPES.
    metadata : mapping of str to str
        Strings that the header holds.
    """
    names = sorted(tensors, key=lambda name: (-tensors[name].dtype.itemsize, name))
    header: dict[str, object] = {"__metadata__": dict(metadata)}
    end = 0
    for name in names:
        dtype, shape = tensors[name].dtype, tensors[name].shape
        start, end = end, end + math.prod(shape) * dtype.itemsize
        header[name] = {
            "dtype": _NAMES[dtype.newbyteorder("<")], "shape": shape, "data_offsets": [start, end]
        }  # fmt: skip
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    stream.write(len(text).to_bytes(8, "little") + text)
    for name in names:
        for block in row_blocks(tensors[name]):
            stream.write(block.data)


def row_blocks(tensor: Matrix | NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Yield an array a few rows at a time, little-endian and C-contiguous, as a file holds it."""
    tensor = tensor if tensor.ndim else np.atleast_1d(tensor)
    dtype = tensor.dtype.newbyteorder("<")
    size = math.prod(tensor.shape) * dtype.itemsize
    rows = max(1, _BLOCK * len(tensor) // size) if size else 1
    for start in range(0, len(tensor) if size else 0, rows):
        yield np.ascontiguousarray(tensor[start : start + rows], dtype=dtype)


class TensorDigest:
    """A hash (BLAKE2b, 128 bits) of metadata and then tensors, in the order of their names.

    Parameters
    ----------
    metadata : mapping of str to str
        The metadata.
    """

    def __init__(self, metadata: Mapping[str, str]) -> None:
        self._hash = hashlib.blake2b(digest_size=16)
        self._add(json.dumps(dict(metadata), sort_keys=True))

    def begin(self, name: str, dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
        """Begin the next tensor."""
        self._add(f"{name} {dtype.newbyteorder('<').name} {list(shape)}")

    def add(self, block: NDArray[Any]) -> None:
        """Add the next numbers of the tensor, as `row_blocks` yields them."""
        self._hash.update(block.data)

    def hexdigest(self) -> str:
        """Return the hash, 32 hexadecimal digits."""
        return self._hash.hexdigest()

    def _add(self, text: str) -> None:
        self._hash.update(text.encode("utf-8", "surrogatepass") + b"\0")


def digest_of(tensors: Mapping[str, Matrix | NDArray[Any]], metadata: Mapping[str, str]) -> str:
    """Return the hash of tensors and metadata."""
    digest = TensorDigest(metadata)
    for name in sorted(tensors):
        digest.begin(name, tensors[name].dtype, tensors[name].shape)
        for block in row_blocks(tensors[name]):
            digest.add(block)
    return digest.hexdigest()
