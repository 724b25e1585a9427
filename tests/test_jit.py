"""The compiler's cache: used by the next process, never stale, and not needed; nor the compiler."""

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
from w2v.kernels.jit import JIT_ENABLED

pytestmark = pytest.mark.skipif(not JIT_ENABLED, reason="about the compiler")

SENTENCES = [[f"w{k * k % 13}" for k in range(start, start + 9)] for start in range(60)]
SETTINGS = {"vector_size": 20, "min_count": 1, "epochs": 2, "workers": 1, "alpha": 0.1}

# Weights so large that nodes are saturated, and so small that the loss is not absurd; the
# counting kernels are not needed.
TRAIN = """
import json
import numpy as np
import w2v
from w2v.kernels.chunk import train_chunk
from w2v.text.encoding import EncodedCorpus
from w2v.text.vocabulary import Vocabulary
from w2v.training.config import TrainConfig
from w2v.training.trainer import Trainer

generator = np.random.default_rng(0)
tokens = np.concatenate((np.arange(20), generator.integers(0, 20, 80))).astype(np.int32)
counts = np.bincount(tokens).astype(np.int64)
vocabulary = Vocabulary([str(k) for k in range(20)], counts, 100, 20)
config = TrainConfig(loss="hierarchical", vector_size=8, epochs=1, workers=1, sample=0)
trainer = Trainer(EncodedCorpus(tokens, np.array([0, 50, 100])), vocabulary, config)
trainer.weights.input[:, :8] = generator.normal(0, 1, (20, 8))
trainer.weights.output[:20, :8] = generator.normal(0, 1, (20, 8))
trainer.run()
stats = train_chunk.stats
print(json.dumps({
    "from": w2v.__file__,
    "cache": stats.cache_path,
    "hits": sum(stats.cache_hits.values()),
    "misses": sum(stats.cache_misses.values()),
    "weights": trainer.weights.input[:, :8].ravel().tolist(),
}))
"""


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


def test_the_cache_serves_the_next_process_but_no_other_kernel(copy, tmp_path):
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    first, second = run(TRAIN, copy, **cache), run(TRAIN, copy, **cache)
    assert first["from"] == str(copy / "w2v" / "__init__.py")
    assert first["cache"].startswith(str(tmp_path / "cache"))
    assert (first["hits"], first["misses"]) == (0, 1)
    assert (second["hits"], second["misses"]) == (1, 0)
    assert second["weights"] == first["weights"]

    # Numba itself watches only chunk.py, the file of train_chunk.
    inlined = copy / "w2v" / "kernels" / "state.py"
    source = inlined.read_text()
    assert source.count("MAX_LOGIT = 6.0") == 1
    inlined.write_text(source.replace("MAX_LOGIT = 6.0", "MAX_LOGIT = 0.5"))
    edited = run(TRAIN, copy, **cache)
    assert (edited["hits"], edited["misses"]) == (0, 1)
    assert not np.allclose(edited["weights"], first["weights"], atol=1e-4)

    inlined.write_text(source)
    back = run(TRAIN, copy, **cache)
    assert (back["hits"], back["misses"]) == (1, 0)
    assert back["weights"] == first["weights"]


def test_training_works_where_no_cache_can_be_written(copy, tmp_path):
    """A file stands wherever Numba would make a directory; that stops even root."""
    (copy / "w2v" / "kernels" / "__pycache__").write_text("")
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    places = dict.fromkeys(("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "HOME"), str(blocked / "none"))
    result = run(TRAIN, copy, **places, NUMBA_OPT="0")  # compiles in half the time
    assert result["cache"] is None
    assert result["hits"] == 0
    assert np.isfinite(result["weights"]).all()


TRAIN_ALL = """
import json, sys
import w2v
sentences, settings, variants = json.loads(sys.argv[1])
print(json.dumps([
    [model.vectors.index_to_key, model.vectors.vectors.tolist(), model.output.tolist(),
     model.summary.loss]
    for model in (
        w2v.train(sentences, architecture=architecture, loss=loss, **settings)
        for architecture, loss in variants
    )
]))
"""


def test_without_the_compiler_the_results_are_the_same(copy):
    """And no warning is given, though plain NumPy warns where an unsigned product wraps around."""
    settings = {**SETTINGS, "sample": 0.05}
    arguments = json.dumps([SENTENCES, settings, VARIANTS])
    interpreted = run(TRAIN_ALL, copy, arguments, NUMBA_DISABLE_JIT="1")
    for (architecture, loss), found in zip(VARIANTS, interpreted, strict=True):
        model = w2v.train(SENTENCES, architecture=architecture, loss=loss, **settings)
        words, vectors, output, mean_loss = found
        assert words == model.vectors.index_to_key
        np.testing.assert_allclose(vectors, model.vectors.vectors, rtol=0, atol=1e-5)
        np.testing.assert_allclose(output, model.output, rtol=0, atol=1e-5)
        assert mean_loss == pytest.approx(model.summary.loss, rel=1e-5)
        assert np.abs(output).max() > 0.1  # the comparison means something
