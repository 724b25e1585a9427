"""One decorator for every compiled function, so that the compiler's settings stand in one place."""

import contextlib
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
from numba.core.caching import FunctionCache
from numpy.typing import NDArray


def _load_blas() -> None:
    """Load what Numba would load later, perhaps when memory has run out.

    The BLAS of SciPy then asks for memory again and again, and no signal ends that. Raises
    MemoryError where the room for it is missing already.
    """
    room = (256 << 20) + (os.cpu_count() or 1) * (40 << 20)  # it has a thread for each core
    try:
        mmap.mmap(-1, room).close()
    except OSError as error:
        raise MemoryError(f"loading the compiler takes {room >> 20} MB of addresses") from error
    import numba.np.arraymath  # noqa: F401, PLC0415


_load_blas()

Bytes = NDArray[np.uint8]
Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
UInt64s = NDArray[np.uint64]
Floats = NDArray[np.float32]
Float64s = NDArray[np.float64]

Function = TypeVar("Function", bound=Callable[..., Any])

# Without `nnan` and `ninf`: with them the compiler may assume that no value is ever NaN or
# infinite, and a check for just that is optimised away. Without `reassoc`: Numba sets the flags
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


class _KernelCache(FunctionCache):  # type: ignore[misc]
    """Numba's disk cache, with every kernel source in the key.

    Numba watches only the file of the compiled function itself: a change in a module that the
    function inlines (a new release, an edited `simd.py`) would leave the stale kernel in use.
    """

    def _index_key(self, sig: Any, codegen: Any) -> Any:
        return (*super()._index_key(sig, codegen), KERNEL_DIGEST)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return what is stored; None where there is nothing or it is damaged."""
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # of whatever kind damaged pickles raise
            with contextlib.suppress(Exception):
                self.flush()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Store what was compiled, if the disk has room: the work itself does not need it."""
        with contextlib.suppress(OSError):
            super().save_overload(sig, data)


def jit(function: Function) -> Function:
    """Compile `function` to run without the interpreter lock, cached on disk.

    With NUMBA_DISABLE_JIT=1 the function is returned as it is. Where no cache directory can be
    written the function is compiled anew in every process.
    """
    # _nrt=False: no reference counts. Counting those of the arrays took half of the time, and the
    # workers' counts of the shared ones, in one cache line, kept two from being faster than one.
    # forceinline: a call passes seven to nine words an array on the stack; without calls CBOW ran
    # 1.4 times as fast, skip-gram 1.24 times.
    compiled = numba.njit(
        nogil=True, fastmath=FAST_MATH, error_model="numpy", _nrt=False, forceinline=True
    )(function)
    if JIT_ENABLED:
        with contextlib.suppress(RuntimeError):  # no directory for a cache can be written
            compiled._cache = _KernelCache(function)
    return compiled
