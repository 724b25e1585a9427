"""A corpus that the workers of a cluster count and encode is what it is on one machine."""

import gzip

import numpy as np
import pytest
from clusters import distributed, start_cluster
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
from w2v.text import dividing
from w2v.training.cluster import crowd
from w2v.training.cluster.spread_ids import SpreadIds

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
FORMS = [
    {},
    {"tokenizer": "words", "lower": True},
    {"held_out": 0.1},
    {"vocabulary": {"W1é,": 9, "W7é,": 5, "elsewhere": 4}},
]


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
    def test_when_resumed(self, client, folder, tmp_path, counted_there, ends_there, monkeypatch):
        """Nor do the ids come here, for the checkpoint or to judge the loss."""

        def stop(training):
            training.stop()

        def bring(*_):
            raise AssertionError

        monkeypatch.setattr(SpreadIds, "__getitem__", bring)
        settings = {**QUICK, "epochs": 2, "loss": "hierarchical"}
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
