"""MeanEmbedding: the naive formulas' numbers, and what scikit-learn expects of a transformer."""

import importlib
import pickle
import sys
from collections import Counter

import joblib
import numpy as np
import pytest
from gensim.models import KeyedVectors as GensimVectors
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline

from w2v.errors import ConfigError, FormatError
from w2v.matrices import CompactMatrix
from w2v.sklearn import WEIGHTINGS, MeanEmbedding
from w2v.vectors import KeyedVectors

WORDS = [f"w{number}" for number in range(40)]
VECTORS = KeyedVectors(WORDS, np.random.default_rng(8).normal(0.3, 1, (40, 5)))
SMALL = KeyedVectors(["good", "fine", "bad", "poor"], [[1, 0], [0.9, 0.1], [0, 1], [0.1, 0.9]])


def some_texts(count, seed):
    """Texts of words of Zipf's frequencies, some without a vector, and texts that are empty."""
    rng = np.random.default_rng(seed)
    return [
        " ".join(f"w{number}" for number in rng.zipf(1.5, rng.integers(0, 12)).clip(0, 60))
        for _ in range(count)
    ]


TRAINING, OTHERS = some_texts(80, 1), [*some_texts(30, 2), "", "w55 w56", "w39 w39 w38"]


def naive_weight(word, weighting, texts, a):
    """The weight of a word by the formulas, from texts as lists of words."""
    if weighting == "idf":
        return np.log((1 + len(texts)) / (1 + sum(word in text for text in texts))) + 1
    if weighting == "sif":
        seen = Counter(word for text in texts for word in text)
        return a / (a + seen[word] / seen.total())
    return 1.0


def naive_means(texts, weighting, training, a):
    means = []
    for text in texts:
        known = [word for word in text if word in VECTORS]
        weights = [naive_weight(word, weighting, training, a) for word in known]
        whole = len(known) if weighting == "sif" else sum(weights)
        rows = [
            weight * VECTORS[word].astype(np.float64)
            for word, weight in zip(known, weights, strict=True)
        ]
        means.append(sum(rows) / whole if known else np.zeros(5))
    return np.array(means)


def naive_embedding(texts, weighting, training, a=1e-3):
    split, training = [text.split() for text in texts], [text.split() for text in training]
    means = naive_means(split, weighting, training, a)
    if weighting != "sif":
        return means
    direction = np.linalg.svd(naive_means(training, weighting, training, a))[2][0]
    return np.array([mean - (mean @ direction) * direction for mean in means])


@pytest.mark.parametrize("weighting", WEIGHTINGS)
@pytest.mark.parametrize("smoothing", [1e-3, 0.3])
def test_the_vectors_are_those_of_the_formulas(weighting, smoothing):
    embedding = MeanEmbedding(VECTORS, weighting=weighting, smoothing=smoothing)
    found = embedding.fit_transform(TRAINING)
    assert found.dtype == np.float32
    expected = naive_embedding(TRAINING, weighting, TRAINING, smoothing)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    expected = naive_embedding(OTHERS, weighting, TRAINING, smoothing)
    np.testing.assert_allclose(embedding.transform(OTHERS), expected, atol=1e-5)
    assert not embedding.transform(["", "w55"]).any()
    assert embedding.transform([]).shape == (0, 5)


def test_the_weight_of_idf_is_scikit_learns():
    tfidf = TfidfVectorizer().fit(TRAINING)
    embedding = MeanEmbedding(VECTORS, weighting="idf").fit(TRAINING)
    words = [word for word in tfidf.get_feature_names_out() if word in VECTORS]
    assert set(words) == embedding.frequencies_.keys()
    expected = [tfidf.idf_[tfidf.vocabulary_[word]] for word in words]
    np.testing.assert_allclose(embedding._weights(words), expected, rtol=1e-6)


