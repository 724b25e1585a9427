"""Training that starts from vectors of others."""

import gensim
import numpy as np
import pytest
from checkpoints import killed_after
from test_going_on import FIRST, STILL, counted
from variants import VARIANTS

import w2v
from w2v.errors import ConfigError


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    """Written by gensim, with words of its own and without some of ours."""
    vectors = gensim.models.KeyedVectors(10)
    words = [word for word in counted(FIRST) if word != "king"] + ["xyzzy"]
    numbers = np.random.default_rng(4).normal(0, 0.3, (len(words), 10)).astype(np.float32)
    vectors.add_vectors(words, numbers)
    path = tmp_path_factory.mktemp("theirs") / "theirs.bin"
    vectors.save_word2vec_format(str(path), binary=True)
    return path


class TestVectorsOfOthers:
    def test_are_where_training_starts(self, theirs):
        vectors, events = w2v.load(theirs), []
        model = w2v.train(
            FIRST, init_from=theirs, workers=1, sample=0.01, on_event=events.append, **STILL
        )
        assert model.config.vector_size == 10
        for word in model.vectors.index_to_key:
            if word != "king":
                np.testing.assert_array_equal(model.vectors[word], vectors[word])
        assert 0 < np.abs(model.vectors["king"]).max() <= 0.1
        assert "xyzzy" not in model.vectors
        (started,) = (event for event in events if isinstance(event, w2v.Started))
        assert (started.taken, started.words) == (len(model.vectors) - 1, len(model.vectors))
        assert not started.frozen

    def test_are_trained(self, theirs):
        vectors = w2v.load(theirs)
        model = w2v.train(FIRST, init_from=vectors, workers=1, epochs=1)
        assert not np.array_equal(model.vectors["cat"], vectors["cat"])

    @pytest.mark.parametrize("threads", [1, 3])
    @pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
    def test_or_stay_as_they_are(self, theirs, architecture, loss, threads):
        vectors = w2v.load(theirs)
        model = w2v.train(
            FIRST, init_from=theirs, freeze=True, architecture=architecture, loss=loss,
            workers=threads, epochs=2,
        )  # fmt: skip
        for word in model.vectors.index_to_key:
            if word != "king":
                np.testing.assert_array_equal(model.vectors[word], vectors[word])
        assert np.abs(model.vectors["king"]).max() > 0.05  # it has learned
        assert np.abs(model.output).max() > 0.05

    def test_frozen_ones_stay_so_when_training_is_resumed(self, theirs, tmp_path):
        options = {"init_from": theirs, "freeze": True, "workers": 1, "epochs": 2}
        whole = w2v.train(FIRST, **options)
        killed_after(3, corpus=FIRST, checkpoint=tmp_path / "checkpoints", **options)
        resumed = w2v.train(FIRST, resume=tmp_path / "checkpoints")
        np.testing.assert_array_equal(resumed.vectors.vectors, whole.vectors.vectors)
        np.testing.assert_array_equal(resumed.vectors["cat"], w2v.load(theirs)["cat"])

    def test_set_the_size(self, theirs):
        with pytest.raises(ConfigError, match="vector_size must be 10, as in the vectors to start"):
            w2v.train(FIRST, init_from=theirs, vector_size=20)

    def test_without_a_word_in_common_are_refused(self, theirs):
        with pytest.raises(ConfigError, match="no word in common; the first words are 'feta'"):
            w2v.train([["plugh", "foo"]] * 9, init_from=theirs)
