"""Real faults of processes: signals at any moment, kills, and threads that fail."""

import os
import random
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from command_line import SMALL, Process, Shell, shell_with_temporary
from faults import W2V, run, script

import w2v
from w2v.files import atomic_write
from w2v_corpora import toy

GRACE = 3  # seconds of processor time: of two workers, and some to clean up


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    return shell_with_temporary(tmp_path, monkeypatch)


@pytest.fixture
def old() -> Path:
    """A file of vectors that a command is about to replace."""
    w2v.KeyedVectors(["a", "b"], np.eye(2)).save("out.bin")
    return Path("out.bin")


def assert_whole(path: Path) -> None:
    """The file is either the old one or the new one."""
    assert len(w2v.load(path)) in (2, 582)


# A process that does nothing but write one file, in turn of ones and of twos.
WRITER = """
import sys
import numpy as np
from w2v_cli import interrupt
interrupt.install()
import w2v
words = [str(number) for number in range(5000)]
files = [w2v.KeyedVectors(words, np.full((5000, 100), value, np.float32)) for value in (1, 2)]
try:
    while True:
        for vectors in files:
            vectors.save("out.bin")
            sys.stderr.write("saved\\n")
except BaseException:
    if interrupt.state.raised:
        interrupt.exit_at_once()
    raise
"""


@pytest.mark.parametrize(
    ("number", "code", "word"),
    [(signal.SIGTERM, 143, "Terminated"), (signal.SIGINT, 130, "Interrupted")],
)
class TestSignals:
    def test_at_any_moment_of_training(
        self, shell: Shell, old: Path, number: int, code: int, word: str
    ) -> None:
        for delay in random.Random(number).sample([0.15 * step for step in range(1, 10)], 5):
            process = start_with_toy(shell)
            process.wait_for("Reading standard input")
            time.sleep(delay)
            process.send_signal(number)
            ended, errors = process.ends_within(GRACE)
            assert "Traceback" not in errors
            if ended != 0:  # the work was done
                assert ended == code, errors
                assert errors.splitlines()[-1] in (
                    f"{word}; nothing was written.",
                    f"{word}; out.bin was written.",
                )
            assert_whole(old)
            assert shell.files() == ["out.bin", "toy.txt"]
            assert list((shell.directory.parent / "temporary").iterdir()) == []

    @pytest.mark.parametrize("times", [1, 2])
    def test_at_any_moment_of_writing(
        self, shell: Shell, number: int, code: int, word: str, times: int
    ) -> None:
        for delay in np.random.default_rng(times).uniform(0, 0.05, 4):
            process = Process([sys.executable, "-c", WRITER])
            process.wait_for("saved")
            time.sleep(delay)
            for _ in range(times):
                process.send_signal(number)
            ended, errors = process.finish()
            assert ended == code, errors
            assert errors.endswith(f"{word}.\n")
            assert "Traceback" not in errors
            assert shell.files() == ["out.bin"]
            assert len(np.unique(w2v.load("out.bin").vectors)) == 1


# What the main thread may do while the watching thread prints: open its file, which was removed.
LATE_OPENER = """
from pathlib import Path
from w2v_cli import interrupt
from w2v.temporaries import Temporary
late = Temporary(Path(), ".out.bin.", ".part")
interrupt._write_at_once = lambda message: late.path.write_bytes(b"")
interrupt.exit_at_once()
"""


def test_a_file_that_is_opened_late_is_removed_too(shell: Shell) -> None:
    process = Process([sys.executable, "-c", LATE_OPENER])
    assert process.finish()[0] == 130
    assert shell.files() == []


def start_with_toy(shell: Shell) -> Process:
    """Start a training on standard input."""
    Path("toy.txt").write_bytes(toy.text())
    with Path("toy.txt").open() as text:
        return shell.start("train", "-", "-o", "out.bin", stdin=text)


