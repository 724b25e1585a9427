"""Real faults of processes: signals at any moment, memory that runs out, threads that fail."""

import os
import random
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from command_line import SMALL, Process, Shell, children_seconds, shell_with_temporary
from faults import W2V, run, script

import w2v
from w2v.files import atomic_write
from w2v.machine import available_memory
from w2v.training.memory_estimate import check_memory, estimated_bytes
from w2v.training.trainer import Trainer
from w2v_corpora import toy

TRAIN = (*W2V, "train", "toy", "-o", "out.bin", *SMALL[:4])
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


class TestMemory:
    def huge(self, shell: Shell, vector_size: int, memory: int) -> int:
        """Write a text of so many words that their vectors take twice the memory."""
        words = memory // (4 * vector_size)
        if words > 3_000_000:
            pytest.skip("this machine has too much memory to ask for more")
        Path("text.txt").write_text("\n".join(f"w{k} w{k}" for k in range(words)))
        return words

    @pytest.mark.alone  # what is available must not change meanwhile
    def test_more_than_the_machine_has(self, shell: Shell, old: Path) -> None:
        before = old.read_bytes()
        words = self.huge(shell, 10_000, available_memory())
        options = ("--min-count", 2, "--vector-size", 10_000, "--workers", 2)
        used = children_seconds()
        ended = run(*W2V, "train", "text.txt", "-o", "out.bin", *options)
        assert children_seconds() - used < 20  # it is refused before any training
        needed = 2 * 4 * 10_000 * words / 1e9
        assert ended.code == 1
        message = ended.error
        start = f"Error: Training {words:,} vectors of 10,000 numbers takes {needed:,.0f}"[:-1]
        assert message.startswith(start)
        assert f" GB of memory, and {available_memory() / 1e10:,.0f}"[:-1] in message
        assert message.endswith(
            " GB are available; choose a smaller --vector-size, or set --min-count or"
            " --max-vocabulary so that fewer words are left."
        )
        assert old.read_bytes() == before
        assert shell.files() == ["out.bin", "text.txt"]

    def test_more_than_the_process_may_have(self, shell: Shell, old: Path) -> None:
        before = old.read_bytes()
        words = self.huge(shell, 10_000, 2 << 30)
        options = ("--min-count", 2, "--vector-size", 10_000, "--workers", 2)
        limits = {resource.RLIMIT_AS: 2 << 30}
        ended = run(*W2V, "train", "text.txt", "-o", "out.bin", *options, limits=limits)
        assert ended.code == 1
        assert ended.error.startswith(
            f"Error: Training {words:,} vectors of 10,000 numbers takes 4."
        )
        assert " GB of memory, and 1." in ended.error
        assert old.read_bytes() == before

    def test_a_system_that_refuses_what_it_seemed_to_have(self, shell: Shell, old: Path) -> None:
        before = old.read_bytes()
        self.huge(shell, 10_000, 2 << 30)
        options = ("--min-count", 2, "--vector-size", 10_000, "--workers", 2)
        patch = "from w2v.training import prepare\nprepare.check_memory = lambda *_: None\n"
        command = script(patch, "train", "text.txt", "-o", "out.bin", *options)
        ended = run(*command, limits={resource.RLIMIT_AS: 2 << 30})
        assert ended.code == 1
        assert ended.error.startswith("Error: The system refuses 2.1")
        assert ended.error.endswith("or train fewer or smaller vectors.")
        assert old.read_bytes() == before

    @pytest.mark.parametrize("megabytes", [350, 450, 550])
    def test_hardly_enough_to_begin(self, shell: Shell, old: Path, megabytes: int) -> None:
        """Whatever gives out, even the compiler's or BLAS's own memory: it ends, nothing breaks."""
        limits = {resource.RLIMIT_AS: megabytes << 20}
        ended = run(
            *W2V, "train", "toy", "-o", "out.bin", "--workers", 8, *SMALL[:4], limits=limits
        )
        assert ended.code != 0 or len(w2v.load(old)) == 582
        assert_whole(old)
        assert ended.code == 0 or len(w2v.load(old)) == 2

    @pytest.mark.parametrize(("workers", "megabytes"), [(1024, 1500), (300, 3000), (64, 1500)])
    def test_more_threads_than_there_may_be(
        self, shell: Shell, old: Path, workers: int, megabytes: int
    ) -> None:
        limits = {resource.RLIMIT_AS: megabytes << 20}
        ended = run(*TRAIN, "--workers", workers, limits=limits)
        if ended.code == 0 and workers < 1024:  # few of them may have been there at a time
            assert len(w2v.load(old)) == 582
            return
        assert ended.code == 1
        assert "Traceback" not in ended.errors
        assert ended.error.startswith(("Error: The system ", "Error: There is not enough memory"))
        assert len(w2v.load(old)) == 2

    @pytest.mark.parametrize("loss", ["negative", "hierarchical"])
    @pytest.mark.parametrize(("workers", "deterministic"), [(1, False), (4, False), (4, True)])
    @pytest.mark.parametrize("tokens", [9, 2_000_000, 20_000_000])
    def test_the_estimate_is_right(
        self, loss: str, workers: int, deterministic: bool, tokens: int
    ) -> None:
        """Against the addresses that a trainer takes."""
        size = 100_000
        counts = (max(tokens, 10**6) / 12 / np.arange(1, size + 1)).astype(np.int64) + 5
        words = [str(k) for k in range(size)]
        vocabulary = w2v.text.vocabulary.Vocabulary(words, counts, int(counts.sum()), size)
        config = w2v.TrainConfig(
            loss=loss,  # type: ignore[arg-type]
            workers=workers,
            deterministic=deterministic,
        )
        ids, offsets = np.zeros(tokens, np.int32), np.array([0, tokens])
        corpus = w2v.text.encoding.EncodedCorpus(ids, offsets)
        before = address_space()
        trainer = Trainer(corpus, vocabulary, config)
        taken = address_space() - before
        estimated = estimated_bytes(size, config, tokens, int(counts[-1]))
        assert estimated == pytest.approx(taken, rel=0.25)
        del trainer

    def test_what_fits_is_let_pass(self) -> None:
        check_memory(1000, w2v.TrainConfig(), 10**6)
        with pytest.raises(MemoryError):  # and a W2VError
            check_memory(10**9, w2v.TrainConfig(), 10**9)


