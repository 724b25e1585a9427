"""What does not fit a checkpoint is refused; a directory belongs to one training at a time."""

import os

import pytest
from checkpoints import QUICK, assert_same, killed_after, train

import w2v
from w2v.errors import ConfigError, CorpusError, FormatError


class TestRefusals:
    @pytest.fixture
    def begun(self, directory):
        killed_after(3, corpus="toy", checkpoint=directory, **QUICK)
        return directory

    @pytest.mark.parametrize(
        ("name", "value"),
        [("alpha", 0.025), ("vector_size", 13), ("seed", 2), ("held_out", 0.1)],
    )
    def test_a_changed_setting(self, begun, name, value):
        with pytest.raises(ConfigError) as caught:
            w2v.train("toy", resume=begun, **{name: value})
        old = w2v.read_checkpoint(begun).model.config.as_dict()[name]
        assert str(caught.value).startswith(f"{name} was {old!r} in the training of ")
        assert str(caught.value).endswith(
            f", not {value!r}; leave it out to resume, or start a new training."
        )

    def test_the_same_settings_are_welcome(self, begun):
        assert_same(w2v.train("toy", resume=begun, checkpoint=begun, **QUICK), train())

    def test_a_setting_that_does_not_exist(self, begun):
        with pytest.raises(ConfigError, match="did you mean seed"):
            w2v.train(resume=begun, sead=1)

    def test_a_directory_that_is_in_use(self, begun):
        before = sorted(begun.iterdir())
        with pytest.raises(
            ConfigError, match=r"already holds the checkpoints of a training: .* resume="
        ):
            train(checkpoint=begun)
        assert sorted(begun.iterdir()) == before

    def test_a_directory_without_any(self, tmp_path):
        with pytest.raises(FormatError, match="holds no checkpoint to resume from"):
            w2v.train(resume=tmp_path)
        with pytest.raises(FormatError, match=r"Cannot read the checkpoints in .*none: No such"):
            w2v.train(resume=tmp_path / "none")

    def test_a_full_model_that_is_no_checkpoint(self, tmp_path):
        train(epochs=1).save(tmp_path / "checkpoint-000001.safetensors")
        with pytest.raises(FormatError, match="is a full model, but not a checkpoint"):
            w2v.train(resume=tmp_path)

    def test_a_bad_time(self, directory):
        with pytest.raises(ConfigError, match="checkpoint_every must be 0 seconds or more"):
            train(checkpoint=directory, checkpoint_every=-1)


@pytest.mark.parametrize(
    ("notes", "said"),
    [
        ({"a": {1, 2}}, "Object of type set is not JSON serializable"),
        ({"a": float("nan")}, "Out of range float values"),
        ({1: 2}, "not {1: 2}"),
        ({"a": [{2: 3}]}, "not {'a': "),
        ({"a": "b" * (1 << 20)}, "at most 1,048,576 characters of JSON"),
    ],
)
def test_notes_that_no_checkpoint_can_hold_are_refused_at_once(directory, notes, said):
    told = []
    with pytest.raises(ConfigError) as caught:
        train(checkpoint=directory, notes=notes, on_event=told.append)
    assert said in str(caught.value)
    assert told == []
    assert not directory.exists()


class TestTheLock:
    """One training at a time writes into a directory."""

    @pytest.mark.parametrize("how", ["resume", "checkpoint"])
    def test_a_second_training_is_refused(self, directory, how):
        said, files = [], []

        def another(training):
            if training.done > 0.3 and not said:
                files.append({path: path.read_bytes() for path in directory.iterdir()})
                with pytest.raises(w2v.W2VError) as caught:
                    w2v.train("toy", **{how: directory}, **QUICK)
                said.append(str(caught.value))
                files.append({path: path.read_bytes() for path in directory.iterdir()})
                assert w2v.read_checkpoint(directory).place.epoch >= 0  # reading goes on

        model = train(checkpoint=directory, checkpoint_every=0, callbacks=[another])
        assert said == [
            f"{directory} is in use: another training (process {os.getpid()}) writes its"
            " checkpoints there; wait for its end, or name another directory."
        ]
        assert files[0] == files[1]
        assert_same(model, train())
        assert not (directory / ".lock").exists()

    def test_ends_with_the_process(self, directory):
        """It does not matter how it ended; the file alone is not a lock."""
        killed_after(2, corpus="toy", checkpoint=directory, **QUICK)
        (directory / ".lock").write_text("1")
        assert_same(w2v.train(resume=directory), train())

    def test_no_other_file_is_written(self, directory, tmp_path):
        """A stranger's directory may hold a link in the place of the lock."""
        precious = tmp_path / "precious"
        precious.write_text("of value")
        train(checkpoint=directory, epochs=1)
        (directory / ".lock").symlink_to(precious)
        with pytest.raises(w2v.W2VError, match=r"Cannot write .*\.lock"):
            w2v.train(resume=directory)
        assert precious.read_text() == "of value"

    def test_a_directory_that_was_not_used_is_gone(self, directory):
        with pytest.raises(CorpusError):
            w2v.train("none.txt", checkpoint=directory)
        assert not directory.exists()
