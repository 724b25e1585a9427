"""Real files answer as in gensim, parameters have its names; bad questions get clear messages."""

import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gensim.models import KeyedVectors as GensimVectors
from gensim_twin import Both, assert_alike, random_vectors

import w2v
from w2v.vectors import KeyedVectors

# NumPy's BLAS now and then raises the invalid flag for small finite arrays, in gensim's calls as in
# ours; that the values are right is what these tests compare.
pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered in (dot|matmul)")


FILES = [
    "gensim/lee_fasttext.vec",
    "gensim/EN.1-10.txt",
    "bnosac/example.bin",
    "finalfusion/embeddings.w2v",
    "googlenews/google_news_30.bin.gz",
]


@pytest.mark.parametrize("name", FILES)
def test_real_vectors(test_data: Path, name: str) -> None:
    loaded = w2v.load(test_data / "vectors" / name)
    kept = np.flatnonzero(np.any(loaded.vectors, axis=1))  # gensim divides by zero
    words = [loaded.index_to_key[row] for row in kept]
    both = Both(words, loaded.vectors[kept])
    some = words[:3] + words[-3:]
    for word in some:
        both.agree("most_similar", word)
        both.agree("most_similar", [word, some[0]], [some[1]], restrict_vocab=20)
        both.cosmul([word, some[0]], [some[1]])
        both.agree("relative_cosine_similarity", word, some[2])
        both.agree("rank", word, some[1])
        both.agree("distances", word)
    both.agree("rank_by_centrality", some)
    both.agree("get_mean_vector", some, [1, 2, -0.5, 3, 0.25, 1])
    both.agree("n_similarity", some[:2], some[2:])
    batch = both.ours.most_similar_batch(some, topn=7)
    for word, neighbours in zip(some, batch, strict=True):
        assert_alike(neighbours, both.theirs.most_similar(word, topn=7))


def test_aliases() -> None:
    assert KeyedVectors.words_closer_than is KeyedVectors.closer_than


def test_parameters_have_gensims_names() -> None:
    """What both have takes the same arguments, in the same places and with the same defaults."""
    lacking = {
        ("vectors_for_all", "copy_vecattrs"), ("evaluate_word_analogies", "similarity_function"),
        ("evaluate_word_pairs", "delimiter"), ("evaluate_word_pairs", "encoding"),
    }  # fmt: skip
    shared = [
        name for name, member in inspect.getmembers(GensimVectors, callable)
        if hasattr(KeyedVectors, name) and not name.startswith("_")
        and name not in ("save", "words_closer_than")
    ]  # fmt: skip
    assert len(shared) > 25
    both = KeyedVectors(["a"], [[1.0]]), GensimVectors(1)
    for name in shared:
        ours, theirs = (inspect.signature(getattr(each, name)).parameters for each in both)
        expected = [
            (parameter.name, parameter.default)
            for parameter in theirs.values()
            if (name, parameter.name) not in lacking
        ]
        given = [(parameter.name, parameter.default) for parameter in ours.values()]
        assert given[: len(expected)] == expected, name


@pytest.fixture(scope="module")
def ours() -> KeyedVectors:
    return random_vectors(50).ours


@pytest.mark.parametrize(
    "ask",
    [
        lambda vectors: vectors.most_similar_cosmul(["word1"], ["wort2"]),
        lambda vectors: vectors.most_similar_batch(["word1", "wort2"]),
        lambda vectors: vectors.most_similar_to_given("word1", ["word3", "wort2"]),
        lambda vectors: vectors.rank_by_centrality(["word1", "wort2"]),
        lambda vectors: vectors.relative_cosine_similarity("word1", "wort2"),
        lambda vectors: vectors.closer_than("word1", "wort2"),
        lambda vectors: vectors.n_similarity(["word1", "wort2"], ["word3"]),
        lambda vectors: vectors.get_mean_vector(["wort2"], ignore_missing=False),
        lambda vectors: vectors.get_vecattr("wort2", "count"),
        lambda vectors: vectors.get_index("wort2"),
    ],
)
def test_a_missing_word_is_named_with_near_spellings(ours: KeyedVectors, ask: Any) -> None:
    with pytest.raises(KeyError, match=r"'wort2' is not among the 50 words; near .*'word2'"):
        ask(ours)


