"""gensim's Word2Vec over our engine: its files."""

import warnings

import gensim
import numpy as np
import pytest
from word2vec_models import SMALL, TEXTS

import w2v
from w2v.compat import KeyedVectors, Word2Vec


@pytest.mark.parametrize(
    "settings", [{}, {"hs": 1, "negative": 0}, {"hs": 1}, {"sorted_vocab": 0, "hs": 1}]
)
def test_a_saved_model_is_trained_further_alike(tmp_path, settings):
    model = Word2Vec(TEXTS, **SMALL, **settings)
    path = tmp_path / "my.model"
    model.save(path)
    loaded = Word2Vec.load(path, mmap="r")
    assert vars(loaded).keys() - {"_counted"} <= vars(model).keys()
    assert np.array_equal(loaded.wv.vectors, model.wv.vectors)
    for each in (model, loaded):
        each.train(TEXTS, total_examples=each.corpus_count, epochs=2)
    assert np.array_equal(loaded.wv.vectors, model.wv.vectors)


def test_w2v_and_word2vec_read_each_other_s_models(tmp_path):
    path = tmp_path / "model.safetensors"
    Word2Vec(TEXTS, **SMALL, sg=1).save(path)
    assert w2v.load_model(path).config.architecture == "skipgram"
    assert len(w2v.load(path)) == 15
    native = w2v.train(TEXTS, vector_size=8, min_count=1, epochs=9, sample=0, loss="hierarchical")
    native.save(path)
    model = Word2Vec.load(path)
    assert (model.hs, model.negative, model.sg, model.epochs) == (1, 0, 1, 9)
    assert np.array_equal(model.wv.vectors, native.vectors.vectors)
    model.train(TEXTS, total_examples=9, epochs=1)


def test_what_cannot_be_loaded(tmp_path):
    path = tmp_path / "model"
    gensim.models.Word2Vec(TEXTS, **SMALL).save(str(path))
    with pytest.raises(w2v.FormatError, match=r"never read.*save_word2vec_format.*w2v convert"):
        Word2Vec.load(path)
    model = Word2Vec(TEXTS, **SMALL)
    model.wv.save(path)
    with pytest.raises(AttributeError, match=r"KeyedVectors\.load"):
        Word2Vec.load(path)
    with pytest.raises(AttributeError, match="class"):
        model.load(path)
    with pytest.raises(w2v.FormatError):
        Word2Vec.load(tmp_path / "nothing")


def test_words_that_no_file_holds(tmp_path):
    model = Word2Vec([[frozenset({1}), "a"]] * 3, **SMALL)
    with pytest.raises(w2v.FormatError, match="frozenset"):
        model.save(tmp_path / "model")


@pytest.mark.parametrize("settings", [{}, {"hs": 1}, {"hs": 1, "negative": 0}])
def test_models_that_could_not_be_read_are_not_written(settings, tmp_path):
    path = tmp_path / "model"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # there is little text
        model = Word2Vec([["a", "b", "c"]] * 9, min_count=1, vector_size=4, **settings)
        empty = Word2Vec([["a", "", "c"]] * 9, min_count=1, vector_size=4, **settings)
    model.save(path)
    before = path.read_bytes()
    with pytest.raises(w2v.FormatError, match="a word is empty; leave empty words out"):
        empty.save(path)
    model.wv["koala"] = model.wv["a"]
    with pytest.raises(w2v.FormatError, match="'koala' was added to the vectors of a model of 3"):
        model.save(path)
    assert path.read_bytes() == before
    assert len(Word2Vec.load(path).wv) == 3


@pytest.mark.filterwarnings("ignore")
def test_files_keep_words_of_any_type_and_attributes(tmp_path):
    path = tmp_path / "model"
    model = Word2Vec([["the", 7, ("a", 1)]] * 9, min_count=1, vector_size=4, workers=1)
    model.wv.set_vecattr(7, "colour", "red")
    model.wv.set_vecattr("the", "weight", 0.5)
    model.save(path)
    again = Word2Vec.load(path)
    assert again.wv.index_to_key == model.wv.index_to_key
    for vectors in (again.wv, KeyedVectors.load(path)):
        assert vectors.get_vecattr(7, "colour") == "red"
        assert vectors.get_vecattr("the", "weight") == 0.5
        np.testing.assert_array_equal(vectors[("a", 1)], model.wv[("a", 1)])
    np.testing.assert_array_equal(w2v.load(path)["the"], model.wv["the"])


@pytest.mark.filterwarnings("ignore")
def test_a_model_of_w2v_keeps_its_form_of_words(tmp_path):
    path, copy = tmp_path / "model.safetensors", tmp_path / "copy"
    text = ["The cat, and the dog."] * 50
    w2v.train(text, tokenizer="words", lower=True, vector_size=4, workers=1).save(path)
    Word2Vec.load(path).save(copy)
    for model in (Word2Vec.load(path), Word2Vec.load(copy)):
        np.testing.assert_array_equal(model.wv["The"], model.wv["the"])
    assert w2v.load_model(copy).config.lower
