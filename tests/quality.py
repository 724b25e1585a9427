"""The long tests on real text: as good as gensim at the same settings, and right on all of wiki8.

Every variant is trained on 4 million words, with as many seeds as its spread needs, and once on all
of wiki8. The tests of an architecture share its models, and have a file of their own
(test_quality_skipgram.py, test_quality_cbow.py), so that two processes share the work.
"""

import lzma
from pathlib import Path

import numpy as np
import pytest

import w2v

PREFIX_WORDS = 4_000_000
WORDS_A_LINE = 1_000
ALPHA = {"skipgram": 0.025, "cbow": 0.05}  # word2vec.c

# Between seeds, gensim's WordSim-353 for hierarchical CBOW on 4 million words went from 0.532 to
# 0.574, and its analogies for hierarchical skip-gram from 17.7 to 19.1 %: means are compared.
SEEDS = {
    ("skipgram", "negative"): [1],
    ("skipgram", "hierarchical"): [1, 2],
    ("cbow", "negative"): [1, 2, 3],
    ("cbow", "hierarchical"): [1, 2, 3],
}

# What gensim 4.4.0 scores, as `python tests/record_gensim.py DATA` prints it: means over SEEDS of
# analogies and WordSim-353. Its nine models take five times as long as ours, and score the same in
# each run but for 0.002: test_quality_cbow.py trains one of them, and sees that it is so.
GENSIM = {
    ("skipgram", "negative"): (0.1243, 0.5226),
    ("skipgram", "hierarchical"): (0.1782, 0.5978),
    ("cbow", "negative"): (0.1180, 0.5204),
    ("cbow", "hierarchical"): (0.0951, 0.5216),
}

# On all of wiki8: w2v's defaults for the first variant, which is what users get, and five epochs in
# place of twelve for the others, which are the same code with another number in it.
EPOCHS = {("skipgram", "negative"): 12}
# Analogies over the 30,000 commonest words, WordSim-353. The means of two or three seeds (46.2 /
# 0.667, 37.8 / 0.637, 35.9 / 0.641, 25.3 / 0.608) less 2 points and 0.03: one run is to show a
# fault, not to fail by chance, and single runs scatter by 0.8 and 0.015.
AT_LEAST = {
    ("skipgram", "negative"): (0.442, 0.637),
    ("skipgram", "hierarchical"): (0.358, 0.607),
    ("cbow", "negative"): (0.339, 0.611),
    ("cbow", "hierarchical"): (0.233, 0.578),
}


def write_text(test_data, directory, words):
    """Write so many words of wiki8 as one line."""
    with lzma.open(test_data / "corpora" / "wiki8.xz") as file:
        tokens = file.read().split()[:words]
    (directory / "one-line").write_bytes(b" ".join(tokens))
    return directory


def train_w2v(text, variant, seed=1, **settings):
    architecture, loss = variant
    settings = {"architecture": architecture, "loss": loss, "seed": seed, **settings}
    return w2v.train(text / "one-line", workers=2, **settings).vectors


def train_on_all(text, variant, seed):
    return train_w2v(text, variant, seed, epochs=EPOCHS.get(variant, 5))


def train_as_word2vec(text, variant, seed):
    return train_w2v(text, variant, seed, epochs=5, alpha=ALPHA[variant[0]])


def train_gensim(text, variant, seed=1):
    """word2vec.c's settings, lines of 1,000 words; the vectors as w2v's, for the same evaluation.

    gensim's vectors start twice as large as word2vec.c's, and from a `corpus_file` two workers'
    learning rates never fall below a tenth of the first. Both help on a short text: CBOW with
    negative sampling had 13.4 % of analogies on 4 million words with both, 12.9 with the start
    mended, 12.2 with both mended (benchmarks/NOTES.md).
    """
    from gensim.models import Word2Vec

    architecture, loss = variant
    model = Word2Vec(
        vector_size=100, window=5, min_count=5, sg=int(architecture == "skipgram"),
        hs=int(loss == "hierarchical"), negative=5 if loss == "negative" else 0,
        alpha=ALPHA[architecture], workers=2, seed=seed,
    )  # fmt: skip
    words = (text / "one-line").read_text().split()
    lines = [words[k : k + WORDS_A_LINE] for k in range(0, len(words), WORDS_A_LINE)]
    model.build_vocab(corpus_iterable=lines)
    model.wv.vectors *= 0.5
    model.train(corpus_iterable=lines, total_examples=model.corpus_count, epochs=5)
    return w2v.KeyedVectors(model.wv.index_to_key, model.wv.vectors)


def answers_queen(vectors):
    answers = vectors.most_similar(positive=["king", "woman"], negative=["man"], topn=3)
    return "queen" in [word for word, _ in answers]


def cat_is_nearer_to_dog_than_to_car(vectors):
    distances = vectors.distance, vectors.euclidean_distance
    return all(distance("cat", "dog") < distance("cat", "car") for distance in distances)


class Trained:
    """Models by (trainer, text, variant, seed), each trained when first asked for."""

    def __init__(self):
        self._models = {}

    def __call__(self, trainer, text: Path, variant, seed=1):
        key = trainer, text, variant, seed
        if key not in self._models:
            self._models[key] = trainer(text, variant, seed)
        return self._models[key]


@pytest.fixture(scope="module")
def whole(test_data, tmp_path_factory):
    return write_text(test_data, tmp_path_factory.mktemp("wiki8"), None)


@pytest.fixture(scope="module")
def prefix(test_data, tmp_path_factory):
    return write_text(test_data, tmp_path_factory.mktemp("prefix"), PREFIX_WORDS)


@pytest.fixture(scope="module")
def trained():
    return Trained()


either_loss = pytest.mark.parametrize("loss", ["negative", "hierarchical"])


class QualityTests:
    """The tests of one architecture."""

    architecture: str

    @either_loss
    def test_as_good_as_gensim_on_four_million_words(self, loss, prefix, trained, scores):
        variant = self.architecture, loss
        models = (trained(train_as_word2vec, prefix, variant, seed) for seed in SEEDS[variant])
        accuracy, rho = np.mean([scores(model) for model in models], axis=0)
        their_accuracy, their_rho = GENSIM[variant]
        theirs = f"gensim {their_accuracy:.4f} {their_rho:.4f}"
        print(f"\n{variant}: {accuracy:.4f} {rho:.4f}, {theirs}")
        assert accuracy >= their_accuracy - 0.015
        assert rho >= their_rho - 0.03

    @either_loss
    def test_figures_on_all_of_wiki8(self, loss, whole, trained, scores):
        variant = self.architecture, loss
        accuracy, rho = scores(trained(train_on_all, whole, variant))
        print(f"\n{variant}: {accuracy:.4f} {rho:.4f}")
        least_accuracy, least_rho = AT_LEAST[variant]
        assert accuracy >= least_accuracy
        assert rho >= least_rho

    def test_king_less_man_plus_woman_is_queen(self, whole, trained):
        """With negative sampling; with hierarchical softmax gensim misses it too."""
        assert answers_queen(trained(train_on_all, whole, (self.architecture, "negative")))

    @either_loss
    def test_cat_is_nearer_to_dog_than_to_car(self, loss, whole, trained):
        vectors = trained(train_on_all, whole, (self.architecture, loss))
        assert cat_is_nearer_to_dog_than_to_car(vectors)
