"""fastText models of other tools: words, n-grams and queries are as in gensim and fastText."""

from pathlib import Path

import numpy as np
import pytest
from gensim.models.fasttext import load_facebook_vectors
from gensim.test.utils import datapath

import w2v
from w2v.formats.detect import detect

# NumPy warns at times of a product of small, finite matrices (dot_products.py), in gensim too.
pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")

MODELS = [
    "gensim/lee_fasttext.bin",  # without a magic number
    "gensim/lee_fasttext_new.bin",  # version 11
    "gensim/crime-and-punishment.bin",
    "gensim/toy-model.bin",
    "finalfusion/fasttext.bin",
]
UNSEEN = [
    "landlord", "quene", "x", "zwölfzylindermotorenöl", "Раскольников", "안녕하세요", "字", "ไทย",
    "e\u0301te\u0301", "ã\u0303", "😀👩‍👩‍👧", "two words", "N\0L", "<", "a" * 3000,
]  # fmt: skip


@pytest.fixture(params=MODELS)
def path(request: pytest.FixtureRequest, test_data: Path) -> Path:
    return test_data / "vectors" / request.param


def test_all_words_are_as_in_gensim(path: Path) -> None:
    ours, theirs = w2v.load(path), load_facebook_vectors(str(path))
    assert detect(path).name == "fasttext"
    assert ours.index_to_key == theirs.index_to_key
    assert ours.counts is not None
    assert ours.counts.tolist() == [theirs.get_vecattr(w, "count") for w in ours.index_to_key]
    # gensim gives `</s>` n-grams, as fastText did only in its first format.
    rows = [row for row, word in enumerate(ours.index_to_key) if word != "</s>"]
    np.testing.assert_allclose(ours.vectors[rows], theirs.vectors[rows], atol=1e-6)


def test_unseen_words_are_as_in_gensim(path: Path) -> None:
    ours, theirs = w2v.load(path), load_facebook_vectors(str(path))
    for word in UNSEEN:
        assert word in ours
        assert not ours.has_index_for(word)
        np.testing.assert_allclose(ours[word], theirs[word], atol=1e-6)
        np.testing.assert_allclose(
            ours.get_vector(word, norm=True), theirs.get_vector(word, norm=True), atol=1e-6
        )
    np.testing.assert_allclose(ours[UNSEEN], theirs[UNSEEN], atol=1e-6)


def test_neighbours_of_unseen_words_are_as_in_gensim(path: Path) -> None:
    ours, theirs = w2v.load(path), load_facebook_vectors(str(path))
    known = ours.index_to_key[7]
    for query in [
        {"positive": ["landlord"]},
        {"positive": ["Раскольников", known], "negative": ["landlord"]},
        {"positive": [("字", 0.5), known], "topn": 3, "restrict_vocab": 15},
    ]:
        got, expected = ours.most_similar(**query), theirs.most_similar(**query)
        without = [(word, near) for word, near in expected if word != "</s>"]
        got = [(word, near) for word, near in got if word != "</s>"][: len(without)]
        assert [word for word, _ in got] == [word for word, _ in without][: len(got)]
        np.testing.assert_allclose(
            [near for _, near in got], [near for _, near in without][: len(got)], atol=1e-5
        )
    assert ours.similarity("landlord", known) == pytest.approx(
        theirs.similarity("landlord", known), abs=1e-6
    )


