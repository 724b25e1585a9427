"""How far a shard is said to bring each row agrees with the scores that training makes."""

import numpy as np
import pytest
from naive import Counter
from test_kernels import make_trainers, zipf_corpus
from variants import ALL_VARIANTS

from w2v.kernels.state import BLOCK
from w2v.training.engines.distances import row_distances
from w2v.training.engines.merging import WORD_CONVERGENCE
from w2v.training.engines.round_shape import RoundShape

BLOCKS = 6
TEXT = zipf_corpus(vocabulary_size=300, words=BLOCKS * BLOCK, longest=400)


@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
def test_they_are_the_scores_expected(architecture, loss):
    settings = {"architecture": architecture, "loss": loss, "sample": 0.01, "ns_exponent": 0.5}
    trainer, counter = make_trainers(*TEXT, kind=Counter, vector_size=4, epochs=1, **settings)
    counter.input[:] = counter.output[:] = 0
    counter.pool = 20_000  # small ones have too few of each word
    counter.train_epoch(0)
    counts = np.bincount(TEXT[0])
    distances = row_distances(counts, trainer.config, RoundShape(1, BLOCK))
    kept = np.bincount(counter.words_read(0, 0, len(TEXT[0])), minlength=len(counts))
    for matrix, each in zip((counter.input, counter.output), distances, strict=True):
        found = WORD_CONVERGENCE * matrix[:, 0]
        expected = BLOCKS * each[:, 0]
        expected[: len(kept)] += kept * each[: len(kept), 1]
        most = np.argsort(-expected)[:20]
        np.testing.assert_allclose(found[most], expected[most], rtol=0.3)
        assert found.sum() == pytest.approx(expected.sum(), rel=0.05)


@pytest.mark.parametrize("loss", ["negative", "hierarchical", "both"])
def test_hot_rows_come_less_far_in_each_lap(loss):
    counts = np.bincount(TEXT[0])
    trainer, _ = make_trainers(*TEXT, loss=loss, vector_size=4, epochs=1)
    whole, parts = (
        row_distances(counts, trainer.config, RoundShape(2, 4 * BLOCK, laps, 10)) for laps in (1, 4)
    )
    for first, second in zip(whole, parts, strict=True):
        changed = np.flatnonzero((first != second).any(axis=1))
        np.testing.assert_allclose(second[changed], first[changed] / 4)
    words, root = list(range(10)), len(whole[1]) - 2
    nodes = list(range(root - 9, root + 1))
    hot = {"negative": words, "hierarchical": nodes, "both": words + nodes}[loss]
    assert np.flatnonzero((whole[0] != parts[0]).any(axis=1)).tolist() == words
    assert np.flatnonzero((whole[1] != parts[1]).any(axis=1)).tolist() == hot
