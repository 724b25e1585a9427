"""A Dask cluster gives what the deterministic mode gives, whatever happens to its workers.

The deterministic mode with as many shards is the oracle, to the last bit. All clusters are real
processes on this machine.
"""

import logging
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import w2v
from w2v.training.cluster.connecting import connected

distributed = pytest.importorskip("distributed")
QUICK = {"vector_size": 16, "epochs": 1, "shards": 4, "held_out": 0.05}
VARIANTS = [
    ("skipgram", "negative"), ("cbow", "negative"), ("skipgram", "hierarchical"), ("cbow", "both"),
]  # fmt: skip
WORDS = np.random.default_rng(5).zipf(1.3, 40_000).clip(max=300)
TEXT = [[f"w{word}" for word in WORDS[start : start + 50]] for start in range(0, len(WORDS), 50)]


def start_cluster(workers):
    return distributed.LocalCluster(
        n_workers=workers, threads_per_worker=1, memory_limit=0, dashboard_address=":0",
    )  # fmt: skip


@pytest.fixture(scope="module")
def client():
    """A client of three workers: one more than two, so that shards are shared unevenly."""
    with start_cluster(3) as cluster, distributed.Client(cluster) as client:
        yield client


@pytest.fixture(scope="module")
def alone():
    """What the deterministic mode makes of some settings, each trained once."""
    made = {}

    def train(**settings):
        key = str(sorted(settings.items()))
        if key not in made:
            made[key] = w2v.train(TEXT, deterministic=True, workers=2, **settings)
        return made[key]

    return train


def assert_same(found, expected):
    np.testing.assert_array_equal(found.vectors.vectors, expected.vectors.vectors)
    np.testing.assert_array_equal(found.output, expected.output)
    assert found.vectors.index_to_key == expected.vectors.index_to_key
    for own, other in zip(found.history, expected.history, strict=True):
        assert (own.loss, own.held_out_loss) == (other.loss, other.held_out_loss)
        assert (own.trained, own.subsampled) == (other.trained, other.subsampled)


class TestTheSameBytes:
    @pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
    def test_of_every_variant(self, client, alone, architecture, loss):
        settings = {**QUICK, "architecture": architecture, "loss": loss}
        assert_same(w2v.train(TEXT, cluster=client, **settings), alone(**settings))

    @pytest.mark.parametrize("shards", [1, 2, 6])
    def test_with_any_number_of_shards(self, client, alone, shards):
        settings = {**QUICK, "shards": shards}
        assert_same(w2v.train(TEXT, cluster=client, **settings), alone(**settings))

    def test_with_an_address_and_several_epochs(self, client, alone):
        settings = {**QUICK, "epochs": 3, "sample": 0.01, "window": 8}
        address = client.scheduler.address
        assert_same(w2v.train(TEXT, cluster=address, **settings), alone(**settings))

    def test_with_rows_that_stay(self, client, alone):
        words = ["w1", "w3", "w9"]
        start = w2v.KeyedVectors(words, alone(**QUICK).vectors[words])
        settings = {**QUICK, "init_from": start, "freeze": True}
        found = w2v.train(TEXT, cluster=client, **settings)
        assert_same(found, w2v.train(TEXT, deterministic=True, **settings))
        np.testing.assert_array_equal(found.vectors["w3"], start["w3"])

    @pytest.mark.parametrize("ends_on_cluster", [True, False])
    def test_when_resumed_on_the_cluster_or_without(self, client, alone, tmp_path, ends_on_cluster):
        settings = {**QUICK, "epochs": 2}

        def stop(training):
            if training.event.event == "progress" and training.event.done > 0.3:
                training.stop()

        begun = w2v.train(
            TEXT, cluster=client, callbacks=stop, checkpoint=tmp_path / "c", **settings
        )
        assert 0.3 < begun.summary.done < 0.9
        where = {"cluster": client} if ends_on_cluster else {}
        assert_same(w2v.train(TEXT, resume=tmp_path / "c", **where), alone(**settings))


def arm(stage, count):
    """Let this worker be killed when it calls a stage of a round for the count-th time."""
    import os
    import signal

    from w2v.training.cluster.replica import Replica

    original, left = getattr(Replica, stage), [count]

    def call(*arguments):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments)

    setattr(Replica, stage, call)


class TestWorkers:
    def test_that_are_killed_in_a_round_cost_nothing_else(self, alone):
        """One is killed while it trains, and one when others may have what it has not."""
        settings = {**QUICK, "epochs": 4}
        members = []

        def look(training):
            members.append(len(training.trainer.engine.members))

        with start_cluster(3) as cluster, distributed.Client(cluster) as client:
            first, second, _ = client.nthreads()
            client.run(_by_value(arm), "train", 9, workers=[first])
            client.run(_by_value(arm), "commit", 9, workers=[second])
            found = w2v.train(TEXT, cluster=client, callbacks=look, **settings)
        assert_same(found, alone(**settings))
        assert (members[0], min(members)) == (3, 1)

    def test_that_join_take_part(self, alone):
        settings = {**QUICK, "epochs": 4}
        members = []

        def look(training):
            if not members:
                cluster.scale(2)
                client.wait_for_workers(2, timeout=30)
            members.append(len(training.trainer.engine.members))
            if members[-1] < 2:
                time.sleep(0.8)  # it loads its kernels meanwhile

        with start_cluster(1) as cluster, distributed.Client(cluster) as client:
            found = w2v.train(TEXT, cluster=client, callbacks=look, **settings)
        assert_same(found, alone(**settings))
        assert (members[0], members[-1]) == (1, 2)

    def test_all_lost_is_a_sentence(self):
        def kill(training):
            for process in client.run(os.getpid, nanny=False).values():
                os.kill(process, signal.SIGKILL)

        lost = pytest.raises(w2v.W2VError, match="All workers of the Dask cluster were lost")
        with start_cluster(1) as cluster, distributed.Client(cluster) as client, lost:
            w2v.train(TEXT, cluster=client, callbacks=kill, **QUICK)

    def test_nothing_is_logged_in_a_sound_run(self, client, caplog):
        with caplog.at_level(logging.WARNING):
            w2v.train(TEXT, cluster=client, **QUICK)
        assert [record.getMessage() for record in caplog.records] == []
        logs = client.get_worker_logs()
        assert [line for lines in logs.values() for line in lines if line[0] != "INFO"] == []

    def test_errors_of_workers_are_raised_here(self, client):
        def fail(*_):
            raise MemoryError("no room")

        def spoil():
            from w2v.training.cluster.replica import Replica

            Replica.kept, Replica.finish = Replica.finish, fail

        def mend():
            from w2v.training.cluster.replica import Replica

            Replica.finish = Replica.kept

        client.run(spoil)
        try:
            with pytest.raises(MemoryError, match="no room"):
                w2v.train(TEXT, cluster=client, **QUICK)
        finally:
            client.run(mend)


