"""What a training on a Dask cluster refuses, and the memory that its workers must have."""

import asyncio
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from clusters import QUICK, TEXT, distributed, forgets_all, start_cluster
from distributed.comm import get_address_host

import w2v
from w2v.training.cluster.connecting import KEPT_MEMORY, connected
from w2v.training.cluster.orders import Peer


@pytest.fixture(scope="module")
def client():
    """A client of three workers: one more than two, so that shards are shared unevenly."""
    with start_cluster(3) as cluster, distributed.Client(cluster) as client:
        yield client


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

    def test_the_compiler_counts_before_it_is_loaded(self, monkeypatch):
        from w2v.training.cluster import room

        class Worker:
            memory_manager = SimpleNamespace(memory_limit=10**9)
            monitor = SimpleNamespace(get_process_memory=lambda: 5 * 10**8)
            state = SimpleNamespace(nthreads=2)

        monkeypatch.setattr(room, "_COMPILER", "sys")
        assert room.room_of(Worker).limit == 45 * 10**7
        monkeypatch.setattr(room, "_COMPILER", "no such module")
        assert room.room_of(Worker).limit == 35 * 10**7

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
