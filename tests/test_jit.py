"""The compiler's cache: used by the next process, never stale, and not needed; nor the compiler."""

import itertools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from variants import VARIANTS

import w2v
import w2v_corpora
from w2v.kernels.chunk import chunk_kernel
from w2v.kernels.jit import JIT_ENABLED

pytestmark = pytest.mark.skipif(not JIT_ENABLED, reason="about the compiler")

SENTENCES = [[f"w{k * k % 13}" for k in range(start, start + 9)] for start in range(60)]
SETTINGS = {
    "vector_size": 20, "min_count": 1, "epochs": 2, "workers": 1, "alpha": 0.1, "sample": 0.05,
}  # fmt: skip


def run(script, directory, *arguments, **environment):
    """Run a script on the package in `directory`; return the JSON that it prints."""
    environment = {"PYTHONPATH": str(directory), "PYTHONDONTWRITEBYTECODE": "1", **environment}
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, *map(str, arguments)],
        capture_output=True, text=True, check=False, cwd=directory,
        env={**os.environ, **environment},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.fixture
def copy(tmp_path):
    """A copy of the packages that a test may edit, with an empty cache."""
    directory = tmp_path / "copy"
    for package, name in ((w2v, "w2v"), (w2v_corpora, "w2v_corpora")):
        source = Path(package.__file__).parent
        shutil.copytree(source, directory / name, ignore=shutil.ignore_patterns("__pycache__"))
    return directory


# Two modules among the kernels: one function is inlined in the other.
INLINED = """
from w2v.kernels.jit import jit
FACTOR = 2
@jit
def scaled(number):
    return FACTOR * number
"""
KERNEL = """
from w2v.kernels.jit import jit
from w2v.kernels.inlined import scaled
@jit
def scaled_sum(first, second):
    return scaled(first) + scaled(second)
"""
CALL = """
import json
import w2v
from w2v.kernels.kernel import scaled_sum
found = scaled_sum(3, 4)
stats = scaled_sum.stats
print(json.dumps({
    "from": w2v.__file__, "cache": stats.cache_path, "found": found,
    "hits": sum(stats.cache_hits.values()), "misses": sum(stats.cache_misses.values()),
}))
"""


@pytest.fixture
def kernels(copy):
    """The kernels of the copy, with the two modules among them."""
    directory = copy / "w2v" / "kernels"
    (directory / "inlined.py").write_text(INLINED)
    (directory / "kernel.py").write_text(KERNEL)
    return directory


def test_the_cache_serves_the_next_process_but_no_other_kernel(copy, kernels, tmp_path):
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    first, second = run(CALL, copy, **cache), run(CALL, copy, **cache)
    assert first["from"] == str(copy / "w2v" / "__init__.py")
    assert first["cache"].startswith(str(tmp_path / "cache"))
    assert (first["hits"], first["misses"]) == (0, 1)
    assert (second["hits"], second["misses"]) == (1, 0)
    assert second["found"] == first["found"] == 14

    # Numba itself watches only kernel.py, the file of scaled_sum.
    (kernels / "inlined.py").write_text(INLINED.replace("FACTOR = 2", "FACTOR = 3"))
    edited = run(CALL, copy, **cache)
    assert (edited["hits"], edited["misses"], edited["found"]) == (0, 1, 21)

    (kernels / "inlined.py").write_text(INLINED)
    back = run(CALL, copy, **cache)
    assert (back["hits"], back["misses"], back["found"]) == (1, 0, 14)