def _by_value(function):
    """A function that workers need no module for: they cannot import the tests."""
    from distributed.protocol import pickle as _  # noqa: F401

    def call(*arguments):
        return function(*arguments)

    import cloudpickle

    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    return call


def test_workers_that_are_started_here_keep_freed_memory():
    """Dask's setting gives it back at once, and merging takes three times as long."""
    with connected("local:1", 1) as connection:
        (found,) = connection.client.run(os.environ.copy).values()
    assert found["MALLOC_TRIM_THRESHOLD_"] == found["MALLOC_MMAP_THRESHOLD_"] == "33554432"


class TestTheCommand:
    def test_trains_on_a_scheduler_until_that_is_lost(self, tmp_path):
        file = tmp_path / "scheduler.json"
        dask = [sys.executable, "-W", "ignore", "-m", "dask"]
        scheduler = subprocess.Popen(
            [*dask, "scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)],
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        worker = subprocess.Popen(
            [*dask, "worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard",
             "--no-nanny", "--death-timeout", "30", "--local-directory", str(tmp_path)],
            stderr=subprocess.DEVNULL,
        )  # fmt: skip

        def kill(training):
            if training.event.event == "progress" and training.event.epoch == 2:
                scheduler.kill()
                scheduler.wait()

        try:
            while not file.exists():
                time.sleep(0.1)
            with distributed.Client(scheduler_file=str(file)) as client:
                client.wait_for_workers(1, timeout=30)
                address = client.scheduler.address
            with pytest.raises(w2v.W2VError, match="The Dask scheduler was lost; start it again"):
                w2v.train(
                    TEXT, cluster=address, checkpoint=tmp_path / "c", checkpoint_every=0,
                    callbacks=kill, **{**QUICK, "epochs": 3},
                )  # fmt: skip
        finally:
            for process in (scheduler, worker):
                process.kill()
                process.wait()
        resumed = w2v.train(TEXT, resume=tmp_path / "c")
        assert_same(resumed, w2v.train(TEXT, deterministic=True, **{**QUICK, "epochs": 3}))


class TestBadInput:
    @pytest.mark.parametrize("name", ["here", "local:0", "local:x", "", 4, b"tcp://a:1"])
    def test_no_name_of_a_cluster(self, name):
        with pytest.raises(w2v.ConfigError, match="cluster must be the address of a Dask sched"):
            w2v.train(TEXT, cluster=name)

    def test_an_address_where_nothing_answers(self, monkeypatch):
        from w2v.training.cluster import connecting

        monkeypatch.setattr(connecting, "_CONNECT_SECONDS", 0.3)
        with pytest.raises(
            w2v.ConfigError, match=r"127\.0\.0\.1:9.* does not answer.*dask scheduler"
        ):
            w2v.train(TEXT, cluster="tcp://127.0.0.1:9", **QUICK)

    def test_without_dask(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "distributed", None)
        with pytest.raises(w2v.ConfigError, match=r"needs Dask; .*'pip install w2v\[dask\]'"):
            w2v.train(TEXT, cluster="local:2")

    def test_workers_of_another_version(self, client, monkeypatch):
        monkeypatch.setattr(w2v, "__version__", "0.0.1")
        with pytest.raises(w2v.W2VError, match=r"has version .* and this is version 0\.0\.1"):
            w2v.train(TEXT, cluster=client)

    def test_workers_without_w2v(self):
        from w2v.training.cluster.connecting import Connection

        class Client:
            def run(self, *_, **__):
                return {"tcp://a:1": ModuleNotFoundError("No module named 'w2v'")}

        with pytest.raises(w2v.W2VError, match="tcp://a:1 cannot import w2v; install"):
            Connection(Client()).check_workers()

    def test_no_workers(self):
        refused = pytest.raises(w2v.W2VError, match="has no workers; start some with 'dask worker")
        with start_cluster(0) as cluster, distributed.Client(cluster) as client, refused:
            w2v.train(TEXT, cluster=client, **QUICK)

    def test_settings_without_effect(self):
        with pytest.raises(w2v.ConfigError, match="shards has no effect without cluster"):
            w2v.train(TEXT, shards=4)
        with pytest.raises(w2v.ConfigError, match="device='cuda' has no effect with cluster"):
            w2v.train(TEXT, cluster="local:1", device="cuda")
        with pytest.raises(w2v.ConfigError, match="shards is at most 62 without cluster"):
            w2v.train(TEXT, deterministic=True, shards=63)