class TestKilled:
    def test_at_any_moment_of_training(self, shell: Shell, old: Path) -> None:
        for delay in random.Random(1).sample([0.2 * step for step in range(1, 9)], 4):
            process = shell.start("train", "toy", "-o", "out.bin")
            process.wait_for("Reading")
            time.sleep(delay)
            process.kill()
            assert process.finish()[0] in (-signal.SIGKILL, 0)
            assert_whole(old)
            assert all(name == "out.bin" or is_part(name) for name in shell.files())

    def test_at_any_moment_of_writing(self, shell: Shell) -> None:
        left = set()
        for delay in np.random.default_rng(3).uniform(0, 0.05, 8):
            process = Process([sys.executable, "-c", WRITER])
            process.wait_for("saved")
            time.sleep(delay)
            process.kill()
            assert process.finish()[0] == -signal.SIGKILL
            assert len(np.unique(w2v.load("out.bin").vectors)) == 1
            left |= {name for name in shell.files() if name != "out.bin"}
        assert left  # not only between two files
        assert all(map(is_part, left))
        self.age(*left)
        shell.succeed("train", "toy", "-o", "out.bin", *SMALL)
        assert shell.files() == ["out.bin"]  # what killed ones left has gone

    def age(self, *names: str) -> None:
        for name in names:
            if Path(name).exists():
                os.utime(name, (time.time() - 100,) * 2)

    def test_the_copy_of_standard_input_goes_with_the_next_one(self, shell: Shell) -> None:
        temporary = shell.directory.parent / "temporary"
        process = start_with_toy(shell)
        while not list(temporary.glob("w2v-*")):
            time.sleep(0.001)
        process.kill()
        process.finish()
        (spool,) = temporary.glob("w2v-*")  # Python may have left a file of its own
        os.utime(spool, (time.time() - 100,) * 2)
        run(*W2V, "train", "-", "-o", "out.bin", stdin=b"")
        assert list(temporary.glob("w2v-*")) == []

    def test_files_of_living_processes_and_of_others_stay(self, shell: Shell) -> None:
        others = [".out.bin.short.part", ".other.bin.12345678.part", "out.bin.12345678.part"]
        for name in (*others, ".out.bin.12345678.part", ".out.bin.87654321.part"):
            Path(name).touch()
        self.age(*others, ".out.bin.12345678.part")
        with atomic_write(Path("out.bin")):  # a slow writer
            (mine,) = set(shell.files()) - {*others, ".out.bin.87654321.part"}
            self.age(mine)
            with atomic_write(Path("out.bin")):
                assert Path(mine).exists()
        assert set(shell.files()) == {*others, ".out.bin.87654321.part", "out.bin"}


def is_part(name: str) -> bool:
    return name.startswith(".out.bin.") and name.endswith(".part")


class Broken:
    """Sentences whose reading fails in the middle, at each time."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __iter__(self) -> Iterator[list[str]]:
        for number in range(100_000):
            if number == 60_000:
                raise self.error
            yield ["a", "few", "words", str(number % 50)] * 5


@pytest.mark.parametrize("error", [OSError(5, "lost"), KeyError("x"), KeyboardInterrupt()])
@pytest.mark.parametrize("workers", [1, 4])
def test_an_iterator_that_raises(error: BaseException, workers: int, shell: Shell) -> None:
    before = threading.active_count()
    with pytest.raises(type(error)) as caught:
        w2v.train(Broken(error), workers=workers)
    assert caught.value is error
    assert threading.active_count() == before
    assert shell.files() == []


def test_a_thread_that_cannot_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others, which have begun, do not go on training."""
    start, started = threading.Thread.start, []

    def refuse_the_third(thread: threading.Thread) -> None:
        if "(_run)" in thread.name:  # the crew's
            started.append(thread)
            if len(started) == 3:
                raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse_the_third)
    before = threading.active_count()
    with pytest.raises(RuntimeError, match="start new thread"):
        w2v.train("toy", workers=3, epochs=1000)
    assert threading.active_count() == before
    assert len(started) == 3


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize(
    ("error", "last"),
    [
        ("MemoryError()", "Error: There is not enough memory; a smaller vector size or"),
        ("OSError(12, 'Cannot allocate memory')", "Error: There is not enough memory (Cannot allo"),
        ("ValueError('a bug')", "ValueError: a bug"),  # with its traceback
    ],
)
def test_a_worker_that_raises(shell: Shell, old: Path, workers: int, error: str, last: str) -> None:
    before = old.read_bytes()
    patch = (
        "from w2v.training.engines import lock_free\n"
        "trained, calls = lock_free.train_chunk, []\n"
        "def fail(text, start, *rest):\n"
        "    calls.append(start)\n"
        f"    if len(calls) > 5: raise {error}\n"
        "    trained(text, start, *rest)\n"
        "lock_free.train_chunk = fail\n"
    )
    options = ("-o", "out.bin", "--workers", workers, "--epochs", 50)
    ended = run(*script(patch, "train", "toy", *options))
    assert ended.code == 1
    assert ended.error.startswith(last)
    assert ("Traceback" in ended.errors) == ("bug" in error)
    assert old.read_bytes() == before
    assert shell.files() == ["out.bin"]
