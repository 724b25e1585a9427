"""A Dask cluster gives what the deterministic mode gives, whatever happens to its workers.

The deterministic mode with as many shards is the oracle, to the last bit. All clusters are real
processes on this machine.
"""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
import warnings

import numpy as np
import pytest

import w2v
from w2v.training.cluster.connecting import KEPT_MEMORY, connected

distributed = pytest.importorskip("distributed")
from distributed.comm import get_address_host  # noqa: E402

from w2v.training.cluster.orders import Peer  # noqa: E402

QUICK = {"vector_size": 16, "epochs": 1, "shards": 4, "held_out": 0.05}
VARIANTS = [
    ("skipgram", "negative"), ("cbow", "negative"), ("skipgram", "hierarchical"), ("cbow", "both"),
]  # fmt: skip
WORDS = np.random.default_rng(5).zipf(1.3, 40_000).clip(max=300)
TEXT = [[f"w{word}" for word in WORDS[start : start + 50]] for start in range(0, len(WORDS), 50)]


def start_cluster(workers, memory_limit=0):
    return distributed.LocalCluster(
        n_workers=workers, threads_per_worker=1, memory_limit=memory_limit,
        dashboard_address=":0",
    )  # fmt: skip


def forgets_all(client):
    """Whether the workers have no actors any more, at once or soon."""
    for _ in range(50):
        counts = client.run(lambda dask_worker: len(dask_worker.state.actors))
        if sum(counts.values()) == 0:
            return True
        time.sleep(0.1)
    return False


@pytest.fixture(scope="module")
def client():
    """A client of three workers: one more than two, so that shards are shared unevenly."""
    with start_cluster(3) as cluster, distributed.Client(cluster) as client:
        yield client


@pytest.fixture
def laps(monkeypatch):
    """Rounds of three laps, for which this text is too short, and few hot rows."""
    from w2v.kernels.state import BLOCK
    from w2v.training.engines import cluster, deterministic, round_shape

    def shape(_, shards):
        return round_shape.RoundShape(shards, 3 * BLOCK, 3, 40)

    for engine in (cluster, deterministic):
        monkeypatch.setattr(engine, "round_shape", shape)


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


class TestLetters:
    """Workers of one machine read them in memory that they share; others have the network."""

    @pytest.mark.parametrize("apart", [1, 3])
    def test_over_the_network_they_give_the_same(self, apart, laps):
        settings = {**QUICK, "epochs": 2}
        expected = w2v.train(TEXT, deterministic=True, **settings)

        def move(_):
            """See no memory of others, as on another machine."""
            from w2v.training.cluster import post

            def refuse(address):
                raise OSError("another machine")

            post.Neighbour = refuse

        with start_cluster(3) as cluster, distributed.Client(cluster) as client:
            client.run(_by_value(move), 0, workers=list(client.nthreads())[:apart])
            assert_same(w2v.train(TEXT, cluster=client, **settings), expected)

    def test_on_one_machine_they_stay_in_memory(self, client):
        """Nothing of a round goes through Dask, whatever its size."""

        def watch():
            from w2v.training.cluster import post

            post.kept, post.called = post.call_actor, set()

            async def call(caller, peer, method, *arguments):
                post.called.add(method)
                return await post.kept(caller, peer, method, *arguments)

            post.call_actor = call

        def unwatch():
            from w2v.training.cluster import post

            post.call_actor = post.kept
            return post.called

        client.run(_by_value(watch))
        try:
            w2v.train(TEXT, cluster=client, **QUICK)
        finally:
            called = client.run(_by_value(unwatch)).values()
        assert set().union(*called) == {"introduce"}


