"""A corpus that the workers of a cluster count and encode is what it is on one machine."""

import gzip
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
from w2v.text import dividing

distributed = pytest.importorskip("distributed")

from w2v.training.cluster import counting, crowd, tasks  # noqa: E402
from w2v.training.cluster.connecting import Connection  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
QUICK = {"vector_size": 8, "epochs": 1, "shards": 4, "min_count": 2, "sample": 0.01}


def zipf_text(words, seed=5):
    generator = np.random.default_rng(seed)
    ids = generator.zipf(1.3, words).clip(max=300).tolist()
    ends = generator.choice([" ", "\n"], words, p=[0.9, 0.1])
    return "".join(f"W{each}é,{end}" for each, end in zip(ids, ends, strict=True))


@pytest.fixture(scope="module")
def client():
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, memory_limit=0, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("texts")
    for number in range(9):
        (folder / f"{number}.txt").write_text(zipf_text(300, seed=number))
    (folder / "large.txt").write_text(zipf_text(6_000))
    (folder / "packed.txt.gz").write_bytes(gzip.compress(zipf_text(500, seed=10).encode()))
    (folder / "rows.jsonl").write_text('{"text": "W1é W2é"}\n{"text": null}\n' * 40)
    return folder


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr(dividing, "PIECE_BYTES", (5_000, 5_000))


@pytest.fixture
def counted_there(monkeypatch):
    """Whether a corpus was given to the workers, at each training."""
    given = []

    def spread(corpus, connection):
        result = counting_spread(corpus, connection)
        given.append(isinstance(result, counting.SpreadCorpus))
        return result

    counting_spread = counting.spread
    monkeypatch.setattr(counting, "spread", spread)
    return given


def trained(corpus, **settings):
    """A training, and what it reports of its text."""
    reported = []

    def listen(event):
        if event.event in ("vocabulary", "encoded", "summary"):
            reported.append({**event.as_dict(), "seconds": 0})

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        model = w2v.train(corpus, on_event=listen, **{**QUICK, **settings})
    *text, summary = reported
    said = [str(each.message) for each in warned if each.filename == __file__]
    return model, [*text, summary["ledger"], said]


def assert_same(found, expected):
    (model, reported), (other, other_reported) = found, expected
    assert model.vectors.index_to_key == other.vectors.index_to_key
    np.testing.assert_array_equal(model.vectors.vectors, other.vectors.vectors)
    np.testing.assert_array_equal(model.output, other.output)
    assert reported == other_reported


FORMS = [
    {},
    {"tokenizer": "words", "lower": True},
    {"held_out": 0.1},
    {"vocabulary": {"W1é,": 9, "W7é,": 5, "elsewhere": 4}},
]


