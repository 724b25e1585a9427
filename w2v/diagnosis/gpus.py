"""GPUs, their driver and their compiler."""

import sys
from collections.abc import Iterator
from pathlib import Path

from w2v.diagnosis.findings import Finding

_GIGABYTE = 1e9
_NVIDIA = (Path("/proc/driver/nvidia"), Path("/dev/nvidiactl"))  # present where there is a driver


def find_numba_cuda() -> Finding:
    """Return the version of numba-cuda; a fault where it is missing beside a driver."""
    from w2v.kernels import cards  # noqa: PLC0415

    name, version = "numba-cuda", cards.numba_cuda_version()
    values = {"version": version}
    has_driver = any(path.exists() for path in _NVIDIA)
    if version is None and not has_driver and not cards.is_simulated():
        return Finding(name, "not installed, and not needed: no NVIDIA GPU is seen", values)
    try:
        compiler = cards.compiler_version()
    except cards.NoCardsError as error:
        return Finding(name, version or "not installed", values, str(error), error.cure)
    return Finding(name, f"{version or 'none'}, {compiler}", {**values, "compiler": compiler})


def find_driver() -> Finding:
    """Return the version of the NVIDIA driver."""
    from w2v.kernels import cards  # noqa: PLC0415

    if cards.numba_cuda_version() is None and not cards.is_simulated():
        return Finding("driver", "not looked at, without numba-cuda")
    try:
        version = cards.driver_version()
    except cards.NoCardsError as error:
        return Finding("driver", "none", {"version": None}, str(error), error.cure)
    return Finding("driver", version, {"version": version})


def find_cards() -> Iterator[Finding]:
    """Yield a finding for each GPU, or one that there is none."""
    from w2v.kernels import cards  # noqa: PLC0415

    try:
        found = cards.find_cards()
    except cards.NoCardsError:  # the lines above say why
        yield Finding("GPU", "none; training runs on the processor", {"device": None})
        return
    for card in found:
        values = {"device": f"cuda:{card.number}", "product": card.name}
        capability = ".".join(map(str, card.capability))
        about = f"cuda:{card.number}, {card.name}, compute capability {capability}"
        fault = cards.shortcoming(card)
        if fault is not None:
            yield Finding("GPU", about, values, fault, "train on the processor or another GPU")
            continue
        try:
            free, total = cards.free_memory(card)
        except cards.NoCardsError as error:
            yield Finding("GPU", about, values, str(error), error.cure)
            continue
        memory = f", {free / _GIGABYTE:.1f} of {total / _GIGABYTE:.1f} GB free"
        if free == total == sys.maxsize:
            memory = ""
        yield Finding("GPU", about + memory, {**values, "free": free, "total": total})
