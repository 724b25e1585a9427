"""Which vectors a query reads, and the command line as a process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Shell, shell_with_vectors
from test_cli_queries import as_json, write_vectors

import w2v


@pytest.fixture
def shell(tmp_path: Path, toy_vectors: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    return shell_with_vectors(tmp_path, toy_vectors, monkeypatch)


class TestWhichVectors:
    def test_the_option_beats_the_environment_beats_the_last(
        self, shell: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_vectors("option.bin", a=[1, 0], option=[1, 1])
        write_vectors("environment.bin", a=[1, 0], environment=[1, 1])
        Path("last.txt").write_text("a last\n" * 9)
        shell.succeed("train", "last.txt", "--quiet")
        monkeypatch.setenv("W2V_VECTORS", "environment.bin")
        result = shell.succeed("similar", "a", "-v", "option.bin")
        assert (result.stdout.split()[0], result.stderr) == ("option", "Reading option.bin\n")
        assert shell.succeed("similar", "a").stdout.split()[0] == "environment"
        monkeypatch.setenv("W2V_VECTORS", "")
        result = shell.succeed("similar", "a")
        assert result.stdout.split()[0] == "last"
        assert result.stderr == "Reading last.bin (trained last)\n"

    def test_there_are_none(self, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("W2V_VECTORS")
        message = shell.fail("similar", "cat")
        assert "name a file of vectors with -v" in message
        assert "w2v train toy" in message

    def test_the_last_ones_are_gone(self, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("W2V_VECTORS")
        Path("last.txt").write_text("a last\n" * 9)
        shell.succeed("train", "last.txt", "--quiet")
        Path("last.bin").unlink()
        message = shell.fail("similar", "cat")
        assert message.startswith(f"The vectors trained last, {shell.directory / 'last.bin'}, are")

    def test_only_the_first_vectors_can_be_read(self, shell: Shell) -> None:
        first = w2v.load("toy.bin").index_to_key[0]
        assert len(as_json(shell, "similar", first, "--limit", 5)) == 4

    def test_damage_can_be_skipped(self, shell: Shell) -> None:
        Path("twice.txt").write_text("3 2\na 1 0\na 0 1\nb 1 1\n")
        assert "--on-defect skip" in shell.fail("similar", "a", "-v", "twice.txt")
        result = shell.succeed("similar", "a", "-v", "twice.txt", "--on-defect", "skip")
        assert result.stdout == "b  0.7071\n"
        assert "Warning: twice.txt: left out 1 damaged" in result.stderr

    def test_invalid_utf8_can_be_replaced(self, shell: Shell) -> None:
        Path("bad.txt").write_bytes(b"2 2\ncaf\xe9 1 0\nb 1 1\n")
        assert "--invalid-utf8 replace" in shell.fail("similar", "b", "-v", "bad.txt")
        result = shell.succeed("similar", "b", "-v", "bad.txt", "--invalid-utf8", "replace")
        assert result.stdout == "caf\N{REPLACEMENT CHARACTER}  0.7071\n"


class TestAsAProcess:
    def test_a_query_loads_neither_numba_nor_rich_nor_scipy(self, shell: Shell) -> None:
        for query in (("analogy", "king", "man", "woman"), ("distance", "cat", "dog")):
            done = subprocess.run(
                [sys.executable, "-X", "importtime", "-m", "w2v_cli", *query],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
            assert "numpy" in loaded
            heavy = {"numba", "llvmlite", "rich", "scipy", "pooch", "safetensors", "gensim"}
            assert not loaded & heavy

    def test_a_reader_may_stop_after_the_first_line(self, shell: Shell) -> None:
        command = f"{sys.executable} -m w2v_cli similar cat -n 500 | head -1"
        done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
        assert len(done.stdout.splitlines()) == 1
        assert done.stderr == "Reading toy.bin (from $W2V_VECTORS)\n"

    def test_a_reader_may_be_gone_before_the_first_line(self, shell: Shell) -> None:
        reading, writing = os.pipe()
        os.close(reading)
        code, errors = shell.start("similar", "cat", stdout=writing).finish()
        os.close(writing)
        assert code in (1, 141)
        assert errors == "Reading toy.bin (from $W2V_VECTORS)\n"

    def test_a_terminal_without_the_letters_gets_them_escaped(
        self, shell: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
        name = write_vectors("korean.txt", 고양이=[1, 0], 개=[1, 1])
        process = shell.start("odd", "개", "개", "고양이", "-v", name)
        assert process.stdout is not None
        assert process.stdout.read() == "고양이\n".encode("ascii", "backslashreplace").decode()
        assert process.finish()[0] == 0
