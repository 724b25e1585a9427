"""Text and vectors at URLs, in memory and on a web server; test_remote_s3.py has those of S3."""

import gzip
import io
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
from corpus_texts import COMPRESSORS

import w2v
from w2v.errors import ConfigError, CorpusError, FormatError, KeptError, W2VError
from w2v.places import NamedFile, check_apart, free_names
from w2v.remote.addresses import Address, is_address, located
from w2v.remote.errors import without_secrets

fsspec = pytest.importorskip("fsspec")

TEXT = b"one two three four five six seven two three\n" * 60
VECTORS = w2v.KeyedVectors(
    ["two", "three", "one"],
    np.arange(1, 13, dtype=np.float32).reshape(3, 4),
    counts=np.array([120, 120, 60]),
)
ENDS = ("bin", "txt", "vec.gz", "bin.bz2", "txt.xz", "bin.zst", "bin.zip", "safetensors", "npy",
        "npy.gz")  # fmt: skip


def put(url: str, content: bytes) -> str:
    fsspec.filesystem("memory").pipe_file(url, content)
    return url


def content(url: str) -> bytes:
    found: bytes = fsspec.filesystem("memory").cat_file(url)
    return found


def names(directory: str) -> list[str]:
    return sorted(name.rpartition("/")[2] for name in fsspec.filesystem("memory").find(directory))


def large_vectors(words: int = 40_000, size: int = 100) -> w2v.KeyedVectors:
    numbers = np.random.default_rng(1).normal(size=(words, size)).astype(np.float32)
    return w2v.KeyedVectors([f"word{row}" for row in range(words)], numbers)


class TestAddress:
    def test_only_urls_are_addresses(self) -> None:
        assert is_address("s3://bucket/key") and is_address("memory://a")
        assert not any(map(is_address, ["a/b", "C:\\a", "s3:/bucket", "://a", "-", Path("s3://a")]))
        assert located("file:///tmp/a%20b.txt") == Path("/tmp/a b.txt")
        assert located("a/b.txt") == Path("a/b.txt") and not isinstance(located("a"), Address)

    def test_it_has_the_names_of_a_path(self) -> None:
        address = Address("https://host:80/a//b/x.txt.gz?sig=1")
        assert (address.name, address.suffix, address.stem) == ("x.txt.gz", ".gz", "x.txt")
        assert address.with_suffix("").url == "https://host:80/a//b/x.txt?sig=1"
        assert address.with_name("y").url == "https://host:80/a//b/y?sig=1"
        assert address.parent.url == "https://host:80/a//b?sig=1"
        assert (Address("s3://bucket/a") / "b").url == "s3://bucket/a/b"
        assert Address("s3://bucket").name == "bucket"
        assert address.absolute() is address and not address.is_symlink()

    def test_it_travels_and_compares(self) -> None:
        address = Address("s3://bucket/a", {"anon": True})
        copied = pickle.loads(pickle.dumps(address))
        assert copied == address and copied.options == {"anon": True}
        assert hash(copied) == hash(address) and address != Path("s3://bucket/a")

    @pytest.mark.parametrize(
        ("url", "shown"),
        [
            ("https://me:secret@host/a", "https://host/a"),
            ("https://token@host/a?X-Amz-Signature=secret", "https://host/a?…"),
            ("sftp://me:secret@host/a", "sftp://me@host/a"),
            ("abfs://container@account.net/a", "abfs://container@account.net/a"),
            ("s3://bucket/a@b:c/d", "s3://bucket/a@b:c/d"),
        ],
    )
    def test_secrets_are_not_shown(self, url: str, shown: str) -> None:
        assert without_secrets(url) == shown == str(Address(url))
        assert repr(Address(url)) == f"Address({shown!r})"
        assert Address(url).has_secrets == (url != shown)

    def test_no_function_of_the_system_takes_it_for_a_path(self, memory: str) -> None:
        address = Address(f"{memory}/a")
        for act in (open, Path.mkdir, Path.unlink, Path.touch, lambda path: list(path.iterdir())):
            with pytest.raises(io.UnsupportedOperation, match="is an address, and here w2v takes"):
                act(address)
        assert free_names([address])[0].name == "finished-a"

    @pytest.mark.parametrize(
        ("one", "other", "are_same"),
        [
            ("s3://b/a", "s3a://b/a", True), ("gs://b/a", "gcs://b/a", True),
            ("https://h/a?x=1", "https://h/a", True), ("s3://b/a", "s3://b/A", False),
        ],
    )  # fmt: skip
    def test_nothing_is_written_over_what_is_read(
        self, one: str, other: str, are_same: bool
    ) -> None:
        files = [NamedFile(Address(one), "read")], [NamedFile(Address(other), "the vectors")]
        if not are_same:
            check_apart(*files)
            return
        with pytest.raises(W2VError, match=r"^Cannot write .*: it is read"):
            check_apart(*files)


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


