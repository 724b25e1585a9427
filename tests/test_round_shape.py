"""The shape of deterministic rounds, and the bytes that they give, for texts of any length."""

import itertools

import numpy as np
import pytest
from deterministic_runs import make_trainer, outcome
from test_kernels import zipf_corpus

import w2v
from w2v.kernels.jit import JIT_ENABLED
from w2v.kernels.state import BLOCK
from w2v.text.encoding import EncodedCorpus
from w2v.training.config import TrainConfig
from w2v.training.engines.joined_rounds import JoinedRounds
from w2v.training.engines.round_memory import most_rows
from w2v.training.engines.round_shape import LEAST_ROUNDS, RoundShape, round_shape
from w2v.training.resuming import _division
from w2v.training.schedule import Schedules

# Longer stretches lose accuracy; these were scored, or nearly these (benchmarks/NOTES.md).
LONGEST = {
    ("skipgram", "negative"): {8: 16_384, 4: 28_672}, ("cbow", "negative"): {8: 40_960, 4: 81_920},
    ("skipgram", "both"): {8: 16_384, 4: 28_672}, ("cbow", "both"): {8: 40_960, 4: 81_920},
    ("skipgram", "hierarchical"): {8: 40_960, 4: 40_960},
    ("cbow", "hierarchical"): {8: 49_152, 4: 81_920},
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
    assert shapes[-1].laps == 2
    assert shapes[-1].stretch == LONGEST[variant][shards]
    assert round_shape(16_750_000, shards, *variant) == shapes[-1]  # wiki8, which was scored
    rounds = [size // shape.tokens for size, shape in zip(sizes, shapes, strict=True)]
    assert all(n >= 25 for n, shape in zip(rounds, shapes, strict=True) if shape.stretch > BLOCK)
    for shape, following in itertools.pairwise(shapes):
        assert shape.stretch // shape.laps <= following.stretch // following.laps
        assert shape.stretch <= following.stretch
        assert shape.stretch % (shape.laps * BLOCK) == 0


@pytest.mark.parametrize(
    ("usual", "joined", "laps"),
    [(1, 1, 1), (2, 1, 2), (3, 2, 3), (2, 3, 2), (1, 4, 2), (2, 5, 3), (2, 8, 4)],
)
def test_the_laps_are_equal_and_cover_all_stretches(usual, joined, laps):
    shape = RoundShape(2, 6 * BLOCK, usual, 40)
    assert shape.laps_of(joined) == laps
    stretches = [(start, start + shape.stretch) for start in range(5, 5 + joined * 10**6, 10**6)]
    found = [shape.lap(number, stretches, joined) for number in range(laps)]
    assert [sum(stop - start for _, start, stop in each) for each in found] == [
        joined * shape.stretch // laps
    ] * laps
    parts = [part for each in found for part in each]
    for place, (start, stop) in enumerate(stretches):
        borders = [(low, high) for number, low, high in parts if number == place]
        assert (borders[0][0], borders[-1][1]) == (start, stop)
        assert all(one[1] == other[0] for one, other in itertools.pairwise(borders))
        assert all((low - start) % BLOCK == 0 for low, _ in borders)


@pytest.mark.parametrize("joined", range(1, 9))
@pytest.mark.parametrize(("blocks", "usual"), [(1, 1), (2, 1), (5, 1), (2, 2), (8, 2)])
def test_a_lap_is_two_stretches_at_most_of_whole_blocks(blocks, usual, joined):
    shape = RoundShape(2, blocks * BLOCK, usual, 40)
    stretches = [(start, start + shape.stretch) for start in range(0, joined * 10**6, 10**6)]
    laps = [shape.lap(number, stretches, joined) for number in range(shape.laps_of(joined))]
    sizes = [sum(stop - start for _, start, stop in each) for each in laps]
    assert sum(sizes) == joined * shape.stretch
    assert 0 < sizes[-1] <= sizes[0] == max(sizes) <= 2 * shape.stretch
    assert all(size % BLOCK == 0 for size in sizes)


def test_a_text_may_end_within_a_lap():
    shape = RoundShape(2, 2 * BLOCK, 2, 40)
    first, second = (shape.lap(lap, [(7, 7 + BLOCK)], 1) for lap in range(2))
    assert (first, second) == ([(0, 7, 7 + BLOCK)], [(0, 7 + BLOCK, 7 + BLOCK)])


def made_rounds(shape, tokens, epochs=5, alpha=0.05, min_alpha=1e-4):
    """The joined rounds of a training, and its schedules."""
    config = TrainConfig(epochs=epochs, alpha=alpha, min_alpha=min_alpha)
    text = EncodedCorpus(np.zeros(2, np.int32), np.array([0, 2]))
    schedules = Schedules(config, np.array([tokens], dtype=np.int64), np.ones(1), text)
    rounds = JoinedRounds(shape, tokens, config)
    return rounds, [schedules.epoch(number) for number in range(epochs)]


class TestJoinedRounds:
    """More rounds are joined to one, the lower the learning rate is."""

    TOKENS = 16_750_000  # wiki8
    SHAPE = round_shape(TOKENS, 8)

    @pytest.mark.parametrize(("epochs", "numbers"), [(5, [1, 2, 3, 6, 8]), (1, [1]), (2, [1, 4])])
    def test_as_the_rate_falls(self, epochs, numbers):
        rounds, schedules = made_rounds(self.SHAPE, self.TOKENS, epochs)
        assert [rounds.number(each) for each in schedules] == numbers
        assert [rounds.tokens(each) for each in schedules] == [
            number * self.SHAPE.tokens for number in numbers
        ]

    @pytest.mark.parametrize("rates", [(0.05, 0.05), (1e-4, 0.05), (0.02, 0.05)])
    def test_none_while_it_stays_or_rises(self, rates):
        rounds, schedules = made_rounds(self.SHAPE, self.TOKENS, 5, *rates)
        assert {rounds.number(each) for each in schedules} == {1}

    def test_none_where_nothing_is_trained(self):
        rounds, schedules = made_rounds(self.SHAPE, self.TOKENS)
        assert rounds.number(schedules[3]._replace(alpha=0.0, fall=0.0)) == 1

    @pytest.mark.parametrize("epochs", [1, 2, 5, 20])
    @pytest.mark.parametrize("tokens", [10**4, 10**6, 4 * 10**6, 10**8])
    def test_there_is_room_for_as_many_as_any_epoch_joins(self, tokens, epochs):
        shape = round_shape(tokens, 8)
        rounds, schedules = made_rounds(shape, tokens, epochs)
        assert rounds.most == max(map(rounds.number, schedules))
        assert rounds.longest.stretch == rounds.most * shape.stretch
        assert rounds.most == 1 or tokens / (rounds.most * shape.tokens) >= 6

    @pytest.mark.parametrize("loss", ["negative", "hierarchical", "both"])
    def test_each_of_their_stretches_has_margins(self, loss):
        """A window reaches beyond both ends of each."""
        config = TrainConfig(loss=loss, window=50, negative=2)
        rounds, _ = made_rounds(self.SHAPE, self.TOKENS)
        inputs, outputs = most_rows(10**9, 60, config, rounds.longest)
        assert min(inputs, outputs) >= rounds.most * (self.SHAPE.stretch + 2 * config.window)

    def test_none_where_the_number_of_shards_is_not_chosen(self):
        shape = round_shape(10**8)
        rounds, schedules = made_rounds(shape, 10**8)
        assert {rounds.number(each) for each in schedules} == {1}
        assert rounds.division == (16, shape.stretch)

    def test_an_error_names_what_differs(self):
        one = made_rounds(self.SHAPE, self.TOKENS)[0].division
        for field in (0, 1, 2, 3, 4):
            other = list(one)
            other[field] += 1
            assert _division(tuple(other)) != _division(one)

    def test_a_checkpoint_says_how_many(self):
        assert made_rounds(self.SHAPE, self.TOKENS)[0].division == (8, 16_384, 2, 512, 8)
        assert made_rounds(self.SHAPE, self.TOKENS, 1)[0].division == (8, 16_384, 2, 512)
        assert made_rounds(round_shape(10**5, 8), 10**5)[0].division == (8, BLOCK)


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
