"""Text and vectors on a web server, and addresses on the command line."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from remote_texts import TEXT, VECTORS, content, large_vectors, names, put, saved

import w2v
from w2v.errors import CorpusError, W2VError


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
