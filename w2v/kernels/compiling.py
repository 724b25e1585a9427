"""Hearing of it when kernels are compiled: it takes its time, once."""

import contextlib
from collections.abc import Callable, Iterator

from numba.core.event import Event, Listener, install_listener


class _Kernels(Listener):  # type: ignore[misc]
    """Hears of everything that is compiled, and passes on that it is one of our functions."""

    def __init__(self, told: Callable[[], None]) -> None:
        self._told = told

    def on_start(self, event: Event) -> None:
        if event.data["dispatcher"].py_func.__module__.startswith("w2v."):
            self._told()

    def on_end(self, event: Event) -> None:
        pass


@contextlib.contextmanager
def compilation_told(told: Callable[[], None]) -> Iterator[None]:
    """Call `told` whenever the compiler begins with a kernel, in the thread in which it does.

    It is not called for a kernel that the cache on disk has, or that this process has used before.
    """
    with install_listener("numba:compile", _Kernels(told)):
        yield
