"""What the schedule draws from the text: skip-gram's batches, and the noise to draw from."""

import networkx
import numpy as np
import pytest
from test_kernels import make_trainers

import w2v
from w2v.kernels.jit import JIT_ENABLED
from w2v.text.encoding import EncodedCorpus
from w2v.training import schedule
from w2v.training.config import TrainConfig
from w2v.training.schedule import (
    RESTING_BATCH,
    Schedules,
    batch_size,
    come_to_rest,
    pool_size,
)
from w2v.training.sentence_windows import contexts_in

TEXT = EncodedCorpus(np.zeros(2, np.int32), np.array([0, 2]))
FLAT = np.full(300, 800)
ZIPF = (2_000_000 / np.arange(1, 3_001)).astype(np.int64)  # the median is 1,333


@pytest.mark.parametrize(
    ("counts", "passes", "expected"),
    [
        (FLAT, 1, True),
        (FLAT // 2, 1, False),
        (FLAT // 2, 2, True),
        (np.append(FLAT, [0] * 400), 1, True),  # words of a given vocabulary that are not there
        (ZIPF, 12, False),
        (np.array([9_000, 5_000, 900, 800, 700]), 1, False),
        (np.array([3_000, 900, 800, 700, 600]), 1, True),
    ],
)
def test_few_words_that_are_alike_come_to_rest(counts, passes, expected):
    assert come_to_rest(counts, passes) == expected


@pytest.mark.parametrize(("counts", "expected"), [(FLAT, RESTING_BATCH), (ZIPF, 16)])
def test_their_batches_are_small(counts, expected):
    config = TrainConfig(epochs=2, alpha=0.05, min_alpha=1e-4)
    found = Schedules(config, counts, np.minimum(1, 1_000 / counts), TEXT)
    assert found.batch == expected
    assert found.epoch(1).batch == expected
    assert batch_size(0.05, 5, 0) == 16


@pytest.mark.parametrize(
    ("window", "contexts", "tokens", "expected"),
    [
        (1, 2, 10**6, 512), (5, 6, 10**9, 1_024), (10, 11, 10**9, 4_096), (20, 21, 10**9, 16_384),
        (50, 51, 10**6, 16_384), (50, 51, 4 * 10**6, 62_500), (50, 51, 10**9, 102_400),
        (100, 101, 10**6, 16_384), (100, 101, 10**9, 262_144),
        (5, 1, 10**9, 512), (10, 1, 10**9, 1_024), (20, 8, 10**9, 2_621), (100, 2, 10**9, 10_240),
    ],
)  # fmt: skip
def test_wide_windows_have_more_noise_to_draw_from_where_text_fills_them(
    window, contexts, tokens, expected
):
    assert pool_size(TrainConfig(window=window), 1, contexts, tokens) == expected
    assert pool_size(TrainConfig(window=window)) >= expected  # what is allocated
    assert pool_size(TrainConfig(window=window, architecture="cbow"), 1, contexts, tokens) == 512
    in_rounds = TrainConfig(window=window, deterministic=True)
    assert pool_size(in_rounds, 1, contexts, tokens) == min(16_384, expected)
    of_a_shard = max(
        min(round(512 * (min(window, contexts) / 5) ** 2), 4_096), 512 * max(1, window // 5)
    )
    assert pool_size(in_rounds, 2, contexts, tokens) == of_a_shard


@pytest.mark.parametrize(
    ("length", "settings", "expected"),
    [
        (3, {}, 2_048), (900, {}, 16_384), (3, {"sentence_windows": True}, 5_120),
        (900, {"window": 100}, 16_384),  # the text is too short for more
        (900, {"deterministic": True}, 16_384), (900, {"deterministic": True, "shards": 2}, 4_096),
    ],
)  # fmt: skip
def test_a_trainer_sees_how_far_sentences_reach(length, settings, expected):
    tokens = np.zeros(900, dtype=np.int32)
    offsets = np.arange(0, 901, length, dtype=np.int64)
    trainer, _ = make_trainers(tokens, offsets, vector_size=4, **{"window": 20, **settings})
    assert trainer.schedules.epoch(0).pool == trainer.schedules.pool == expected
    assert len(trainer.engine.states[0].targets.pool) >= expected


@pytest.mark.parametrize("length", [2, 3, 40])
@pytest.mark.parametrize("shrinks", [False, True])
def test_the_contexts_of_a_text(length, shrinks):
    text = EncodedCorpus(np.zeros(240, np.int32), np.arange(0, 241, length, dtype=np.int64))
    config = TrainConfig(window=4, shrink_windows=shrinks)
    assert contexts_in(config, text) == min(length - 1, 5 if shrinks else 8)
    assert contexts_in(config, text, 0.1) == min(max(0, length / 10 - 1), 5 if shrinks else 8)


def test_a_trainer_counts_its_own_text():
    """Words of a text of two kinds: nodes of walks, all alike, and words of language."""
    nodes = np.resize(np.arange(50, dtype=np.int32), 50 * 60)
    words = np.repeat(np.arange(50, dtype=np.int32), 50 * 60 // np.arange(1, 51))
    batches = []
    for tokens in (nodes, words):
        offsets = np.array([0, len(tokens)], dtype=np.int64)
        trainer, _ = make_trainers(tokens, offsets, epochs=12, sample=0, vector_size=4)
        batches.append(trainer.schedules.batch)
    assert batches[0] == RESTING_BATCH < batches[1]


def separation(graph, seed):
    """The share of a node's nearest five that are of its planted block of 60."""
    walks = w2v.walks(graph, walks_per_node=10, walk_length=80, seed=seed)
    vectors = w2v.train(
        walks, vector_size=64, window=5, epochs=1, min_count=1, alpha=0.025, sample=0.0, workers=1,
        seed=seed,
    ).vectors  # fmt: skip
    rows = np.array([vectors[str(node)] for node in range(300)])
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    nearest = np.argsort(2 * np.eye(300) - rows @ rows.T, axis=1)[:, :5]
    return np.mean(nearest // 60 == np.arange(300)[:, None] // 60)


GENSIM = 0.833  # gensim 4.4 with these settings, the mean of three seeds


@pytest.mark.skipif(not JIT_ENABLED, reason="240,000 words are slow without the compiler")
def test_nodes_find_their_block_as_with_gensim(monkeypatch):
    graph = networkx.planted_partition_graph(5, 60, 0.15, 0.02, seed=4)
    found = np.mean([separation(graph, seed) for seed in (1, 2)])
    assert found > GENSIM - 0.03
    monkeypatch.setattr(schedule, "RESTING_BATCH", 99)
    assert np.mean([separation(graph, seed) for seed in (1, 2)]) < found - 0.02
