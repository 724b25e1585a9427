"""Two decorators for all code on the card, and whether Numba's simulator takes the card's place.

The simulator (NUMBA_ENABLE_CUDASIM=1) runs the same code in Python, on a machine without a card.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from numba import cuda as numba_cuda
from numba.core import config
from numba.cuda.core import config as cuda_config

Function = TypeVar("Function", bound=Callable[..., Any])

cuda: Any = numba_cuda  # for the host's part: memory, streams, launches
SIMULATED = bool(config.ENABLE_CUDASIM)
# A stretch of text is chosen from with few blocks of threads, and that is all it takes.
cuda_config.CUDA_LOW_OCCUPANCY_WARNINGS = 0


def _sources() -> int:
    """Return a number, above 0, that changes whenever a source of the kernels does.

    Numba's cache looks only at the file that a kernel stands in, and at numbers that it refers to.
    """
    digest = hashlib.sha256()
    for folder in (Path(__file__).parent, Path(__file__).parent.parent):
        for source in sorted(folder.glob("*.py")):
            digest.update(source.name.encode() + b"\0" + source.read_bytes())
    return 1 + int.from_bytes(digest.digest()[:4], "big")


SOURCES = _sources()


def kernel(function: Function, most_registers: int | None = None) -> Any:
    """Compile a function that the host launches; on disk it is kept for the next process."""
    if SIMULATED:
        return cuda.jit(function)
    return cuda.jit(cache=True, max_registers=most_registers)(function)


def device(function: Function) -> Function:
    """Compile a function that kernels call. It is inlined: local arrays stay in registers then."""
    if SIMULATED:
        return function
    compiled: Function = cuda.jit(device=True, forceinline=True)(function)
    return compiled
