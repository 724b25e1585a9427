"""Whatever happens to the workers of a Dask cluster, it gives what the deterministic mode gives."""

import logging
import os
import signal
import time
import warnings

import pytest
from clusters import (
    QUICK,
    TEXT,
    Alone,
    arm,
    assert_same,
    by_value,
    distributed,
    forgets_all,
    start_cluster,
)

import w2v


@pytest.fixture(scope="module")
def client():
    """A client of three workers: one more than two, so that shards are shared unevenly."""
    with start_cluster(3) as cluster, distributed.Client(cluster) as client:
        yield client


@pytest.fixture(scope="module")
def alone():
    """What the deterministic mode makes of some settings, each trained once."""
    return Alone()


class TestWorkers:
    def test_that_are_killed_in_a_round_cost_nothing_else(self, alone):
        """One is killed while it trains, and one when others may have what it has not."""
        settings = {**QUICK, "epochs": 4}
        members = []

        def look(training):
            members.append(len(training.trainer.engine.members))

        with start_cluster(3) as cluster, distributed.Client(cluster) as client:
            first, second, _ = client.nthreads()
            client.run(by_value(arm), "train", 19, workers=[first])
            client.run(by_value(arm), "commit", 19, workers=[second])
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

        client.run(by_value(spoil))
        try:
            with pytest.raises(
                w2v.W2VError, match=r"workers do not reach each other.*: tcp://.*, t"
            ):
                w2v.train(TEXT, cluster=client, **QUICK)
        finally:
            client.run(by_value(mend))

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
