"""Checkpoints from the command line: killed, resumed, a stranger's, in use by another command."""

import json
import random
import signal
import time
from pathlib import Path

import pytest

import w2v
from w2v_corpora import toy


class TestCommandLine:
    COMMAND = ("train", "toy", "--vector-size", 12, "--workers", 1, "--epochs", 60)

    @pytest.mark.parametrize("kills", [3, pytest.param(10, marks=pytest.mark.long)])
    def test_sigkill_at_random_moments(self, shell, kills):
        """Real processes, killed; the last one ends, with the file of one that was not killed."""
        shell.succeed(*self.COMMAND, "-o", "whole.bin")
        rest = ("--checkpoint", "saved", "--checkpoint-every", "0.02s", "-o", "killed.bin")
        command, generator = (*self.COMMAND, *rest), random.Random(kills)
        for _ in range(kills):
            process = shell.start(*command, "--quiet")
            deadline = time.monotonic() + 60
            before = set(Path("saved").glob("*")) if Path("saved").exists() else set()
            while not (Path("saved").exists() and set(Path("saved").glob("c*")) - before):
                assert process.poll() is None, process.finish()
                assert time.monotonic() < deadline
                time.sleep(0.005)
            time.sleep(generator.random() * 0.1)
            process.send_signal(signal.SIGKILL)
            assert process.finish()[0] == -signal.SIGKILL
            command = ("train", "--resume", "saved", "--checkpoint-every", "0.02s")
        assert not Path("killed.bin").exists()
        # Each checkpoint waits for the disk, and this one is not to be killed.
        assert shell.start("train", "--resume", "saved").finish()[0] == 0
        assert Path("killed.bin").read_bytes() == Path("whole.bin").read_bytes()

    def test_resume_needs_no_other_option(self, shell, monkeypatch):
        """Corpus, settings, output, log and test sets are in the checkpoint."""
        Path("pairs.tsv").write_text("cat\tdog\t9\ncat\tcar\t2\nking\tqueen\t8\n")
        process = shell.start(
            "train", "toy", "-o", "out.vec", "--vector-size", 12, "--epochs", 30, "--checkpoint",
            "saved", "--checkpoint-every", "0", "--log", "log.jsonl", "--evaluate", "pairs.tsv",
            "--evaluate-every", "0.5",
        )  # fmt: skip
        while '"checkpoint"' not in (
            Path("log.jsonl").read_text() if Path("log.jsonl").exists() else ""
        ):
            time.sleep(0.01)
        process.interrupt()
        code, errors = process.finish()
        assert code == 130
        assert errors.splitlines()[-1] == "Interrupted; 'w2v train --resume saved' goes on."
        begun = Path("log.jsonl").read_text().splitlines()
        saved = Path("saved").absolute()
        elsewhere = shell.directory / "elsewhere"
        elsewhere.mkdir()
        monkeypatch.chdir(elsewhere)
        result = shell.succeed("train", "--resume", saved)
        assert f"Going on from {saved / 'checkpoint-'}" in result.stderr
        assert "pairs " in result.stderr
        assert len(w2v.load(shell.directory / "out.vec")) > 300
        lines = (shell.directory / "log.jsonl").read_text().splitlines()
        assert lines[: len(begun)] == begun
        kinds = [json.loads(line)["event"] for line in lines]
        assert kinds.count("resumed") == kinds.count("summary") == 1
        assert list(elsewhere.iterdir()) == []

    SMALL = ("--vector-size", 4, "--epochs", 1, "--workers", 1)

    @pytest.fixture
    def strange(self, shell, monkeypatch):
        """A directory of checkpoints of somebody else, who has named files of ours."""
        files = ("-o", "ours.bin", "--log", "ours.txt")
        with monkeypatch.context() as patch:
            patch.setenv("XDG_STATE_HOME", str(shell.home / "theirs"))
            shell.succeed("train", "toy", "--checkpoint", "saved", *self.SMALL, *files)
        Path("ours.bin").write_text("of value")
        Path("ours.txt").write_text("")
        return "saved"

    def test_a_strangers_checkpoint_writes_nothing_that_it_names(self, shell, strange):
        before = {path: path.read_bytes() for path in shell.directory.rglob("*") if path.is_file()}
        said = shell.fail("train", "--resume", strange)
        output = str(shell.directory / "ours.bin")
        assert said.endswith(
            f" was not written by you on this machine, and names the file to write ({output!r});"
            " name it yourself, as in -o vectors.bin."
        )
        Path("ours.bin").unlink()  # nor a file that is not there yet
        assert "name it yourself" in shell.fail("train", "--resume", strange)
        Path("ours.bin").write_text("of value")
        after = {path: path.read_bytes() for path in shell.directory.rglob("*") if path.is_file()}
        assert after == before
        result = shell.succeed("train", "--resume", strange, "-o", "new.bin")
        assert "name the log yourself with --log" in result.stderr
        assert Path("ours.bin").read_text() == "of value"
        assert Path("ours.txt").read_text() == ""
        assert len(w2v.load("new.bin")) == 582
        Path("new.bin").unlink()
        shell.succeed("train", "--resume", strange)  # its newest checkpoint is ours now
        assert len(w2v.load("new.bin")) == 582

    @pytest.mark.parametrize("answer", ["y", "n"])
    def test_at_a_terminal_the_user_is_asked(self, shell, strange, answer, monkeypatch):
        monkeypatch.setattr("w2v_cli.resuming._is_terminal", lambda: True)
        Path("ours.bin").unlink()
        result = shell("train", "--resume", strange, text=f"{answer}\n")
        assert "was not written by you on this machine. Write '" in result.stderr
        assert Path("ours.bin").exists() == (answer == "y")
        assert (result.exit_code == 0) == (answer == "y")

    @pytest.mark.parametrize("notes", [{}, {"output": 3, "log": [], "seal": "é"}, {"seal": {}}])
    def test_notes_of_any_kind(self, shell, notes):
        w2v.train("toy", vector_size=4, epochs=1, workers=1, checkpoint="saved", notes=notes)
        Path("toy.bin").write_text("of value")
        assert "toy.bin exists already; name the file to write with -o" in shell.fail(
            "train", "--resume", "saved"
        )
        Path("toy.bin").unlink()
        shell.succeed("train", "--resume", "saved")
        assert len(w2v.load("toy.bin")) == 582

    def test_a_second_command_leaves_the_first_one_alone(self, shell):
        """Its checkpoints, its log and its vectors."""
        command = (*self.COMMAND[:-1], 400, "--checkpoint", "saved", "--checkpoint-every", "0.1s")
        first = shell.start(*command, "-o", "o.bin", "--log", "log.jsonl", "--quiet")
        try:
            deadline = time.monotonic() + 60
            while not list(Path("saved").glob("c*")):
                assert first.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.01)
            for further in ((*command, "-o", "p.bin"), ("train", "--resume", "saved")):
                said = shell.fail(*further, "--log", "log.jsonl", "--quiet")
                assert f"saved is in use: another training (process {first.pid}) writes" in said
            lines = Path("log.jsonl").read_text().splitlines()
            assert json.loads(lines[0])["event"] in ("vocabulary", "counting")
            assert first.poll() is None
        finally:
            first.send_signal(signal.SIGKILL)
            first.finish()

    def test_standard_input_has_to_be_given_again(self, shell):
        text = toy.text()
        small = ("--vector-size", 4, "--epochs", 1, "--workers", 1)
        shell.succeed("train", "-", "-o", "v.bin", "--checkpoint", "saved", *small, text=text)
        assert "was standard input, a pipe, lists of words, or an" in shell.fail(
            "train", "--resume", "saved"
        )
        first = Path("v.bin").read_bytes()
        shell.succeed("train", "-", "--resume", "saved", text=text)
        assert Path("v.bin").read_bytes() == first

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("--resume", "none"), "Cannot read the checkpoints in none: No such file"),
            (("--resume", "saved", "--alpha", 0.9), "alpha was 0.05 in the training of saved/"),
            (("toy", "--checkpoint", "saved"), "saved already holds the checkpoints of a training"),
            (("toy", "--checkpoint", "file"), "Cannot make the directory file for checkpoints"),
            (("text.txt", "--resume", "saved"), "The corpus is not the one that saved/"),
        ],
    )
    def test_mistakes(self, shell, arguments, said):
        small = ("--vector-size", 4, "--epochs", 1, "--workers", 1)
        shell.succeed("train", "toy", "--checkpoint", "saved", *small)
        Path("file").write_text("in the way")
        Path("text.txt").write_bytes(toy.text() + b"cat\n")
        before = shell.files()
        assert said in shell.fail("train", *arguments, "--quiet")
        assert shell.files() == before

    def test_a_bad_time(self, shell):
        message = shell.fail("train", "toy", "--checkpoint", "saved", "--checkpoint-every", "soon")
        assert message == (
            "--checkpoint-every must be a time such as 90, 60s, 5m or 2h, not 'soon'."
        )

    def test_without_corpus_and_resume_there_is_nothing_to_do(self, shell):
        result = shell("train")
        assert result.exit_code == 2
        assert "Missing CORPUS" in result.stderr
