"""The tensors of a safetensors file where they lie: to be mapped, or read a block at a time.

The safetensors library checks the header. Its slices are not used: they are copies out of a mapped
file, so that reading 240 MB in blocks took 243 MB more, where reading into one buffer took 4, in
a third of the time (safetensors 0.8.0). Nor does it give NumPy a view of a mapped file.
"""

import json
import math
import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from w2v.errors import ConfigError, FormatError
from w2v.formats.defects import Defect, DefectError
from w2v.formats.tensor_writing import TENSOR_DTYPES

LARGEST_JSON_HEADER = 100_000_000  # safetensors' own limit
_MOST_DIMENSIONS = 32  # of an array of NumPy 1
_LARGEST = 1 << 60  # numbers of an array: their bytes have to fit 64 bits


@dataclass(frozen=True)
class Tensor:
    """Where in a file an array lies: `offset` is that of its first byte, from the file's start."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    offset: int

    @property
    def row_size(self) -> int:
        """The bytes of a row of a matrix."""
        return self.shape[1] * self.dtype.itemsize


def read_header(path: Path, stream: IO[bytes]) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return the tensors by name and the metadata of an uncompressed safetensors file.

    The library checks the header; where the tensors lie is read from it. Tensors of types that w2v
    does not write are left out.

    Raises FormatError where the header is damaged, or promises what the file does not hold.
    """
    from safetensors import SafetensorError, safe_open  # noqa: PLC0415  (only for such a file)

    size = stream.seek(0, 2)
    stream.seek(0)
    length = int.from_bytes(stream.read(8), "little")
    if not 2 <= length <= min(LARGEST_JSON_HEADER, size - 8):
        raise _damaged(path, "the length of its header does not fit")
    text = stream.read(length)
    try:
        with safe_open(path, framework="numpy"):
            pass
        header = json.loads(text)
        metadata = header.pop("__metadata__", None) or {}
        known = {name: said for name, said in header.items() if said["dtype"] in TENSOR_DTYPES}
        return {name: _tensor(said, 8 + length) for name, said in known.items()}, metadata
    except SafetensorError as error:
        if "incomplete" in str(error).lower():  # the library's word for a wrong size
            _check_size(path, text, size)
        raise _damaged(path, f"its header cannot be read ({error})") from error
    except (ValueError, RecursionError) as error:
        raise _damaged(path, f"its header cannot be read ({error})") from error


def _check_size(path: Path, header: bytes, size: int) -> None:
    """Raise DefectError where a file of `size` bytes does not end where its last tensor does."""
    try:
        places = [said["data_offsets"] for said in json.loads(header).values() if "dtype" in said]
        end = max(last for _, last in places) + 8 + len(header)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return  # something else is wrong with it
    if size < end:
        problem = f"ends here, where its header promises {end} bytes"
        raise DefectError(path, Defect("truncated files", 0, size, "", problem, "fetch it again"))
    if size > end:
        problem = "goes on here, beyond the last of what its header promises"
        raise DefectError(path, Defect("extra bytes", 0, end, "", problem, "fetch it again"))


def _tensor(said: Mapping[str, Any], start: int) -> Tensor:
    """Return what the header says of a tensor; raise ValueError for one that NumPy cannot hold."""
    shape, (first, _) = tuple(said["shape"]), said["data_offsets"]
    if len(shape) > _MOST_DIMENSIONS or math.prod(max(1, n) for n in shape) >= _LARGEST:
        raise ValueError("a tensor is larger than one can be")  # by zeros it may take no bytes
    return Tensor(np.dtype(TENSOR_DTYPES[said["dtype"]]), shape, start + first)


def _damaged(path: Path, problem: str) -> FormatError:
    return FormatError(f"{path} is not a readable safetensors file: {problem}; fetch it again.")


def map_file(path: Path, stream: IO[bytes]) -> mmap.mmap:
    """Map an open file for reading, so that only those of its pages are read that are looked at.

    The file may be renamed, replaced or removed meanwhile; but shortening it in place ends the
    process.

    Raises ConfigError where the system cannot map it.
    """
    try:
        return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"{path} cannot be mapped ({reason}); load it as a whole.") from error


def mapped(mapping: mmap.mmap, tensor: Tensor) -> NDArray[Any]:
    """Return a tensor as a read-only view into a mapped file; the view keeps it mapped."""
    count = math.prod(tensor.shape)
    if not count:
        return np.zeros(tensor.shape, tensor.dtype)
    return np.frombuffer(mapping, tensor.dtype, count, tensor.offset).reshape(tensor.shape)


def read_into(path: Path, stream: IO[bytes], offset: int, array: NDArray[Any]) -> None:
    """Fill a C-contiguous array from a place in a file, or raise FormatError if it ends before."""
    stream.seek(offset)
    space = array.reshape(-1).view(np.uint8).data
    while space:
        got = stream.readinto(space)  # type: ignore[attr-defined]
        if not got:
            raise _damaged(path, "the file is cut off")
        space = space[got:]


def read_tensor(path: Path, stream: IO[bytes], tensor: Tensor) -> NDArray[Any]:
    """Return a tensor as an array of its own."""
    array = np.empty(tensor.shape, tensor.dtype)
    read_into(path, stream, tensor.offset, array)
    return array
