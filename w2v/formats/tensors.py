"""Reads the tensors of a safetensors file a block at a time, or maps them.

The safetensors library checks the header, but its slices are not used. They are copies out of a
mapped file: reading 240 MB in blocks took 243 MB of memory and 0.10 to 0.15 s, while reading into
one buffer takes 4 MB and 0.03 to 0.07 s (safetensors 0.8.0, a few runs). The library also has no
NumPy view of a mapped file.

Source: https://huggingface.co/docs/safetensors, the section on the format.
"""

import contextlib
import json
import math
import mmap
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from w2v.errors import ConfigError, FormatError
from w2v.formats.defects import Defect, DefectError
from w2v.formats.tensor_writing import TENSOR_DTYPES
from w2v.remote.addresses import Address

LARGEST_JSON_HEADER = 100_000_000  # safetensors' own limit
_MOST_DIMENSIONS = 32  # of an array of NumPy 1
_LARGEST = 1 << 60  # numbers in an array, so that their bytes fit 64 bits


@dataclass(frozen=True)
class Tensor:
    """Where an array lies in a file.

    Attributes
    ----------
    dtype : dtype
        The type of the numbers.
    shape : tuple of int
        The shape of the array.
    offset : int
        The byte offset of the first number in the file.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    offset: int

    @property
    def row_size(self) -> int:
        """The size of a row of a matrix in bytes."""
        return self.shape[1] * self.dtype.itemsize


def read_header(path: Path, stream: IO[bytes]) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Read the header of an uncompressed safetensors file.

    The library checks the header. Tensors of types that w2v does not write are left out.

    Parameters
    ----------
    path : Path
        The file.
    stream : binary stream
        The same file, open.

    Returns
    -------
    tensors : dict of str to Tensor
        Where each tensor lies, by name.
    metadata : dict of str to str
        The strings in the header.

    Raises
    ------
    FormatError
        The header is damaged, or does not fit the size of the file.
    """
    from safetensors import SafetensorError, safe_open  # noqa: PLC0415  (only for such a file)

    size = stream.seek(0, 2)
    stream.seek(0)
    length = int.from_bytes(stream.read(8), "little")
    if not 2 <= length <= min(LARGEST_JSON_HEADER, size - 8):
        raise _damaged(path, "the length of its header does not fit")
    text = stream.read(length)
    try:
        with _on_disk(path, text, size) as file, safe_open(file, framework="numpy"):
            pass
        header = json.loads(text)
        metadata = header.pop("__metadata__", None) or {}
        known = {name: said for name, said in header.items() if said["dtype"] in TENSOR_DTYPES}
        return {name: _tensor(said, 8 + length) for name, said in known.items()}, metadata
    except SafetensorError as error:
        if "incomplete" in str(error).lower():  # the library reports a wrong size so
            _check_size(path, text, size)
        raise _damaged(path, f"its header cannot be read ({error})") from error
    except (ValueError, RecursionError) as error:
        raise _damaged(path, f"its header cannot be read ({error})") from error


@contextlib.contextmanager
def _on_disk(path: Path, header: bytes, size: int) -> Iterator[Path]:
    """Yield a file that the library can open: for an address, one with the header alone.

    The rest of it is a hole, which takes no room on the disk.
    """
    if not isinstance(path, Address):
        yield path
        return
    with tempfile.NamedTemporaryFile(prefix="w2v-", suffix=".header") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(size)
        file.flush()
        yield Path(file.name)


def _check_size(path: Path, header: bytes, size: int) -> None:
    """Raise DefectError where a file of `size` bytes does not end where its last tensor does."""
    try:
        places = [said["data_offsets"] for said in json.loads(header).values() if "dtype" in said]
        end = max(last for _, last in places) + 8 + len(header)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return  # the header has another defect
    if size < end:
        problem = f"ends here, where its header promises {end} bytes"
        raise DefectError(path, Defect("truncated files", 0, size, "", problem, "fetch it again"))
    if size > end:
        problem = "goes on here, beyond the last tensor that its header promises"
        raise DefectError(path, Defect("extra bytes", 0, end, "", problem, "fetch it again"))


def _tensor(said: Mapping[str, Any], start: int) -> Tensor:
    """Return the tensor that the header describes; ValueError if NumPy cannot hold it."""
    shape, (first, _) = tuple(said["shape"]), said["data_offsets"]
    if len(shape) > _MOST_DIMENSIONS or math.prod(max(1, n) for n in shape) >= _LARGEST:
        # A 0 in its shape may leave such a tensor without bytes, so that the file can hold it.
        raise ValueError("a tensor is larger than NumPy allows")
    return Tensor(np.dtype(TENSOR_DTYPES[said["dtype"]]), shape, start + first)


def _damaged(path: Path, problem: str) -> FormatError:
    return FormatError(f"{path} is not a readable safetensors file: {problem}; fetch it again.")


def map_file(path: Path, stream: IO[bytes]) -> mmap.mmap:
    """Map an open file for reading, so that only the pages in use are read.

    The file may be renamed, replaced or removed meanwhile. If it is shortened in place, the system
    ends the process.

    Raises ConfigError if the system cannot map it.
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
    """Fill an array from a file.

    Parameters
    ----------
    path : Path
        The file, for messages.
    stream : binary stream
        The same file, open.
    offset : int
        The byte offset of the first number.
    array : ndarray
        Where to read to; C-contiguous.

    Raises
    ------
    FormatError
        The file is cut off.
    """
    stream.seek(offset)
    space = array.reshape(-1).view(np.uint8).data
    while space:
        got = stream.readinto(space)  # type: ignore[attr-defined]
        if not got:
            raise _damaged(path, "the file is cut off")
        space = space[got:]


def read_tensor(path: Path, stream: IO[bytes], tensor: Tensor) -> NDArray[Any]:
    """Read a whole tensor into a new array; raises FormatError if the file is cut off."""
    array = np.empty(tensor.shape, tensor.dtype)
    read_into(path, stream, tensor.offset, array)
    return array
