"""KeyedVectors gives what gensim's gives, and a clear error for what is not there."""

from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from gensim.models import KeyedVectors as GensimVectors

from w2v.errors import ConfigError, FormatError, MissingWordError
from w2v.vectors import KeyedVectors, load

SIZE, WIDTH = 2000, 25
WORDS = [f"word{number}" for number in range(SIZE)]


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    rng = np.random.default_rng(5)
    lengths = rng.uniform(0.1, 9, (SIZE, 1))
    return (rng.standard_normal((SIZE, WIDTH)) * lengths).astype(np.float32)


@pytest.fixture(scope="module")
def ours(rows: np.ndarray) -> KeyedVectors:
    return KeyedVectors(WORDS, rows, counts=range(SIZE, 0, -1))


@pytest.fixture(scope="module")
def theirs(rows: np.ndarray) -> GensimVectors:
    vectors = GensimVectors(WIDTH)
    vectors.add_vectors(WORDS, rows)
    return vectors


def test_lookup(ours: KeyedVectors, rows: np.ndarray) -> None:
    assert len(ours) == SIZE
    assert ours.vector_size == WIDTH
    assert ours.index_to_key == WORDS
    assert ours.key_to_index["word7"] == 7
    assert "word7" in ours
    assert "nothing" not in ours
    assert 7 in ours
    assert SIZE not in ours
    assert ours["word7"].tolist() == rows[7].tolist() == ours[7].tolist()
    assert ours[["word7", "word3", "word7"]].tolist() == rows[[7, 3, 7]].tolist()
    assert ours[[]].shape == (0, WIDTH)
    assert ours.get_count("word7") == SIZE - 7
    assert KeyedVectors(["a"], [[1.0]]).get_count("a") is None
    assert np.linalg.norm(ours.get_vector("word7", norm=True)) == pytest.approx(1)
    np.testing.assert_allclose(np.linalg.norm(ours.get_normed_vectors(), axis=1), 1, rtol=1e-6)
    with pytest.raises(ValueError, match="read-only"):
        ours["word7"][0] = 1


class TestWordsThatAreNumbers:
    """Where all words are whole numbers, an int is the word and not the number of a row."""

    ROWS: ClassVar = np.eye(4, dtype=np.float32) + 0.1
    VECTORS: ClassVar = KeyedVectors(["2", "0", "-7", "30"], ROWS, [9, 8, 7, 6])

    @pytest.mark.parametrize("kind", [int, np.int64, np.int8])
    def test_lookup(self, kind: type) -> None:
        vectors, rows = self.VECTORS, self.ROWS
        assert vectors[kind(2)].tolist() == vectors["2"].tolist() == rows[0].tolist()
        assert vectors[[kind(-7), "0"]].tolist() == rows[[2, 1]].tolist()
        assert [key in vectors for key in map(kind, (30, -7, 1, 3))] == [True, True, False, False]
        assert vectors.get_count(kind(30)) == 6
        assert vectors[1:3].tolist() == rows[1:3].tolist()

    def test_queries(self) -> None:
        vectors = self.VECTORS
        assert vectors.most_similar(2, topn=3) == vectors.most_similar("2", topn=3)
        assert vectors.most_similar([30, 2], [0]) == vectors.most_similar(["30", "2"], ["0"])
        assert vectors.similarity(2, 30) == vectors.similarity("2", "30")
        assert vectors.vectors_for_all([0, 30, 5]).index_to_key == ["0", "30"]

    def test_a_missing_number_is_a_missing_word(self) -> None:
        with pytest.raises(MissingWordError, match="The word '3' is not among the 4 words"):
            self.VECTORS[3]

    @pytest.mark.parametrize("word", ["one", "007", "+1", "1.0", "-0", "٣"])
    def test_one_other_word_makes_numbers_rows_again(self, word: str) -> None:
        vectors = KeyedVectors(["2", word, "0"], self.ROWS[:3])
        assert vectors[2].tolist() == vectors["0"].tolist()


POINT = np.random.default_rng(6).standard_normal(WIDTH).astype(np.float32)
QUESTIONS = [
    {"positive": ["word1", "word2"], "negative": ["word3"]},
    {"positive": "word1"},
    {"positive": ["word9"], "topn": 1},
    {"positive": ["word9"], "topn": SIZE + 5},
    {"positive": ["word9"], "topn": 0},
    {"negative": ["word4", "word5"], "topn": 30},
    {"positive": [POINT, "word1"], "negative": [("word2", -0.3)]},
    {"positive": POINT},
    {"positive": np.vstack([POINT, POINT[::-1]])},
    {"positive": [("word1", 0.7), ("word2", 1.9), (POINT, 0.1)], "negative": "word8"},
    {"positive": [5, np.int64(6)], "negative": [("word7", -1.0)]},
    {"positive": ["word1", "word1"], "restrict_vocab": 50},
    {"positive": ["word1500"], "restrict_vocab": 20, "topn": 40},
    {"positive": ["word1"], "clip_start": 100, "clip_end": 130, "topn": 20},
    {"positive": ["word110"], "clip_start": 100, "topn": 20},
]


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_most_similar_equals_gensims(ours, theirs, question) -> None:
    assert ours.most_similar(**question) == theirs.most_similar(**question)


