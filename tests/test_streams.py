"""Standard streams that are closed, full or broken, and terminals that go: the work is not lost."""

import fcntl
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from command_line import SMALL, Process, Shell, Terminal, ignore_no_signals, shell_with_temporary
from faults import W2V, Ended

import w2v

TRAIN = (*W2V, "train", "toy", "-o", "out.bin", *SMALL)
LOST = "Error: Cannot write the results to standard output: "


@pytest.fixture(autouse=True)
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    shell = shell_with_temporary(tmp_path, monkeypatch)
    words = ["a", "b", "c", "d"]
    w2v.KeyedVectors(words, np.arange(8, dtype=np.float32).reshape(4, 2) + 1).save("good.bin")
    return shell


def run_in_shell(line: str, *arguments: str) -> Ended:
    """Run a line of the shell, in which "$@" is a command."""
    done = subprocess.run(
        ["bash", "-c", line, "bash", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "Traceback" not in done.stderr
    return Ended(done.returncode, done.stderr, done.stdout)


full = pytest.param(
    ">/dev/full",
    "No space left on device.\n",
    marks=pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full"),
)


class TestMessagesThatNobodyReads:
    """They are dropped, and the output is complete."""

    @pytest.mark.parametrize(
        "streams",
        [
            "2>&-",
            "<&- >&- 2>&-",
            "2>/dev/full",
            "2>&1 | head -1; exit ${PIPESTATUS[0]}",
        ],
    )
    def test_training(self, shell: Shell, streams: str) -> None:
        assert run_in_shell(f'"$@" {streams}', *TRAIN).code == 0
        assert len(w2v.load("out.bin")) == 582
        assert shell.files() == ["good.bin", "out.bin"]

    def test_the_lines_before_the_pipe_broke_are_whole(self) -> None:
        ended = run_in_shell('"$@" 2>&1 | head -1', *TRAIN)
        assert ended.output == "Reading toy\n"

    @pytest.mark.parametrize("streams", ["2>&-", "2>&1 >/dev/null | head -c 1"])
    def test_an_index(self, streams: str) -> None:
        pytest.importorskip("usearch")
        run_in_shell(f'"$@" {streams}', *W2V, "index", "-v", "good.bin")
        assert w2v.load_index("good.bin.index", w2v.load("good.bin")).recall == 1

    def test_a_query(self) -> None:
        ended = run_in_shell('"$@" 2>&-', *W2V, "similar", "a", "-v", "good.bin", "-n", "1")
        assert (ended.code, len(ended.output.split())) == (0, 2)

    def test_a_file_that_is_opened_does_not_take_the_place_of_a_closed_stream(self) -> None:
        script = (
            "from w2v_cli import streams\nstreams.install()\n"
            "with open('opened', 'w') as stream:\n    stream.write(str(stream.fileno()))\n"
        )
        assert run_in_shell('"$@" <&- >&- 2>&-', sys.executable, "-c", script).code == 0
        assert int(Path("opened").read_text()) > 2

    def test_a_slow_reader_of_a_stream_that_does_not_block_gets_all(self) -> None:
        ours, theirs = os.pipe()
        fcntl.fcntl(theirs, fcntl.F_SETFL, os.O_NONBLOCK)
        words = [f"{number:0100}" for number in range(3000)]  # more than a pipe holds
        w2v.KeyedVectors(words, np.eye(3000, 2, dtype=np.float32) + 1).save("many.bin")
        command = (*W2V, "similar", words[0], "-v", "many.bin", "-n", "3000")
        with subprocess.Popen(command, stdout=theirs, stderr=subprocess.DEVNULL) as process:
            os.close(theirs)
            time.sleep(1)
            with os.fdopen(ours) as stream:
                assert len(stream.read().splitlines()) == 2999
        assert process.returncode == 0


class TestResultsThatAreLost:
    COMMANDS = (
        ("similar", "a", "-v", "good.bin"),
        ("similar", "a", "-v", "good.bin", "--json"),
        ("odd", "a", "b", "c", "-v", "good.bin"),
        ("info", "good.bin"),
        ("check", "good.bin", "--json"),
        ("--help",),
        ("--version",),
        ("train", "--help"),
    )

    @pytest.mark.parametrize(("stream", "reason"), [(">&-", "it is closed.\n"), full])
    @pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
    def test_it_is_an_error(self, command: tuple[str, ...], stream: str, reason: str) -> None:
        ended = run_in_shell(f'"$@" {stream}', *W2V, *command)
        assert ended.code == 1
        assert ended.errors.removeprefix("Reading good.bin\n") == LOST + reason

    def test_a_reader_that_has_seen_enough_is_none(self) -> None:
        line = '"$@" | true; exit ${PIPESTATUS[0]}'
        ended = run_in_shell(line, *W2V, "similar", "a", "-v", "good.bin")
        assert ended.errors in ("Reading good.bin\n", "")

    def test_a_command_without_results_needs_no_standard_output(self) -> None:
        ended = run_in_shell('"$@" >&-', *W2V, "convert", "good.bin", "out.txt")
        assert ended.code == 0
        assert len(w2v.load("out.txt")) == 4


class TestStandardInput:
    @pytest.mark.parametrize(
        ("stream", "corpus", "words"),
        [
            (
                "<&-",
                "There is no standard input to read the corpus '-' from.",
                "There is no standard input to read the words '-' from.",
            ),
            (
                "0>written.txt",
                "Cannot read standard input: Bad file descriptor.",
                "Cannot read standard input: Bad file descriptor.",
            ),
        ],
    )
    def test_one_that_cannot_be_read(self, stream: str, corpus: str, words: str) -> None:
        ended = run_in_shell(f'"$@" {stream}', *W2V, "train", "-", "-o", "out.bin")
        assert (ended.code, ended.error) == (1, f"Error: {corpus}")
        ended = run_in_shell(f'"$@" {stream}', *W2V, "similar", "-", "-v", "good.bin")
        assert (ended.code, ended.error) == (1, f"Error: {words}")


class TestATerminalThatIsClosed:
    """The command is the first process of a terminal of its own, whose other side closes."""

    ENDLESS = ("--epochs", "100000", "--vector-size", "8", "--log", "log.jsonl")

    def hang_up(
        self, *arguments: str, until: str, begin: Callable[[], object] = ignore_no_signals
    ) -> int:
        """Train until the log has a text, then close the terminal; return the exit code."""
        child, terminal = pty.fork()
        if child == 0:
            begin()
            os.execv(sys.executable, [*W2V, "train", "toy", "-o", "out.bin", *arguments])
        deadline = time.monotonic() + 60
        log = Path("log.jsonl")
        while not (log.exists() and until in log.read_text()):
            assert time.monotonic() < deadline
            os.read(terminal, 1 << 16)
        os.close(terminal)
        _, status = os.waitpid(child, 0)
        assert os.WIFEXITED(status), status
        return os.WEXITSTATUS(status)

    def test_training_ends_with_it_and_can_be_resumed(self, shell: Shell) -> None:
        checkpoints = ("--checkpoint", "kept", "--checkpoint-every", "0s")
        assert self.hang_up(*self.ENDLESS, *checkpoints, until='"event": "checkpoint"') == 129
        assert w2v.read_checkpoint("kept").place.position > 0
        assert shell.files() == ["good.bin", "kept", "log.jsonl"]

    def test_nohup_goes_on_without_it(self) -> None:
        def ignore() -> None:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

        small = ("--vector-size", "8", "--epochs", "30", "--log", "log.jsonl")
        assert self.hang_up(*small, until='"event": "epoch"', begin=ignore) == 0
        assert len(w2v.load("out.bin")) == 582

    def test_what_is_said_where_somebody_still_reads(self, shell: Shell) -> None:
        process: Process = shell.start("train", "toy", *self.ENDLESS[:4])
        process.wait_for("get vectors")
        process.send_signal(signal.SIGHUP)
        code, errors = process.finish()
        assert code == 129
        assert errors.splitlines()[-1] == "The terminal was closed; nothing was written."


def test_a_command_on_a_terminal_that_only_stops_listening_goes_on() -> None:
    with Terminal("train", "toy", "-o", "out.bin", *SMALL) as terminal:
        terminal.read_until("Counting words")
    assert terminal.process.returncode == 0
    assert len(w2v.load("out.bin")) == 582
