"""The files of w2v.compat.Word2Vec: what a user keeps on a model, and models of w2v's own."""

import io
import json

import numpy as np
import pytest

import w2v
from w2v.compat import KeyedVectors, Word2Vec
from w2v.compat.extras import stored_extras


class TestWhatUsersKeep:
    SENTENCES = [["king", "queen", "man"], ["queen", "woman", "king", "rare"]] * 20

    def test_attributes_raw_words_and_events_come_back(self, tmp_path, caplog):
        model = Word2Vec(vector_size=8, min_count=30, workers=1)
        model.build_vocab(self.SENTENCES, keep_raw_vocab=True)
        model.train(self.SENTENCES, total_examples=40, epochs=1)
        kept = {
            "note": "of Monday", "scores": {"king": 0.5, 3: (1, None)}, "tags": {"a", "b"},
            "numbers": [1, 2.5, True], "inner": {("a", 1): [{}]}, "count": np.int64(3),
        }  # fmt: skip
        for name, value in kept.items():
            setattr(model, name, value)
        model.table = np.arange(6.0).reshape(2, 3)
        model.stream = io.StringIO()
        model.wv.note = "of the vectors"
        model.save(tmp_path / "model")
        assert "the attribute 'stream' is not saved: it holds a StringIO" in caplog.text
        again = Word2Vec.load(tmp_path / "model")
        for name, value in kept.items():
            assert getattr(again, name) == value
            assert type(getattr(again, name)) is type(value if name != "count" else 3)
        assert np.array_equal(again.table, model.table)
        assert not hasattr(again, "stream")
        assert again.wv.note == "of the vectors"
        assert again.raw_vocab == model.raw_vocab == {
            "king": 40, "queen": 40, "man": 20, "woman": 20, "rare": 20
        }  # fmt: skip
        assert again.lifecycle_events == model.lifecycle_events
        names = [event["event"] for event in again.lifecycle_events]
        assert names == ["build_vocab", "train"]
        again.add_lifecycle_event("mine", why="test")
        assert again.lifecycle_events[-1]["why"] == "test"
        again.lifecycle_events = None  # gensim's way to keep none
        again.add_lifecycle_event("unheard")

    def test_what_no_file_can_hold_is_left_out(self, caplog):
        vectors = Word2Vec(self.SENTENCES, vector_size=8, min_count=1, workers=1).wv
        endless = []
        endless.append(endless)
        vectors.endless, vectors.digits = endless, 10**5000
        vectors.masked = np.ma.array([1.0, 2.0], mask=[True, False])
        vectors.note = "kept"
        tensors = stored_extras(vectors, vars(vectors).keys() - {
            "endless", "digits", "masked", "note"
        })  # fmt: skip
        assert json.loads(tensors.pop("extras_utf8").tobytes()) == {"note": "kept"}
        assert tensors == {}
        for name in ("endless", "digits", "masked"):
            assert f"the attribute {name!r} is not saved" in caplog.text

    def test_vectors_keep_theirs_too(self, tmp_path):
        vectors = Word2Vec(self.SENTENCES, vector_size=8, min_count=1, workers=1).wv
        assert "extras_utf8" not in stored_extras(vectors, vars(vectors))
        vectors.note, vectors.table = ("of", {1: 2}), np.arange(3.0)
        vectors.add_lifecycle_event("mine", why="test")
        vectors.save(tmp_path / "vectors")
        again = KeyedVectors.load(tmp_path / "vectors")
        assert again.note == vectors.note
        assert np.array_equal(again.table, vectors.table)
        assert again.lifecycle_events == vectors.lifecycle_events
        assert np.array_equal(w2v.load(tmp_path / "vectors").vectors, vectors.vectors)

    def test_a_file_cannot_replace_methods(self, tmp_path):
        model = Word2Vec(self.SENTENCES, vector_size=8, min_count=1, workers=1)
        model.zzzz = 1
        model.save(tmp_path / "model")
        data = (tmp_path / "model").read_bytes()
        (tmp_path / "model").write_bytes(data.replace(b'"zzzz": 1', b'"save": 1'))
        assert callable(Word2Vec.load(tmp_path / "model").save)
        (tmp_path / "model").write_bytes(data.replace(b'"zzzz": 1', b'"zzzz" 11'))
        with pytest.raises(w2v.FormatError, match="is damaged: the attributes in it"):
            Word2Vec.load(tmp_path / "model")


class TestModelsOfW2v:
    TEXT = [["in", "new", "york", "they", "saw"], ["new", "york", "saw", "it", "then"]] * 60
    SMALL = {"vector_size": 8, "epochs": 2, "min_count": 1, "workers": 1}  # noqa: RUF012

    def test_phrases_stay(self, tmp_path, caplog):
        model = w2v.train(self.TEXT, phrases=True, phrase_threshold=0.02, **self.SMALL)
        model.save(tmp_path / "model.safetensors")
        ours = Word2Vec.load(tmp_path / "model.safetensors")
        assert "join them in further text" in caplog.text
        assert ours.phrases.scores == model.phrases.scores != {}
        ours.save(tmp_path / "again")
        again = w2v.load_model(tmp_path / "again")
        assert again.phrases.scores == model.phrases.scores
        assert again.config.phrase_threshold == 0.02
        more = w2v.train(self.TEXT, continue_from=tmp_path / "again", workers=1)
        assert list(more.vectors.counts) == [2 * count for count in model.vectors.counts]

    def test_sentence_windows_stay(self, tmp_path):
        model = w2v.train(self.TEXT, sentence_windows=True, **self.SMALL)
        model.save(tmp_path / "model.safetensors")
        ours = Word2Vec.load(tmp_path / "model.safetensors")
        assert (ours.window, ours.shrink_windows) == (1000, False)


def test_a_model_with_a_tree_goes_on_though_its_counts_do_not_fall(tmp_path):
    text = [["rare", "the", "king"], *[["the", "king", "saw", "the", "queen"]] * 60]
    model = Word2Vec(
        text,
        vector_size=8,
        min_count=1,
        workers=1,
        hs=1,
        negative=0,
        sorted_vocab=0,
        sg=1,
        sample=0,
    )
    assert model.wv.index_to_key[0] == "rare"
    model.save(tmp_path / "model")
    more = w2v.train(text, continue_from=tmp_path / "model", alpha=1e-9, min_alpha=1e-10, workers=1)
    places = [model.wv.key_to_index[word] for word in more.vectors.index_to_key]
    assert np.allclose(more.vectors.vectors, model.wv.vectors[places], atol=1e-6)
    assert abs(model.syn1[:4]).max() > 1e-3
    assert np.allclose(more.output[:4], model.syn1[:4], atol=1e-6)  # the tree stays the same
