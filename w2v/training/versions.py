"""The versions of what trains, for the log and for reports."""

import importlib
import importlib.metadata
import platform
import sys
from datetime import datetime, timezone
from typing import Any

from w2v.training.events import Prepared


def prepared(corpus: object, config: dict[str, Any]) -> Prepared:
    """Return the event that training begins now, on a corpus with these settings."""
    now = datetime.now(timezone.utc)
    return Prepared(str(corpus), now.strftime("%Y-%m-%d %H:%M:%S"), versions(), config)


def versions() -> dict[str, str]:
    """Return the versions of w2v, Python and the libraries, and the kind of machine."""
    libraries = {"NumPy": "numpy", "Numba": "numba", "llvmlite": "llvmlite"}
    return {
        "w2v": sys.modules["w2v"].__version__,
        "Python": platform.python_version(),
        **{name: _version(package) for name, package in libraries.items()},
        "system": f"{platform.system()} {platform.machine()}",
    }


def _version(package: str) -> str:
    """Return the version of a library; some bundles hold libraries without their metadata."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return str(getattr(importlib.import_module(package), "__version__", "unknown"))
