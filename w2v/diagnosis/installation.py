"""What is installed, whether it works, and where kernels and corpora are kept."""

import importlib.metadata
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

from w2v.diagnosis.findings import Finding, described

_MEGABYTE = 1e6
_KERNEL_FILES = ("*.nbi", "*.nbc")  # of Numba's cache


def find_package() -> Finding:
    """Return the version of w2v, and where it is installed."""
    version, place = sys.modules["w2v"].__version__, str(Path(__file__).parent.parent)
    return Finding("w2v", f"{version} in {place}", {"version": version, "path": place})


def find_python() -> Finding:
    """Return the version of Python, and its system."""
    version, system = platform.python_version(), f"{platform.system()} {platform.machine()}"
    return Finding("Python", f"{version}, {system}", {"version": version, "system": system})


def find_numpy() -> Finding:
    """Return the versions of NumPy and SciPy."""
    versions = {name: importlib.metadata.version(name) for name in ("numpy", "scipy")}
    return Finding("NumPy", f"{versions['numpy']}, SciPy {versions['scipy']}", versions)


def find_numba() -> Finding:
    """Return the version of Numba, once it has compiled a function: it may be there and broken."""
    try:
        versions = {name: importlib.metadata.version(name) for name in ("numba", "llvmlite")}
        import numba  # noqa: PLC0415  (slow to import, and perhaps broken)

        numba.njit(_add)(1, 1)
    except Exception as error:
        return Finding(
            "Numba", "does not work", fault=f"it cannot compile ({described(error)})",
            cure="install it anew: pip install --force-reinstall numba llvmlite", is_needed=True,
        )  # fmt: skip
    text = f"{versions['numba']}, llvmlite {versions['llvmlite']}"
    if numba.config.DISABLE_JIT:
        return Finding(
            "Numba", f"{text}, switched off", versions,
            fault="training takes hundreds of times as long (NUMBA_DISABLE_JIT is set)",
            cure="unset NUMBA_DISABLE_JIT",
        )  # fmt: skip
    return Finding("Numba", text, versions)


def _add(first: int, second: int) -> int:
    return first + second


def find_kernel_cache() -> Finding:
    """Return where compiled kernels are kept, and whether it can be written."""
    from w2v.kernels.chunk import train_listed  # noqa: PLC0415

    stats = getattr(train_listed, "stats", None)
    if stats is None:
        return Finding("kernels", "not compiled, for the compiler is switched off", {"path": None})
    place = stats.cache_path
    if place is None:
        return _unwritable_kernels("kept nowhere", {"path": None})
    size = _size(Path(place))
    text = f"compiled ones in {place}, {size / _MEGABYTE:.0f} MB"
    values = {"path": place, "bytes": size, "writable": _is_writable(Path(place))}
    if not values["writable"]:
        return _unwritable_kernels(text, values)
    return Finding("kernels", text, values)


def _unwritable_kernels(text: str, values: dict[str, Any]) -> Finding:
    return Finding(
        "kernels", text, values,
        fault="no cache can be written, so every process compiles them, for up to a minute",
        cure="set NUMBA_CACHE_DIR to a directory that can be written",
    )  # fmt: skip


def _size(directory: Path) -> int:
    found = (path for pattern in _KERNEL_FILES for path in directory.glob(pattern))
    return sum(path.stat().st_size for path in found)


def _is_writable(directory: Path) -> bool:
    """Return whether a file can be made in a directory, or in the one that it would be made in."""
    while not directory.exists():
        directory = directory.parent
    try:
        tempfile.TemporaryFile(dir=directory).close()
    except OSError:
        return False
    return True


def find_corpora() -> Finding:
    """Return where corpora are looked for and downloaded to."""
    from w2v_corpora import cache_directory  # noqa: PLC0415

    place = cache_directory()
    named = [name for name in os.environ.get("W2V_CORPORA", "").split(os.pathsep) if name]
    missing = [name for name in named if not Path(name).is_dir()]
    text = " and ".join([*named, str(place)])
    values = {"directories": named, "path": str(place), "writable": _is_writable(place)}
    if missing:
        return Finding(
            "corpora", text, values, fault=f"there is no directory {missing[0]} (W2V_CORPORA)",
            cure="correct W2V_CORPORA",
        )  # fmt: skip
    if not values["writable"]:
        return Finding(
            "corpora", text, values, fault=f"{place} cannot be written, so nothing is downloaded",
            cure="set XDG_CACHE_HOME to a directory that can be written",
        )  # fmt: skip
    return Finding("corpora", text, values)
