"""Every kernel equals its naive NumPy twin draw for draw; the twin equals finite differences."""

import itertools

import naive
import numpy as np
import pytest
from variants import ALL_VARIANTS

from w2v.errors import DivergedError
from w2v.kernels import outputs, rng, state
from w2v.kernels.jit import JIT_ENABLED
from w2v.text.encoding import EncodedCorpus
from w2v.text.vocabulary import Vocabulary
from w2v.training import schedule
from w2v.training import soundness as soundness_module
from w2v.training.config import TrainConfig
from w2v.training.huffman import huffman_paths
from w2v.training.loss_margins import Margins
from w2v.training.sampling import keep_probabilities
from w2v.training.trainer import Trainer

# The kernels sum in float32, in another order than the twin's float64: measured differences stay
# below 2e-6 on weights of 0.1 to 1 after some hundred steps.
TOLERANCE = 1e-5


def zipf_corpus(vocabulary_size, words, longest, seed=0):
    """Random sentences of 1 to `longest` words; every word of the vocabulary occurs."""
    generator = np.random.default_rng(seed)
    weights = 1 / np.arange(1, vocabulary_size + 1)
    tokens = generator.choice(vocabulary_size, words, p=weights / weights.sum())
    tokens[:vocabulary_size] = np.arange(vocabulary_size)
    lengths = generator.integers(1, longest + 1, words)
    ends = np.cumsum(lengths)
    offsets = np.concatenate(([0], ends[ends < words], [words]))
    order = np.argsort(-np.bincount(tokens), kind="stable")
    return np.argsort(order)[tokens].astype(np.int32), offsets.astype(np.int64)


def make_trainers(tokens, offsets, scale=1.0, kind=naive.NaiveTrainer, corpus=None, **settings):
    """The engine's trainer and the twin, with the same weights, on the same corpus.

    `scale` is the length of the vectors they start with. `corpus` is what the trainer gets instead,
    if the tokens are only the end of it.
    """
    config = TrainConfig(min_count=1, workers=1, **settings)
    counts = np.bincount(tokens).astype(np.int64)
    corpus = EncodedCorpus(tokens, offsets) if corpus is None else corpus
    words = [f"w{k}" for k in range(len(counts))]
    vocabulary = Vocabulary(words, counts, len(corpus.tokens), len(counts))
    trainer = Trainer(corpus, vocabulary, config)
    config = trainer.config
    # word2vec.c's small start leaves all logits near zero: larger weights exercise the sigmoid.
    generator = np.random.default_rng(5)
    dimensions = config.vector_size
    for matrix in (trainer.weights.input, trainer.weights.output):
        matrix[:, :dimensions] = generator.normal(
            0, scale / np.sqrt(dimensions), (len(matrix), dimensions)
        )
    table = trainer.outputs.noise_table
    paths = huffman_paths(counts)
    twin = kind(
        sentences=[tokens[a:b].tolist() for a, b in itertools.pairwise(offsets)],
        keep=keep_probabilities(counts, config.threshold),
        window=config.window,
        negative=config.negative,
        noise=(lambda bits: outputs.draw_noise(np.uint64(bits), table))
        if config.loss != "hierarchical"
        else None,
        paths=[
            (paths.points[a:b].tolist(), paths.codes[a:b].astype(int).tolist())
            for a, b in itertools.pairwise(paths.offsets)
        ]
        if config.loss != "negative"
        else None,
        cbow=config.architecture == "cbow",
        alpha=config.learning_rate,
        min_alpha=config.final_learning_rate,
        epochs=config.epochs,
        seed=config.seed,
        input=trainer.weights.input[:, :dimensions].astype(np.float64),
        output=trainer.weights.output[:, :dimensions].astype(np.float64),
        batch=trainer.schedules.batch,
        pool=trainer.schedules.pool,
        mean=config.cbow_mean,
        shrinks_windows=config.shrink_windows,
        first=len(corpus.tokens) - len(tokens),
    )
    return trainer, twin


def assert_twins_agree(tokens, offsets, **settings):
    """Train both, compare, and return how far the input weights moved."""
    trainer, twin = make_trainers(tokens, offsets, **settings)
    before = twin.input.copy()
    trainer.run()
    for epoch in range(trainer.config.passes):
        twin.train_epoch(epoch)
    dimensions = twin.input.shape[1]
    assert np.abs(trainer.weights.input[:, :dimensions] - twin.input).max() < TOLERANCE
    assert np.abs(trainer.weights.output[:, :dimensions] - twin.output).max() < TOLERANCE
    assert not trainer.weights.input[:, dimensions:].any()  # the padding stays zero
    return np.abs(twin.input - before).max()


@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
@pytest.mark.parametrize("vector_size", [1, 7, 16, 100, 300])
def test_kernel_equals_twin_at_every_size(architecture, loss, vector_size):
    tokens, offsets = zipf_corpus(vocabulary_size=60, words=400, longest=30)
    moved = assert_twins_agree(
        tokens, offsets, architecture=architecture, loss=loss, vector_size=vector_size,
        epochs=2, sample=0.02, alpha=0.1,
    )  # fmt: skip
    assert moved > 1000 * TOLERANCE  # the comparison means something