NAN = np.full(20, np.nan)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda v: v.most_similar("word1", topn=-1), "topn is the number .* but is -1"),
        (lambda v: v.most_similar("word1", topn=2.5), "topn is the number .* but is 2.5"),
        (lambda v: v.most_similar("word1", restrict_vocab=1e3), "restrict_vocab is .* 1000.0"),
        (lambda v: v.most_similar("word1", clip_start="a"), "clip_start is the number of a row"),
        (lambda v: v.most_similar("word1", clip_end=1.5), "clip_end is the number of a row"),
        (lambda v: v.most_similar([("word1", "word2")]), "weight of 'word1' has to be a finite"),
        (lambda v: v.most_similar([("word1", np.inf)]), "weight of 'word1' has to be a finite"),
        (lambda v: v.most_similar(1.5), "takes a list of words, which are text, not 1.5"),
        (lambda v: v.most_similar(np.array(["word1"])), "20 finite numbers, but is <U5"),
        (lambda v: v.most_similar(NAN), "20 finite numbers, but holds NaN or infinity"),
        (lambda v: v.most_similar_cosmul(negative="word1"), "at least one word in `positive`"),
        (lambda v: v.most_similar_cosmul([("word1", 2)]), "no weights; give 'word1' alone"),
        (lambda v: v.most_similar_cosmul("word1", restrict_vocab=0), "restrict_vocab is"),
        (lambda v: v.most_similar_batch("word1"), r"list of words, not 'word1' .* \['word1'\]"),
        (lambda v: v.most_similar_batch(["word1"], topn=None), "topn is .* but is None"),
        (lambda v: v.most_similar_batch(["word1"], topn=-3), "topn is .* but is -3"),
        (lambda v: v.most_similar_batch(NAN), "list of words or vectors, not one array"),
        (lambda v: v.most_similar_batch([NAN]), "20 finite numbers, but holds NaN or infinity"),
        (lambda v: v.most_similar_batch(np.ones((2, 3))), r"numbers, but is float64 .* \(3,\)"),
        (lambda v: v.most_similar_batch([("word1", 2.0)]), "no weights; give 'word1' alone"),
        (lambda v: v.most_similar(("word1", 2)), r"belongs in a list: give \[\('word1', 2\)\]"),
        (lambda v: v.similar_by_vector("word1"), "20 finite numbers, but is <U5"),
        (lambda v: v.similar_by_vector([[1], [1, 2]]), "20 finite numbers, but is .*1, 2"),
        (lambda v: v.distances(["word1"]), r"20 finite numbers, but is <U5 of shape \(1,\)"),
        (lambda v: v.doesnt_match("word1"), r"list of words, not 'word1' alone"),
        (lambda v: v.rank_by_centrality([]), "at least one word"),
        (lambda v: v.most_similar_to_given("word1", []), "at least one word"),
        (lambda v: v.n_similarity(["word1"], []), "at least one word"),
        (lambda v: v.get_mean_vector([]), "at least one word"),
        (lambda v: v.get_mean_vector("word1"), "list of words, not 'word1' alone"),
        (lambda v: v.get_mean_vector(["word1"], [1, 2]), "1 words or vectors need as many"),
        (lambda v: v.get_mean_vector(["word1"], [np.nan]), "as many finite weights"),
        (lambda v: v.get_mean_vector(["word1"], "a"), "as many finite weights"),
        (lambda v: v.get_vecattr("word1", "colour"), "is 'count'; there is no 'colour'"),
        (lambda v: KeyedVectors(["a"], [[1]]).get_vecattr("a", "count"), "without counts"),
        (lambda v: v.vectors_for_all("word1"), "list of words, not 'word1' alone"),
        (lambda v: v.wmdistance("word1 word2", ["word1"]), "list of words, not 'word1 word2'"),
        (lambda v: v.relative_cosine_similarity("word1", "word2", 0), "must not sum to 0"),
        (lambda v: v.relative_cosine_similarity("word1", "word2", None), "topn is"),
        (lambda v: v.cosine_similarities([1, 2], [[1, 2, 3]]), r"shapes are \(2,\) and \(1, 3\)"),
        (lambda v: v[1.5], "list of words, which are text, not 1.5"),
    ],
)
def test_questions_that_make_no_sense(ours: KeyedVectors, ask: Any, message: str) -> None:
    with pytest.raises(w2v.ConfigError, match=message):
        ask(ours)


def test_cosines_with_a_zero_vector_are_zero() -> None:
    assert KeyedVectors.cosine_similarities([0, 0], [[1, 2], [0, 0]]).tolist() == [0, 0]


def test_scipy_is_imported_for_the_movers_distance_only(ours: KeyedVectors) -> None:
    code = (
        "import sys, numpy, w2v; vectors = w2v.KeyedVectors(list('abc'), numpy.eye(3));"
        "vectors.most_similar_batch(['a']); vectors.most_similar_cosmul('a');"
        "vectors.wmdistance(['a', 'b'], ['b', 'a']); assert 'scipy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
