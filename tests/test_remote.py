"""Text and vectors at URLs, in memory; test_remote_web.py has those of a web server."""

import gzip
import io
from pathlib import Path

import numpy as np
import pytest
from corpus_texts import COMPRESSORS
from remote_texts import ENDS, TEXT, VECTORS, content, fsspec, names, put

import w2v
from w2v.errors import ConfigError, CorpusError, FormatError, KeptError, W2VError


class TestCorpus:
    @pytest.mark.parametrize("suffix", ["", *COMPRESSORS])
    def test_it_is_read_as_a_file_is(self, memory: str, suffix: str) -> None:
        stored = COMPRESSORS[suffix](TEXT) if suffix else TEXT
        corpus = w2v.open_corpus(put(f"{memory}/a.txt{suffix}", stored))
        assert b"".join(block.data for block in corpus.blocks()) == TEXT
        assert corpus.name == "a" and corpus.size == corpus.bytes_read == len(stored)

    @pytest.mark.parametrize("named", ["/*.txt*", "", "/", "/**"])
    def test_globs_and_directories(self, memory: str, named: str) -> None:
        put(f"{memory}/part-2.txt.gz", gzip.compress(b"three four\n"))
        put(f"{memory}/part-1.txt", b"one two\n")
        put(f"{memory}/.part-3.txt.part", b"never\n")
        corpus = w2v.open_corpus(memory + named)
        assert b"".join(block.data for block in corpus.blocks()) == b"one two\nthree four\n"
        assert corpus.name is None and [path.name[:6] for path in corpus.paths] == [
            "part-1", "part-2",
        ]  # fmt: skip

    @pytest.mark.parametrize("end", ["jsonl.gz", "csv", "parquet", "feather"])
    def test_columns(self, memory: str, end: str) -> None:
        """Formats that are read from their end on are, too."""
        pa = pytest.importorskip("pyarrow")
        rows = ["one two", "three"] * 50
        table, stored = pa.table({"id": range(100), "text": rows}), io.BytesIO()
        if end == "jsonl.gz":
            stored.write(
                gzip.compress(b"".join(b'{"text": "%s"}\n' % row.encode() for row in rows))
            )
        elif end == "csv":
            stored.write(b"id,text\n" + b"".join(b"1,%s\n" % row.encode() for row in rows))
        elif end == "parquet":
            pytest.importorskip("pyarrow.parquet").write_table(table, stored)
        else:
            pytest.importorskip("pyarrow.feather").write_feather(table, stored)
        url = put(f"{memory}/a.{end}", stored.getvalue())
        for named in (url, f"{memory}/*"):
            corpus = w2v.open_corpus(named, column="text")
            assert w2v.count_words(corpus, min_count=1) == {"one": 50, "two": 50, "three": 50}

    def test_addresses_in_lists(self, memory: str, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_bytes(b"one\n")
        names = [str(tmp_path / "a.txt"), put(f"{memory}/b.txt", b"two\n"), "memory://nowhere"]
        assert w2v.open_corpus(names[:2]).size == 8
        with pytest.raises(CorpusError, match=r"^There is no text memory://nowhere; check the"):
            w2v.open_corpus(names)

    def test_a_text_that_changes_is_refused(self, memory: str) -> None:
        corpus = w2v.open_corpus(put(f"{memory}/a.txt", TEXT))
        for _ in range(2):  # unchanged, it can be read again
            assert len(list(corpus.blocks())) == 1
        put(f"{memory}/a.txt", TEXT.swapcase())
        with pytest.raises(CorpusError, match=r"a.txt: it was changed since it was opened; start"):
            list(corpus.blocks())

    def test_a_text_that_changes_while_it_is_read_is_refused(self, memory: str) -> None:
        corpus = w2v.open_corpus(put(f"{memory}/a.txt", TEXT))
        blocks = corpus.blocks(100)
        next(blocks)
        put(f"{memory}/a.txt", TEXT.swapcase())
        with pytest.raises(CorpusError, match=r"a.txt was changed or replaced while it was read"):
            list(blocks)

    def test_resuming_finds_it_but_never_its_secrets(self, memory: str) -> None:
        url = put(f"{memory}/a.txt", TEXT)
        origin = w2v.open_corpus(url).origin
        assert origin is not None and origin.sources == [url]
        assert w2v.open_corpus(url, storage_options={"key": "secret"}).origin is None

    def test_training_and_what_belongs_to_it(self, memory: str, tmp_path: Path) -> None:
        """A text, a test set, a vocabulary, first vectors and the model itself are at addresses."""
        text, sizes = put(f"{memory}/a.txt", TEXT), {"vector_size": 4, "epochs": 1, "workers": 1}
        pairs = put(f"{memory}/pairs.tsv", b"one\ttwo\t1\ntwo\tthree\t2\nthree\tfour\t3\n")
        vocabulary = put(f"{memory}/words.vocab", b"one 60\ntwo 120\nthree 120\nfour 60\n")
        first = w2v.KeyedVectors(VECTORS.index_to_key, VECTORS.vectors / 1000)
        first.save(f"{memory}/first.bin")
        model = w2v.train(
            text, evaluate=pairs, vocabulary=vocabulary, init_from=f"{memory}/first.bin",
            min_count=1, **sizes,
        )  # fmt: skip
        model.save(f"{memory}/model.safetensors")
        again = w2v.load_model(f"{memory}/model.safetensors")
        assert np.array_equal(again.output, model.output)
        (tmp_path / "a.txt").write_bytes(TEXT)
        here = w2v.train(tmp_path / "a.txt", min_count=1, seed=3, **sizes)
        there = w2v.train(text, min_count=1, seed=3, **sizes)
        assert np.array_equal(here.vectors.vectors, there.vectors.vectors)


class TestVectors:
    @pytest.mark.parametrize("end", ENDS)
    def test_every_format_is_the_same_there(self, memory: str, tmp_path: Path, end: str) -> None:
        VECTORS.save(tmp_path / f"x.{end}")
        VECTORS.save(f"{memory}/x.{end}")
        assert {name: content(f"{memory}/{name}") for name in names(memory)} == {
            path.name: path.read_bytes() for path in tmp_path.iterdir()
        }
        loaded = w2v.load(f"{memory}/x.{end}")
        assert loaded.index_to_key == VECTORS.index_to_key
        assert np.array_equal(loaded.vectors, VECTORS.vectors)
        assert w2v.load(f"{memory}/x.{end}", words=["one"]).index_to_key == ["one"]
        here, there = (
            w2v.describe_file(tmp_path / f"x.{end}"),
            w2v.describe_file(f"{memory}/x.{end}"),
        )
        assert here.facts() == there.facts()
        assert not list(w2v.check_file(f"{memory}/x.{end}"))

    @pytest.mark.parametrize("end", ENDS)
    def test_an_interrupted_save_changes_nothing(
        self, memory: str, end: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        VECTORS.save(f"{memory}/x.{end}")
        before = {name: content(f"{memory}/{name}") for name in names(memory)}
        system = fsspec.filesystem("memory")
        calls = []

        def break_off(source: str, target: str, **options: object) -> None:
            """Upload half of the last file."""
            calls.append(target)
            stored = Path(source).read_bytes()
            last = len(calls) == len(before)
            system.pipe_file(target, stored[: len(stored) // 2] if last else stored)
            if last:
                raise KeyboardInterrupt if end == "bin" else ConnectionError

        monkeypatch.setattr(system, "put_file", break_off)
        with pytest.raises((W2VError, KeyboardInterrupt)):
            w2v.KeyedVectors(["a"], np.ones((1, 2), np.float32)).save(f"{memory}/x.{end}")
        assert {name: content(f"{memory}/{name}") for name in names(memory)} == before
        assert not list(Path("/tmp").glob(f"w2v-*{calls[0][-8:]}"))

    def test_what_cannot_be_moved_into_place_is_kept(
        self, memory: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise PermissionError

        monkeypatch.setattr(fsspec.filesystem("memory"), "cp_file", refuse)
        with pytest.raises(
            KeptError, match=r"access is denied.*the new content is in memory://w2v"
        ):
            VECTORS.save(f"{memory}/x.bin")
        [kept] = names(memory)
        assert w2v.load(f"{memory}/{kept}").index_to_key == VECTORS.index_to_key

    def test_an_unfinished_file_is_never_uploaded(self, memory: str) -> None:
        bad = w2v.KeyedVectors(["a b", "c"], np.ones((2, 2), np.float32))
        with pytest.raises(FormatError):
            bad.save(f"{memory}/x.txt")
        assert names(memory) == []

    def test_a_file_beside_it_of_somebody_else_is_kept(self, memory: str) -> None:
        put(f"{memory}/x.vocab", b"mine")
        with pytest.raises(W2VError, match=r"x.vocab would be written beside it, but it exists"):
            VECTORS.save(f"{memory}/x.npy")

    def test_mapping_takes_a_file(self, memory: str) -> None:
        VECTORS.save(f"{memory}/x.safetensors")
        with pytest.raises(ConfigError, match="only a file of this machine can be mapped; downl"):
            w2v.load(f"{memory}/x.safetensors", mmap=True)

    def test_storage_options(self, memory: str, tmp_path: Path) -> None:
        VECTORS.save(f"{memory}/x.bin", storage_options={"skip_instance_cache": True})
        assert len(w2v.load(f"{memory}/x.bin", storage_options={})) == 3
        with pytest.raises(ConfigError, match=r"storage_options has no effect on .*x.bin, a file"):
            w2v.load(tmp_path / "x.bin", storage_options={"anon": True})
        with pytest.raises(ConfigError, match="storage_options must be a dict of options"):
            w2v.load(f"{memory}/x.bin", storage_options="anon")  # type: ignore[arg-type]

    def test_an_index_lies_beside_them(self, memory: str) -> None:
        pytest.importorskip("usearch")
        path = w2v.index_path(f"{memory}/x.bin")
        w2v.build_index(VECTORS).save(path)
        assert w2v.load_index(f"{memory}/x.bin.index", VECTORS).most_similar(VECTORS["one"], topn=1)
