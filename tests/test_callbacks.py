"""Callbacks see the running training: they may look, save and stop."""

import numpy as np
import pytest
from test_evaluating import train

import w2v


class TestCallbacks:
    def test_see_every_chunk_and_epoch(self):
        seen = []
        _, events, _ = train(callbacks=[lambda training: seen.append(training.event)])
        assert seen == [e for e in events if isinstance(e, (w2v.Progress, w2v.EpochEnded))]

    def test_may_stop(self):
        def stop(training):
            if training.done >= 0.3:
                training.stop()

        model, events, _ = train(callbacks=[stop])
        assert 0.3 <= model.summary.done < 0.5
        assert len(model.history) == 1
        assert isinstance(events[-1], w2v.Summary)
        words = model.summary.corpus_words * 4 * model.summary.done
        assert model.summary.words_per_second == pytest.approx(words / model.summary.train_seconds)
        assert np.abs(model.output).max() > 0

    def test_may_take_a_model_at_any_time_which_changes_nothing(self):
        taken = []
        plain, _, _ = train(epochs=1)
        looked_at, _, _ = train(epochs=1, callbacks=[lambda t: taken.append(t.model())])
        np.testing.assert_array_equal(plain.vectors.vectors, looked_at.vectors.vectors)
        done = [model.summary.done for model in taken]
        assert done == sorted(done)
        assert done[-1] == 1
        # On a busy machine, all may be trained when the first event is seen.
        is_last = np.array_equal(taken[0].vectors.vectors, taken[-1].vectors.vectors)
        assert is_last == (done[0] == 1)
        np.testing.assert_array_equal(taken[-1].vectors.vectors, plain.vectors.vectors)

    @pytest.mark.parametrize("workers", [1, 3])
    def test_may_save(self, tmp_path, workers):
        paths = [tmp_path / "now.bin", tmp_path / "now.safetensors"]

        def save(training):
            if not paths[0].exists():
                for path in paths:
                    training.save(path)

        train(callbacks=[save], workers=workers)
        model = w2v.load_model(paths[1])
        assert 0 < model.summary.done < 1
        np.testing.assert_array_equal(model.vectors.vectors, w2v.load(paths[0]).vectors)

    @pytest.mark.parametrize("size", [12, 16])
    def test_may_be_asked_when_all_is_over(self, tmp_path, size):
        """The rows of the result lie closer together than those of the training did."""
        kept = []
        model, _, _ = train(callbacks=[kept.append], epochs=1, vector_size=size)
        training, paths = kept[0], [tmp_path / "end.bin", tmp_path / "end.safetensors"]
        for path in paths:
            training.save(path)
        found = [training.model().vectors, training.vectors(), *map(w2v.load, paths)]
        for vectors in found:
            np.testing.assert_array_equal(vectors.vectors, model.vectors.vectors)
            assert vectors.most_similar("king", topn=3) == model.vectors.most_similar(
                "king", topn=3
            )
        for output in (training.model().output, w2v.load_model(paths[1]).output):
            np.testing.assert_array_equal(output, model.output)
        assert not np.shares_memory(training.model().output, model.output)

    def test_may_be_asked_for_what_early_stopping_gave(self):
        kept = []
        early = {"held_out": 0.02, "evaluate_every": 0.1, "early_stop": "held-out:1"}
        model, _, evaluated = train(callbacks=[kept.append], epochs=60, alpha=0.1, **early)
        assert evaluated[-1].held_out_loss > evaluated[-2].held_out_loss
        np.testing.assert_array_equal(kept[0].model().vectors.vectors, model.vectors.vectors)

    @pytest.mark.parametrize("suffix", [".bin", ".txt", ".npy", ".tsv"])
    def test_may_save_in_any_form(self, tmp_path, suffix):
        """From the rows of the training, which have gaps between them."""
        paths = [tmp_path / f"{name}{suffix}" for name in ("in", "out")]

        def save(training):
            if isinstance(training.event, w2v.EpochEnded):
                training.save(paths[0])
                training.model().vectors.save(paths[1])

        train(callbacks=[save], epochs=1)
        assert paths[0].read_bytes() == paths[1].read_bytes()

    @pytest.mark.parametrize("workers", [1, 3])
    def test_an_exception_ends_training_with_the_model_intact(self, workers):
        error = ValueError("enough of it")

        def fail(training):
            if training.done > 0.5:
                raise error

        with pytest.raises(w2v.TrainingError) as caught:
            train(callbacks=[fail], workers=workers)
        assert caught.value.__cause__ is error
        assert "ValueError: enough of it" in str(caught.value)
        model = caught.value.model
        assert 0.5 < model.summary.done < 1
        assert np.isfinite(model.vectors.vectors).all()
        assert len(model.history) == 2

    def test_ctrl_c_in_one_passes_through(self):
        def interrupt(training):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            train(callbacks=[interrupt])
