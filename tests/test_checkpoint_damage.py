"""Damaged checkpoints are passed over; what is not finite never gets into one."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from checkpoints import QUICK, assert_same, killed_after, train

import w2v
from w2v.errors import FormatError
from w2v_corpora import toy


@pytest.fixture(scope="module")
def small_checkpoints(tmp_path_factory):
    directory = tmp_path_factory.mktemp("kept")
    sentences = [line.decode().split() for line in toy.text().splitlines()[:300]]
    settings = {**QUICK, "vector_size": 3, "max_vocabulary": 20}
    killed_after(3, corpus=sentences, checkpoint=directory, **settings)
    return directory


class TestDamage:
    @pytest.fixture
    def copy(self, small_checkpoints, tmp_path):
        return Path(shutil.copytree(small_checkpoints, tmp_path / "copy"))

    def test_any_flipped_bit_of_the_newest_falls_back(self, copy):
        older, newest = sorted(copy.iterdir())
        whole = newest.read_bytes()
        for place in range(0, len(whole), 41):
            damaged = bytearray(whole)
            damaged[place] ^= 1 << place % 8
            newest.write_bytes(damaged)
            found = w2v.read_checkpoint(copy)
            if found.path == newest:  # white space and the like, which nothing depends on
                assert found.model.stored().words == w2v.load_model(older).vectors.index_to_key
                continue
            assert found.path == older
            assert len(found.passed_over) == 1
            assert str(newest) in found.passed_over[0]

    def test_a_cut_at_any_place_falls_back(self, copy):
        older, newest = sorted(copy.iterdir())
        whole = newest.read_bytes()
        for size in range(0, len(whole), 97):
            newest.write_bytes(whole[:size])
            assert w2v.read_checkpoint(copy).path == older

    def test_of_all_is_refused_with_every_reason(self, copy):
        for path in copy.iterdir():
            path.write_bytes(path.read_bytes()[:-1])
        with pytest.raises(FormatError) as caught:
            w2v.train(resume=copy)
        message = str(caught.value)
        assert message.startswith(f"No checkpoint in {copy} is whole: ")
        assert all(str(path) in message for path in copy.iterdir())

    def test_one_that_is_whole_stays_until_there_are_two_newer_ones(self, directory):
        killed_after(3, corpus="toy", checkpoint=directory, **QUICK)
        whole, damaged = sorted(directory.iterdir())
        damaged.write_bytes(damaged.read_bytes()[:1000])
        killed_after(1, resume=directory)
        assert damaged not in directory.iterdir()
        (newest,) = set(directory.iterdir()) - {whole}
        newest.write_bytes(b"")
        assert w2v.read_checkpoint(directory).path == whole
        killed_after(2, resume=directory)
        assert [path.stem[-1] for path in sorted(directory.iterdir())] == ["5", "6"]

    def test_falling_back_gives_the_same_result(self, directory):
        killed_after(6, corpus="toy", checkpoint=directory, **QUICK)
        newest = sorted(directory.iterdir())[-1]
        newest.write_bytes(newest.read_bytes()[:1000])
        events = []
        assert_same(w2v.train(resume=directory, on_event=events.append), train())
        (resumed,) = (event for event in events if isinstance(event, w2v.Resumed))
        assert str(newest) in resumed.passed_over[0]


def test_numbers_that_are_not_finite_never_reach_a_checkpoint(directory):
    spoiled = []

    def spoil(training):
        if training.done > 0.3 and not spoiled:
            training.place()
            training.trainer.weights.output[-1] = np.inf  # a word that hardly any loss sees
            spoiled.append(training.event)

    with pytest.raises(w2v.DivergedError) as caught:
        train(checkpoint=directory, checkpoint_every=0, callbacks=[spoil])
    last = sorted(directory.iterdir())[-1]
    assert str(caught.value).endswith(f" The last good checkpoint is {last}.")
    assert np.isfinite(w2v.load_model(last).output).all()
    assert w2v.load_model(last).summary.done > 0.25


def test_the_last_good_one_may_lie_in_another_directory(directory, tmp_path):
    killed_after(3, corpus="toy", checkpoint=directory, **QUICK)
    last = w2v.read_checkpoint(directory).path

    def spoil(training):
        training.place()
        training.trainer.weights.output[-1] = np.inf

    with pytest.raises(w2v.DivergedError) as caught:
        w2v.train(
            resume=directory, checkpoint=tmp_path / "b", checkpoint_every=3600, callbacks=[spoil]
        )
    assert str(caught.value).endswith(f" The last good checkpoint is {last}.")


def test_a_process_killed_while_it_writes_leaves_the_older_ones(tmp_path):
    """SIGKILL from inside the writing of the third checkpoint, after half of its bytes."""
    script = (
        "import os, signal, sys, w2v\n"
        "from w2v.formats import full_model\n"
        "whole, count = full_model.write_tensors, []\n"
        "def half(stream, tensors, metadata):\n"
        "    whole(stream, tensors, metadata)\n"
        "    count.append(stream)\n"
        "    if len(count) == 3:\n"
        "        stream.truncate(stream.tell() // 2)\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "full_model.write_tensors = half\n"
        "w2v.train('toy', vector_size=4, checkpoint=sys.argv[1], checkpoint_every=0, workers=1)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "saved")], check=False, capture_output=True
    )
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    names = sorted(path.name for path in (tmp_path / "saved").iterdir())
    assert names[0].startswith(".checkpoint-000003.safetensors.")
    assert names[1:] == [
        ".lock", "checkpoint-000001.safetensors", "checkpoint-000002.safetensors"
    ]  # fmt: skip
    found = w2v.read_checkpoint(tmp_path / "saved")
    assert found.path.name == names[3]
    assert found.passed_over == ()