@pytest.mark.parametrize(
    ("architecture", "window"), [("skipgram", 5), ("skipgram", 25), ("cbow", 5)]
)
@pytest.mark.parametrize("negative", range(1, 21))
def test_kernel_equals_twin_at_every_number_of_negatives(architecture, window, negative):
    """Wide windows of skip-gram have several batches."""
    tokens, offsets = zipf_corpus(vocabulary_size=40, words=150, longest=40)
    assert_twins_agree(
        tokens, offsets, architecture=architecture, window=window, negative=negative,
        vector_size=20, epochs=1,
    )  # fmt: skip


@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
@pytest.mark.parametrize("window", [*range(1, 11), 25])
def test_kernel_equals_twin_at_every_window(architecture, loss, window):
    tokens, offsets = zipf_corpus(vocabulary_size=40, words=150, longest=40)
    assert_twins_agree(
        tokens, offsets, architecture=architecture, loss=loss, window=window, vector_size=20,
        epochs=1, sample=0.05,
    )  # fmt: skip


@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
@pytest.mark.parametrize(
    "setting", [{"shrink_windows": False}, {"cbow_mean": False}, {"ns_exponent": -0.5}], ids=str
)
def test_kernel_equals_twin_with_settings_of_other_tools(architecture, loss, setting):
    tokens, offsets = zipf_corpus(vocabulary_size=60, words=400, longest=30)
    settings = {"architecture": architecture, "loss": loss, "vector_size": 20, "epochs": 1}
    assert_twins_agree(tokens, offsets, **settings, **setting)


@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
def test_one_word_sentences_train_nothing(architecture, loss):
    tokens, _ = zipf_corpus(vocabulary_size=10, words=50, longest=1)
    offsets = np.arange(51, dtype=np.int64)
    trainer, _twin = make_trainers(tokens, offsets, architecture=architecture, loss=loss)
    before = trainer.weights.input.copy()
    history = trainer.run()
    assert history[0].centers == 0
    assert np.isnan(history[0].loss)
    np.testing.assert_array_equal(trainer.weights.input, before)


@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
def test_repeated_words_get_every_update(architecture, loss):
    tokens = np.array([0, 1, 0, 0, 1, 2, 0, 1, 1, 0, 2, 0] * 5, dtype=np.int32)
    offsets = np.array([0, 30, 60], dtype=np.int64)
    assert_twins_agree(
        tokens, offsets, architecture=architecture, loss=loss, negative=15, sample=0, alpha=0.02,
        epochs=5,
    )  # fmt: skip


@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
def test_saturated_logits(architecture, loss, monkeypatch):
    """Beyond ±6 negative sampling goes on as before; hierarchical softmax skips, also at once."""
    tokens, offsets = zipf_corpus(vocabulary_size=60, words=200, longest=30)
    settings = {"architecture": architecture, "loss": loss, "vector_size": 16, "epochs": 1}
    monkeypatch.setattr(soundness_module, "CONTINUED", Margins(99, 99, 99, 99))  # wild weights
    _, twin = make_trainers(tokens, offsets, scale=8.0, **settings)
    logits = twin.input @ twin.output.T
    assert (np.abs(logits) > 6).mean() > 0.3
    assert_twins_agree(tokens, offsets, scale=8.0, alpha=0.001, **settings)


@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
def test_vocabulary_of_two(architecture, loss):
    tokens = np.array([0, 1, 0, 1, 0, 0] * 10, dtype=np.int32)
    offsets = np.array([0, 7, 60], dtype=np.int64)
    assert_twins_agree(tokens, offsets, architecture=architecture, loss=loss, sample=0, epochs=12)


@pytest.mark.skipif(not JIT_ENABLED, reason="10,000 words are slow without the compiler")
@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
def test_windows_see_across_the_borders_of_blocks(architecture, loss):
    """One sentence of more than two blocks: any neighbour lost at a border would show."""
    tokens, _ = zipf_corpus(vocabulary_size=300, words=2 * state.BLOCK + 500, longest=9)
    offsets = np.array([0, len(tokens)], dtype=np.int64)
    assert_twins_agree(
        tokens, offsets, architecture=architecture, loss=loss, vector_size=5, window=10,
        epochs=1, sample=0.01,
    )  # fmt: skip


@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
def test_the_learning_rate_may_rise(architecture, loss):
    tokens, offsets = zipf_corpus(vocabulary_size=60, words=400, longest=30)
    moved = assert_twins_agree(
        tokens, offsets, architecture=architecture, loss=loss, vector_size=20, epochs=2,
        alpha=0.001, min_alpha=0.1,
    )  # fmt: skip
    assert moved > 1000 * TOLERANCE