class TestTheSameText:
    @pytest.mark.parametrize("settings", FORMS)
    def test_of_many_files(self, client, folder, settings, counted_there):
        found = trained(folder, cluster=client, **settings)
        assert counted_there == [True]
        assert_same(found, trained(folder, deterministic=True, **settings))

    def test_of_one_file(self, client, folder, counted_there):
        path = folder / "large.txt"
        found = trained(path, cluster=client)
        assert counted_there == [True]
        assert_same(found, trained(path, deterministic=True))

    def test_at_urls(self, client, web, counted_there):
        texts = {f"{k}.txt": zipf_text(900, seed=k).encode() for k in range(3)}
        urls = [web.put(name, content) for name, content in texts.items()]
        urls.append(web.put("3.txt.gz", gzip.compress(zipf_text(900).encode())))
        found = trained(urls, cluster=client)
        assert counted_there == [True]
        assert_same(found, trained(urls, deterministic=True))

    def test_in_a_full_table(self, client, tmp_path, counted_there, monkeypatch):
        """Words that were dropped are counted exactly if they are kept."""
        path = tmp_path / "text"
        words = np.random.default_rng(1).zipf(1.2, 30_000) % 20_000
        ends = np.where(words % 9, " ", "\n").tolist()
        path.write_text("".join(f"w{each}{end}" for each, end in zip(words, ends, strict=True)))
        monkeypatch.setattr(dividing, "PIECE_BYTES", (40_000, 40_000))
        monkeypatch.setattr(crowd, "_TABLE_SHARE", 10**12)  # the least that a table takes
        settings = {"min_count": 60, "counting_memory": 1}
        found, reported = trained(path, cluster=client, **settings)
        assert counted_there == [True]
        assert 0 < reported[0]["dropped"] < 60
        assert_same((found, 0), (trained(path, deterministic=True, min_count=60)[0], 0))

    def test_when_trained_further(self, client, folder, counted_there):
        first = w2v.train(folder / "large.txt", deterministic=True, **QUICK)
        settings = {"continue_from": first, "new_words": True}
        there = w2v.train(folder, cluster=client, **settings)
        here = w2v.train(folder, **settings)
        assert counted_there == [True]
        assert_same((there, 0), (here, 0))

    @pytest.mark.parametrize("ends_there", [True, False])
    def test_when_resumed(self, client, folder, tmp_path, counted_there, ends_there):
        def stop(training):
            training.stop()

        settings = {**QUICK, "epochs": 2}
        w2v.train(folder, cluster=client, checkpoint=tmp_path, callbacks=stop, **settings)
        where = {"cluster": client} if ends_there else {}
        there = w2v.train(resume=tmp_path, **where)
        assert counted_there == [True, True][: 1 + ends_there]
        here = w2v.train(folder, deterministic=True, **settings)
        assert_same((there, 0), (here, 0))

    def test_with_what_is_left_out(self, client, tmp_path, counted_there):
        path = tmp_path / "text"
        path.write_bytes(b"a b\xff c\n" * 3_000 + b"x" * 70_000 + b" d\n" + b"a \xfe" * 900)
        settings = {"invalid_utf8": "replace"}
        found = trained(path, cluster=client, **settings)
        assert counted_there == [True]
        assert "Left out 1 word of more than 65,536 bytes at byte 21,000 of" in found[1][-1][0]
        assert_same(found, trained(path, deterministic=True, **settings))

    def test_and_progress_is_reported(self, client, folder, monkeypatch):
        monkeypatch.setattr(crowd, "_PERIOD", 0.01)
        counting = []

        def listen(event):
            if event.event == "counting":
                counting.append(event)

        w2v.train(folder / "large.txt", cluster=client, on_event=listen, **QUICK)
        size = (folder / "large.txt").stat().st_size
        assert {each.size for each in counting} == {size}
        read = [each.read for each in counting]
        assert read == sorted(read)
        assert read[-1] == size


class TestWhatStaysHere:
    @pytest.mark.parametrize(
        ("corpus", "settings"),
        [
            ([["a", "b", "c"] * 9] * 9, {}),
            ("toy", {"epochs": 1}),
            ("folder", {"phrases": True}),
        ],
        ids=["sentences", "a known text", "phrases"],
    )  # fmt: skip
    def test_is_counted_here(self, client, folder, corpus, settings, counted_there):
        corpus = folder if corpus == "folder" else corpus
        found = trained(corpus, cluster=client, **settings)
        assert counted_there == [False]
        assert_same(found, trained(corpus, deterministic=True, **settings))

    def test_where_the_workers_see_another_file(self, client, folder, counted_there, monkeypatch):
        monkeypatch.setattr(crowd, "seen", lambda _: "another")
        found = trained(folder, cluster=client)
        assert counted_there == [False]
        assert_same(found, trained(folder, deterministic=True))

    def test_where_only_this_process_has_the_text(self, client, memory, counted_there):
        import fsspec

        fsspec.filesystem("memory").pipe_file(f"{memory}/a.txt", zipf_text(3_000).encode())
        found = trained(f"{memory}/a.txt", cluster=client)
        assert counted_there == [False]
        assert_same(found, trained(f"{memory}/a.txt", deterministic=True))

    def test_a_missing_file_is_reported_as_ever(self, client, tmp_path):
        with pytest.raises(w2v.CorpusError, match="There is no file"):
            w2v.train(tmp_path / "none.txt", cluster=client)


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