class TestWeb:
    @pytest.mark.parametrize("has_ranges", [True, False])
    def test_a_text_is_read_whole(self, web, has_ranges: bool) -> None:
        web.has_ranges = has_ranges
        text = b"".join(b"%d " % number for number in range(200_000))
        url = web.put("a b.txt.gz", gzip.compress(text)).replace(" ", "%20")
        corpus = w2v.open_corpus(url)
        assert b"".join(block.data for block in corpus.blocks()).split() == text.split()

    def test_training_reads_a_text_once(self, web) -> None:
        url = web.put("a.txt", TEXT * 500)
        w2v.train(url, vector_size=4, epochs=3, workers=1)
        assert len(web.files["a.txt"]) <= web.sent < 1.1 * len(web.files["a.txt"])

    def test_ranges_fetch_a_part(self, web) -> None:
        """Some words of 16 MB cost their own part; the first words that of a block or two."""
        vectors = large_vectors()
        for end in ("safetensors", "npy"):
            vectors.save(f"memory://large.{end}")
            web.put(f"large.{end}", content(f"memory://large.{end}"))
        web.put("large.vocab", content("memory://large.vocab"))
        size = len(web.files["large.npy"])
        for end, words, most in (
            ("safetensors", ["word3"], 0.1), ("npy", ["word3", "word39999"], 0.1),
        ):  # fmt: skip
            web.sent = 0
            found = w2v.load(f"{web.url}/large.{end}", words=words)
            assert found.index_to_key == words
            assert np.array_equal(found["word3"], vectors["word3"])
            assert web.sent < most * size, (end, web.sent, size)
        web.put("large.bin", content(saved(vectors, "memory://large.bin")))
        web.sent = 0
        assert len(w2v.load(f"{web.url}/large.bin", limit=10)) == 10
        assert web.sent < 0.5 * size
        web.sent = 0
        assert np.array_equal(w2v.load(f"{web.url}/large.bin").vectors, vectors.vectors)
        assert web.sent < 1.2 * size

    def test_without_ranges_the_same_is_read(self, web) -> None:
        web.has_ranges = False
        vectors = large_vectors(5000)
        web.put("a.safetensors", content(saved(vectors, "memory://a.safetensors")))
        found = w2v.load(f"{web.url}/a.safetensors", words=["word4999", "word7"])
        assert np.array_equal(found["word4999"], vectors["word4999"])

    @pytest.mark.parametrize("has_ranges", [True, False])
    def test_a_connection_that_breaks_is_tried_again(self, web, has_ranges: bool) -> None:
        web.has_ranges = has_ranges
        url = web.put("a.txt", TEXT * 100)
        corpus = w2v.open_corpus(url)
        web.breaks = 2
        assert b"".join(block.data for block in corpus.blocks()) == TEXT * 100
        web.breaks = 9
        with pytest.raises(CorpusError, match="there is no connection, or it broke; check the net"):
            list(corpus.blocks())

    def test_globs_and_directories(self, web) -> None:
        web.put("part-1.txt", b"one\n")
        web.put("part-2.txt", b"two\n")
        for named in ("/*.txt", "/"):
            corpus = w2v.open_corpus(web.url + named)
            assert b"".join(block.data for block in corpus.blocks()) == b"one\ntwo\n"

    def test_it_is_only_read(self, web) -> None:
        with pytest.raises(W2VError, match=r"^Cannot write http://.*: w2v only reads http; name a"):
            VECTORS.save(f"{web.url}/x.bin")


