"""One decorator for every compiled function, so that the compiler's settings stand in one place."""

import hashlib
import mmap
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import llvmlite
import numba
import numpy as np
from numpy.typing import NDArray

from w2v.kernels.numba_private import compile_uncounted, load_array_functions, store_on_disk


def _load_blas() -> None:
    """Load what Numba would load later, perhaps when memory has run out.

    The BLAS of SciPy then asks for memory again and again, and no signal ends that. Raises
    MemoryError if there is not enough room now.
    """
    mask = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else ()
    cores = len(mask) or os.cpu_count() or 1
    room = (256 << 20) + cores * (40 << 20)  # BLAS has a thread for each core it may use
    try:
        mmap.mmap(-1, room).close()
    except OSError as error:
        raise MemoryError(f"loading the compiler takes {room >> 20} MB of addresses") from error
    load_array_functions()


_load_blas()

Bytes = NDArray[np.uint8]
UInt16s = NDArray[np.uint16]
Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
UInt64s = NDArray[np.uint64]
Floats = NDArray[np.float32]
Float64s = NDArray[np.float64]

Function = TypeVar("Function", bound=Callable[..., Any])

# Without `nnan` and `ninf`: with them the compiler may assume that no value is ever NaN or
# infinite, and removes the checks for just that. Without `reassoc`: Numba sets the flags
# on the hand-written vector code too, where rounding by adding 1.5 · 2^23 would be cancelled.
FAST_MATH = {"nsz", "arcp", "contract", "afn"}

JIT_ENABLED = not numba.config.DISABLE_JIT


def _kernel_digest() -> str:
    """Return a hash of every kernel source and of the compiler's versions."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes())
    versions = (numba.__version__, llvmlite.__version__, np.__version__, sys.version)
    digest.update(repr(versions).encode())
    return digest.hexdigest()


KERNEL_DIGEST = _kernel_digest()


def jit(function: Function) -> Function:
    """Compile a function to run without the interpreter lock, cached on disk.

    Parameters
    ----------
    function : callable
        It sees only arrays, scalars and tuples of them, and allocates nothing.

    Returns
    -------
    callable
        The compiled function; with NUMBA_DISABLE_JIT=1 the function as it is. If no cache directory
        can be written, the function is compiled anew in every process.
    """
    # forceinline: a call passes seven to nine words an array on the stack; without calls CBOW ran
    # 1.4 times as fast, skip-gram 1.24 times.
    compiled = compile_uncounted(
        function, nogil=True, fastmath=FAST_MATH, error_model="numpy", forceinline=True
    )
    if JIT_ENABLED:
        store_on_disk(compiled, function, KERNEL_DIGEST)
    return compiled


def inlined(function: Function) -> Function:
    """Compile a function only as a part of those that call it, once more for each call in them.

    A function that holds the whole of training takes ten seconds or more to compile, and is not
    called from anywhere else. The parameters and the result are those of `jit`.
    """
    return compile_uncounted(
        function, nogil=True, fastmath=FAST_MATH, error_model="numpy", inline="always"
    )