def test_texts_come_in_any_form():
    embedding = MeanEmbedding(VECTORS).fit(TRAINING)
    expected = embedding.transform(["w1 w2", "w3"]).tolist()
    lists = [["w1", "w2"], ("w3",)]
    for texts in (lists, iter(lists), np.array(["w1 w2", "w3"]), [iter(["w1", "w2"]), ["w3"]]):
        assert embedding.transform(texts).tolist() == expected
    table = np.array([["w1", "w2"], ["w3", "w3"]])
    np.testing.assert_allclose(embedding.transform(table), expected, rtol=1e-6)
    once = MeanEmbedding(VECTORS, weighting="sif").fit_transform(iter(TRAINING))
    assert len(once) == len(TRAINING)


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_a_text_has_the_same_vector_whatever_stands_beside_it(weighting):
    embedding = MeanEmbedding(VECTORS, weighting=weighting).fit(TRAINING)
    together = embedding.transform(OTHERS).tolist()
    assert [embedding.transform([text]).tolist()[0] for text in OTHERS] == together


def test_a_tokenizer_makes_the_words_of_texts():
    tokenizer = CountVectorizer(stop_words=["w2"]).build_analyzer()
    embedding = MeanEmbedding(VECTORS, tokenizer=tokenizer).fit(["W1, w2!", ["w2"]])
    assert embedding.transform(["W1, w2!", ["w2"]]).tolist() == VECTORS[["w1", "w2"]].tolist()


def compact():
    held = CompactMatrix(np.zeros((40, 5), np.float16), np.zeros(40, np.float32))
    held[:] = VECTORS.vectors
    return KeyedVectors(WORDS, held)


def gensims():
    theirs = GensimVectors(5)
    theirs.add_vectors(WORDS, VECTORS.vectors)
    return theirs


def test_vectors_come_in_any_form(tmp_path):
    VECTORS.save(tmp_path / "vectors.bin")
    expected = MeanEmbedding(VECTORS).fit_transform(TRAINING)
    for vectors in (tmp_path / "vectors.bin", str(tmp_path / "vectors.bin"), compact(), gensims()):
        found = MeanEmbedding(vectors).fit_transform(TRAINING)
        np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_a_pickle_gives_the_same_vectors(tmp_path, weighting):
    VECTORS.save(tmp_path / "vectors.bin")
    for vectors in (VECTORS, tmp_path / "vectors.bin"):
        embedding = MeanEmbedding(vectors, weighting=weighting).fit(TRAINING)
        expected = embedding.transform(OTHERS).tolist()
        assert pickle.loads(pickle.dumps(embedding)).transform(OTHERS).tolist() == expected
        joblib.dump(embedding, tmp_path / "embedding.joblib")
        restored = joblib.load(tmp_path / "embedding.joblib")
        assert restored.transform(OTHERS).tolist() == expected
    (tmp_path / "vectors.bin").unlink()  # what was fitted holds its vectors
    assert embedding.transform(OTHERS).tolist() == expected


def test_a_clone_is_unfitted_and_shares_the_vectors():
    embedding = MeanEmbedding(VECTORS, weighting="sif", smoothing=0.1).set_output(
        transform="default"
    )
    cloned = clone(embedding.fit(TRAINING))
    assert cloned.get_params() == embedding.get_params()
    assert cloned.vectors is VECTORS
    assert cloned._sklearn_output_config == {"transform": "default"}
    with pytest.raises(NotFittedError):
        cloned.transform(OTHERS)
    assert embedding.transform(OTHERS).any()
    in_pipeline = clone(make_pipeline(embedding, LogisticRegression()))
    assert in_pipeline[0].vectors is VECTORS


def test_a_pipeline_is_searched():
    texts = ["good fine", "fine day", "so good", "bad luck", "poor bad", "quite poor"] * 4
    labels = [1, 1, 1, 0, 0, 0] * 4
    pipeline = Pipeline([("embedding", MeanEmbedding(SMALL)), ("model", LogisticRegression())])
    grid = {
        "embedding__weighting": list(WEIGHTINGS),
        "embedding__vectors": [SMALL, KeyedVectors(["day"], [[0, 0]])],
    }
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise", scoring="accuracy")
    search.fit(texts, labels)
    assert search.best_score_ == 1
    assert len(search.best_params_["embedding__vectors"]) == 4
    assert search.predict(["a fine one", "bad one"]).tolist() == [1, 0]


