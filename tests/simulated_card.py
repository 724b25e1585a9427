"""Numba's simulator in the place of a card, in this process. Call it before anything of CUDA."""

import os
import sys

import numba


def simulate():
    """Load numba.cuda as its simulator; processes that are started later do not inherit it."""
    if numba.config.ENABLE_CUDASIM:
        return
    assert "numba.cuda" not in sys.modules, "numba.cuda was loaded without its simulator"
    numba.config.ENABLE_CUDASIM = 1
    os.environ["NUMBA_ENABLE_CUDASIM"] = "1"
    try:
        import w2v.kernels.cuda.training  # noqa: F401
    finally:
        del os.environ["NUMBA_ENABLE_CUDASIM"]
