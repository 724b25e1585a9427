"""What this machine and this installation have for training, and what is wrong with them.

Every probe stands alone: whatever is missing or broken is a finding, never an error.
"""

import importlib.metadata
import importlib.util
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from w2v.machine import available_cores, available_memory, core_bounds, memory_size

_GIGABYTE, _MEGABYTE = 1e9, 1e6
_KERNEL_FILES = ("*.nbi", "*.nbc")  # of Numba's cache
_NVIDIA = (Path("/proc/driver/nvidia"), Path("/dev/nvidiactl"))  # present where there is a driver
_VECTOR_BITS = {"avx512f": 512, "avx2": 256, "avx": 256}


@dataclass(frozen=True)
class Finding:
    """One line of a diagnosis.

    Attributes
    ----------
    name : str
        What was looked at.
    text : str
        What was found.
    values : dict of str to object
        The same as numbers and names, for programs.
    fault : str
        What is wrong, as a clause; "" where nothing is.
    cure : str
        What to do about it.
    is_needed : bool
        Whether training fails because of the fault.
    """

    name: str
    text: str
    values: dict[str, Any] = field(default_factory=dict, hash=False)
    fault: str = ""
    cure: str = ""
    is_needed: bool = False

    @property
    def advice(self) -> str:
        """What is wrong and the cure, as one sentence; "" where nothing is wrong."""
        return f"{self.name}: {self.fault}; {self.cure}." if self.fault else ""


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """All findings about a machine and an installation.

    Attributes
    ----------
    findings : tuple of Finding
        In the order of the report.
    """

    findings: tuple[Finding, ...]

    def __repr__(self) -> str:
        return f"Diagnosis({len(self.findings)} findings, can_train={self.can_train})"

    def __str__(self) -> str:
        lines = [f"{finding.name}: {finding.text}" for finding in self.findings]
        return "\n".join([*lines, *self.advice])

    @property
    def can_train(self) -> bool:
        """Whether nothing that training needs is broken."""
        return not any(finding.fault and finding.is_needed for finding in self.findings)

    @property
    def advice(self) -> list[str]:
        """A sentence for each fault, with its cure."""
        return [finding.advice for finding in self.findings if finding.fault]

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as JSON takes it."""
        return {
            "can_train": self.can_train,
            "findings": [
                {
                    "name": finding.name, "text": finding.text, **finding.values,
                    "fault": finding.fault, "cure": finding.cure,
                }
                for finding in self.findings
            ],
        }  # fmt: skip


def diagnose() -> Diagnosis:
    """Look at the machine and at the installation.

    Nothing is written but, for a moment, an empty file in each directory of a cache.

    Returns
    -------
    Diagnosis
        The findings: versions, cores, vectors, memory, caches and GPUs.
    """
    probes: list[tuple[str, Callable[[], Finding]]] = [
        ("w2v", _package),
        ("Python", _python),
        ("cores", _cores),
        ("memory", _memory),
        ("NumPy", _numpy),
        ("Numba", _numba),
        ("vectors", _vectors),
        ("kernels", _kernel_cache),
        ("corpora", _corpora),
        ("numba-cuda", _numba_cuda),
        ("driver", _driver),
    ]
    findings = [_guarded(name, probe) for name, probe in probes]
    return Diagnosis((*findings, *_guarded_cards()))


def _guarded(name: str, probe: Callable[[], Finding]) -> Finding:
    """Return what a probe finds; where it fails, that is the finding."""
    try:
        return probe()
    except Exception as error:  # a broken installation may fail in any way
        return Finding(
            name, "unknown", fault=f"looking at it failed ({_told(error)})",
            cure="install w2v anew, in an environment of its own",
        )  # fmt: skip


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}".rstrip(".: ")


def _package() -> Finding:
    version, place = sys.modules["w2v"].__version__, str(Path(__file__).parent)
    return Finding("w2v", f"{version} in {place}", {"version": version, "path": place})


def _python() -> Finding:
    version, system = platform.python_version(), f"{platform.system()} {platform.machine()}"
    return Finding("Python", f"{version}, {system}", {"version": version, "system": system})


def _cores() -> Finding:
    usable, bounds = available_cores(), core_bounds()
    bounds["machine"] = os.cpu_count() or usable
    below = [name for name, cores in bounds.items() if cores < bounds["machine"]]
    by = f" (limited by its {' and its '.join(below)})" if below else ""
    text = f"{usable} of {bounds['machine']} for this process{by}"
    return Finding("cores", text, {"usable": usable, **bounds})


def _memory() -> Finding:
    free, total = available_memory(), memory_size()
    text = f"{free / _GIGABYTE:.1f} of {total / _GIGABYTE:.1f} GB available"
    return Finding("memory", text, {"available": free, "total": total})


def _numpy() -> Finding:
    versions = {name: importlib.metadata.version(name) for name in ("numpy", "scipy")}
    return Finding("NumPy", f"{versions['numpy']}, SciPy {versions['scipy']}", versions)


def _numba() -> Finding:
    """Compile a function: the compiler may be there and yet not work."""
    try:
        versions = {name: importlib.metadata.version(name) for name in ("numba", "llvmlite")}
        import numba  # noqa: PLC0415  (slow to import, and perhaps broken)

        numba.njit(_add)(1, 1)
    except Exception as error:
        return Finding(
            "Numba", "does not work", fault=f"it cannot compile ({_told(error)})",
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


def _vectors() -> Finding:
    from llvmlite import binding  # noqa: PLC0415

    name = os.environ.get("NUMBA_CPU_NAME") or binding.get_host_cpu_name()
    features = {feature for feature, has_it in binding.get_host_cpu_features().items() if has_it}
    bits = max((_VECTOR_BITS.get(feature, 128) for feature in features), default=128)
    text = f"{bits} bits ({name})"
    values = {"bits": bits, "processor": name}
    if bits == 256 and "fma" not in features:
        return Finding(
            "vectors", text, values, fault="the processor shows no FMA, so training is slow",
            cure="on a virtual machine, choose the host's own processor model",
        )  # fmt: skip
    return Finding("vectors", text, values)


def _kernel_cache() -> Finding:
    from w2v.kernels.chunk import train_chunk  # noqa: PLC0415

    stats = getattr(train_chunk, "stats", None)
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
    """Tell whether a file can be made in a directory, or in the one that it would be made in."""
    while not directory.exists():
        directory = directory.parent
    try:
        tempfile.TemporaryFile(dir=directory).close()
    except OSError:
        return False
    return True


def _corpora() -> Finding:
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


def _numba_cuda() -> Finding:
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


def _driver() -> Finding:
    from w2v.kernels import cards  # noqa: PLC0415

    if cards.numba_cuda_version() is None and not cards.is_simulated():
        return Finding("driver", "not looked at, without numba-cuda")
    try:
        version = cards.driver_version()
    except cards.NoCardsError as error:
        return Finding("driver", "none", {"version": None}, str(error), error.cure)
    return Finding("driver", version, {"version": version})


def _guarded_cards() -> list[Finding]:
    """Return a finding for each GPU, or one that there is none."""
    try:
        return list(_cards())
    except Exception as error:
        return [Finding("GPU", "none", fault=f"looking for one failed ({_told(error)})",
                        cure="look whether `nvidia-smi` works")]  # fmt: skip


def _cards() -> Iterator[Finding]:
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
