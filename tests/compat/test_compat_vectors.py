"""w2v.compat.KeyedVectors beside gensim's: the same calls leave the same keys, rows and results."""

import copy
import pickle
import warnings

import gensim.models
import numpy as np
import pytest

import w2v
from w2v.compat import KeyedVectors

BOTH = [KeyedVectors, gensim.models.KeyedVectors]
WORDS = [f"word{number}" for number in range(60)]
ROWS = np.random.default_rng(1).normal(size=(60, 5)).astype(np.float32)


def vectors_of(kind, dtype=np.float32):
    vectors = kind(5, dtype=dtype)
    vectors.add_vectors(WORDS, ROWS)
    vectors.expandos["count"] = np.arange(60, dtype=np.int64) % 7
    return vectors


@pytest.fixture
def ours():
    return vectors_of(KeyedVectors)


@pytest.fixture
def theirs():
    return vectors_of(gensim.models.KeyedVectors)


def assert_same(ours, theirs):
    assert ours.index_to_key == theirs.index_to_key
    assert ours.key_to_index == theirs.key_to_index
    assert ours.vectors.dtype == theirs.vectors.dtype
    np.testing.assert_array_equal(ours.vectors, theirs.vectors)
    assert ours.expandos.keys() == theirs.expandos.keys()
    for name, values in theirs.expandos.items():
        np.testing.assert_array_equal(ours.expandos[name], values)
        assert ours.expandos[name].dtype == values.dtype
    assert ours.next_index == theirs.next_index


def filled_slots(kind):
    vectors = kind(5, count=3)
    assert [vectors.add_vector(key, row) for key, row in zip("ab", ROWS, strict=False)] == [0, 1]
    vectors.add_vector(17, ROWS[2])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # both say that this is slow
        assert vectors.add_vector("c", ROWS[3]) == 3
    vectors.set_vecattr(17, "count", 5)
    vectors.set_vecattr("a", "colour", "blue")
    return vectors


def replaced(kind):
    vectors = vectors_of(kind)
    vectors.add_vectors(["word3", "new"], list(ROWS[:2]))
    vectors.add_vectors(["word4", "newer"], list(ROWS[2:4]), replace=True)
    vectors["word5"] = ROWS[9]
    vectors[["word6", "newest"]] = ROWS[10:12]
    vectors.add_vectors("alone", ROWS[12])
    vectors.allocate_vecattrs()
    return vectors


def sorted_by_count(kind):
    vectors = vectors_of(kind)
    vectors.sort_by_descending_frequency()
    return vectors


def resized(kind):
    vectors = vectors_of(kind)
    vectors.index_to_key += ["x", "y"]
    vectors.key_to_index.update(x=60, y=61)
    vectors.resize_vectors(seed=4)
    return vectors


def chosen(kind):
    return vectors_of(kind).vectors_for_all(["word9", "none", "word2", "word9"])


def chosen_with_attributes(kind):
    return vectors_of(kind).vectors_for_all(["word9", "word2"], copy_vecattrs=True)


def scaled(kind):
    vectors = vectors_of(kind)
    vectors.unit_normalize_all()
    return vectors


@pytest.mark.parametrize(
    "build",
    [filled_slots, replaced, sorted_by_count, resized, chosen, chosen_with_attributes],
)
def test_changes_leave_what_gensim_has(build):
    assert_same(build(KeyedVectors), build(gensim.models.KeyedVectors))


def test_scaling_in_place():
    np.testing.assert_allclose(
        scaled(KeyedVectors).vectors, scaled(gensim.models.KeyedVectors).vectors, rtol=1e-6
    )


QUERIES = {
    "most_similar": lambda kv: kv.most_similar(["word1", "word2"], ["word3"], topn=5),
    "row numbers": lambda kv: kv.most_similar(positive=[3, 4], topn=5),
    "cosmul": lambda kv: kv.most_similar_cosmul("word1", "word2", topn=3),
    "missing words do not match": lambda kv: kv.doesnt_match(["word1", "none", "word7"]),
    "n_similarity": lambda kv: kv.n_similarity(["word1", "none"], ["word5", "word6"]),
    "n_similarity of none": lambda kv: kv.n_similarity(["none"], ["word5"]),
    "rank": lambda kv: kv.rank("word1", "word9"),
    "closer_than": lambda kv: kv.closer_than("word1", "word9"),
    "relative": lambda kv: kv.relative_cosine_similarity("word1", "word2", 3),
    "to given": lambda kv: kv.most_similar_to_given("word1", ["word8", "word9"]),
    "distances": lambda kv: kv.distances("word1", ["word2", "word3"]).tolist(),
    "wmdistance": lambda kv: kv.wmdistance(["word1", "none"], ["word2", "word3"]),
    "mean": lambda kv: kv.get_mean_vector(["word1", "none", "word2"], [1, 2, 3]).tolist(),
    "index": lambda kv: [kv.get_index("word4"), kv.get_index("none", -5), kv.get_index(7)],
    "text": str,
}


