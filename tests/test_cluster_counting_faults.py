"""What goes wrong while the workers of a cluster count a text: lost workers, and errors."""

import logging
import os
import signal
import time

import pytest
from clusters import by_value, distributed, start_cluster
from counted_texts import (
    QUICK,
    assert_same,
    note_counting,
    small_pieces,  # noqa: F401 (a fixture)
    trained,
    write_texts,
    zipf_text,
)

import w2v
from w2v.training.cluster import counting, crowd, tasks
from w2v.training.cluster.connecting import Connection

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture(scope="module")
def client():
    with start_cluster(2) as cluster, distributed.Client(cluster) as client:
        yield client


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_texts(tmp_path_factory.mktemp("texts"))


@pytest.fixture
def counted_there(monkeypatch):
    """Whether a corpus was given to the workers, at each training."""
    return note_counting(monkeypatch)


def one_sees_nothing(dask_worker, blind):
    """Let one worker see no file."""
    import w2v.training.cluster.tasks as there

    there.kept = there.seen
    if dask_worker.address == blind:
        there.seen = lambda _: ""


def all_see(dask_worker):
    import w2v.training.cluster.tasks as there

    there.seen = there.kept


def note(dask_worker):
    """Let workers note where pieces are counted."""
    import w2v.text.counted_pieces as there

    original, there.counted = there.count_piece, []

    def count_piece(*arguments):
        there.counted.append(1)
        return original(*arguments)

    there.count_piece, there.original = count_piece, original


def noted(dask_worker):
    import w2v.text.counted_pieces as there

    there.count_piece = there.original
    return len(there.counted)


def test_only_workers_that_see_the_files_read_them(client, folder, counted_there):
    first, second = sorted(client.nthreads())
    client.run(by_value(note))
    client.run(by_value(one_sees_nothing), blind=second)
    try:
        found = trained(folder, cluster=client)
    finally:
        client.run(by_value(all_see))
        read = client.run(by_value(noted))
    assert counted_there == [True]
    assert read[first] >= 5
    assert read[second] == 0
    assert_same(found, trained(folder, deterministic=True))


def die_once(name, marker):
    """Let the first worker that calls a function be killed."""
    import os
    import signal

    from w2v.text import counted_pieces, encoded_pieces

    there = counted_pieces if hasattr(counted_pieces, name) else encoded_pieces
    original = getattr(there, name)

    def call(*arguments):
        try:
            os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
            os.kill(os.getpid(), signal.SIGKILL)
        except FileExistsError:
            pass
        return original(*arguments)

    setattr(there, name, call)


def test_workers_that_are_killed_cost_their_pieces(folder, tmp_path, counted_there):
    """Dask starts others in their places, on the same machine.

    One is killed while it counts, one while it encodes, and one in training: then its ids are made
    again by others, who need them for its shards.
    """
    settings = {"epochs": 3, "held_out": 0.1}
    functions = ["count_piece", "encode_piece"]
    killed = []

    def wait(event):
        """Train on both: the one that was killed may still be starting again."""
        if event.event == "encoded":
            client.wait_for_workers(2, timeout=60)

    def kill(training):
        if not killed and training.event.event == "progress":
            killed.append(min(client.run(os.getpid).values()))
            os.kill(killed[0], signal.SIGKILL)

    with (
        start_cluster(2) as cluster,
        distributed.Client(cluster) as client,
    ):
        arm = by_value(die_once)
        client.register_worker_callbacks(
            lambda: [arm(name, str(tmp_path / name)) for name in functions]
        )
        found = trained(folder, wait, cluster=client, callbacks=kill, **settings)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(functions)
    assert killed
    assert counted_there == [True]
    assert_same(found, trained(folder, deterministic=True, **settings))


class TestErrors:
    def test_are_those_of_one_machine(self, client, tmp_path, counted_there):
        path = tmp_path / "text"
        path.write_bytes(b"a b c\n" * 5_000 + b"\xff " + b"a b c\n" * 5_000 + b"\xff")
        with pytest.raises(w2v.CorpusError) as expected:
            w2v.train(path, **QUICK, deterministic=True)
        with pytest.raises(w2v.CorpusError) as found:
            w2v.train(path, cluster=client, **QUICK)
        assert counted_there == [True]
        assert str(found.value) == str(expected.value)

    @pytest.mark.parametrize("more", ["more", ""])
    def test_of_files_that_change(self, client, tmp_path, monkeypatch, more):
        path = tmp_path / "text"
        path.write_text(zipf_text(6_000))
        give = crowd.Crowd.give

        def change(self, function, *arguments, **options):
            if function is tasks.count and arguments[0].number == 1:
                path.write_text(zipf_text(6_000) + more)
            return give(self, function, *arguments, **options)

        monkeypatch.setattr(crowd.Crowd, "give", change)
        with pytest.raises(w2v.CorpusError, match="was changed or replaced while it was read"):
            w2v.train(path, cluster=client, **QUICK)

    def test_nothing_is_left_or_logged(self, client, folder, caplog):
        with caplog.at_level(logging.WARNING):
            w2v.train(folder, cluster=client, **QUICK)
            with pytest.raises(w2v.CorpusError, match="No word of"):
                w2v.train(folder, cluster=client, **{**QUICK, "min_count": 10**6})
        assert [record.getMessage() for record in caplog.records] == []
        logs = client.get_worker_logs()
        assert [line for lines in logs.values() for line in lines if line[0] != "INFO"] == []
        for _ in range(50):
            kept = client.run(lambda dask_worker: len(dask_worker.data))
            if not any(kept.values()):
                break
            time.sleep(0.1)
        assert set(kept.values()) == {0}

    def test_training_keeps_nothing_but_ids_on_the_workers(self, client, folder):
        kept = []

        def look(training):
            for keys in client.run(lambda dask_worker: list(dask_worker.data)).values():
                kept.append({key.split("-")[1] for key in keys if key.startswith("w2v-")})

        w2v.train(folder, cluster=client, callbacks=look, **QUICK)
        assert set().union(*kept[-len(client.nthreads()) :]) == {"encode"}

    def test_all_workers_that_see_the_files_lost_is_a_sentence(self, client, folder, monkeypatch):
        monkeypatch.setattr(crowd, "_LOOK_SECONDS", 0.1)
        monkeypatch.setattr(crowd, "_PATIENCE_SECONDS", 0.3)
        corpus = counting.spread(w2v.open_corpus(folder), Connection(client))
        corpus._crowd._places = ["tcp://127.0.0.1:9"]
        with pytest.raises(w2v.W2VError, match=r"All workers .* that see the files"):
            corpus.counted(None, None)
        corpus._crowd.close()

    def test_an_interrupt_ends_the_work(self, client, folder):
        def interrupt():
            raise KeyboardInterrupt

        connection = Connection(client)
        corpus = counting.spread(w2v.open_corpus(folder), connection)
        with pytest.raises(KeyboardInterrupt):
            corpus.counted(interrupt, None)
        connection.close()
        for _ in range(100):
            if not any(client.processing().values()):
                break
            time.sleep(0.1)
        assert not any(client.processing().values())