class TestLaps:
    """The same bytes where the hot rows are merged more often than the others."""

    @pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
    def test_of_every_variant(self, client, laps, architecture, loss):
        settings = {**QUICK, "architecture": architecture, "loss": loss, "epochs": 2}
        expected = w2v.train(TEXT, deterministic=True, **settings)
        assert_same(w2v.train(TEXT, cluster=client, **settings), expected)

    def test_when_workers_are_killed_in_a_lap(self, laps):
        """One while it trains, one when others may have the hot rows that it has not."""
        settings = {**QUICK, "epochs": 4}
        expected = w2v.train(TEXT, deterministic=True, **settings)
        with start_cluster(3) as cluster, distributed.Client(cluster) as client:
            first, second, _ = client.nthreads()
            client.run(_by_value(arm), "train", 8, workers=[first])
            client.run(_by_value(arm), "commit_lap", 5, workers=[second])
            found = w2v.train(TEXT, cluster=client, **settings)
        assert_same(found, expected)


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

    def test_that_join_take_part(self, alone, monkeypatch):
        from w2v.training.cluster import fleet

        monkeypatch.setattr(fleet, "_JOIN_SECONDS", 0.1)
        settings = {**QUICK, "epochs": 4}
        members = []

        def look(training):
            if not members:
                cluster.scale(2)
                client.wait_for_workers(2, timeout=30)
            members.append(len(training.trainer.engine.members))
            if members[-1] < 2:
                time.sleep(0.5)  # it loads its kernels meanwhile

        with start_cluster(1) as cluster, distributed.Client(cluster) as client:
            found = w2v.train(TEXT, cluster=client, callbacks=look, **settings)
        assert_same(found, alone(**settings))
        assert (members[0], members[-1]) == (1, 2)

    @pytest.mark.parametrize(
        ("method", "error", "reason"),
        [
            ("begin", MemoryError("No room."), "No room."),
            ("copy_weights", OSError("no route"), "It does not reach the worker at tcp://"),
        ],
    )
    def test_that_join_and_cannot_take_part_end_nothing(
        self, client, alone, monkeypatch, method, error, reason
    ):
        """One has another version, and another one fails later."""
        from w2v.training.cluster import fleet
        from w2v.training.cluster.connecting import Connection

        first, second, third = client.nthreads()
        alive, check_workers = fleet.Fleet._alive, Connection.check_workers
        come, members = [first], []

        async def fail(*_):
            raise error

        def spoil():
            from w2v.training.cluster.member import Member

            Member.kept = getattr(Member, method)
            setattr(Member, method, fail)

        def mend():
            from w2v.training.cluster.member import Member

            setattr(Member, method, Member.kept)

        def look(training):
            if not members:
                come.extend([second, third])
            members.append(len(training.trainer.engine.members))
            if len(warned) < 2:
                time.sleep(0.5)  # it loads its kernels meanwhile

        def check(connection, addresses=None):
            if addresses == [second]:
                raise w2v.W2VError("It has another version.")
            check_workers(connection, addresses)

        monkeypatch.setattr(fleet.Fleet, "_alive", lambda self: alive(self) and list(come))
        monkeypatch.setattr(Connection, "check_workers", check)
        monkeypatch.setattr(fleet, "_JOIN_SECONDS", 0.01)
        settings = {**QUICK, "epochs": 4}
        client.run(spoil, workers=[third])
        try:
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                found = w2v.train(TEXT, cluster=client, callbacks=look, **settings)
        finally:
            client.run(mend, workers=[third])
        assert_same(found, alone(**settings))
        assert set(members) == {1}
        of_second, of_third = sorted(map(str, (each.message for each in warned)),
                                     key=lambda message: third in message)  # fmt: skip
        no_part = "The Dask worker at {} takes no part in training: "
        assert of_second == no_part.format(second) + "It has another version."
        assert of_third.startswith(no_part.format(third) + reason)
        assert forgets_all(client)

    def test_lost_before_they_are_members_are_left_out(self, client, alone, monkeypatch):
        from w2v.training.cluster import fleet

        alive, calls = fleet.Fleet._alive, []

        def with_another(self):
            calls.append(1)
            return [*(["tcp://127.0.0.1:9"] if len(calls) == 1 else []), *alive(self)]

        monkeypatch.setattr(fleet.Fleet, "_alive", with_another)
        assert_same(w2v.train(TEXT, cluster=client, **QUICK), alone(**QUICK))

    def test_all_lost_is_a_sentence(self):
        def kill(training):
            for process in client.run(os.getpid, nanny=False).values():
                os.kill(process, signal.SIGKILL)

        lost = pytest.raises(w2v.W2VError, match="All workers of the Dask cluster were lost")
        with start_cluster(1) as cluster, distributed.Client(cluster) as client, lost:
            w2v.train(TEXT, cluster=client, callbacks=kill, **QUICK)

    def test_that_do_not_reach_each_other_are_a_sentence(self, client):
        async def fail(*_):
            raise OSError("no route")

        def spoil():
            from w2v.training.cluster import post

            post.kept, post.call_actor = post.call_actor, fail

        def mend():
            from w2v.training.cluster import post

            post.call_actor = post.kept

        client.run(_by_value(spoil))
        try:
            with pytest.raises(
                w2v.W2VError, match=r"workers do not reach each other.*: tcp://.*, t"
            ):
                w2v.train(TEXT, cluster=client, **QUICK)
        finally:
            client.run(_by_value(mend))

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
            assert forgets_all(client)
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


def test_workers_that_are_started_here_keep_freed_memory(monkeypatch):
    """Dask's setting gives it back at once, and merging takes three times as long."""
    for name in KEPT_MEMORY:  # an earlier cluster of this process has left Dask's
        monkeypatch.delenv(name, raising=False)
    with connected("local:1", 1) as connection:
        (found,) = connection.client.run(lambda: dict(os.environ)).values()
    assert {name: found[name] for name in KEPT_MEMORY} == KEPT_MEMORY


