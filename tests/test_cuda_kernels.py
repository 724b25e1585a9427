"""The kernels for a card equal their naive twin draw for draw, in Numba's simulator."""

import importlib.util

import numpy as np
import pytest
from variants import ALL_VARIANTS

if importlib.util.find_spec("numba_cuda") is None:
    pytest.skip("numba-cuda is not installed", allow_module_level=True)

import simulated_card
from naive import NaiveTrainer
from naive_cuda import make_trainers, pull_at_rows
from test_kernels import TOLERANCE, zipf_corpus

simulated_card.simulate()

from w2v.kernels.cuda.training import tile_size
from w2v.training.engines import card


def assert_twins_agree(tokens, offsets, pull=0.0, **settings):
    """Train both, compare, and return how far the input weights moved."""
    trainer, twin = make_trainers(tokens, offsets, **settings)
    if pull:
        pull_at_rows(trainer, twin, pull)
    before = twin.input.copy()
    trainer.run()
    for epoch in range(trainer.config.passes):
        twin.train_epoch(epoch)
    dimensions = twin.input.shape[1]
    weights = trainer.weights
    assert np.abs(weights.input[:, :dimensions] - twin.input).max() < TOLERANCE
    assert np.abs(weights.output[:, :dimensions] - twin.output).max() < TOLERANCE
    assert not weights.input[:, dimensions:].any()  # the padding stays zero
    return np.abs(twin.input - before).max()


@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
@pytest.mark.parametrize("vector_size", [1, 20])
def test_kernel_equals_twin(architecture, loss, vector_size):
    tokens, offsets = zipf_corpus(vocabulary_size=40, words=150, longest=30)
    moved = assert_twins_agree(
        tokens, offsets, architecture=architecture, loss=loss, vector_size=vector_size,
        epochs=2, sample=0.05, alpha=0.1,
    )  # fmt: skip
    assert moved > 1000 * TOLERANCE  # the comparison means something


@pytest.mark.parametrize("architecture", ["skipgram", "cbow"])
@pytest.mark.parametrize("negative", [1, 7, 8, 40])
def test_kernel_equals_twin_at_numbers_of_negatives(architecture, negative):
    tokens, offsets = zipf_corpus(vocabulary_size=40, words=100, longest=40)
    assert_twins_agree(
        tokens, offsets, architecture=architecture, negative=negative, vector_size=4, epochs=1
    )


@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
@pytest.mark.parametrize("window", [1, 25])
def test_kernel_equals_twin_at_windows(architecture, loss, window):
    tokens, offsets = zipf_corpus(vocabulary_size=40, words=100, longest=40)
    assert_twins_agree(
        tokens, offsets, architecture=architecture, loss=loss, window=window, vector_size=4,
        epochs=1, sample=0.05,
    )  # fmt: skip


@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
@pytest.mark.parametrize(
    "setting", [{"shrink_windows": False}, {"cbow_mean": False}, {"ns_exponent": -0.5}], ids=str
)
def test_kernel_equals_twin_with_settings_of_other_tools(architecture, loss, setting):
    tokens, offsets = zipf_corpus(vocabulary_size=40, words=100, longest=30)
    assert_twins_agree(
        tokens, offsets, architecture=architecture, loss=loss, vector_size=4, epochs=1, **setting
    )


@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
def test_hot_rows_take_some_changes(architecture, loss):
    tokens, offsets = zipf_corpus(vocabulary_size=20, words=150, longest=30)
    assert_twins_agree(
        tokens, offsets, pull=300.0, architecture=architecture, loss=loss, vector_size=4, epochs=1,
        alpha=0.1,
    )  # fmt: skip


@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
def test_rows_in_several_tiles(architecture, loss, monkeypatch):
    """Wide rows have small tiles: with a room of 8 floats, two output rows of four."""
    monkeypatch.setattr("w2v.kernels.cuda.training._TILE_FLOATS", 8)
    assert tile_size(4, 6) == (2, False)
    tokens, offsets = zipf_corpus(vocabulary_size=30, words=100, longest=30)
    assert_twins_agree(
        tokens, offsets, architecture=architecture, loss=loss, vector_size=4, epochs=1, negative=6
    )


# Few centre words of three pieces, since the simulator takes a millisecond for each.
PIECES = {"vector_size": 1, "epochs": 1, "negative": 1, "sample": 1e-4, "architecture": "cbow"}


def test_windows_reach_across_pieces(monkeypatch):
    """A text of three pieces, in each of which centre words see those of the others."""
    monkeypatch.setattr("w2v.training.engines.cuda.PIECE", 2048)
    tokens, offsets = zipf_corpus(vocabulary_size=50, words=4500, longest=3000)
    assert assert_twins_agree(tokens, offsets, **PIECES, window=9) > 1000 * TOLERANCE


def test_a_text_larger_than_the_card_is_copied_piece_by_piece(monkeypatch):
    monkeypatch.setattr("w2v.training.engines.cuda.PIECE", 2048)
    tokens, offsets = zipf_corpus(vocabulary_size=50, words=4500, longest=30)
    found = []
    for share in (card.RESIDENT_SHARE, 0.0):
        monkeypatch.setattr(card, "RESIDENT_SHARE", share)
        trainer, _ = make_trainers(tokens, offsets, **PIECES)
        trainer.run()
        found.append(trainer.weights.input.copy())
    assert np.array_equal(*found)


def test_the_twin_is_that_of_the_processor_but_for_noise():
    """CBOW with nodes alone draws no noise, and a window is a step: the processor's twin holds."""
    tokens, offsets = zipf_corpus(vocabulary_size=40, words=150, longest=30)
    settings = {"architecture": "cbow", "loss": "hierarchical", "vector_size": 4, "epochs": 1}
    _, twin = make_trainers(tokens, offsets, **settings)
    _, usual = make_trainers(tokens, offsets, kind=NaiveTrainer, **settings)
    twin.train_epoch(0)
    usual.train_epoch(0)
    assert np.abs(twin.input - usual.input).max() < TOLERANCE
