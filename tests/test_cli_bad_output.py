"""Output through the command line: what cannot be written is found early, and no file is lost."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import GOOD_TEXT, SMALL, Shell, is_root, shell_with_files


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    return shell_with_files(tmp_path, monkeypatch)


@pytest.mark.usefixtures("no_training")
class TestOutput:
    @pytest.mark.parametrize(
        ("output", "sentence"),
        [
            ("missing/out.bin", "the directory missing does not exist; create it"),
            ("missing/", "'missing/' names no file"),
            ("", "'' names no file"),
            ("folder", "Cannot write folder: it is a directory"),
            ("folder/", "'folder/' names no file"),
            ("good.txt/out.bin", "the directory good.txt does not exist"),
            ("good.txt", "Cannot write good.txt: it is the corpus"),
            ("./folder/../good.txt", "it is the corpus"),
            ("link.bin", "Cannot write link.bin: it is the corpus"),
            ("/dev/null", "Cannot write /dev/null: it is a device"),
            ("out.safetensors.gz", "save out.safetensors in the place of out.safetensors.gz"),
            ("good.npy", "Cannot write good.vocab: it is a directory"),
            ("x" * 300 + ".bin", "Cannot write x+.bin: File name too long"),
            ("-", "Vectors are not written to standard output; name a file to write"),
        ],
    )
    def test_refused_before_training(self, shell: Shell, output: str, sentence: str) -> None:
        Path("folder").mkdir()
        Path("link.bin").symlink_to("good.txt")
        Path("good.vocab").mkdir()
        before = shell.files()
        assert re.search(sentence, shell.fail("train", "good.txt", "-o", output, *SMALL))
        assert shell.files() == before
        assert Path("good.txt").read_text() == GOOD_TEXT

    def test_one_of_several_inputs(self, shell: Shell) -> None:
        message = shell.fail("train", "good.txt", "good.bin", "-o", "good.bin")
        assert "Cannot write good.bin: it is the corpus" in message

    def test_found_before_standard_input_is_read(self, shell: Shell) -> None:
        process = shell.start("train", "-", "-o", "missing/out.bin", stdin=subprocess.PIPE)
        code, errors = process.finish(30)  # standard input never ends
        assert code == 1
        assert "the directory missing does not exist" in errors

    @pytest.mark.parametrize(
        ("log", "sentence"),
        [
            ("missing/log.jsonl", "Cannot write the log missing/log.jsonl: No such file or dir"),
            (".", "Cannot write the log .: Is a directory"),
            ("good.txt", "Cannot write the log good.txt: the file exists and is not a log of w2v"),
            ("out.bin", "Cannot write out.bin: it is the vectors; name another for the log."),
        ],
    )
    def test_a_log_that_cannot_be_written(self, shell: Shell, log: str, sentence: str) -> None:
        message = shell.fail("train", "good.txt", "-o", "out.bin", "--log", log)
        assert message.startswith(sentence)
        assert Path("good.txt").read_text() == GOOD_TEXT


def test_an_output_directory_without_permission(shell: Shell) -> None:
    Path("locked").mkdir()
    Path("locked").chmod(0o555)
    command = [sys.executable, "-m", "w2v_cli", "train", "good.txt", "-o", "locked/out.bin"]
    if is_root():
        # Root may write everywhere, unless that power is taken from the process.
        if shutil.which("setpriv") is None:
            pytest.skip("run as root, and setpriv is not there to do without its powers")
        command = ["setpriv", "--bounding-set=-dac_override", *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "setpriv:" in done.stderr:
        pytest.skip(f"run as root, and its powers cannot be taken away: {done.stderr}")
    assert done.returncode == 1
    assert done.stderr == (
        "Error: Cannot write locked/out.bin: no permission to write in locked.\n"
    )


def test_a_model_that_cannot_be_kept_leaves_the_old_file(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Path("good.bin").read_bytes()

    def full_disk(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    result = shell("train", "good.txt", "-o", "good.bin", "--quiet", *SMALL)
    assert result.exit_code == 1
    assert result.stderr == "Error: Cannot write good.bin: No space left on device.\n"
    assert Path("good.bin").read_bytes() == before
    assert shell.files() == ["good.bin", "good.txt"]
