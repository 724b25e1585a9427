"""Too little memory, in real processes; what a process may have, and what training needs."""

import resource
from pathlib import Path

import numpy as np
import pytest
from command_line import SMALL, Shell, children_seconds, shell_with_temporary
from faults import W2V, run, script
from test_faults_process import assert_whole

import w2v
from w2v.machine import available_memory
from w2v.training.memory_estimate import check_memory, estimated_bytes
from w2v.training.trainer import Trainer

TRAIN = (*W2V, "train", "toy", "-o", "out.bin", *SMALL[:4])


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    return shell_with_temporary(tmp_path, monkeypatch)


@pytest.fixture
def old() -> Path:
    """A file of vectors that a command is about to replace."""
    w2v.KeyedVectors(["a", "b"], np.eye(2)).save("out.bin")
    return Path("out.bin")


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
