"""What w2v takes from Numba's private parts is there, and does what w2v rests on.

Where Numba has changed, the message says what no longer holds. w2v is imported inside the tests
alone, so that they report where it cannot be imported.
"""

import ast
import importlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numba
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
FILE = "w2v/kernels/numba_private.py"
CUDA_FILE = "w2v/kernels/cuda/compiler.py"  # which uses those of numba-cuda
IN_THE_MANUAL = {"numba.core.types", "numba.core.types.containers", "numba.core.cgutils"}

pytestmark = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="about the compiler")


def changed(what: str, purpose: str) -> str:
    return f"Numba {numba.__version__} {what}: {purpose} rests on it; see {FILE}"


PARTS = {
    "numba.core.caching FunctionCache": "the cache of kernels on the disk",
    "numba.core.caching FunctionCache._index_key": "compiling anew when any kernel has changed",
    "numba.core.caching FunctionCache.load_overload": "making a damaged cache anew",
    "numba.core.caching FunctionCache.flush": "making a damaged cache anew",
    "numba.core.caching FunctionCache.save_overload": "training on when the disk is full",
    "numba.core.event install_listener": "the message that kernels are being compiled",
    "numba.core.event Listener.on_start": "the message that kernels are being compiled",
    "numba.core.event Event.data": "the message that kernels are being compiled",
    "numba.np.arraymath": "ending with an error where there is no memory for SciPy's BLAS",
}


@pytest.mark.parametrize("part", PARTS)
def test_the_part_is_there(part: str) -> None:
    module, _, names = part.partition(" ")
    try:
        found: Any = importlib.import_module(module)
        for name in names.split(".") if names else ():
            found = getattr(found, name)
    except (ImportError, AttributeError):
        pytest.fail(changed(f"has no {part.replace(' ', '.')}", PARTS[part]))


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], ModuleType]:
    """Import a small module as a new process would, with an empty cache for what is compiled."""
    path = tmp_path / "small.py"
    path.write_text(
        "def twice(x):\n    return 2 * x\n\ndef number(arrays, k):\n    return arrays[k % 2][k]\n"
    )
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "cache"))

    def load() -> ModuleType:
        spec = importlib.util.spec_from_file_location("small", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, "small", module)
        spec.loader.exec_module(module)
        return module

    return load


def test_arrays_are_not_counted(load: Callable[[], ModuleType]) -> None:
    from w2v.kernels.numba_private import compile_uncounted

    purpose = "that two workers are faster than one"
    arrays = (np.zeros(2), np.ones(2))
    counted = numba.njit(load().number)
    assert counted(arrays, 1) == 1
    assert _calls(counted, "NRT_decref")  # the comparison means something
    try:
        uncounted = compile_uncounted(load().number)
        assert uncounted(arrays, 1) == 1
    except Exception as error:
        pytest.fail(changed(f"does not take the option _nrt ({error})", purpose))
    assert not _calls(uncounted, "NRT_"), changed("counts references despite _nrt=False", purpose)


def _calls(compiled: Any, name: str) -> bool:
    return any(name in code for code in compiled.inspect_llvm().values())


def test_the_digest_is_part_of_the_key(load: Callable[[], ModuleType]) -> None:
    from w2v.kernels.numba_private import KernelCache, compile_uncounted, store_on_disk

    purpose = "that no stale kernel is used"

    def found(digest: str) -> tuple[int, int]:
        function = load().twice
        compiled = compile_uncounted(function)
        store_on_disk(compiled, function, digest)
        assert isinstance(compiled._cache, KernelCache)
        assert compiled(4) == 8
        stats = compiled.stats
        assert Path(stats.cache_path).exists(), changed(
            "does not use the cache that is set as _cache", "loading kernels from the disk"
        )
        return sum(stats.cache_hits.values()), sum(stats.cache_misses.values())

    assert found("one") == (0, 1)
    assert found("one") == (1, 0), changed("found no kernel on the disk", "a quick second start")
    assert found("two") == (0, 1), changed("does not ask _index_key for the key", purpose)
    assert found("one") == (1, 0), changed("kept one kernel of several keys", purpose)


def test_compiling_is_reported(load: Callable[[], ModuleType]) -> None:
    from w2v.kernels.numba_private import reporting_compilation

    purpose = "the message that kernels are being compiled"
    ours, theirs = load().twice, load().twice
    ours.__module__ = "w2v.kernels.small"
    reports: list[str] = []
    try:
        with reporting_compilation(lambda: reports.append("begun")):
            numba.njit(theirs)(4)
            assert reports == []
            compiled = numba.njit(ours)
            compiled(4)
            compiled(4)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        pytest.fail(changed(f"reports compiling in another form ({error!r})", purpose))
    assert reports == ["begun"], changed("does not report that it compiles", purpose)


def _private_uses(path: Path) -> list[str]:
    """Return the private parts of Numba that a file uses."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.keyword) and node.arg:
            found += [f"numba.core.{node.arg}"] if node.arg == "_nrt" else []
        elif isinstance(node, ast.Attribute) and node.attr in ("_cache", "_index_key"):
            found.append(f"numba.core.{node.attr}")
    private = [name for name in found if name.startswith(("numba.core", "numba.np"))]
    return [name for name in private if not name.startswith(tuple(IN_THE_MANUAL))]


def test_one_file_uses_private_parts() -> None:
    assert len(_private_uses(ROOT / FILE)) >= 6
    for folder in ("w2v", "cli", "corpora", "benchmarks", "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path not in (ROOT / FILE, ROOT / CUDA_FILE, Path(__file__)):
                assert _private_uses(path) == [], f"{path.relative_to(ROOT)}: only {FILE} may"


def test_every_kernel_is_compiled_by_the_one_decorator() -> None:
    for path in sorted((ROOT / "w2v").rglob("*.py")):
        if path != ROOT / FILE:
            text = path.read_text()
            # `w2v doctor` tries the compiler itself, which may be broken.
            assert "njit" not in text or path.parent.name == "diagnosis", path
            assert "numba.jit" not in text, path


def test_the_version_is_bounded() -> None:
    """An untested release is not installed."""
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    (bounds,) = [line.split('"')[1] for line in lines if line.strip().startswith('"numba')]
    lowest, highest = bounds.removeprefix("numba>=").split(",<")
    version, low, high = (
        tuple(map(int, text.split(".")[:2])) for text in (numba.__version__, lowest, highest)
    )
    assert low <= version < high, (
        f"pyproject.toml allows {bounds}; Numba {numba.__version__} has to pass these tests first"
    )
