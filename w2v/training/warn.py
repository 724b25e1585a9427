"""Warnings that point at the line that called w2v, however deep in it they arise."""

import sys
import warnings


def warn_caller(message: str | Warning) -> None:
    """Warn the caller of w2v; the warning names the first line outside this package."""
    level = 2
    frame = sys._getframe(1)
    while frame.f_back is not None and _is_ours(frame.f_globals.get("__name__", "")):
        frame = frame.f_back
        level += 1
    warnings.warn(message, stacklevel=level)


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == __name__.partition(".")[0]
