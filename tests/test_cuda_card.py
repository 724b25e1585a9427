"""On a real card: `pytest -m card tests/test_cuda_card.py`, in a process of its own."""

import importlib.util
import os
import subprocess
import sys
import time

import numba
import numpy as np
import pytest
from variants import ALL_VARIANTS

from w2v.kernels.cards import NoCardsError, find_cards

pytestmark = pytest.mark.card


@pytest.fixture(scope="module", autouse=True)
def card():
    """The first card; without one, or with the simulator in its place, all of this is skipped."""
    if importlib.util.find_spec("numba_cuda") is None:
        pytest.skip("numba-cuda is not installed")
    if numba.config.ENABLE_CUDASIM:
        pytest.skip("Numba's simulator takes the card's place in this process")
    try:
        return find_cards()[0]
    except NoCardsError as error:
        pytest.skip(f"no card: {error}")


@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
@pytest.mark.parametrize("vector_size", [7, 100, 300, 1024])
def test_one_warp_equals_the_twin(architecture, loss, vector_size):
    """Its shuffles and atomic sums, which the simulator has not."""
    from naive_cuda import make_trainers
    from test_kernels import zipf_corpus

    tokens, offsets = zipf_corpus(vocabulary_size=60, words=400, longest=30)
    trainer, twin = make_trainers(
        tokens, offsets, architecture=architecture, loss=loss, vector_size=vector_size, epochs=1,
        sample=0.02, alpha=0.1,
    )  # fmt: skip
    trainer.compile()
    memory = trainer.engine.card
    memory.blocks, memory.threads = 1, 32
    memory.set_pulls(*(np.zeros(len(each), np.float32) for each in (twin.input, twin.output)))
    trainer.run()
    twin.train_epoch(0)
    # exp and division are the card's fast ones, good to some 1e-6 of their results.
    assert np.abs(trainer.weights.input[:, :vector_size] - twin.input).max() < 1e-3
    assert np.abs(trainer.weights.output[:, :vector_size] - twin.output).max() < 1e-3


@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
def test_all_warps_learn_what_the_processor_learns(architecture, loss):
    import w2v

    settings = {"architecture": architecture, "loss": loss, "vector_size": 50, "seed": 3}
    on_card, usual = (w2v.train("toy", device=device, **settings) for device in ("cuda", "cpu"))
    assert on_card.summary.loss == pytest.approx(usual.summary.loss, rel=0.05)


def test_a_second_process_compiles_nothing(tmp_path):
    """Kernels are kept on disk."""
    script = "import w2v; w2v.train('toy', device='cuda', epochs=1, vector_size=24)"
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    seconds = []
    for _ in range(2):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", script], env=environment, check=True)
        seconds.append(time.perf_counter() - began)
    print(f"first process {seconds[0]:.1f} s, second {seconds[1]:.1f} s")
    kept = [path for path in tmp_path.rglob("*.nbi") if "train_centers" in path.name]
    assert len(kept) == 1
