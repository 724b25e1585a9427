"""Telling that the kernels are being compiled, which takes up to a minute, once."""

import contextlib
import threading
from collections.abc import Iterator

from w2v.kernels.numba_private import reporting_compilation
from w2v.training.events import Compiling, OnEvent


class CompilationWatch:
    """Tells of the first compilation, in the thread that made this and in no other.

    Where another thread compiles, the next call of `look` tells it.
    """

    def __init__(self, tell: OnEvent) -> None:
        self._tell, self._thread = tell, threading.get_ident()
        self._begun = self._told = False

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Listen to the compiler."""
        with reporting_compilation(self._begin):
            yield

    def look(self) -> None:
        """Tell that something is being compiled, if that has begun and was not told."""
        if self._begun and not self._told:
            self._told = True
            self._tell(Compiling())

    def _begin(self) -> None:
        self._begun = True
        if threading.get_ident() == self._thread:
            self.look()
