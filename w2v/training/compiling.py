"""An event for the compilation of the kernels, which takes up to a minute, once."""

import contextlib
import threading
from collections.abc import Iterator

from w2v.kernels.numba_private import reporting_compilation
from w2v.training.events import Compiling, OnEvent


class CompilationWatch:
    """Reports the first compilation, always in the thread that made this object.

    If another thread compiles, the next call of `look` reports it.

    Parameters
    ----------
    emit : callable
        Called once, with a Compiling event.
    """

    def __init__(self, emit: OnEvent) -> None:
        self._emit, self._thread = emit, threading.get_ident()
        self._begun = self._reported = False

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Listen to the compiler."""
        with reporting_compilation(self._begin):
            yield

    def look(self) -> None:
        """Report that something is being compiled, if it was not reported before."""
        if self._begun and not self._reported:
            self._reported = True
            self._emit(Compiling())

    def _begin(self) -> None:
        self._begun = True
        if threading.get_ident() == self._thread:
            self.look()
