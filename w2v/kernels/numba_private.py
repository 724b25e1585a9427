"""Every part of Numba in use here that any release of Numba may change.

pyproject.toml bounds Numba's version for it, and tests/test_numba_private.py says what depends on
each part. `numba.core.types` and `numba.core.cgutils`, which intrinsics are written with, are in
Numba's manual and may be imported anywhere.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import numba
from numba.core.caching import FunctionCache
from numba.core.event import Event, Listener, install_listener


def load_array_functions() -> None:
    """Import the part of Numba that loads SciPy's BLAS, which it does late otherwise."""
    import numba.np.arraymath  # noqa: F401, PLC0415


def compile_uncounted(function: Callable[..., Any], **options: Any) -> Any:
    """Return `numba.njit(**options)` of a function, without reference counts of its arrays.

    Counting took half of the time, and the counts of shared arrays, in one cache line, kept two
    workers from being faster than one. A function compiled so cannot allocate an array.
    """
    return numba.njit(_nrt=False, **options)(function)


def store_on_disk(compiled: Any, function: Callable[..., Any], digest: str) -> None:
    """Let a compiled function be stored on the disk, and used again while `digest` is the same.

    Where no directory can be written, it is compiled anew in every process.
    """
    with contextlib.suppress(RuntimeError):  # no directory for a cache can be written
        compiled._cache = KernelCache(function, digest)


class KernelCache(FunctionCache):  # type: ignore[misc]
    """Numba's cache on the disk, with a digest of all that a kernel is made from in the key.

    Numba watches only the file of the compiled function itself: a change in a module that the
    function inlines (a new release, an edited `simd.py`) would leave the stale kernel in use.
    """

    def __init__(self, function: Callable[..., Any], digest: str) -> None:
        super().__init__(function)
        self._digest = digest

    def _index_key(self, sig: Any, codegen: Any) -> Any:
        return (*super()._index_key(sig, codegen), self._digest)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return what is stored; None where there is nothing or it is damaged."""
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # damaged pickles raise exceptions of any kind
            with contextlib.suppress(Exception):
                self.flush()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Store what was compiled, if the disk has room: the work itself does not need it."""
        with contextlib.suppress(OSError):
            super().save_overload(sig, data)


class _Kernels(Listener):  # type: ignore[misc]
    """Reports that one of w2v's own functions is being compiled."""

    def __init__(self, report: Callable[[], None]) -> None:
        self._report = report

    def on_start(self, event: Event) -> None:
        if event.data["dispatcher"].py_func.__module__.startswith("w2v."):
            self._report()

    def on_end(self, event: Event) -> None:
        pass


@contextlib.contextmanager
def reporting_compilation(report: Callable[[], None]) -> Iterator[None]:
    """Call `report` whenever the compiler begins with a kernel, in the thread that compiles it.

    It is not called for a kernel that the cache on the disk holds, or that this process has used
    before.
    """
    with install_listener("numba:compile", _Kernels(report)):
        yield
