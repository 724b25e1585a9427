"""Two decorators for all code on the card, and whether Numba's simulator takes the card's place.

The simulator (NUMBA_ENABLE_CUDASIM=1) runs the same code in Python, on a machine without a card.
The cache rests on private parts of numba-cuda, whose upper bound in pyproject.toml was tried.
"""

import contextlib
import functools
import hashlib
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
import numpy as np
from numba import cuda as numba_cuda
from numba.cuda.core import config as cuda_config

Function = TypeVar("Function", bound=Callable[..., Any])

cuda: Any = numba_cuda  # for the host's part: memory, streams, launches
SIMULATED = bool(numba.config.ENABLE_CUDASIM)
# A stretch of text is chosen from with few blocks of threads, and that is all it takes.
cuda_config.CUDA_LOW_OCCUPANCY_WARNINGS = 0


def _sources() -> str:
    """Return a digest of all sources that the kernels on the card are made of."""
    digest = hashlib.sha256()
    for folder in (Path(__file__).parent, Path(__file__).parent.parent):
        for source in sorted(folder.glob("*.py")):
            digest.update(source.name.encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()


_SOURCES = _sources()


def kernel(function: Function, most_registers: int | None = None) -> Any:
    """Compile a function that the host launches; on disk it is kept for the next process.

    Where no directory can be written, each process compiles it anew.
    """
    if SIMULATED:
        return cuda.jit(function)
    compiled = cuda.jit(max_registers=most_registers)(function)
    with contextlib.suppress(RuntimeError):  # no directory can be written
        compiled._cache = _kernel_cache(function)
    return compiled


def _kernel_cache(function: Function) -> Any:
    """Return Numba's cache of a kernel, with all sources in the key.

    Numba looks only at the file that the kernel stands in. What cannot be read or written is as if
    it were not there.
    """
    from numba.cuda.dispatcher import CUDACache  # noqa: PLC0415  (the simulator has none)

    class KernelCache(CUDACache):  # type: ignore[misc]
        def _index_key(self, sig: Any, codegen: Any) -> Any:
            return (*super()._index_key(sig, codegen), _SOURCES)

        def load_overload(self, sig: Any, target_context: Any) -> Any:
            with contextlib.suppress(Exception):
                return super().load_overload(sig, target_context)
            return None

        def save_overload(self, sig: Any, data: Any) -> None:
            with contextlib.suppress(Exception):
                super().save_overload(sig, data)

    return KernelCache(function)


def device(function: Function) -> Function:
    """Compile a function that kernels call. It is inlined: local arrays stay in registers then."""
    if SIMULATED:
        return function
    compiled: Function = cuda.jit(device=True, forceinline=True)(function)
    return compiled


@functools.cache
def shared(function: Any) -> Any:
    """Compile a function of the CPU's kernels for the card as well, and all that it calls."""
    source = getattr(function, "py_func", function)
    scope = source.__globals__
    calls = [name for name in source.__code__.co_names if hasattr(scope.get(name), "py_func")]
    on_card = scope | {name: shared(scope[name]) for name in calls}
    copy = types.FunctionType(source.__code__, on_card, source.__name__)
    if SIMULATED:  # plain NumPy warns when an unsigned product wraps around, as it must in a draw
        return np.errstate(over="ignore")(copy)
    return device(copy)
