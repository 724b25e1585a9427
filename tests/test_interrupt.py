"""Ctrl-C: once ends the work in order and within a second, twice ends the process at once."""

import bz2
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from command_line import (
    SMALL,
    Process,
    Shell,
    Terminal,
    end_processes,
    shell_with_temporary,
)

import w2v
from w2v import temporaries
from w2v.files import atomic_path, temporary_beside
from w2v.temporaries import TEMPORARIES, remove_temporaries
from w2v_cli import interrupt
from w2v_corpora import toy

pytestmark = pytest.mark.alone  # signals come after fixed times

ENDLESS = ("--epochs", 100_000, "--vector-size", 8)
GRACE = 3  # seconds of processor time: of two workers, and some to clean up


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    shell = shell_with_temporary(tmp_path, monkeypatch)
    # The message is kept by the module; commands run in this process must not leave theirs.
    monkeypatch.setattr(interrupt.state, "outcome", interrupt.state.outcome)
    monkeypatch.setattr(interrupt.state, "reported", False)
    return shell


def ends_in_order(process: Process) -> str:
    """Interrupt a process once; return its output, which comes in time and without a traceback."""
    process.interrupt()
    code, errors = process.ends_within(GRACE)
    assert code == 130
    assert "Traceback" not in errors
    return errors


def test_training_ends_in_order(shell: Shell) -> None:
    process = shell.start("train", "toy", "--log", "log.jsonl", *ENDLESS)
    wait_for_epoch(Path("log.jsonl"))
    errors = ends_in_order(process)
    last = errors.splitlines()[-1]
    assert last == "Interrupted; nothing was written but the log log.jsonl."
    assert shell.files() == ["log.jsonl"]
    assert all(json.loads(line) for line in Path("log.jsonl").read_text().splitlines())


def wait_for_epoch(log: Path) -> None:
    deadline = time.monotonic() + 60
    while not (log.exists() and '"epoch"' in log.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_training_without_a_log_has_written_nothing(shell: Shell) -> None:
    process = shell.start("train", "toy", *ENDLESS)
    process.wait_for("get vectors")
    time.sleep(0.5)
    assert ends_in_order(process).endswith("\nInterrupted; nothing was written.\n")
    assert shell.files() == []


def test_reading_standard_input(shell: Shell) -> None:
    process = shell.start("train", "-", "-o", "out.bin", stdin=subprocess.PIPE)
    process.wait_for("Reading standard input")
    time.sleep(0.3)
    assert list(Path(shell.directory.parent / "temporary").iterdir())  # the copy of the input
    errors = ends_in_order(process)
    assert errors == "Reading standard input\nInterrupted; nothing was written.\n"
    assert shell.files() == []
    assert list(Path(shell.directory.parent / "temporary").iterdir()) == []


def test_processes_that_a_failed_test_leaves_are_ended() -> None:
    process = Process([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    end_processes()
    assert process.returncode == -signal.SIGKILL
    assert Process.running == set()


@pytest.mark.parametrize("times", [1, 2])
def test_counting(shell: Shell, times: int) -> None:
    packed = bz2.compress(toy.text())
    Path("large.bz2").write_bytes(packed * 400)  # 30 seconds of decompression
    process = shell.start("train", "large.bz2", *ENDLESS)
    process.wait_for("Reading large.bz2")
    time.sleep(1.5)
    if times == 2:
        process.interrupt()
        time.sleep(0.01)
    assert "Interrupted; nothing was written.\n" in ends_in_order(process)
    assert shell.files() == ["large.bz2"]


def test_a_query(shell: Shell) -> None:
    script = (
        "import sys, time, w2v\n"
        "w2v.load = lambda *_, **__: time.sleep(600)\n"  # a file that takes long to read
        "sys.argv[1:] = ['similar', 'cat', '-v', 'x.bin']\n"
        "from w2v_cli.main import main; main()\n"
    )
    process = Process([sys.executable, "-c", script])
    process.wait_for("Reading x.bin")
    time.sleep(0.2)
    assert ends_in_order(process) == "Reading x.bin\nInterrupted.\n"


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.5, "about to report\nInterrupted.\n"), (600, "about to report\n")]
)
def test_the_second_comes_while_the_first_is_reported(
    shell: Shell, seconds: float, shown: str
) -> None:
    """The message is waited for, but not for ever: what reads standard error may have stopped."""
    script = (
        "import sys, time, w2v\n"
        "from w2v_cli import commands\n"
        "original = commands.say\n"
        "def slow(*arguments, **options):\n"
        "    print('about to report', file=sys.stderr, flush=True)\n"
        f"    time.sleep({seconds})\n"
        "    original(*arguments, **options)\n"
        "commands.say = slow\n"
        "w2v.load = lambda *_, **__: time.sleep(600)\n"
        "sys.argv[1:] = ['similar', 'cat', '-v', 'x.bin']\n"
        "from w2v_cli.main import main; main()\n"
    )
    process = Process([sys.executable, "-c", script])
    process.wait_for("Reading x.bin")
    time.sleep(0.2)  # one that comes within a print has it written twice, by Python itself
    process.interrupt()
    process.wait_for("about to report")
    process.interrupt()
    code, errors = process.ends_within(GRACE)
    assert code == 130
    assert errors == f"Reading x.bin\n{shown}"


