"""gensim's Word2Vec over our engine: callbacks."""

import numpy as np
import pytest
from word2vec_models import SMALL, TEXTS

from w2v.compat import CallbackAny2Vec, Word2Vec


class Recorder(CallbackAny2Vec):
    """Writes down what it is called for."""

    def __init__(self):
        self.calls, self.losses, self.vectors = [], [], []

    def on_train_begin(self, model):
        self.calls.append("train begins")

    def on_train_end(self, model):
        self.calls.append("train ends")

    def on_epoch_begin(self, model):
        self.calls.append("epoch begins")

    def on_epoch_end(self, model):
        self.calls.append("epoch ends")
        self.losses.append(model.get_latest_training_loss())
        self.vectors.append(model.wv.vectors.copy())


def test_callbacks_see_each_epoch():
    recorder = Recorder()
    settings = {**SMALL, "epochs": 2, "sample": 0}
    model = Word2Vec(TEXTS, **settings, compute_loss=True, callbacks=[recorder])
    epoch = ["epoch begins", "epoch ends"]
    assert recorder.calls == ["train begins", *epoch, *epoch, "train ends"]
    assert 0 < recorder.losses[0] < recorder.losses[1] == model.get_latest_training_loss()
    assert not np.array_equal(*recorder.vectors)
    assert np.array_equal(recorder.vectors[-1], model.wv.vectors)
    assert np.array_equal(Word2Vec(TEXTS, **settings).wv.vectors, model.wv.vectors)


def test_what_a_callback_changes_is_trained_on():
    class Resets(CallbackAny2Vec):
        def on_epoch_end(self, model):
            model.wv.vectors[:] = 0
            model.alpha = model.min_alpha = 1e-9

    model = Word2Vec(TEXTS, **SMALL, epochs=2, callbacks=[Resets()])
    model.train(TEXTS, total_examples=1, epochs=2, callbacks=[Resets()])
    assert np.abs(model.wv.vectors).max() == 0


def test_an_error_of_a_callback_passes_through():
    class Fails(CallbackAny2Vec):
        def on_epoch_end(self, model):
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        Word2Vec(TEXTS, **SMALL, callbacks=[Fails()])


@pytest.mark.filterwarnings("ignore")
def test_callbacks_change_what_is_trained():
    class Change(CallbackAny2Vec):
        def on_epoch_begin(self, model):
            if not hasattr(self, "begun"):
                self.begun = model.wv.vectors[:] = 0.25

        def on_epoch_end(self, model):
            self.seen = model.wv.most_similar("a", topn=1)
            model.wv.vectors = model.wv.vectors * 2  # another array
            self.last = model.wv.vectors.copy()

    class Lock(CallbackAny2Vec):
        def on_epoch_end(self, model):
            model.wv.vectors_lockf[:] = 0
            self.last = model.wv.vectors.copy()

    change, lock = Change(), Lock()
    settings = {"min_count": 1, "vector_size": 4, "epochs": 3, "workers": 1}
    model = Word2Vec([["a", "b", "c"]] * 50, callbacks=[change], **settings)
    assert np.abs(model.wv.vectors).min() > 0.5  # 0.25, doubled three times and a little trained
    np.testing.assert_array_equal(model.wv.vectors, change.last)
    model = Word2Vec([["a", "b", "c"]] * 50, callbacks=[lock], **settings)
    first = lock.last
    model.train([["a", "b", "c"]] * 50, total_examples=50, epochs=1)
    np.testing.assert_array_equal(model.wv.vectors, first)