def slope_of(loss, matrix):
    """The derivative of a loss by every entry of a matrix, by central differences."""
    slope = np.zeros_like(matrix)
    for place in np.ndindex(matrix.shape):
        kept = matrix[place]
        losses = []
        for sign in (1, -1):
            matrix[place] = kept + sign * 1e-5
            losses.append(loss())
        matrix[place] = kept
        slope[place] = (losses[0] - losses[1]) / 2e-5
    return slope


def bare_twin(matrices, cbow=False):
    """A twin whose steps alone are called."""
    copies = [matrix.copy() for matrix in matrices]
    return naive.NaiveTrainer([], None, 0, 0, None, None, cbow, 0, 0, 1, 1, *copies, batch=9)


@pytest.mark.parametrize("cbow", [False, True])
def test_twin_updates_are_the_gradient_of_the_loss(cbow):
    """A centre word and its noise; in CBOW the input update is the number of words times it.

    A row that stands twice gets its second update after the first: the rate is small.
    """
    generator = np.random.default_rng(2)
    inputs, output = generator.normal(0, 0.8, (2, 6, 4))
    contexts, noise, rate = [1, 4, 1, 2], [0, 5, 0], 1e-6
    rows, labels = [3, *noise], [1, 0, 0, 0]

    def loss():
        if cbow:
            return naive.row_loss(output[rows] @ inputs[contexts].mean(axis=0), labels)
        return sum(naive.row_loss(output[rows] @ inputs[word], labels) for word in contexts)

    twin = bare_twin((inputs, output), cbow)
    twin.train_center(3, contexts, lambda _number=0: noise, rate)
    factor = len(contexts) if cbow else 1
    expected = -factor * slope_of(loss, inputs)
    np.testing.assert_allclose((twin.input - inputs) / rate, expected, atol=2e-5)
    np.testing.assert_allclose((twin.output - output) / rate, -slope_of(loss, output), atol=2e-5)
    assert twin.loss == pytest.approx(loss())


def test_reported_loss_is_the_twins(monkeypatch):
    """On a share of the pairs, drawn by position, as in a long text."""
    monkeypatch.setattr(schedule, "LOSS_TOKENS", 32)
    tokens, offsets = zipf_corpus(vocabulary_size=60, words=2000, longest=30)
    trainer, twin = make_trainers(tokens, offsets, vector_size=10, epochs=1, sample=0)
    result = trainer.run()[0]
    twin.train_epoch(0)
    share = result.loss_pairs / twin.pairs
    assert 0.5 / schedule.LOSS_INTERVAL < share < 2 / schedule.LOSS_INTERVAL
    assert result.loss == pytest.approx(twin.loss / twin.pairs, rel=0.1)


def test_loss_is_exact_beyond_the_clamp():
    """−log σ(−40) is 40, not the 6.002 of a clamped logit; and no overflow."""
    scores, labels = np.array([40, -800], np.float32), np.array([0, 1], np.float32)
    trainer, _ = make_trainers(*zipf_corpus(10, 50, 10))
    worker = trainer.engine.states[0]
    outputs.add_loss(scores, labels, 1, 1, worker.totals)
    assert worker.totals[state.LOSS] == pytest.approx(40)
    outputs.add_loss(scores, labels, 2, 1, worker.totals)
    assert worker.totals[state.LOSS] == pytest.approx(40 + 840)
    assert worker.totals[state.PAIRS] == 2
    assert worker.totals[state.SATURATED] == 3


def test_the_loss_of_thousands_of_scores_is_the_sum_of_each():
    """Their product would overflow; and a score that is not a number is not lost."""
    generator = np.random.default_rng(1)
    scores = generator.normal(0, 3, 5000).astype(np.float32)
    labels = generator.integers(0, 2, 5000).astype(np.float32)
    totals = np.zeros(state.TOTALS_SIZE)
    outputs.add_loss(scores, labels, len(scores), 1, totals)
    margins = np.where(labels > 0, scores, -scores).astype(np.float64)
    assert totals[state.LOSS] == pytest.approx(np.logaddexp(0, -margins).sum(), rel=1e-12)
    scores[17] = np.nan
    outputs.add_loss(scores, labels, len(scores), 1, totals)
    assert np.isnan(totals[state.LOSS])


def test_draws_equal_the_reference_in_python_integers():
    key = rng.stream_key(3, 7)
    assert int(key) == naive.stream_key(3, 7)
    assert [int(rng.draw(key, k)) for k in (0, 1, 10**9)] == [
        naive.draw(key, k) for k in (0, 1, 10**9)
    ]


def test_nan_in_the_weights_ends_training():
    trainer, _ = make_trainers(*zipf_corpus(10, 200, 10), vector_size=4, sample=0)
    trainer.weights.input[0, 0] = np.nan
    with pytest.raises(DivergedError, match="in epoch 1, at token 200 of 200, where the learning"):
        trainer.run()
    assert np.isnan(trainer.weights.output[:, 0]).any()
