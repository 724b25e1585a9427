"""Trainings in the deterministic mode, on texts of a few rounds."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from test_kernels import zipf_corpus

from w2v.kernels.jit import JIT_ENABLED
from w2v.kernels.state import BLOCK
from w2v.text.encoding import EncodedCorpus
from w2v.text.vocabulary import Vocabulary
from w2v.training import schedule
from w2v.training.config import TrainConfig
from w2v.training.engines import deterministic
from w2v.training.engines.round_shape import RoundShape
from w2v.training.trainer import Trainer

SHARDS = 4
ROUND = SHARDS * BLOCK
# Of 2 shards five and a half rounds, of 4 two and three quarters, of 8 one and a half; of 16 a
# part of one, whose last shards have nothing to do.
CORPUS = zipf_corpus(vocabulary_size=3000, words=2 * ROUND + 3 * BLOCK - 100, longest=60)

needs_compiler = pytest.mark.skipif(
    not JIT_ENABLED, reason="20,000 words are slow without the compiler"
)


@pytest.fixture(autouse=True)
def no_thread_is_left():
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def use_shards(number, monkeypatch):
    """Let rounds have so many shards of one block each, for texts this short; return the number.

    By default the rounds of 1.3 to 2.6 million tokens are such: too many for the naive twin.
    """
    use_shape(RoundShape(number, BLOCK), monkeypatch)
    return number


def use_shape(shape, monkeypatch):
    """Let rounds have this shape, in the engine and for the size of the noise pools."""
    for module in (deterministic, schedule):
        monkeypatch.setattr(module, "round_shape", lambda *_: shape)


def make_trainer(workers, held_out=None, corpus=CORPUS, **settings):
    tokens, offsets = corpus
    counts = np.bincount(tokens).astype(np.int64)
    vocabulary = Vocabulary([f"w{k}" for k in range(len(counts))], counts, len(tokens), len(counts))
    settings = {"vector_size": 20, "epochs": 2, **settings}
    config = TrainConfig(min_count=1, workers=workers, deterministic=True, **settings)
    held = held_out and EncodedCorpus(*held_out)
    return Trainer(EncodedCorpus(tokens, offsets), vocabulary, config, held)


def outcome(trainer):
    """All that training leaves behind, but the seconds."""
    history = [replace(epoch, seconds=0) for epoch in trainer.run()]
    return trainer.weights.input.tobytes(), trainer.weights.output.tobytes(), history