@pytest.mark.parametrize("name", QUERIES)
def test_queries_answer_as_gensim_does(name, ours, theirs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # gensim calls what it calls deprecated
        answers = QUERIES[name](ours), QUERIES[name](theirs)
    (words, numbers), (expected, near) = map(parted, answers)
    assert words == expected
    np.testing.assert_allclose(numbers, near, rtol=1e-5)


def parted(answer):
    """Return the words of an answer, and its numbers."""
    flat = np.ravel(np.array(answer, dtype=object)).tolist()
    words = [item for item in flat if isinstance(item, str)]
    return words, [item for item in flat if not isinstance(item, str)]


def test_rows_changed_in_place_count_after_fill_norms(ours):
    assert ours.norms[0] == pytest.approx(np.linalg.norm(ROWS[0]))
    ours.vectors[0] = 3.0
    ours.fill_norms(force=True)
    assert ours.norms[0] == pytest.approx(3 * 5**0.5)
    ours.vectors = ours.vectors * 2
    assert ours.norms[0] == pytest.approx(6 * 5**0.5)
    ours.vectors[0] = 1.0
    ours.norms = None
    assert ours.norms[0] == pytest.approx(5**0.5)


def test_keys_of_any_type():
    vectors = KeyedVectors(2)
    vectors.add_vectors([10, ("a", 1), "word", np.int64(3)], np.eye(4, 2))
    assert vectors[10].tolist() == [1, 0]
    assert vectors[("a", 1)].tolist() == [0, 1]
    assert vectors[3].tolist() == [0, 0]  # a key goes before the number of a row
    assert vectors[1].tolist() == [0, 1]
    assert ("a", 1) in vectors and 10 in vectors and 99 not in vectors
    assert vectors.most_similar(10, topn=1)[0][0] == ("a", 1)
    with pytest.raises(KeyError, match="'wrod' is not among the 4 keys"):
        vectors["wrod"]
    with pytest.raises(KeyError, match=r"\['word'\]"):
        vectors.get_vector(["word"])


def test_missing_words_have_suggestions(ours):
    with pytest.raises(KeyError, match="but 'word1' is; near spellings:"):
        ours["Word1"]


def test_evaluations_equal_gensim(tmp_path):
    words = [
        "boy",
        "girl",
        "brother",
        "sister",
        "king",
        "queen",
        "man",
        "woman",
        "he",
        "she",
        "dad",
        "mom",
        "Paris",
    ]
    rows = np.random.default_rng(3).normal(size=(len(words), 4)).astype(np.float32)
    rows[1::2] += 2
    questions = tmp_path / "questions.txt"
    questions.write_text(
        ": family\nboy girl brother sister\nking queen man woman\nhe she dad none\n"
        ": more\nboy girl he she\nking queen dad mom\n"
    )
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("# people\nboy;girl;8\nking;queen;7.5\nman;none;3\nhe;she;9\nodd line\n")
    results = []
    for kind in BOTH:
        vectors = kind(4)
        vectors.add_vectors(words, rows)
        results.append(
            [
                vectors.evaluate_word_analogies(str(questions)),
                vectors.evaluate_word_analogies(str(questions), dummy4unknown=True),
                vectors.evaluate_word_analogies(str(questions), 8, case_insensitive=False),
                *(
                    [*map(float, [*pearson, *spearman, ratio])]
                    for dummy in (False, True)
                    for pearson, spearman, ratio in [
                        vectors.evaluate_word_pairs(str(pairs), ";", dummy4unknown=dummy)
                    ]
                ),
            ]
        )
    assert results[0][:3] == results[1][:3]
    np.testing.assert_allclose(results[0][3:], results[1][3:], rtol=1e-6)


def test_what_gensim_4_removed_names_its_successor(ours):
    for name, instead in [("vocab", "key_to_index"), ("index2word", "index_to_key")]:
        with pytest.raises(AttributeError, match=instead):
            getattr(ours, name)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        ours.nonsense  # noqa: B018
    with pytest.raises(NotImplementedError):
        ours.similarity_unseen_docs()
    ours.init_sims(replace=True)
    np.testing.assert_allclose(ours.norms, 1, rtol=1e-6)
    assert ours.word_vec("word1").tolist() == ours["word1"].tolist()


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda kv: pickle.loads(pickle.dumps(kv))])
def test_copies(ours, copied):
    other = copied(ours)
    other.add_vectors(["more"], [ROWS[0]])
    assert len(other) == len(ours) + 1
    assert other.most_similar("word1", topn=2)


def test_vectors_of_half_and_double_precision():
    half, double = (vectors_of(KeyedVectors, dtype) for dtype in (np.float16, np.float64))
    assert half.vectors.nbytes * 4 == double.vectors.nbytes
    assert half.most_similar("word1", topn=1)[0][0] == double.most_similar("word1", topn=1)[0][0]
    assert double.norms.dtype == np.float64


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda kv: KeyedVectors(0), "vector_size must be a whole number from 1"),
        (lambda kv: KeyedVectors(3, dtype="int32"), "dtype must be float32, float16 or float64"),
        (lambda kv: kv.add_vectors(["a"], [[1, 2]]), r"need vectors of the shape \(1, 5\)"),
        (lambda kv: kv.add_vectors(["a", "b"], ROWS[:1]), r"need vectors of the shape \(2, 5\)"),
        (lambda kv: kv.set_vecattr("word1", "count", 0.5), "'count' holds int64"),
        (lambda kv: kv.get_vecattr("word1", "size"), "the attributes are: 'count'"),
        (lambda kv: kv.n_similarity([], ["word1"]), "Both lists need at least one word"),
        (lambda kv: KeyedVectors(3, count=1).sort_by_descending_frequency(), '"count" of each key'),
    ],
)
def test_errors_are_sentences(ours, call, message):
    with pytest.raises(w2v.W2VError, match=message):
        call(ours)


def test_every_part_of_w2v_takes_them(ours):
    matrix, found = ours.embedding_matrix({"word3": 1, "none": 2})
    assert found.tolist() == [False, True, False]
    assert matrix[1].tolist() == ROWS[3].tolist()
    assert len(ours.most_similar_batch(["word1", "word2"], topn=3)) == 2