def saved(vectors: w2v.KeyedVectors, url: str) -> str:
    vectors.save(url)
    return url


class TestErrors:
    """Each is a sentence that names the address, and nothing that is secret."""

    def test_on_the_web(self, web) -> None:
        secret = f"{web.put('a.bin', b'')}?sig=secret".replace("://", "://me:secret@")
        shown = f"{web.url}/a.bin?…"
        web.denied.add("a.bin")
        for read in (w2v.load, w2v.open_corpus, w2v.load_vocabulary, w2v.load_phrases):
            with pytest.raises(W2VError, match="access is denied; check the name and") as caught:
                read(secret)
            assert shown in str(caught.value) and "secret" not in str(caught.value)
        with pytest.raises(FormatError, match=r"^There is no vector file http://.*/b; check the"):
            w2v.load(f"{web.url}/b")
        web.http.server_close()
        web.denied.clear()

    def test_without_a_network(self) -> None:
        with pytest.raises(
            FormatError, match=r"^Cannot read the vector file http://127.0.0.1:9/a: "
        ):
            w2v.load("http://127.0.0.1:9/a")

    def test_a_kind_that_nobody_knows(self) -> None:
        said = "^Cannot read the vector file foo://a: foo is not an address that fsspec knows"
        with pytest.raises(FormatError, match=said):
            w2v.load("foo://a")
        with pytest.raises(W2VError, match=r"^Cannot write foo://a.bin: foo is not an address"):
            VECTORS.save("foo://a.bin")

    @pytest.mark.parametrize(
        ("url", "package"),
        [("memory://a", "fsspec"), ("http://h/a", "aiohttp"), ("s3://b/a", "s3fs"),
         ("gs://b/a", "gcsfs"), ("hf://u/r/a", "huggingface_hub")],
    )  # fmt: skip
    def test_without_the_extra(
        self, url: str, package: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for scheme in ("s3", "gs", "hf", "http"):
            known = sys.modules["fsspec.registry"]._registry
            monkeypatch.delitem(known, scheme, raising=False)
        for module in [*sys.modules]:
            if module.startswith("fsspec.implementations.http"):
                monkeypatch.delitem(sys.modules, module)
        monkeypatch.setitem(sys.modules, package, None)
        said = f": such addresses take {package}; install it, as in pip install 'w2v.remote.'"
        with pytest.raises(FormatError, match=said):
            w2v.load(url)

    def test_what_stays_on_this_machine(self, memory: str) -> None:
        for argument in ("checkpoint", "resume"):
            with pytest.raises(ConfigError, match="must be a directory of this machine, not the"):
                w2v.train("toy", **{argument: f"{memory}/a"})


class TestCommands:
    def test_each_takes_addresses(self, shell, memory: str) -> None:
        text = put(f"{memory}/a.txt.gz", gzip.compress(TEXT))
        small = ("--vector-size", "8", "--epochs", "1", "--workers", "1", "--min-count", "1")
        shell("train", text, "-o", f"{memory}/a.bin", *small)
        assert "two" in shell("similar", "one").stdout  # the vectors trained last
        assert "words        7" in shell("info", f"{memory}/a.bin").stdout
        shell("check", f"{memory}/a.bin")
        shell("convert", f"{memory}/a.bin", f"{memory}/b.npy")
        assert "two" in shell("similar", "one", "-v", f"{memory}/b.npy").stdout
        words = put(f"{memory}/words.txt", b"one\ntwo\n")
        assert "two" in shell("similar", "one", "-v", f"{memory}/b.npy", "--words", words).stdout
        pairs = put(f"{memory}/pairs.tsv", b"one\ttwo\t1\ntwo\tthree\t2\nthree\tfour\t3\n")
        shell("evaluate", pairs, "-v", f"{memory}/a.bin")
        shell("vocabulary", text, "-o", f"{memory}/a.vocab", "--min-count", "1")
        assert content(f"{memory}/a.vocab").startswith(b"two 120\n")
        shell("phrases", text, "-o", f"{memory}/joined.txt.gz", "--save", f"{memory}/phrases.json")
        assert b"one" in gzip.decompress(content(f"{memory}/joined.txt.gz"))
        assert all(not name.startswith(".") for name in names(memory))

    def test_pages_too(self, shell, memory: str) -> None:
        saved(large_vectors(50, 8), f"{memory}/a.bin")
        shell("map", "-v", f"{memory}/a.bin", "-o", f"{memory}/map.html", "--method", "pca")
        text = put(f"{memory}/a.txt", TEXT)
        shell("train", text, "-o", "a.bin", "--epochs", "1", "--min-count", "1", "--log", "a.jsonl")
        log = put(f"{memory}/a.jsonl", Path("a.jsonl").read_bytes())
        shell("report", log, "-o", f"{memory}/report.html")
        edges = put(f"{memory}/edges.txt", b"a b\nb c\nc a\n")
        shell("walks", edges, "-o", f"{memory}/walks.txt.gz")
        assert names(memory) == [
            "a.bin", "a.jsonl", "a.txt", "edges.txt", "map.html", "report.html", "walks.txt.gz",
        ]  # fmt: skip

    def test_secrets_are_never_printed(self, shell, web) -> None:
        VECTORS.save("memory://x.bin")
        start = web.url.replace("://", "://me:hunter2@")
        web.put("x.bin", content("memory://x.bin"))
        web.put("a.txt", TEXT)
        web.put("a.vocab", b"one 60\ntwo 120\nthree 120\n")
        web.put("pairs.tsv", b"one\ttwo\t1\ntwo\tthree\t2\none\tthree\t3\n")
        vectors, text = f"{start}/x.bin?sig=hunter2", f"{start}/a.txt?sig=hunter2"
        small = ("--vector-size", "8", "--epochs", "1", "--log", "a.jsonl", "--checkpoint", "d",
                 "--checkpoint-every", "0", "--min-count", "1")  # fmt: skip
        for arguments in (
            ("similar", "one", "-v", vectors), ("info", vectors), ("check", vectors),
            ("info", vectors, "--json"), ("check", vectors, "--json"),
            ("evaluate", f"{start}/pairs.tsv?sig=hunter2", "-v", vectors, "--json"),
            ("convert", vectors, "a.npy"), ("vocabulary", text, "-o", "a.vocab"),
            ("train", text, "-o", "a.bin", *small),
            ("train", text, "-o", "b.safetensors", "--vocabulary", f"{start}/a.vocab?sig=hunter2",
             *small[:4], "--min-count", "1"),
        ):  # fmt: skip
            printed = shell(*arguments)
            assert "hunter2" not in printed.stdout + printed.stderr, arguments
        for written in ("a.jsonl", "b.safetensors", *Path("d").glob("checkpoint-*")):
            assert b"hunter2" not in Path(written).read_bytes()
        assert "an address whose secrets are not kept" in shell.fail("train", "--resume", "d")

    def test_the_default_output_is_here(self, shell, memory: str) -> None:
        text = put(f"{memory}/deep/a.txt.gz", gzip.compress(TEXT))
        shell("train", text, "--vector-size", "8", "--epochs", "1", "--min-count", "1")
        assert Path("a.bin").exists()

    def test_refusals(self, shell, memory: str) -> None:
        text = put(f"{memory}/a.txt", TEXT)
        for arguments, said in {
            ("train", text, "-o", text): f"Cannot write {text}: ",
            ("train", "toy", "-o", "x.bin", "--log", f"{memory}/log"): "grows line by line",
            ("train", "toy", "-o", "x.bin", "--checkpoint", f"{memory}/d"): "must be a directory",
            ("train", "toy", "-o", "https://example.org/x.bin"): "w2v only reads https",
            ("convert", f"{memory}/none", "x.bin"): "There is no vector file memory://w2v/none",
        }.items():
            assert said in shell.fail(*arguments)