def test_unseen_words_are_compared_as_in_gensim(path: Path) -> None:
    ours, theirs = w2v.load(path), load_facebook_vectors(str(path))
    some = [*ours.index_to_key[3:7], *UNSEEN]
    assert ours.doesnt_match(some) == theirs.doesnt_match(some)
    ranked, expected = ours.rank_by_centrality(some), theirs.rank_by_centrality(some)
    assert [near for near, _ in ranked] == pytest.approx([near for near, _ in expected], abs=1e-5)
    asked = [
        ("n_similarity", some[:3], UNSEEN), ("get_mean_vector", some), ("distances", UNSEEN[0]),
        ("distances", UNSEEN[0], some[:4]), ("most_similar_to_given", UNSEEN[0], some[1:]),
        ("wmdistance", some, UNSEEN[:1]), ("relative_cosine_similarity", UNSEEN[0], some[1], 5),
    ]  # fmt: skip
    is_end = np.array([word == "</s>" for word in ours.index_to_key])  # has no n-grams here
    for name, *arguments in asked:
        got, wanted = getattr(ours, name)(*arguments), getattr(theirs, name)(*arguments)
        if np.shape(got) == is_end.shape:
            got, wanted = got[~is_end], wanted[~is_end]
        assert got == pytest.approx(wanted, abs=1e-5), name
    distance = ours.distance(some[0], UNSEEN[1])
    assert ours.distances(some[0], UNSEEN)[1] == pytest.approx(distance, abs=1e-6)
    assert ours.rank(UNSEEN[0], ours.most_similar(UNSEEN[0])[4][0]) == 5


@pytest.mark.parametrize(
    ("name", "whole"),
    [("lee_fasttext", False), ("crime-and-punishment", True), ("toy-model", True)],
)
def test_text_twins(test_data: Path, name: str, whole: bool) -> None:
    directory = test_data / "vectors" / "gensim"
    binary, text = w2v.load(directory / f"{name}.bin"), w2v.load(directory / f"{name}.vec")
    assert binary.index_to_key == text.index_to_key
    np.testing.assert_allclose(binary.vectors, text.vectors, rtol=1e-4, atol=6e-5)
    if "</s>" in text.key_to_index and whole:
        assert binary["</s>"] == pytest.approx(text["</s>"], abs=1e-4)


def test_text_with_lines_of_invalid_utf8(test_data: Path) -> None:
    path = test_data / "vectors" / "gensim" / "pang_lee_polarity_fasttext.vec"
    with pytest.raises(w2v.FormatError, match="is not UTF-8"):
        w2v.load(path)
    with pytest.warns(UserWarning, match="left out 5 damaged entries: 5 words of invalid UTF-8"):
        some = w2v.load(path, on_defect="skip")
    assert len(w2v.load(path, invalid_utf8="replace")) == len(some) + 5


def test_a_supervised_model(test_data: Path) -> None:
    """gensim brings the model that the .vec was written from, and does not read it."""
    binary = w2v.load(datapath("pang_lee_polarity_fasttext.bin"), invalid_utf8="replace")
    twin = test_data / "vectors" / "gensim" / "pang_lee_polarity_fasttext.vec"
    text = w2v.load(twin, invalid_utf8="replace")
    assert binary.index_to_key == text.index_to_key
    assert binary.subwords is None
    np.testing.assert_allclose(binary.vectors, text.vectors, atol=1e-6)


def test_words_in_another_encoding() -> None:
    path = datapath("cp852_fasttext.bin")
    with pytest.raises(w2v.FormatError, match=r"entry 2 .* has a word that is not UTF-8"):
        w2v.load(path)
    with pytest.warns(UserWarning, match="left out 6 damaged entries: 6 duplicate words"):
        ours = w2v.load(path, invalid_utf8="replace", on_defect="skip")
    theirs = load_facebook_vectors(path)
    same = [word for word in ours.index_to_key if word in theirs.key_to_index]
    assert len(same) > 90
    np.testing.assert_allclose(ours[same], theirs[same], atol=1e-6)


def test_fasttext_itself_agrees(path: Path) -> None:
    fasttext = pytest.importorskip("fasttext", reason="compares with fastText where it is there")
    if path.name == "lee_fasttext.bin":
        return  # fastText no longer reads its first format
    ours, theirs = w2v.load(path), fasttext.load_model(str(path))
    for word in [*ours.index_to_key, *UNSEEN]:
        if "\0" not in word:
            np.testing.assert_allclose(ours[word], theirs.get_word_vector(word), atol=1e-6)