class TestMemory:
    def test_that_a_worker_lacks_is_a_sentence_before_training(self):
        lacks = pytest.raises(
            w2v.OutOfMemoryError,
            match=r"takes 0\.\d+ GB of memory on the Dask worker at tcp://.*, and 0\.\d+ GB are",
        )
        with start_cluster(1, "400MB") as cluster, distributed.Client(cluster) as client:
            with lacks:
                w2v.train(TEXT, cluster=client, **{**QUICK, "vector_size": 10_000})
            assert forgets_all(client)

    def test_of_a_machine_is_shared_by_its_workers(self):
        from w2v.training.cluster.replica_memory import Needs
        from w2v.training.cluster.room import Room, check_room

        rooms = {f"tcp://{host}:{port}": Room(2, None, 10**10) for host, port in ("a1", "a2", "b1")}
        peers = {Peer(address, ""): room for address, room in rooms.items()}
        check_room(peers, get_address_host, Needs(4 * 10**9, 2 * 10**9))
        with pytest.raises(
            w2v.OutOfMemoryError, match="12 GB of memory on the 2 Dask workers on a"
        ):
            check_room(peers, get_address_host, Needs(4 * 10**9, 4 * 10**9))

    def test_that_a_worker_shares_counts_under_its_own_limit(self):
        from w2v.training.cluster.replica_memory import Needs
        from w2v.training.cluster.room import Room, check_room

        peers = {Peer("tcp://a:1", ""): Room(2, 5 * 10**9, 10**10)}
        check_room(peers, get_address_host, Needs(4 * 10**9, 10**9))
        with pytest.raises(w2v.OutOfMemoryError, match="6 GB of memory on the Dask worker at"):
            check_room(peers, get_address_host, Needs(4 * 10**9, 2 * 10**9))


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

    @pytest.mark.parametrize("address", ["foo://a:1", "tcp://a", "tls://127.0.0.1:9"])
    def test_an_address_that_dask_does_not_take(self, address):
        with pytest.raises(w2v.ConfigError, match=f"{address}.* does not answer: "):
            w2v.train(TEXT, cluster=address, **QUICK)

    def test_nothing_but_a_sentence_is_printed(self, tmp_path):
        """When Python ends, Dask would close a client that never connected, in vain."""
        command = [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "w2v",
            "train",
            "toy",
            "-o",
            str(tmp_path / "toy.bin"),
        ]
        ran = subprocess.run(
            [*command, "--cluster", "foo://a:1"], check=False, capture_output=True, text=True
        )
        assert ran.returncode == 1
        assert "--cluster foo://a:1 does not answer" in ran.stderr
        assert "Traceback" not in ran.stderr

    def test_a_client_that_is_closed(self, client):
        closed = distributed.Client(client.scheduler.address)
        closed.close()
        with pytest.raises(w2v.ConfigError, match="cluster is closed; connect it again"):
            w2v.train(TEXT, cluster=closed, **QUICK)

    def test_an_asynchronous_client(self, client):
        async def train():
            async with distributed.Client(client.scheduler.address, asynchronous=True) as client_:
                w2v.train(TEXT, cluster=client_, **QUICK)

        with pytest.raises(w2v.ConfigError, match="cluster must not be asynchronous; "):
            asyncio.run(train())

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

    @pytest.mark.parametrize(
        ("settings", "kind"),
        [({"deterministic": True}, "chose no number of shards"), ({}, "was not deterministic")],
    )
    def test_checkpoints_of_trainings_without_shards(self, client, tmp_path, settings, kind):
        w2v.train(TEXT, checkpoint=tmp_path, vector_size=16, epochs=1, **settings)
        refused = rf"cluster cannot go on with .*, which {kind}; leave it out to resume on this"
        for shards in ({}, {"shards": 4}):
            with pytest.raises(w2v.ConfigError, match=refused):
                w2v.train(TEXT, resume=tmp_path, cluster=client, **shards)

    def test_checkpoints_of_other_shards(self, client, tmp_path):
        w2v.train(TEXT, cluster=client, checkpoint=tmp_path, **QUICK)
        with pytest.raises(
            w2v.ConfigError, match=r"shards was 4 in .*, not 2; leave it out to res"
        ):
            w2v.train(TEXT, resume=tmp_path, cluster=client, shards=2)

    def test_settings_without_effect(self):
        with pytest.raises(w2v.ConfigError, match="shards has no effect without cluster"):
            w2v.train(TEXT, shards=4)
        with pytest.raises(w2v.ConfigError, match="device='cuda' has no effect with cluster"):
            w2v.train(TEXT, cluster="local:1", device="cuda")
        with pytest.raises(w2v.ConfigError, match="shards is at most 62 without cluster"):
            w2v.train(TEXT, deterministic=True, shards=63)