def test_kernels_work_where_no_cache_can_be_written(copy, kernels, tmp_path):
    """A file stands wherever Numba would make a directory; that stops even root."""
    (kernels / "__pycache__").write_text("")
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    places = dict.fromkeys(("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "HOME"), str(blocked / "none"))
    result = run(CALL, copy, **places)
    assert (result["cache"], result["hits"], result["found"]) == (None, 0, 14)


TRAIN = """
import json, sys
import w2v
sentences, settings, variants = json.loads(sys.argv[1])
models = [
    w2v.train(sentences, architecture=architecture, loss=loss, **settings)
    for architecture, loss in variants
]
from numba.extending import is_jitted
kernels = {
    f"{function.py_func.__module__}.{function.py_func.__name__}": function.stats
    for name, module in list(sys.modules.items()) if name.startswith("w2v.kernels.")
    for function in vars(module).values() if is_jitted(function)
}
from w2v.kernels.chunk import chunk_kernel
for architecture, loss in variants:
    losses = loss != "hierarchical", loss != "negative"
    kernel = chunk_kernel(architecture == "cbow", *losses, False)
    if is_jitted(kernel):
        kernels[f"{architecture}-{loss}"] = kernel.stats
print(json.dumps({
    "loaded": [name for name, stats in kernels.items() if stats.cache_hits],
    "compiled": [name for name, stats in kernels.items() if stats.cache_misses],
    "models": [
        [model.vectors.index_to_key, model.vectors.vectors.tolist(), model.output.tolist(),
         model.summary.loss]
        for model in models
    ],
}))
"""
ARGUMENTS = json.dumps([SENTENCES, SETTINGS, VARIANTS])


@pytest.fixture(scope="module")
def models():
    """A model of each variant, trained in this process, which leaves the kernels on the disk."""
    return [
        w2v.train(SENTENCES, architecture=architecture, loss=loss, **SETTINGS)
        for architecture, loss in VARIANTS
    ]


def assert_same(found, models, tolerance):
    for (words, vectors, output, mean_loss), model in zip(found, models, strict=True):
        assert words == model.vectors.index_to_key
        np.testing.assert_allclose(vectors, model.vectors.vectors, rtol=0, atol=tolerance)
        np.testing.assert_allclose(output, model.output, rtol=0, atol=tolerance)
        assert mean_loss == pytest.approx(model.summary.loss, rel=tolerance)
        assert np.abs(output).max() > 0.1  # the comparison means something


def test_the_next_process_compiles_nothing(models):
    directory = Path(w2v.__file__).parent.parent
    # Of two processes that store kernels at once one may lose; then the second try finds them.
    for _ in range(2):
        found = run(TRAIN, directory, ARGUMENTS)
        if not found["compiled"]:
            break
    assert found["compiled"] == []
    assert {
        "cbow-negative", "skipgram-hierarchical", "w2v.kernels.alias.pair_columns",
        "w2v.kernels.huffman.join_nodes",
    } <= set(found["loaded"])  # fmt: skip
    assert_same(found["models"], models, 0)


def test_without_the_compiler_the_results_are_the_same(copy, models):
    """And no warning is given, though plain NumPy warns where an unsigned product wraps around."""
    found = run(TRAIN, copy, ARGUMENTS, NUMBA_DISABLE_JIT="1")
    assert (found["loaded"], found["compiled"]) == ([], [])
    assert_same(found["models"], models, 1e-5)


def test_each_loop_of_a_chunk_has_a_name_of_its_own():
    """Compiled functions of one name and signature, stored by several processes, get mixed up."""
    kernels = [chunk_kernel(*flags) for flags in itertools.product((False, True), repeat=4)]
    assert len({kernel.__qualname__ for kernel in kernels}) == len(kernels)


@pytest.mark.long
def test_variants_that_were_compiled_in_turn_train_together(models, tmp_path):
    """Each process here stores one loop of a chunk; the last one loads them all."""
    directory = Path(w2v.__file__).parent.parent
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    for variant in VARIANTS:
        found = run(TRAIN, directory, json.dumps([SENTENCES, SETTINGS, [variant]]), **cache)
        assert "-".join(variant) in found["compiled"]
    found = run(TRAIN, directory, ARGUMENTS, **cache)
    assert found["compiled"] == []
    assert_same(found["models"], models, 0)
