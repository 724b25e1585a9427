"""The versions that the log records."""

import importlib.metadata

import llvmlite
import numba
import numpy as np

from w2v.training.versions import versions


def test_libraries_without_metadata_have_a_version(monkeypatch):
    known = versions()

    def missing(package):
        raise importlib.metadata.PackageNotFoundError(package)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    found = versions()
    libraries = {"NumPy": np, "Numba": numba, "llvmlite": llvmlite}
    assert {name: found[name] for name in libraries} == {
        name: library.__version__ for name, library in libraries.items()
    }
    assert found.keys() == known.keys()