def test_most_similar_with_all_words(ours: KeyedVectors, theirs: GensimVectors) -> None:
    for limit in (None, 70):
        found = ours.most_similar("word1", topn=None, restrict_vocab=limit)
        expected = theirs.most_similar("word1", topn=None, restrict_vocab=limit)
        assert found.tolist() == expected.tolist()
    assert ours.similar_by_word("word3", 4, 90) == theirs.similar_by_word("word3", 4, 90)
    assert ours.similar_by_vector(POINT, 4) == theirs.similar_by_vector(POINT, 4)
    assert ours.similar_by_vector(list(POINT), 4) == theirs.similar_by_vector(POINT, 4)


def test_similarities_equal_gensims(ours: KeyedVectors, theirs: GensimVectors) -> None:
    for first, second in [("word1", "word2"), ("word5", "word5"), ("word1999", "word0")]:
        assert ours.similarity(first, second) == theirs.similarity(first, second)
        assert ours.distance(first, second) == pytest.approx(theirs.distance(first, second))
        assert ours.rank(first, second) == theirs.rank(first, second)
        assert ours.closer_than(first, second) == theirs.closer_than(first, second)
    assert isinstance(ours.similarity("word1", "word2"), float)
    np.testing.assert_array_equal(ours.distances("word1"), theirs.distances("word1"))
    others = WORDS[10:20]
    np.testing.assert_array_equal(ours.distances(POINT, others), theirs.distances(POINT, others))
    pair = WORDS[:3], WORDS[40:47]
    assert ours.n_similarity(*pair) == theirs.n_similarity(*pair)


def test_doesnt_match_equals_gensims(ours: KeyedVectors, theirs: GensimVectors) -> None:
    rng = np.random.default_rng(7)
    for size in [1, 2, 3, 5, 8] * 20:
        words = rng.choice(WORDS, size).tolist()
        assert ours.doesnt_match(words) == theirs.doesnt_match(words)


def test_distances_of_the_lecture(test_data: Path) -> None:
    directory = test_data / "vectors/googlenews"
    vectors = load(directory / "google_news_30.bin.gz")
    theirs = GensimVectors.load_word2vec_format(
        str(directory / "google_news_30.bin.gz"), binary=True
    )
    first, second, third = vectors.index_to_key[:3]
    pairs = [(first, second), (first, third), (second, second)]
    for one, other in pairs:
        expected = float(np.sqrt(((theirs[one] - theirs[other]).astype(np.float64) ** 2).sum()))
        assert vectors.euclidean_distance(one, other) == pytest.approx(expected, rel=1e-6)
    with pytest.raises(KeyError, match="The word 'cappuccino' is not among the 30 words"):
        vectors["cappuccino"]


def test_zero_vectors_are_similar_to_nothing() -> None:
    vectors = KeyedVectors(["a", "b", "zero"], [[1, 0], [1, 1], [0, 0]])
    assert vectors.most_similar("a") == [("b", pytest.approx(0.5**0.5)), ("zero", 0)]
    assert vectors.similarity("a", "zero") == 0
    assert vectors.distances("zero").tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((["a", "b"], [[1.0]]), "2 words need as many rows"),
        ((["a"], [1.0]), "1 words need as many rows"),
        ((["a", "a"], [[1.0], [2.0]]), "not distinct"),
        ((["a"], [[1.0]], [1, 2]), "as many counts"),
    ],
)
def test_what_does_not_fit_together(arguments, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        KeyedVectors(*arguments)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda vectors: vectors.most_similar(), "at least one word"),
        (lambda vectors: vectors.doesnt_match([]), "at least one word"),
        (lambda vectors: vectors.n_similarity([], ["word1"]), "at least one word"),
        (lambda vectors: vectors.most_similar("word1", restrict_vocab=0), "restrict_vocab is"),
        (lambda vectors: vectors.similar_by_vector([1, 2]), "25 finite numbers"),
        (lambda vectors: vectors.similar_by_vector([np.nan] * 25), "25 finite numbers"),
        (lambda vectors: vectors.most_similar([None]), "neither a word"),
    ],
)
def test_questions_that_make_no_sense(ours: KeyedVectors, ask, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        ask(ours)


@pytest.mark.parametrize(
    ("name", "binary", "text"),
    [
        ("a.bin", None, False),
        ("a.txt", None, True),
        ("a.VEC", None, True),
        ("a", None, False),
        ("a.txt", True, False),
        ("a.bin", False, True),
    ],
)
def test_save_and_load(tmp_path: Path, rows: np.ndarray, name: str, binary, text: bool) -> None:
    KeyedVectors(WORDS, rows).save(tmp_path / name, binary=binary)
    theirs = GensimVectors.load_word2vec_format(str(tmp_path / name), binary=not text)
    again = load(tmp_path / name)
    assert theirs.index_to_key == again.index_to_key == WORDS
    assert theirs.vectors.tobytes() == again.vectors.tobytes() == rows.tobytes()


def test_save_refuses_what_it_cannot_write(tmp_path: Path, ours: KeyedVectors) -> None:
    with pytest.raises(ConfigError, match=r"save .*a\.safetensors in the place of"):
        ours.save(tmp_path / "a.safetensors.gz")
    with pytest.raises(FormatError, match="holds a space"):
        KeyedVectors(["new york"], [[1.0]]).save(tmp_path / "a.bin")
    assert list(tmp_path.iterdir()) == []
