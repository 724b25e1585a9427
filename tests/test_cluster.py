"""A Dask cluster gives what the deterministic mode gives, to the last bit.

The deterministic mode with as many shards is the oracle. All clusters are real processes on this
machine.
"""

import subprocess
import sys
import time

import numpy as np
import pytest
from clusters import QUICK, TEXT, Alone, arm, assert_same, by_value, distributed, start_cluster

import w2v
from w2v.training.engines import deterministic

VARIANTS = [
    ("skipgram", "negative"), ("cbow", "negative"), ("skipgram", "hierarchical"), ("cbow", "both"),
]  # fmt: skip


@pytest.fixture(scope="module")
def client():
    """A client of three workers: one more than two, so that shards are shared unevenly."""
    with start_cluster(3) as cluster, distributed.Client(cluster) as client:
        yield client


@pytest.fixture
def laps(monkeypatch):
    """Rounds of three laps, for which this text is too short, and few hot rows."""
    from w2v.kernels.state import BLOCK
    from w2v.training import schedule
    from w2v.training.engines import cluster, deterministic, round_shape

    def shape(_, shards, *__):
        return round_shape.RoundShape(shards, 3 * BLOCK, 3, 40)

    for module in (cluster, deterministic, schedule):
        monkeypatch.setattr(module, "round_shape", shape)


@pytest.fixture(scope="module")
def alone():
    """What the deterministic mode makes of some settings, each trained once."""
    return Alone()


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
            client.run(by_value(move), 0, workers=list(client.nthreads())[:apart])
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

        client.run(by_value(watch))
        try:
            w2v.train(TEXT, cluster=client, **QUICK)
        finally:
            called = client.run(by_value(unwatch)).values()
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
            client.run(by_value(arm), "train", 8, workers=[first])
            client.run(by_value(arm), "commit_lap", 5, workers=[second])
            found = w2v.train(TEXT, cluster=client, **settings)
        assert_same(found, expected)


class TestJoinedRounds:
    """The same bytes where rounds are joined in the later epochs, up to all four of them."""

    @pytest.fixture(autouse=True)
    def joined(self, monkeypatch):
        from w2v.kernels.state import BLOCK
        from w2v.training import schedule
        from w2v.training.engines import cluster, deterministic, joined_rounds, round_shape

        monkeypatch.setattr(joined_rounds, "LEAST_JOINED_ROUNDS", 1)
        for module in (cluster, deterministic, schedule):
            monkeypatch.setattr(
                module, "round_shape", lambda _, n, *__: round_shape.RoundShape(n, BLOCK, 1, 40)
            )

    @pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
    def test_of_every_variant(self, client, architecture, loss):
        settings = {**QUICK, "architecture": architecture, "loss": loss, "epochs": 5}
        rounds = []

        def watch(training):
            if training.event.event == "epoch":
                rounds.append(training.trainer.engine.traffic["rounds"])

        expected = w2v.train(TEXT, deterministic=True, **settings)
        assert_same(w2v.train(TEXT, cluster=client, callbacks=watch, **settings), expected)
        # Of the text 1, 2, 3, 4 and 4 of five rounds are joined; of what is held out there is one.
        # A lap is of two stretches, so that three are unequal laps.
        assert list(np.diff([0, *rounds]) - 1) == [5, 3, 2, 2, 2]

    def test_with_a_worker_killed_in_one(self):
        """It is in the third epoch, in which four are joined, in the second lap of one."""
        settings = {**QUICK, "epochs": 4}
        expected = w2v.train(TEXT, deterministic=True, **settings)
        with start_cluster(3) as cluster, distributed.Client(cluster) as client:
            first, *_ = client.nthreads()
            client.run(by_value(arm), "train", 13, workers=[first])
            assert_same(w2v.train(TEXT, cluster=client, **settings), expected)

    def test_with_the_held_out_text_run_through_meanwhile(self, client):
        settings = {**QUICK, "epochs": 3}
        losses = []

        def watch(training):
            if training.event.event == "progress":
                losses.append(training.trainer.held_out_loss())

        expected = w2v.train(TEXT, deterministic=True, **settings)
        found = w2v.train(TEXT, cluster=client, callbacks=watch, **settings)
        assert_same(found, expected)
        assert len(set(losses)) > 2

    def test_a_checkpoint_goes_on_where_it_was(self, tmp_path, monkeypatch):
        monkeypatch.setattr(deterministic, "TOKENS_EACH", 1)  # it stops within this short epoch
        settings = {**QUICK, "epochs": 4, "workers": 2, "deterministic": True}
        text = TEXT * 4
        whole = w2v.train(text, **settings)
        places = []

        def stop(training):
            if training.event.event == "progress" and training.event.epoch == 2:
                training.stop()
                place = training.trainer.settle()
                places.append((place.position, training.trainer.piece(1), training.trainer.tokens))

        w2v.train(text, checkpoint=tmp_path / "c", callbacks=stop, **settings)
        position, piece, tokens = places[0]
        assert piece == 2 * 4 * 2048
        assert 0 < position < tokens
        assert position % piece == 0
        assert_same(w2v.train(text, resume=tmp_path / "c"), whole)


def test_orders_grow_until_they_take_as_long_as_they_should():
    from w2v.training.engines.cluster import FIRST_ROUNDS, MOST_ROUNDS, ORDER_SECONDS, Cluster

    engine = object.__new__(Cluster)
    engine._at_once, counts = FIRST_ROUNDS, []
    for seconds_of_round in (*[0.05] * 4, 1e-5, 1e-5, 0.2, 2 * ORDER_SECONDS):
        engine._pace(engine._at_once, engine._at_once * seconds_of_round)
        counts.append(engine._at_once)
    assert counts == [16, 60, 60, 60, 240, MOST_ROUNDS, 15, 1]


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
