"""The matrix of an embedding layer: what Keras' own loop makes, and a mask beside it."""

import numpy as np
import pytest

from w2v.errors import ConfigError, OutOfMemoryError
from w2v.formats.ngrams import Ngrams
from w2v.matrices import CompactMatrix
from w2v.vectors import KeyedVectors
from w2v.vectors.subwords import Subwords

WIDTH = 6
WORDS = [f"word{number}" for number in range(5000)]  # more than are copied or summed at once


@pytest.fixture(scope="module")
def vectors() -> KeyedVectors:
    rows = np.random.default_rng(3).normal(2, 3, (len(WORDS), WIDTH))
    return KeyedVectors(WORDS, rows * np.arange(1, WIDTH + 1))


def keras_loop(vectors, word_index, max_words):
    """The loop of the lectures (Chollet, Deep Learning with Python, 6.1)."""
    matrix = np.zeros((max_words, vectors.vector_size), np.float32)
    for word, row in word_index.items():
        if row < max_words and word in vectors:
            matrix[row] = vectors[word]
    return matrix


INDEX = {"word7": 1, "unheard": 2, "word4000": 3, "word1": 4, "unseen": 6}


@pytest.mark.parametrize("max_words", [1, 2, 3, 4, 7, 20])
def test_the_matrix_is_that_of_keras(vectors, max_words):
    matrix, found = vectors.embedding_matrix(INDEX, max_words=max_words)
    assert matrix.dtype == np.float32
    assert matrix.tolist() == keras_loop(vectors, INDEX, max_words).tolist()
    assert found.dtype == np.bool_
    assert np.flatnonzero(found).tolist() == [row for row in (1, 3, 4) if row < max_words]


def test_without_max_words_there_are_as_many_rows_as_the_index_needs(vectors):
    matrix, found = vectors.embedding_matrix(INDEX)
    assert matrix.shape == (7, WIDTH)
    assert len(found) == 7
    matrix, found = vectors.embedding_matrix({})
    assert matrix.shape == (0, WIDTH)
    assert len(found) == 0


def test_a_list_numbers_its_words_and_the_empty_text_is_padding(vectors):
    vocabulary = ["", "[UNK]", "word7", "word3"]
    matrix, found = vectors.embedding_matrix(vocabulary, missing="mean")
    assert found.tolist() == [False, False, True, True]
    assert not matrix[0].any()
    np.testing.assert_allclose(matrix[1], vectors.vectors.mean(axis=0), rtol=1e-5)
    assert matrix[2:].tolist() == vectors[["word7", "word3"]].tolist()
    assert vectors.embedding_matrix(iter(vocabulary), max_words=3)[0].shape == (3, WIDTH)
    whole, _ = vectors.embedding_matrix(vectors.index_to_key)
    assert np.array_equal(whole, vectors.vectors)
    assert not np.shares_memory(whole, vectors.vectors)  # training may change it
    assert whole.flags.writeable


def test_numpys_numbers_are_rows(vectors):
    index = {"word1": np.int64(1), "word2": np.uint8(0)}
    assert vectors.embedding_matrix(index)[0].tolist() == vectors[["word2", "word1"]].tolist()


def test_missing_words_get_the_mean(vectors):
    matrix, found = vectors.embedding_matrix(INDEX, missing="mean", max_words=9)
    mean = vectors.vectors.astype(np.float64).mean(axis=0)
    np.testing.assert_allclose(matrix[[2, 6]], [mean, mean], rtol=1e-6)
    assert not matrix[[0, 5, 7, 8]].any()  # no word has these rows
    assert matrix[found].tolist() == vectors[["word7", "word4000", "word1"]].tolist()


def test_missing_words_get_draws_with_the_spread_of_the_vectors(vectors):
    index = {f"unseen{row}": row for row in range(1, 20_001)}
    drawn, found = vectors.embedding_matrix(index, missing="random")
    assert not found.any()
    assert not drawn[0].any()
    wide = vectors.vectors.astype(np.float64)
    np.testing.assert_allclose(drawn[1:].mean(axis=0), wide.mean(axis=0), atol=0.04 * wide.std())
    np.testing.assert_allclose(drawn[1:].std(axis=0), wide.std(axis=0), rtol=0.03)