def test_features_have_names():
    embedding = MeanEmbedding(SMALL)
    with pytest.raises(NotFittedError):
        embedding.get_feature_names_out()
    embedding.fit(["good"])
    assert embedding.get_feature_names_out().tolist() == ["meanembedding0", "meanembedding1"]
    columns = ColumnTransformer([("text", embedding, 0)])
    columns.fit(np.array([["good bad", "1"], ["poor", "2"]], dtype=object))
    assert columns.get_feature_names_out().tolist() == [
        "text__meanembedding0", "text__meanembedding1",
    ]  # fmt: skip


def test_the_output_can_be_a_table():
    pandas = pytest.importorskip("pandas", reason="a table as output needs pandas")
    texts = pandas.Series(["good", "bad"], index=[7, 5], name="text")
    embedding = MeanEmbedding(SMALL).set_output(transform="pandas")
    table = embedding.fit_transform(texts)
    assert table.columns.tolist() == ["meanembedding0", "meanembedding1"]
    assert table.index.tolist() == [7, 5]
    assert table.to_numpy().tolist() == [[1, 0], [0, 1]]
    with pytest.raises(ConfigError, match="one column of a table"):
        embedding.transform(texts.to_frame())


class Table:
    """What a data frame looks like to those who iterate over it."""

    columns = ("text",)

    def __iter__(self):
        return iter(self.columns)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("good", "X must be a list of texts, each a str or a list of words, or one column of"),
        (b"good", "X must be"),
        ({"good": 1}, "X must be"),
        (Table(), "X must be"),
        (None, "X must be"),
        (3, "X must be"),
        ([None], "A text is a str or a list of words, not None"),
        ([float("nan")], "A text is a str or a list of words, not nan"),
        ([b"good"], "A text is a str or a list of words, not b'good'"),
        ([["good", 3]], "A word is text, not 3"),
        (np.eye(2), "A word is text, not "),
        ([], "None of the 0 words of the texts has a vector"),
        (["Good! Fine.", ""], "None of the 2 words of the texts has a vector; make words of"),
    ],
)
def test_what_is_no_text_is_refused(texts, message):
    with pytest.raises(ConfigError, match=message):
        MeanEmbedding(SMALL).fit(texts)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weighting": "tfidf"}, "weighting must be one of 'mean', 'idf', 'sif', not 'tfidf'"),
        ({"smoothing": 0}, "smoothing must be a number above 0, at most 1, not 0"),
        ({"smoothing": "a"}, "smoothing must be"),
        ({"tokenizer": "words"}, "tokenizer must be a function"),
        ({"tokenizer": str.upper}, "takes a list of words, not 'GOOD' alone"),
        ({"vectors": None}, "vectors must be the name of a file of vectors"),
        ({"vectors": np.eye(2)}, "vectors must be the name of a file of vectors"),
    ],
)
def test_parameters_out_of_range_are_refused_by_fit(options, message):
    embedding = MeanEmbedding(**{"vectors": SMALL, **options})
    with pytest.raises(ConfigError, match=message):
        embedding.fit(["good"])


def test_a_missing_file_is_refused_by_fit(tmp_path):
    embedding = MeanEmbedding(tmp_path / "absent.bin")
    with pytest.raises(FormatError, match="absent"):
        embedding.fit(["good"])


def test_without_scikit_learn_the_import_says_what_to_install(monkeypatch):
    monkeypatch.delitem(sys.modules, "w2v.sklearn")
    monkeypatch.setitem(sys.modules, "sklearn.base", None)
    with pytest.raises(ModuleNotFoundError, match="needs scikit-learn, which is not installed"):
        importlib.import_module("w2v.sklearn")