def test_the_start_of_the_command(shell: Shell) -> None:
    script = (
        "import builtins, signal\n"
        "original = builtins.__import__\n"
        "def interrupted(name, *rest):\n"
        "    if name == 'numpy':\n"
        "        signal.raise_signal(signal.SIGINT)\n"
        "    return original(name, *rest)\n"
        "from w2v_cli.main import main\n"
        "builtins.__import__ = interrupted\n"
        "main()\n"
    )
    assert Process([sys.executable, "-c", script]).finish() == (130, "Interrupted.\n")


@pytest.mark.parametrize("times", [1, 2])
def test_the_terminal_gets_its_cursor_back(shell: Shell, times: int) -> None:
    with Terminal("train", "toy", *map(str, ENDLESS)) as terminal:
        terminal.read_until(" words/s")
        for _ in range(times):
            terminal.process.send_signal(signal.SIGINT)
        shown = terminal.read_until(None)
    assert terminal.process.returncode == 130
    assert "Interrupted; nothing was written." in shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")
    assert shell.files() == []


STUCK = """
import hashlib, pathlib, sys
from w2v_cli import interrupt
interrupt.install()
interrupt.state.outcome = "nothing was written"
from w2v.files import atomic_path
with atomic_path(pathlib.Path("out.bin")):
    print("stuck", file=sys.stderr, flush=True)
    hashlib.pbkdf2_hmac("sha256", b"", b"", 500_000_000)  # minutes in C, deaf to signals
"""


class TestAMainThreadThatCannotAnswer:
    """As while a kernel is compiled, or a slow disk is synced."""

    @pytest.fixture
    def process(self, shell: Shell) -> Process:
        process = Process([sys.executable, "-c", STUCK])
        process.wait_for("stuck")
        time.sleep(0.2)
        return process

    def test_once_is_enough(self, shell: Shell, process: Process) -> None:
        assert ends_in_order(process) == "stuck\nInterrupted; nothing was written.\n"
        assert shell.files() == []

    def test_twice_is_at_once(self, shell: Shell, process: Process) -> None:
        process.interrupt()
        time.sleep(0.1)
        assert process.poll() is None
        process.interrupt()
        code, errors = process.ends_within(0.5)
        assert code == 130
        assert errors == "stuck\nInterrupted; nothing was written.\n"
        assert shell.files() == []


def test_a_job_in_the_background_is_left_alone(shell: Shell) -> None:
    script = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n" + STUCK
    process = Process([sys.executable, "-c", script.replace("500_000_000", "5_000_000")])
    process.wait_for("stuck")
    process.interrupt()
    assert process.finish() == (0, "stuck\n")


class TestWhileSaving:
    """The moments are chosen exactly, so these run in this process."""

    def test_the_old_file_stays(self, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(model: w2v.Model, path: Path) -> None:
            with atomic_path(path) as temporary:
                temporary.write_text("half of it")
                raise KeyboardInterrupt

        w2v.KeyedVectors(["old"], [[1.0]]).save("toy.bin")
        old = Path("toy.bin").read_bytes()
        monkeypatch.setattr(w2v, "save_finished", interrupted)
        result = shell("train", "toy", *SMALL)
        assert result.exit_code == 130
        assert result.stderr.endswith("\nInterrupted; nothing was written.\n")
        assert Path("toy.bin").read_bytes() == old
        assert shell.files() == ["toy.bin"]

    def test_what_is_written_is_not_denied(
        self, shell: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupted(path: Path) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(sys.modules["w2v_cli.train"], "remember", interrupted)
        result = shell("train", "toy", *SMALL)
        assert result.exit_code == 130
        assert result.stderr.endswith("\nInterrupted; toy.bin was written.\n")
        assert shell.files() == ["toy.bin"]


@pytest.fixture
def ending(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process go on after its temporary files were removed."""
    monkeypatch.setattr(temporaries, "_ENDING", threading.Event())


@pytest.mark.usefixtures("ending")
def test_temporary_files_can_be_removed_at_any_time(tmp_path: Path) -> None:
    target = tmp_path / "out.bin"
    with pytest.raises(w2v.W2VError), atomic_path(target) as temporary:
        assert temporary.exists()
        assert temporary in TEMPORARIES
        remove_temporaries()
        assert not temporary.exists()
    assert not TEMPORARIES
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("ending")
def test_none_is_made_after_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow write may keep the main thread from seeing the signal, and then it writes on."""
    begun, over, opened = threading.Event(), threading.Event(), os.open

    def open_slowly(*arguments: Any) -> int:
        time.sleep(1e-4)
        return opened(*arguments)

    monkeypatch.setattr(os, "open", open_slowly)

    def write_on() -> None:
        with contextlib.suppress(InterruptedError):
            while not over.is_set():
                temporary_beside(tmp_path / "out.bin").remove()
                begun.set()

    with ThreadPoolExecutor(1) as threads:
        for _ in range(100):
            writing = threads.submit(write_on)
            begun.wait()
            remove_temporaries()
            left = list(tmp_path.iterdir())  # the process would end here
            over.set()
            writing.result()
            assert left == []
            for event in (begun, over, temporaries._ENDING):
                event.clear()


def test_only_the_first_signal_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interrupt.state, "raised", False)
    handle: Any = interrupt._interrupt_once
    with pytest.raises(KeyboardInterrupt):
        handle(signal.SIGINT, None)
    handle(signal.SIGINT, None)
