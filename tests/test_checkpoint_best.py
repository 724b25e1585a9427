"""Early stopping goes on counting where it was, with the best vectors that it has found."""

import shutil

import numpy as np
import pytest
from checkpoints import QUICK, assert_same, killed_after

import w2v
from w2v.errors import FormatError
from w2v.training.checkpoint_names import best_path
from w2v.training.checkpoint_reading import read_checkpoint_file
from w2v_corpora import toy

EARLY = {"held_out": 0.2, "evaluate_every": 0.005, "early_stop": "held-out:3"}
OVERFIT = {**QUICK, "epochs": 400, "alpha": 0.1, "min_alpha": 0.1, "min_count": 1}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A text so short that each epoch is one chunk."""
    path = tmp_path_factory.mktemp("overfit") / "short.txt"
    path.write_bytes(b"\n".join(toy.text().splitlines()[:300]))
    return path


@pytest.fixture(scope="module")
def whole(path):
    return w2v.train(path, **OVERFIT, **EARLY)


def epochs_of(model):
    return round(model.summary.done * 400)


def test_early_stopping_goes_on_counting(path, whole, directory):
    """Killed and resumed, it stops where it would have stopped, with the same best vectors."""
    assert whole.summary.done < 1
    killed_after(epochs_of(whole) // 2, corpus=path, checkpoint=directory, **OVERFIT, **EARLY)
    killed_after(epochs_of(whole) // 3, resume=directory, **EARLY)
    resumed = w2v.train(resume=directory, **EARLY)
    np.testing.assert_array_equal(resumed.vectors.vectors, whole.vectors.vectors)
    assert resumed.summary.done == whole.summary.done


class TestTheBest:
    """What early stopping has found best belongs to one training, and to one measure."""

    def killed_late(self, path, directory, whole):
        """Kill a training when it has found something better, but has not found the best."""
        killed_after(epochs_of(whole) // 2, corpus=path, checkpoint=directory, **OVERFIT, **EARLY)

    def test_is_taken_up_without_being_told(self, path, whole, directory):
        """Neither the test sets nor early stopping have to be named again."""
        self.killed_late(path, directory, whole)
        assert len(list(directory.glob("best-*"))) in (1, 2)
        resumed = w2v.train(resume=directory)
        np.testing.assert_array_equal(resumed.vectors.vectors, whole.vectors.vectors)
        assert resumed.summary.done == whole.summary.done
        again = w2v.train(resume=directory)  # from where it had stopped already
        np.testing.assert_array_equal(again.vectors.vectors, whole.vectors.vectors)
        assert again.summary.done == whole.summary.done
        assert again.summary.scores == whole.summary.scores

    def test_of_another_training_is_never_taken(self, path, directory):
        """Left behind when the checkpoints were removed, under this name and an older one."""
        w2v.train("toy", checkpoint=directory, held_out=0.1, early_stop="held-out:1", **QUICK)
        for old in directory.glob("checkpoint-*"):
            old.unlink()
        (best,) = directory.glob("best-*")
        shutil.copy(best, directory / "best.safetensors")
        settings = {**OVERFIT, "epochs": 3}
        whole = w2v.train(path, **settings)
        killed_after(2, corpus=path, checkpoint=directory, **settings)
        resumed = w2v.train(resume=directory)
        assert_same(resumed, whole)
        assert not best.exists()

    def test_of_another_content_is_passed_over(self, path, whole, directory):
        self.killed_late(path, directory, whole)
        newest = w2v.read_checkpoint(directory)
        other = w2v.train(path, **{**OVERFIT, "epochs": 9})
        other.save(best_path(directory, newest.evaluation.vectors))
        with pytest.raises(FormatError, match=r"best-.* is damaged: its content does not fit"):
            read_checkpoint_file(newest.path)
        best_path(directory, newest.evaluation.vectors).unlink()
        with pytest.raises(FormatError, match=r"There is no full model .*best-"):
            read_checkpoint_file(newest.path)

    def test_goes_along_to_another_directory(self, path, whole, directory, tmp_path):
        self.killed_late(path, directory, whole)
        elsewhere = tmp_path / "elsewhere"
        killed_after(1, resume=directory, checkpoint=elsewhere)
        shutil.rmtree(directory)
        resumed = w2v.train(resume=elsewhere)
        np.testing.assert_array_equal(resumed.vectors.vectors, whole.vectors.vectors)

    def test_by_another_measure_begins_anew(self, path, whole, directory, tmp_path):
        """Scores of analogies and losses cannot be compared, nor those of two test sets."""
        pairs = tmp_path / "pairs.tsv"
        pairs.write_text("the\tof\t1\nthe\tand\t2\nof\tand\t3\n")
        evaluated = []

        def listen(event):
            if isinstance(event, w2v.Evaluated):
                evaluated.append(event.scores["pairs"])

        self.killed_late(path, directory, whole)
        options = {"resume": directory, "evaluate": [pairs], "early_stop": "pairs:2"}
        killed_after(3, **options)
        assert w2v.read_checkpoint(directory).evaluation.early_stop == "pairs:2"
        resumed = w2v.train(resume=directory, on_event=listen)
        assert resumed.summary.scores["pairs"] >= max(evaluated)
        first = w2v.read_checkpoint(directory).evaluation
        pairs.write_text(pairs.read_text().replace("\t3", "\t0"))  # another set of that name
        evaluated.clear()
        w2v.train(resume=directory, on_event=listen)
        assert w2v.read_checkpoint(directory).evaluation.measure != first.measure
        assert len(evaluated) >= 2
