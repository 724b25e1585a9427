"""The parts of Numba used here that any release of Numba may change.

pyproject.toml bounds Numba's version because of them, and tests/test_numba_private.py says what
depends on each. Intrinsics are written with `numba.core.types` and `numba.core.cgutils`; both are
in Numba's manual and may be imported anywhere.
"""

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numba
from numba.core.caching import FunctionCache
from numba.core.event import Event, Listener, install_listener


def load_array_functions() -> None:
    """Import the part of Numba that loads SciPy's BLAS, which it otherwise does late."""
    import numba.np.arraymath  # noqa: F401, PLC0415


def compile_uncounted(function: Callable[..., Any], **options: Any) -> Any:
    """Compile a function without reference counts of its arrays.

    Counting took half of the time. The counts of shared arrays lie in one cache line, so that two
    workers were no faster than one. A function compiled so cannot allocate an array.

    Parameters
    ----------
    function : callable
    **options
        Those of `numba.njit`.

    Returns
    -------
    The compiled function.
    """
    return numba.njit(_nrt=False, **options)(function)


def store_on_disk(compiled: Any, function: Callable[..., Any], digest: str) -> None:
    """Store a compiled function on disk, and use it again while `digest` is the same.

    If no directory can be written, the function is compiled anew in every process.

    Parameters
    ----------
    compiled
        What `compile_uncounted` returned for `function`.
    function : callable
    digest : str
        A hash of all that the function is made from.
    """
    with contextlib.suppress(RuntimeError):  # no directory for a cache can be written
        compiled._cache = KernelCache(function, digest)


class KernelCache(FunctionCache):  # type: ignore[misc]
    """Numba's cache on disk, with a digest of all that a kernel is made from in its key.

    Numba watches only the file of the compiled function itself. A change in a module that the
    function inlines (a new release, an edited `simd.py`) would leave the stale kernel in use.
    """

    def __init__(self, function: Callable[..., Any], digest: str) -> None:
        super().__init__(function)
        self._digest = digest

    def _index_key(self, sig: Any, codegen: Any) -> Any:
        return (*super()._index_key(sig, codegen), self._digest)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the stored function; None if there is none or it is damaged."""
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # damaged pickles raise exceptions of any kind
            with contextlib.suppress(Exception):
                self.flush()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Store what was compiled, if the disk has room; training works without it."""
        with contextlib.suppress(OSError):
            super().save_overload(sig, data)


class _Kernels(Listener):  # type: ignore[misc]
    """Reports that one of w2v's own functions is being compiled."""

    def __init__(self, report: Callable[[], None]) -> None:
        self._report = report

    def on_start(self, event: Any) -> None:
        if self._module(event).startswith("w2v."):
            self._report()

    def on_end(self, event: Any) -> None:
        pass

    def _module(self, event: Event) -> str:
        """Return the name of the module whose function is compiled."""
        return str(event.data["dispatcher"].py_func.__module__)


class _CardKernels(_Kernels):
    """The same for functions of a card: numba-cuda reports every pass of each."""

    def _module(self, event: Any) -> str:
        return str(event.data["module"])


@contextlib.contextmanager
def reporting_compilation(report: Callable[[], None]) -> Iterator[None]:
    """Call `report` whenever the compiler begins with a kernel, in the thread that compiles it.

    It is not called for a kernel that the cache on disk holds, or that this process has used
    before. Kernels of a card count where numba-cuda is loaded, as it is once a card was chosen.

    Parameters
    ----------
    report : callable
        Takes nothing.
    """
    of_cards = sys.modules.get("numba.cuda.core.event")  # has listeners of its own
    with contextlib.ExitStack() as listening:
        listening.enter_context(install_listener("numba:compile", _Kernels(report)))
        if of_cards is not None:
            of_cards.Listener.register(_CardKernels)
            listener = _CardKernels(report)
            listening.enter_context(of_cards.install_listener("numba-cuda:run_pass", listener))
        yield
