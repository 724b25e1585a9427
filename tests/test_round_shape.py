"""The shape of deterministic rounds, and the bytes that they give, for texts of any length."""

import itertools

import numpy as np
import pytest
from deterministic_runs import make_trainer, outcome
from test_kernels import zipf_corpus

import w2v
from w2v.kernels.jit import JIT_ENABLED
from w2v.kernels.state import BLOCK
from w2v.training.engines.round_shape import LEAST_ROUNDS, round_shape

# Longer stretches lose accuracy; these were scored, but for "both" (benchmarks/NOTES.md).
LONGEST = {
    ("skipgram", "negative"): {8: 20_480, 4: 40_960}, ("cbow", "negative"): {8: 40_960, 4: 122_880},
    ("skipgram", "both"): {8: 20_480, 4: 40_960}, ("cbow", "both"): {8: 40_960, 4: 122_880},
    ("skipgram", "hierarchical"): {8: 40_960, 4: 81_920},
    ("cbow", "hierarchical"): {8: 81_920, 4: 163_840},
}  # fmt: skip


def test_a_small_text_has_few_shards_and_a_large_one_longer_rounds():
    shapes = [round_shape(tokens) for tokens in range(1, 10**8, 10**4)]
    assert shapes[0].shards == 1
    assert {shape.shards for shape in shapes} == {1, 2, 4, 8, 16}
    for shape, following in itertools.pairwise(shapes):
        assert shape.shards <= following.shards
    shared = [shape for shape in shapes if shape.shards > 1]
    for shape, following in itertools.pairwise(shared):
        assert shape.tokens <= following.tokens
    assert {shape.stretch % BLOCK for shape in shapes} == {0}
    assert shapes[-1] == round_shape(10**12)
    assert shapes[-1].stretch > BLOCK


def test_many_rounds_are_merged_in_an_epoch():
    for tokens in (10**6, 10**7, 10**8):
        assert tokens / round_shape(tokens).tokens >= LEAST_ROUNDS


@pytest.mark.parametrize("shards", [4, 8])
@pytest.mark.parametrize("variant", LONGEST, ids=map("-".join, LONGEST))
def test_a_chosen_number_of_shards_has_longer_rounds_in_laps(variant, shards):
    sizes = np.geomspace(1, 10**9, 200).astype(int)
    shapes = [round_shape(tokens, shards, *variant) for tokens in sizes]
    assert {shape.shards for shape in shapes} == {shards}
    assert (shapes[0].stretch, shapes[0].laps) == (BLOCK, 1)
    is_in_one = variant == ("skipgram", "negative") and shards == 4
    assert shapes[-1].laps == (1 if is_in_one else 2)
    assert shapes[-1].stretch == LONGEST[variant][shards]
    assert round_shape(16_750_000, shards, *variant) == shapes[-1]  # wiki8, which was scored
    rounds = [size // shape.tokens for size, shape in zip(sizes, shapes, strict=True)]
    assert all(n >= 25 for n, shape in zip(rounds, shapes, strict=True) if shape.stretch > BLOCK)
    for shape, following in itertools.pairwise(shapes):
        assert shape.stretch // shape.laps <= following.stretch // following.laps
        assert shape.stretch <= following.stretch
        assert shape.stretch % (shape.laps * BLOCK) == 0
    first, second = (shapes[-1].lap(number, 7, 7 + BLOCK) for number in range(2))
    assert (first, second) == ((7, 7 + BLOCK), (7 + BLOCK, 7 + BLOCK))


@pytest.mark.parametrize("variant", LONGEST, ids=map("-".join, LONGEST))
def test_up_to_four_shards_have_the_stretches_of_four_and_more_those_of_eight(variant):
    shapes = [round_shape(10**10, shards, *variant) for shards in range(1, 100)]
    assert {shape.stretch for shape in shapes[:4]} == {LONGEST[variant][4]}
    assert {shape.stretch for shape in shapes[4:]} == {LONGEST[variant][8]}


@pytest.mark.skipif(not JIT_ENABLED, reason="100,000 words are slow without the compiler")
@pytest.mark.parametrize("tokens", [10**5, 10**6, 2 * 10**6, 10**7])
def test_the_default_shape_gives_the_same_bytes(tokens):
    corpus = zipf_corpus(vocabulary_size=3000, words=tokens, longest=60)
    settings = {"corpus": corpus, "vector_size": 4, "epochs": 1, "window": 2, "negative": 2}
    expected = outcome(make_trainer(1, **settings))
    for workers in (3, 16):
        assert outcome(make_trainer(workers, **settings)) == expected


def test_train_takes_it():
    settings = {"vector_size": 8, "epochs": 1, "deterministic": True}
    first, second = (w2v.train("toy", workers=workers, **settings) for workers in (1, 2))
    np.testing.assert_array_equal(first.vectors.vectors, second.vectors.vectors)
    assert first.config.deterministic
