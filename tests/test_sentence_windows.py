"""Windows that are whole sentences: every word of a basket is the context of every other."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_kernels import TOLERANCE, make_trainers, zipf_corpus
from variants import VARIANTS

import w2v
from w2v.errors import W2VWarning
from w2v.kernels.state import BLOCK, KEPT, PAIRS
from w2v.text.encoding import EncodedCorpus
from w2v.training.schedule import batch_size, pool_size
from w2v.training.sentence_windows import LONGEST, fit_window, mean_contexts, usual_window

SETTINGS: dict[str, Any] = {"vector_size": 8, "epochs": 1, "min_count": 1, "workers": 1}


@pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
@pytest.mark.parametrize("sample", [0, 0.02])
def test_training_equals_the_twin_with_windows_beyond_every_sentence(architecture, loss, sample):
    tokens, offsets = zipf_corpus(vocabulary_size=60, words=400, longest=30)
    trainer, twin = make_trainers(
        tokens, offsets, architecture=architecture, loss=loss, sample=sample, vector_size=20,
        epochs=1, sentence_windows=True,
    )  # fmt: skip
    twin.window, twin.shrinks_windows = 10**6, False
    before = twin.input.copy()
    trainer.run()
    twin.train_epoch(0)
    assert np.abs(trainer.weights.input[:, :20] - twin.input).max() < TOLERANCE
    assert np.abs(trainer.weights.output[:, :20] - twin.output).max() < TOLERANCE
    assert np.abs(twin.input - before).max() > 1000 * TOLERANCE


@pytest.mark.parametrize("longest", [2, 40, 1_001, 1_500])
def test_pairs_and_memory_follow_the_longest_sentence(longest):
    lengths = [2, 1, longest, 2]
    tokens = np.arange(sum(lengths), dtype=np.int32) % 5
    tokens = np.argsort(np.argsort(-np.bincount(tokens), kind="stable"))[tokens].astype(np.int32)
    offsets = np.cumsum([0, *lengths])
    trainer, _ = make_trainers(tokens, offsets, sample=0, epochs=1, sentence_windows=True)
    reach = min(longest, LONGEST) - 1
    assert len(trainer.engine.states[0].listed.ids) == BLOCK + 2 * reach
    sums: list[Any] = []
    trainer.run(lambda _: sums.append(trainer.engine.totals.copy()))
    contexts = [
        min(reach, place) + min(reach, length - 1 - place)
        for length in lengths
        for place in range(length)
    ]
    assert (sums[0][KEPT], sums[0][PAIRS]) == (sum(lengths), sum(contexts))


def test_the_longest_sentence_may_be_held_out_or_have_rare_words_in_it():
    baskets = [["a", "b"], ["b", "a", *(f"rare{k}" for k in range(50))], ["c", "a", "b"]] * 50
    texts = [EncodedCorpus(np.zeros(n, np.int32), np.array([0, n])) for n in (3, 7)]
    config = w2v.TrainConfig(sentence_windows=True)
    assert (fit_window(config, *texts).window, fit_window(config, texts[0], None).window) == (6, 2)
    assert not fit_window(config, *texts).shrink_windows
    assert fit_window(w2v.TrainConfig(window=9), *texts).window == 9
    uneven = EncodedCorpus(np.zeros(8, np.int32), np.array([0, 6, 8]))
    found = fit_window(config, uneven)
    assert mean_contexts(found) == (6 * 5 + 2 * 1) / 8
    assert batch_size(0.05, usual_window(found), 0) == 1
    assert pool_size(found, 1, mean_contexts(found)) == 5_120
    assert mean_contexts(w2v.TrainConfig(window=4)) == 5
    assert mean_contexts(w2v.TrainConfig(window=4, shrink_windows=False)) == 8
    model = w2v.train(baskets, sentence_windows=True, **{**SETTINGS, "min_count": 3}, held_out=0.3)
    assert model.config.sentence_windows


@pytest.mark.parametrize("deterministic", [False, True])
def test_a_sentence_that_is_too_long_is_a_warning_and_not_a_giant(deterministic):
    words = [f"w{k % 50}" for k in range(1_500)]
    with pytest.warns(W2VWarning, match=r"One sentence has more than 1,001 words, and 1,500"):
        w2v.train([words], sentence_windows=True, deterministic=deterministic, **SETTINGS)


def test_a_model_is_continued_with_the_sentences_of_the_new_text(tmp_path: Path):
    model = w2v.train([["a", "b"]] * 20, sentence_windows=True, **SETTINGS)
    model.save(tmp_path / "model.safetensors")
    longer = [["a", "b", "a", "b", "b"]] * 20
    again = w2v.train(longer, continue_from=tmp_path / "model.safetensors", workers=1)
    assert again.config.sentence_windows
    assert again.config.window == model.config.window == 5  # not used, as the setting says
    assert w2v.train(longer, config=model.config).config.sentence_windows


def test_baskets_in_another_order_give_the_same_neighbours():
    generator = np.random.default_rng(3)
    groups = generator.permutation(60).reshape(6, 10)
    baskets = np.array([generator.permutation(groups[k % 6])[:6] for k in range(1_500)])
    for rows in (baskets, np.sort(baskets), -np.sort(-baskets)):
        model = w2v.train(rows, sentence_windows=True, **{**SETTINGS, "epochs": 5})
        own = [
            len({int(word) for word, _ in model.vectors.most_similar(int(item), topn=9)} & {*group})
            for group in groups.tolist()
            for item in group
        ]
        assert np.mean(own) > 8


@pytest.mark.parametrize("other", [{"window": 7}, {"shrink_windows": False}])
def test_a_window_beside_it_has_no_effect(other: dict[str, Any]) -> None:
    with pytest.raises(w2v.ConfigError, match="has no effect with sentence_windows=True, where"):
        w2v.train([["a", "b"]] * 9, sentence_windows=True, **other)
