"""Keep probabilities equal gensim's; the alias table holds count^0.75 exactly, and draws it."""

from collections import Counter

import naive
import numpy as np
import pytest
from gensim.models import Word2Vec
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare
from texts import real_text

from w2v.kernels import outputs, rng
from w2v.kernels.jit import JIT_ENABLED
from w2v.training.sampling import (
    alias_table,
    keep_probabilities,
    keep_thresholds,
    noise_probabilities,
)

COUNTS = {
    "zipf": np.sort(1_000_000 // np.arange(1, 3001))[::-1],
    "all equal": np.full(37, 5),
    "two": np.array([1_000_000_000, 1]),
    "one": np.array([7]),
    "steep": 3 ** np.arange(30, -1, -1),
    "three": np.array([3, 2, 1]),
    "huge": np.array([2**63 - 1, 2**62, 2**62, 2**62, 2**62 - 1, 1]),
    "random": np.sort(np.random.default_rng(1).integers(1, 10_000, 500))[::-1],
}


@pytest.fixture(scope="module")
def real_counts(test_data):
    counts = Counter(real_text(test_data, "wiki-de").split())
    return {word: count for word, count in counts.most_common() if count >= 5}


@pytest.mark.parametrize("sample", [1e-5, 1e-3, 0.01, 0])
def test_keep_probabilities_are_gensims(real_counts, sample):
    theirs = Word2Vec(min_count=1, sample=sample)
    theirs.build_vocab_from_freq(real_counts)
    scaled = [theirs.wv.get_vecattr(word, "sample_int") for word in real_counts]
    ours = keep_probabilities(np.array(list(real_counts.values())), sample)
    # gensim cuts probability × (2^32 − 1) to a whole number.
    np.testing.assert_allclose(ours * (2**32 - 1), np.array(scaled), rtol=0, atol=1.001)
    assert (ours < 1).sum() == (np.array(scaled) < 2**32 - 1).sum()
    assert (ours < 1).any() == (sample > 0)


def test_keep_probabilities_of_known_shares():
    counts = np.array([900, 90, 9, 1])
    share = counts / 1000
    expected = np.minimum(1, (np.sqrt(share / 0.01) + 1) * 0.01 / share)
    np.testing.assert_allclose(keep_probabilities(counts, 0.01), expected, rtol=1e-12)
    assert expected[0] < expected[1] < expected[2] == 1


def test_a_threshold_keeps_its_share_of_all_32_bit_numbers():
    thresholds = keep_thresholds(np.array([0.0, 0.25, 1.0]))
    assert thresholds.tolist() == [0, 2**30, 2**32]  # 2^32: every draw lies below


@pytest.mark.parametrize("counts", COUNTS.values(), ids=COUNTS)
def test_noise_is_counts_to_the_power_of_three_quarters(counts):
    probabilities = noise_probabilities(counts, 0.75)
    assert probabilities.sum() == pytest.approx(1, abs=1e-12)
    expected = probabilities[0] * (counts / counts[0]) ** 0.75
    np.testing.assert_allclose(probabilities, expected, rtol=1e-12)


@pytest.mark.parametrize("counts", COUNTS.values(), ids=COUNTS)
def test_the_alias_table_holds_the_distribution(counts):
    """Each column gives its own word its threshold's share of 1/V, and its alias the rest."""
    expected = noise_probabilities(counts, 0.75)
    table = alias_table(expected)
    assert table.dtype == np.uint64
    thresholds, aliases = table >> np.uint64(32), (table & np.uint64(2**32 - 1)).astype(int)
    own = thresholds.astype(np.float64) / 2**32
    mass = own + np.bincount(aliases, 1 - own, len(counts))
    np.testing.assert_allclose(mass / len(counts), expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("counts", COUNTS.values(), ids=COUNTS)
def test_the_alias_table_is_the_twins(counts):
    probabilities = noise_probabilities(counts, 0.75)
    assert alias_table(probabilities).tolist() == naive.alias_table(probabilities)


@settings(derandomize=True, deadline=None)
@given(st.lists(st.integers(1, 100) | st.integers(2**61, 2**63 - 1), min_size=1, max_size=40))
def test_the_alias_table_of_random_counts(counts):
    weights = np.array(counts, dtype=np.float64)
    for probabilities in (weights / weights.sum(), noise_probabilities(weights, 0.75)):
        assert alias_table(probabilities).tolist() == naive.alias_table(probabilities)


def test_draws_follow_the_distribution():
    counts = COUNTS["zipf"][:200]
    expected = noise_probabilities(counts, 0.75)
    table = alias_table(expected)
    key = rng.stream_key(seed=11, epoch=0)
    size = 200_000 if JIT_ENABLED else 20_000
    bits = [np.uint64(rng.draw(key, k)) for k in range(size)]
    draws = [outputs.draw_noise(number, table) for number in bits]
    seen = np.bincount(draws, minlength=200)
    assert chisquare(seen, expected * size).pvalue > 0.001
    wrong = counts / counts.sum()  # had the power been left out
    assert chisquare(seen, wrong * size).pvalue < 1e-9


def test_no_column_is_drawn_beyond_the_table():
    """The largest and the smallest 64 bits, and the bounds of a threshold."""
    table = np.array([2**31 << 32 | 1, 2**32 - 1 << 32 | 1], np.uint64)
    for bits, word in ((0, 0), (2**31 - 1, 0), (2**31, 1), (2**63, 1), (2**64 - 1, 1)):
        assert outputs.draw_noise(np.uint64(bits), table) == word