def address_space() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


class TestAvailableMemory:
    """A container's limits, in files as the kernel writes them."""

    def write(self, root: Path, files: dict[str, object]) -> None:
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{content}\n")

    def machine(self, root: Path) -> None:
        self.write(
            root, {"proc/meminfo": "MemTotal: 9000 kB\nMemAvailable:  8000 kB\nSwapFree: 9 kB"}
        )

    def test_the_machine(self, tmp_path: Path) -> None:
        self.machine(tmp_path)
        assert available_memory(tmp_path) == 8009 * 1024

    @pytest.mark.parametrize("mount", ["sys/fs/cgroup", "sys/fs/cgroup/unified"])
    @pytest.mark.parametrize("limit", ["memory.max", "memory.high"])
    @pytest.mark.parametrize("level", ["", "a/", "a/b/"])
    def test_groups_of_version_2(self, tmp_path: Path, mount: str, limit: str, level: str) -> None:
        self.machine(tmp_path)
        self.write(
            tmp_path,
            {
                "proc/self/cgroup": "1:name=systemd:/\n0::/a/b",
                f"{mount}/a/b/memory.max": "max",
                f"{mount}/a/b/memory.current": 1,
                f"{mount}/{level}{limit}": 5000,
                f"{mount}/{level}memory.current": 3000,
                f"{mount}/{level}memory.stat": "anon 9\ninactive_file 600\nactive_file 70",
            },
        )
        assert available_memory(tmp_path) == 5000 - 3000 + 670

    @pytest.mark.parametrize("group", ["/", "/a", "/outside/seen/from/there"])
    def test_groups_of_version_1(self, tmp_path: Path, group: str) -> None:
        self.machine(tmp_path)
        mount = "sys/fs/cgroup/memory"
        self.write(
            tmp_path,
            {
                "proc/self/cgroup": f"4:cpu:/\n3:hugetlb,memory:{group}\n0::/",
                f"{mount}/memory.limit_in_bytes": 5000,
                f"{mount}/memory.usage_in_bytes": 4000,
                f"{mount}/memory.stat": "inactive_file 1\ntotal_inactive_file 300",
            },
        )
        assert available_memory(tmp_path) == 1300

    def test_what_is_used_up_is_nothing(self, tmp_path: Path) -> None:
        self.write(
            tmp_path,
            {
                "proc/self/cgroup": "0::/",
                "sys/fs/cgroup/memory.max": 5000,
                "sys/fs/cgroup/memory.current": 6000,
            },
        )
        assert available_memory(tmp_path) == 0

    def test_a_system_that_tells_nothing(self, tmp_path: Path) -> None:
        assert available_memory(tmp_path) > 1 << 28


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