def by_value(function):
    """A function that workers need no module for: they cannot import the tests."""
    import cloudpickle

    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    return function


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

    def kill(training):
        if not killed and training.event.event == "progress":
            killed.append(min(client.run(os.getpid).values()))
            os.kill(killed[0], signal.SIGKILL)

    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, memory_limit=0, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        arm = by_value(die_once)
        client.register_worker_callbacks(
            lambda: [arm(name, str(tmp_path / name)) for name in functions]
        )
        found = trained(folder, cluster=client, callbacks=kill, **settings)
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


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """An authority, and a certificate of it for everybody on this machine."""
    pytest.importorskip("cryptography")
    import datetime
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    folder = tmp_path_factory.mktemp("tls")
    now = datetime.datetime.now(datetime.timezone.utc)

    def certificate(name, issuer, issuer_key, key, is_authority):
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=2))
            .add_extension(x509.BasicConstraints(is_authority, None), True)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
                False,
            )
            .sign(issuer_key, hashes.SHA256())
        )

    def write(name, *parts):
        (folder / name).write_bytes(b"".join(parts))
        return str(folder / name)

    def pem(key):
        return key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )  # fmt: skip

    authority, own, stranger = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    encoding = serialization.Encoding.PEM
    ours = certificate("w2v", "our authority", authority, own, False)
    theirs = certificate("w2v", "stranger", stranger, stranger, False)
    return {
        "ca": write("ca.pem", certificate(
            "our authority", "our authority", authority, authority, True).public_bytes(encoding)),
        "cert": write("cert.pem", ours.public_bytes(encoding)),
        "key": write("key.pem", pem(own)),
        "stranger": write("stranger.pem", theirs.public_bytes(encoding), pem(stranger)),
    }  # fmt: skip


class TestTls:
    @pytest.fixture(scope="class")
    def address(self, certificates):
        files = {"tls_ca_file": certificates["ca"]}
        for role in ("client", "scheduler", "worker"):
            files[f"tls_{role}_cert"] = certificates["cert"]
            files[f"tls_{role}_key"] = certificates["key"]
        security = distributed.Security(require_encryption=True, **files)
        with distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, memory_limit=0, dashboard_address=":0",
            security=security, host="tls://127.0.0.1",
        ) as cluster:  # fmt: skip
            yield cluster.scheduler_address

    def test_the_command_trains_with_a_certificate(
        self, address, certificates, folder, tmp_path, tls
    ):
        assert address.startswith("tls://127.0.0.1:")
        command = [
            sys.executable, "-W", "ignore", "-m", "w2v", "train", str(folder), "--epochs", "1",
            "--vector-size", "8", "--shards", "4", "--quiet", "--cluster", address,
            "-o", str(tmp_path / "there.bin"),
        ]  # fmt: skip
        ran = subprocess.run(
            command, check=False, capture_output=True, text=True, env={**os.environ, **tls}
        )
        said = [line for line in ran.stderr.splitlines() if not line.startswith("Warning: ")]
        assert (ran.returncode, said) == (0, [])
        here = w2v.train(folder, deterministic=True, epochs=1, vector_size=8, shards=4)
        here.vectors.save(tmp_path / "here.bin")
        assert (tmp_path / "there.bin").read_bytes() == (tmp_path / "here.bin").read_bytes()

    @pytest.fixture
    def tls(self, certificates):
        """The settings of Dask as environment variables."""
        prefix = "DASK_DISTRIBUTED__COMM__TLS"
        return {
            f"{prefix}__CA_FILE": certificates["ca"],
            f"{prefix}__CLIENT__CERT": certificates["cert"],
            f"{prefix}__CLIENT__KEY": certificates["key"],
        }

    @pytest.mark.parametrize("kind", ["none", "of a stranger"])
    def test_nobody_else_is_let_in(self, address, certificates, kind, monkeypatch):
        import dask

        from w2v.training.cluster import connecting

        monkeypatch.setattr(connecting, "_CONNECT_SECONDS", 2.0)
        prefix = "distributed.comm.tls"
        given = {f"{prefix}.ca-file": certificates["ca"]}
        if kind != "none":
            given[f"{prefix}.client.cert"] = certificates["stranger"]
        refused = pytest.raises(w2v.ConfigError, match=r"tls://127.* does not answer: ")
        with dask.config.set(given), refused:
            w2v.train([["a", "b"] * 9], cluster=address, **QUICK)
