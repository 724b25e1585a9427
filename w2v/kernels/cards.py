"""The NVIDIA cards that Numba can use, or why there are none.

numba-cuda may be missing, broken or without a driver. Each of these raises a NoCardsError. It is
loaded only when a function of this module needs it.
"""

import contextlib
import importlib.metadata
import importlib.util
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

INSTALL = "pip install 'w2v[cuda]'"
LEAST_CAPABILITY = (7, 0)  # the kernels read and add to what others change (ld.relaxed, red)
_DRIVER_FILE = Path("/proc/driver/nvidia/version")


class NoCardsError(Exception):
    """No card can be used. The message is the reason, without a full stop; `cure` is what to do."""

    def __init__(self, reason: str, cure: str) -> None:
        super().__init__(reason)
        self.cure = cure


class Card(NamedTuple):
    """A card that this process may use.

    Attributes
    ----------
    number : int
        From 0; that in "cuda:0".
    name : str
        The product's name.
    capability : tuple of int
        The compute capability, such as (9, 0).
    """

    number: int
    name: str
    capability: tuple[int, int]


def numba_cuda_version() -> str | None:
    """Return the version of numba-cuda; None if it is not installed."""
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        return importlib.metadata.version("numba-cuda")
    return None


def is_simulated() -> bool:
    """Return whether Numba's simulator takes the place of a card (NUMBA_ENABLE_CUDASIM=1)."""
    import numba  # noqa: PLC0415  (slow to import)

    return bool(numba.config.ENABLE_CUDASIM)


def load_cuda() -> Any:
    """Return the module numba.cuda of numba-cuda, or of the simulator.

    Raises NoCardsError where it is missing or fails.
    """
    if importlib.util.find_spec("numba_cuda") is None:
        raise NoCardsError("numba-cuda is not installed", f"install it with {INSTALL}")
    try:
        with _stacking_rows(), warnings.catch_warnings():
            # With NumPy 2.5, of its own units of time.
            warnings.simplefilter("ignore", DeprecationWarning)
            from numba import cuda  # noqa: PLC0415

            if not is_simulated():
                importlib.import_module("numba.cuda.np.arrayobj")
    except Exception as error:  # a broken package may fail in any way
        name = f"numba-cuda {numba_cuda_version() or ''}".rstrip()
        raise NoCardsError(
            f"{name} cannot be loaded ({type(error).__name__}: {_one_line(error)})",
            f"install the release that w2v is tested with: {INSTALL}",
        ) from error
    return cuda


@contextlib.contextmanager
def _stacking_rows() -> Iterator[None]:
    """Give NumPy back `row_stack`, an alias of `vstack` that NumPy 2.5 has removed.

    numba-cuda 0.30.4 looks it up while it is loaded.
    """
    if hasattr(np, "row_stack"):
        yield
        return
    np.row_stack = np.vstack
    try:
        yield
    finally:
        del np.row_stack


def find_cards() -> list[Card]:
    """Return the cards that this process may use, one at least.

    Raises NoCardsError where there are none.
    """
    cuda = load_cuda()
    if is_simulated():
        return [Card(0, "simulated by Numba", tuple(cuda.get_current_device().compute_capability))]
    try:
        devices = list(cuda.gpus)
    except Exception as error:  # depends on what of the driver is missing
        raise _driver_fault(_one_line(error)) from error
    if not devices:
        raise _driver_fault("NO_DEVICE")
    return [
        Card(device.id, _text(device.name), tuple(device.compute_capability)) for device in devices
    ]


def shortcoming(card: Card) -> str | None:
    """Return why the kernels cannot run on a card, as a clause; None where they can."""
    if card.capability >= LEAST_CAPABILITY or is_simulated():
        return None
    has, needed = (".".join(map(str, each)) for each in (card.capability, LEAST_CAPABILITY))
    return f"cuda:{card.number} ({card.name}) has compute capability {has}, and {needed} is needed"


def free_memory(card: Card) -> tuple[int, int]:
    """Return the free bytes of a card and all of them; sys.maxsize for a simulated one.

    Raises NoCardsError where the card does not answer.
    """
    cuda = load_cuda()
    if is_simulated():
        return sys.maxsize, sys.maxsize
    try:
        with cuda.gpus[card.number]:
            free, total = cuda.current_context().get_memory_info()
    except Exception as error:
        raise NoCardsError(
            f"cuda:{card.number} ({card.name}) does not answer ({_one_line(error)})",
            "end what else uses it, or restart the machine",
        ) from error
    return free, total


def compiler_version() -> str:
    """Return the version of the compiler that makes code for cards, which CUDA brings.

    Raises NoCardsError where there is none.
    """
    load_cuda()
    if is_simulated():
        return "simulated"
    try:
        compiler = importlib.import_module("numba.cuda.cudadrv.nvvm").NVVM()
        return f"NVVM {'.'.join(map(str, compiler.get_version()))}"
    except Exception as error:
        raise NoCardsError(
            f"CUDA's compiler is missing ({_one_line(error)})", f"install it with {INSTALL}"
        ) from error


def driver_version() -> str:
    """Return the version of the driver and the newest CUDA that it runs, as far as it says so.

    Raises NoCardsError where there is no driver.
    """
    load_cuda()
    if is_simulated():
        return "none is needed by the simulator"
    driver = importlib.import_module("numba.cuda.cudadrv.driver").driver
    try:
        newest = ".".join(map(str, driver.get_version()))
    except Exception as error:
        raise _driver_fault(_one_line(error)) from error
    return f"{_release()}CUDA {newest} or older"


def _release() -> str:
    """Return the release of the driver with a comma, as Linux reports it; "" elsewhere."""
    with contextlib.suppress(OSError):
        for word in _DRIVER_FILE.read_text(encoding="utf-8").split():
            if word[:1].isdigit() and "." in word:
                return f"{word}, "
    return ""


def _driver_fault(message: str) -> NoCardsError:
    if "NO_DEVICE" in message:
        return NoCardsError(
            "this process may use no NVIDIA GPU",
            "look whether `nvidia-smi` lists one, and whether CUDA_VISIBLE_DEVICES hides it",
        )
    if "cannot be found" in message:
        return NoCardsError("no NVIDIA driver was found", "install the driver of the GPU")
    return NoCardsError(
        f"the NVIDIA driver fails ({message})", "look whether `nvidia-smi` works, or update it"
    )


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()).rstrip(".:")


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name