def test_draws_follow_the_seed_and_the_row(vectors):
    shuffled = dict(reversed(INDEX.items()))
    first, _ = vectors.embedding_matrix(INDEX, missing="random")
    assert vectors.embedding_matrix(shuffled, missing="random")[0].tolist() == first.tolist()
    fewer, _ = vectors.embedding_matrix(INDEX, max_words=4, missing="random")
    assert fewer.tolist() == first[:4].tolist()
    other, _ = vectors.embedding_matrix(INDEX, missing="random", seed=2)
    assert other[2].tolist() != first[2].tolist() != first[6].tolist()
    assert other[1].tolist() == first[1].tolist()


def test_compact_vectors_give_float32(vectors):
    compact = CompactMatrix(np.zeros((len(WORDS), WIDTH), np.int8), np.zeros(len(WORDS)))
    compact[:] = vectors.vectors
    small = KeyedVectors(WORDS, compact)
    matrix, _ = small.embedding_matrix(INDEX, missing="mean")
    expected, _ = vectors.embedding_matrix(INDEX, missing="mean")
    assert matrix.dtype == np.float32
    np.testing.assert_allclose(matrix, expected, atol=0.5)


def test_with_subwords_unseen_words_are_found():
    rows = np.random.default_rng(1).normal(size=(10, 3)).astype(np.float32)
    vectors = KeyedVectors(["seen"], np.ones((1, 3)))
    vectors.subwords = Subwords(Ngrams(rows, 3, 4))
    matrix, found = vectors.embedding_matrix({"unseen": 0, "seen": 1})
    assert found.all()
    assert matrix.tolist() == [vectors["unseen"].tolist(), [1, 1, 1]]


def test_no_vectors_at_all_leave_zeros():
    nothing = KeyedVectors([], np.zeros((0, 3)))
    for missing in ("mean", "random"):
        assert not nothing.embedding_matrix(["a"], missing=missing)[0].any()


@pytest.mark.parametrize(
    ("word_index", "message"),
    [
        ({"a": -1}, "word_index gives 'a' the row -1; a row is a whole number from 0 on"),
        ({"a": 1.5}, "the row 1.5"),
        ({"a": True}, "the row True"),
        ({"a": None}, "the row None"),
        ({"a": 2**31}, "the row 2147483648"),
        ({"a": 3, "b": 3}, "gives row 3 to 'a' and to 'b'; give each word its own"),
        ({1: "a"}, "A word is text, not 1"),
        (["a", 1], "A word is text, not 1"),
        ("words", "takes a list of words, not 'words' alone"),
        (7, "takes a list of words, not 7 alone"),
        (None, "takes a list of words, which are text, not None"),
    ],
)
def test_an_index_that_is_none_is_refused(vectors, word_index, message):
    with pytest.raises(ConfigError, match=message):
        vectors.embedding_matrix(word_index)


def test_repeated_rows_beyond_the_matrix_do_not_matter(vectors):
    matrix, found = vectors.embedding_matrix({"word1": 0, "a": 5, "b": 5}, max_words=5)
    assert matrix.shape == (5, WIDTH)
    assert found.tolist() == [True, False, False, False, False]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_words": 0}, "max_words must be a whole number from 1"),
        ({"max_words": 2.0}, "max_words must be"),
        ({"max_words": "10"}, "max_words must be"),
        ({"missing": "zeros"}, "missing must be one of 'zero', 'mean', 'random', not 'zeros'"),
        ({"missing": None}, "missing must be"),
        ({"seed": -1}, "seed must be a whole number from 0"),
        ({"seed": None}, "seed must be"),
    ],
)
def test_options_out_of_range_are_refused(vectors, options, message):
    with pytest.raises(ConfigError, match=message):
        vectors.embedding_matrix(INDEX, **options)


def test_more_rows_than_memory_are_an_error(vectors, monkeypatch):
    def refuse(*_):
        raise MemoryError

    monkeypatch.setattr("w2v.vectors.embedding_matrix.np.zeros", refuse)
    with pytest.raises(OutOfMemoryError, match="no memory for 5 rows of 6 numbers"):
        vectors.embedding_matrix({"word1": 4})


def test_torch_takes_the_matrix(vectors):
    torch = pytest.importorskip("torch", reason="an embedding layer needs PyTorch")
    matrix, _ = vectors.embedding_matrix(INDEX)
    layer = torch.nn.Embedding.from_pretrained(torch.from_numpy(matrix), padding_idx=0)
    assert layer(torch.tensor([1, 0])).tolist() == [vectors["word7"].tolist(), [0] * WIDTH]
    assert not layer.weight.requires_grad
