"""The file of results: the machine, the versions, and every run with its settings."""

import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from w2v.files import atomic_write
from w2v.machine import memory_size

Run = dict[str, Any]  # {"task": ..., "settings": {...}, "result": {...}}
PACKAGES = ("w2v", "gensim", "fasttext", "numpy", "numba", "scipy")


class Results:
    """Runs, kept in a file that is whole after each one; without a path, in memory only.

    A run that the file has already, of the same task with the same settings, is not repeated: an
    interrupted benchmark goes on where it ended. To measure anew, start with another file.
    """

    def __init__(self, path: str | Path | None) -> None:
        self.path = None if path is None else Path(path)
        self.machine, self.versions = machine(), versions()
        self.runs: list[Run] = []
        if self.path is not None and self.path.exists():
            self._resume(self.path)

    def _resume(self, path: Path) -> None:
        stored = read(path)
        # Other libraries may be installed later; runs without a digest are of another state.
        known = {**self.versions, "kernels": "", **stored["versions"]}
        changed = [name for name in self.versions if known[name] != self.versions[name]]
        if stored["machine"] != self.machine:
            sys.exit(f"{path} holds runs of another machine; name another file.")
        if changed:
            sys.exit(
                f"{path} holds runs with other versions of {', '.join(changed)}: results of one"
                " table come from one state; name another file."
            )
        self.versions, self.runs = known, stored["runs"]

    def measure(
        self, task: str, settings: dict[str, Any], run: Callable[[], dict[str, Any]]
    ) -> dict[str, Any]:
        """Return the result of a run: the stored one, or else that of `run()`, storing it."""
        for stored in self.select(task, **settings):
            if stored["settings"] == settings:
                print(f"kept: {_shown(task, settings)}", flush=True)
                result: dict[str, Any] = stored["result"]
                return result
        result = run()
        self.runs.append({"task": task, "settings": settings, "result": result})
        self._write()
        print(f"done: {_shown(task, settings)}", flush=True)
        return result

    def select(self, task: str, **settings: Any) -> list[Run]:
        """Return the runs of a task with these settings, whatever the others are."""
        return [run for run in self.runs if run["task"] == task and has(run, settings)]

    def _write(self) -> None:
        if self.path is None:
            return
        content = {"machine": self.machine, "versions": self.versions, "runs": self.runs}
        lines = json.dumps(content, indent=1).encode()
        with atomic_write(self.path) as file:
            file.write(lines + b"\n")


def has(run: Run, settings: dict[str, Any]) -> bool:
    """Tell whether a run has these settings, whatever the others are."""
    return all(run["settings"].get(name) == value for name, value in settings.items())


def read(path: Path) -> dict[str, Any]:
    """Return the contents of a file of results."""
    try:
        stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        sys.exit(f"{path} is not a file of benchmark results: {error}")
    if not {"machine", "versions", "runs"} <= stored.keys():
        sys.exit(
            f"{path} is not a file of benchmark results: it lacks its machine, versions or runs."
        )
    return stored


def machine() -> dict[str, Any]:
    """Describe the machine by the properties that matter for speed, anonymously."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "processor": _processor(),
        "cores": cores,
        "memory_gigabytes": round(memory_size() / 1e9, 1),
        "system": platform.system(),
    }


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    if path.exists():
        for line in path.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def versions() -> dict[str, str]:
    """Return the versions of Python and of all packages that take part in the measurements.

    "kernels" is a digest of w2v's kernels, so that runs of two states of them never mix.
    """
    from w2v.kernels.jit import KERNEL_DIGEST  # noqa: PLC0415  (the reports need no compiler)

    found = {"python": platform.python_version(), "kernels": KERNEL_DIGEST[:8]}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _shown(task: str, settings: dict[str, Any]) -> str:
    names = ("library", "variant", "reader", "vector_size", "workers", "epochs", "seed", "round")
    values = [f"{name} {settings[name]}" for name in names if settings.get(name) is not None]
    return f"{task}: {', '.join(values)}"
