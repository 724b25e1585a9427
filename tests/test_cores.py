"""How many threads are started: the cores this process may use, and what the text has work for."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import w2v
from w2v import machine
from w2v.kernels.state import BLOCK, KEPT
from w2v.machine import available_cores
from w2v.text.encoding import EncodedCorpus
from w2v.text.vocabulary import Vocabulary
from w2v.training import config as config_module
from w2v.training.checkpoint_reading import read_checkpoint
from w2v.training.config import TrainConfig
from w2v.training.engines import lock_free
from w2v.training.engines.crew import Crew
from w2v.training.engines.lock_free import useful_workers
from w2v.training.trainer import Trainer

PRINT = "from w2v.training.config import TrainConfig; print(TrainConfig().workers)"


def write(root: Path, files: dict[str, object]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{content}\n")


@pytest.fixture
def sixteen(monkeypatch):
    """A process that may use sixteen cores, even if this one may not."""
    monkeypatch.setattr(machine, "_process_cores", lambda: 16)


class TestQuotas:
    """Control groups, in files as the kernel writes them."""

    @pytest.mark.parametrize("mount", ["sys/fs/cgroup", "sys/fs/cgroup/unified"])
    @pytest.mark.parametrize("level", ["", "a/", "a/b/"])
    @pytest.mark.parametrize(
        ("quota", "cores"),
        [
            ("max 100000", 16),
            ("200000 100000", 2),
            ("150000 100000", 2),
            ("1000 100000", 1),
            ("300000 50000", 6),
            ("9900000 100000", 16),
            ("50000", 16),  # no period
            ("", 16),
        ],
    )
    def test_of_version_2(self, tmp_path: Path, sixteen, mount, level, quota, cores) -> None:
        write(tmp_path, {"proc/self/cgroup": "1:name=systemd:/\n0::/a/b"})
        write(tmp_path, {f"{mount}/a/b/cpu.max": "max 100000", f"{mount}/{level}cpu.max": quota})
        assert available_cores(tmp_path) == cores

    @pytest.mark.parametrize("controllers", ["cpu", "cpu,cpuacct", "cpuacct,cpu"])
    @pytest.mark.parametrize("group", ["/", "/a", "/outside/seen/from/there"])
    @pytest.mark.parametrize(
        ("quota", "period", "cores"), [(-1, 100000, 16), (250000, 100000, 3), (4000, 100000, 1)]
    )
    def test_of_version_1(
        self, tmp_path: Path, sixteen, controllers, group, quota, period, cores
    ) -> None:
        for mount in {controllers, "cpu"}:
            root = tmp_path / mount
            write(
                root,
                {
                    "proc/self/cgroup": f"4:memory:/x\n3:{controllers}:{group}\n0::/",
                    f"sys/fs/cgroup/{mount}/cpu.cfs_quota_us": quota,
                    f"sys/fs/cgroup/{mount}/cpu.cfs_period_us": period,
                },
            )
            assert available_cores(root) == cores

    def test_the_least_of_all_groups_counts(self, tmp_path: Path, sixteen) -> None:
        write(
            tmp_path,
            {
                "proc/self/cgroup": "0::/a/b",
                "sys/fs/cgroup/a/b/cpu.max": "800000 100000",
                "sys/fs/cgroup/a/cpu.max": "300000 100000",
                "sys/fs/cgroup/cpu.max": "500000 100000",
            },
        )
        assert available_cores(tmp_path) == 3

    def test_other_controllers_set_no_quota(self, tmp_path: Path, sixteen) -> None:
        write(tmp_path, {"proc/self/cgroup": "3:cpuset:/", "sys/fs/cgroup/cpuset/cpu.max": "1 1"})
        assert available_cores(tmp_path) == 16

    def test_a_system_that_tells_nothing(self, tmp_path: Path, sixteen) -> None:
        assert available_cores(tmp_path) == 16


class TestTheProcess:
    @pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity masks here")
    def test_an_affinity_mask_counts(self) -> None:
        core = min(os.sched_getaffinity(0))
        ran = subprocess.run(
            [sys.executable, "-c", f"import os; os.sched_setaffinity(0, {{{core}}}); {PRINT}"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert ran.stdout == "1\n"

    def test_what_python_says_counts_where_it_says_so(self, tmp_path: Path, monkeypatch) -> None:
        for said, cores in ((3, 3), (None, 1)):
            monkeypatch.setattr(os, "process_cpu_count", lambda said=said: said, raising=False)
            assert available_cores(tmp_path) == cores

    @pytest.mark.skipif(sys.version_info < (3, 13), reason="Python ignores PYTHON_CPU_COUNT")
    def test_the_variable_counts(self) -> None:
        ran = subprocess.run(
            [sys.executable, "-c", PRINT],
            capture_output=True, text=True, check=True, env={**os.environ, "PYTHON_CPU_COUNT": "1"},
        )  # fmt: skip
        assert ran.stdout == "1\n"


LINES = [[f"w{k % 7}", f"w{k % 11}", f"w{k % 3}"] for k in range(2000)]
QUICK = {"vector_size": 8, "min_count": 1, "epochs": 2, "sample": 0}


def text_of(chunks: int, directory: Path) -> Path:
    """Write a text of so many chunks."""
    path = directory / "text"
    path.write_bytes(b"a b c d\n" * (chunks * lock_free.CHUNK // 4))
    return path


class TestNoMoreWorkersThanChunks:
    @pytest.fixture
    def started(self, monkeypatch):
        counts: list[int] = []
        run = Crew.run

        def counted(crew, works, done):
            counts.append(len(works))
            return run(crew, works, done)

        monkeypatch.setattr(Crew, "run", counted)
        return counts

    @pytest.mark.parametrize(("chunks", "started_workers"), [(1, 1), (12, 3), (16, 4), (40, 4)])
    def test_are_started(self, started, tmp_path: Path, chunks, started_workers) -> None:
        path = text_of(chunks, tmp_path)
        model = w2v.train(path, workers=4, **QUICK)  # four chunks for each worker
        assert started == [started_workers] * 2
        assert model.config.workers == 4  # as it was asked for
        assert model.history[-1].trained == chunks * lock_free.CHUNK

    @pytest.mark.parametrize("workers", [1, 3])
    def test_no_chunk_goes_beyond_a_stop(self, workers) -> None:
        """Not even where a training goes on from a place that other chunks have left it at."""
        ids = np.random.default_rng(1).integers(7, size=12 * lock_free.CHUNK).astype(np.int32)
        vocabulary = Vocabulary([f"w{k}" for k in range(7)], np.bincount(ids), len(ids), 7)
        config = TrainConfig(workers=workers, vector_size=8, epochs=1, sample=0)
        trainer = Trainer(EncodedCorpus(ids, np.array([0, len(ids)])), vocabulary, config)
        start, stop = BLOCK, 10 * lock_free.CHUNK
        list(trainer.engine.run(trainer.schedules.epoch(0), start, stop))
        assert trainer.engine.settle() == stop
        assert trainer.engine.totals[KEPT] == stop - start

    def test_a_short_text_is_trained_as_by_one(self) -> None:
        many, one = (w2v.train(LINES, workers=n, **QUICK) for n in (64, 1))
        np.testing.assert_array_equal(many.vectors.vectors, one.vectors.vectors)

    def test_held_out_text_may_have_chunks_for_more_workers(self) -> None:
        generator = np.random.default_rng(1)
        short, long = (
            generator.integers(7, size=k * lock_free.CHUNK).astype(np.int32) for k in (2, 20)
        )
        texts = [EncodedCorpus(ids, np.array([0, len(ids)])) for ids in (short, long)]
        vocabulary = Vocabulary([f"w{k}" for k in range(7)], np.bincount(short), len(short), 7)
        config = TrainConfig(workers=8, vector_size=8, epochs=1, sample=0)
        trainer = Trainer(texts[0], vocabulary, config, texts[1])
        assert len(trainer.engine.states) == 1 < useful_workers(8, len(long))
        loss = trainer.run()[0].held_out_loss
        # Words in no order: all there is to learn is how many of the scores are of neighbours. Of
        # five noise words one in seven is the centre word itself, and left out.
        noise = 5 * 6 / 7
        entropy = np.log(1 + noise) + noise * np.log((1 + noise) / noise)
        assert loss == pytest.approx(entropy, rel=0.01)

    def test_sums_of_more_workers_are_gone_on_from(self, tmp_path: Path) -> None:
        path, checkpoints = text_of(12, tmp_path), tmp_path / "checkpoints"
        tokens = 12 * lock_free.CHUNK

        def stop(training) -> None:
            training.stop()

        w2v.train(
            path, workers=3, callbacks=[stop], checkpoint=checkpoints, checkpoint_every=0,
            **QUICK,
        )  # fmt: skip
        place = read_checkpoint(checkpoints).place
        assert place.totals[KEPT] == place.position
        assert 0 < place.position < tokens
        resumed = w2v.train(path, resume=checkpoints, workers=1)
        assert [epoch.trained for epoch in resumed.history] == [tokens, tokens]


def test_the_default_is_the_cores_there_are(monkeypatch) -> None:
    for cores, expected in ((3, 3), (2048, 1024)):  # the most that can be asked for
        monkeypatch.setattr(config_module, "available_cores", lambda cores=cores: cores)
        assert TrainConfig().workers == expected
