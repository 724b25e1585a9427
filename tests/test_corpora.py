"""Known corpora are found in directories and in the cache, and verified."""

import gzip
import hashlib
import json
import lzma
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from corpus_server import COMPRESSORS, CONTENT, Server, zipped

import w2v_corpora
from w2v.errors import CorpusError
from w2v.text.corpus import open_corpus
from w2v_corpora.finding import find
from w2v_corpora.registry import KnownCorpus

# Pooch leaves the connection of a failed download to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


class TestRegistry:
    def test_text8_is_known_by_its_checksum(self) -> None:
        text8 = w2v_corpora.KNOWN["text8"]
        assert text8.url == "https://mattmahoney.net/dc/text8.zip"
        assert text8.file_name == "text8.zip"
        assert text8.sha256.startswith("a6640522afe85d19")
        assert len(text8.sha256) == 64

    def test_every_corpus_has_its_name_and_either_a_url_or_a_generator(self) -> None:
        for name, corpus in w2v_corpora.KNOWN.items():
            assert corpus.name == name
            assert corpus.title
            assert corpus.licence
            assert (corpus.generate is None) == bool(corpus.url and corpus.sha256)
            assert bool(corpus.url) == bool(corpus.size and corpus.checksum)

    def test_the_cache_is_the_users_own(self) -> None:
        assert w2v_corpora.finding.cache_directory().parts[-1] in ("w2v", "Cache")


class TestDirectories:
    @pytest.mark.parametrize("suffix", COMPRESSORS)
    def test_a_directory_of_the_user_comes_first(
        self,
        tmp_path: Path,
        cache: Path,
        mini8: KnownCorpus,
        server: Server,
        monkeypatch: pytest.MonkeyPatch,
        suffix: str,
    ) -> None:
        cache.mkdir()
        (cache / "mini8").write_bytes(CONTENT)
        own = [tmp_path / "nowhere", tmp_path / "first", tmp_path / "second"]
        for directory in own[1:]:
            directory.mkdir()
            (directory / f"mini8{suffix}").write_bytes(COMPRESSORS[suffix](CONTENT))
        (own[1] / "mini8.txt").write_bytes(b"not looked for")
        monkeypatch.setenv("W2V_CORPORA", os.pathsep.join(map(str, own)))
        assert find(mini8) == own[1] / f"mini8{suffix}"
        assert server.requests == 0

    def test_a_compressed_file_in_a_directory_is_read(
        self, own: Path, cache: Path, mini8: KnownCorpus, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (own / "mini8.gz").write_bytes(gzip.compress(CONTENT))
        monkeypatch.chdir(own)
        corpus = open_corpus(mini8.name)
        assert corpus.paths == [own / "mini8.gz"]
        assert b"".join(block.data for block in corpus.blocks()) == CONTENT + b"\n"

    def test_a_file_put_into_the_cache_by_hand_is_found(
        self, cache: Path, mini8: KnownCorpus, server: Server
    ) -> None:
        cache.mkdir()
        (cache / "mini8.xz").write_bytes(lzma.compress(CONTENT))
        assert find(mini8) == cache / "mini8.xz"
        assert server.requests == 0


class TestVerification:
    @pytest.mark.parametrize("suffix", COMPRESSORS)
    @pytest.mark.parametrize(
        ("content", "found"),
        [
            (CONTENT[:-1] + b"x", f"{len(CONTENT)} bytes with the MD5 "),
            (CONTENT[:-1], f"{len(CONTENT) - 1} bytes with the MD5 "),
            (CONTENT * 1000, f"more than {len(CONTENT)} bytes, and "),
            (b"", "0 bytes with the MD5 d41d8cd98f00b204e9800998ecf8427e, and "),
        ],
        ids=["other", "shorter", "longer", "empty"],
    )
    def test_a_name_is_not_believed(
        self, own: Path, cache: Path, mini8: KnownCorpus, suffix: str, content: bytes, found: str
    ) -> None:
        path = own / f"mini8{suffix}"
        path.write_bytes(COMPRESSORS[suffix](content))
        for _ in range(2):
            with pytest.raises(CorpusError) as caught:
                open_corpus("mini8")
            said = str(caught.value)
            assert said.startswith(f"{path} is not mini8: it holds {found}")
            assert said.endswith(
                f"mini8 has {len(CONTENT)} with the MD5 {hashlib.md5(CONTENT).hexdigest()}. To use"
                " this file, give its path in place of the name; for mini8, put mini8.zip there."
            )
        assert open_corpus(path).paths == [path]

    def test_a_damaged_file_is_one_sentence(
        self, own: Path, cache: Path, mini8: KnownCorpus
    ) -> None:
        (own / "mini8.gz").write_bytes(gzip.compress(CONTENT)[:-9])
        with pytest.raises(CorpusError, match=r"Cannot read .*mini8\.gz: it is damaged or cut off"):
            find(mini8)

    def test_a_file_is_read_through_only_when_it_is_new_or_has_changed(
        self, own: Path, cache: Path, mini8: KnownCorpus, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        readings = []

        def content(path: Path) -> Iterator[bytes]:
            readings.append(path)
            yield path.read_bytes()

        monkeypatch.setattr("w2v_corpora.finding._content", content)
        path = own / "mini8"
        path.write_bytes(CONTENT)
        for _ in range(3):
            assert find(mini8) == path
        assert readings == [path]
        path.write_bytes(CONTENT[::-1])
        os.utime(path, ns=(1, 1))
        with pytest.raises(CorpusError, match="is not mini8"):
            find(mini8)
        assert readings == [path, path]

    @pytest.mark.parametrize("notes", [b"", b"[1]", b'{"a": 3}', b"\xff"])
    def test_notes_that_are_damaged_are_written_anew(
        self, own: Path, cache: Path, mini8: KnownCorpus, notes: bytes
    ) -> None:
        cache.mkdir()
        (cache / "verified.json").write_bytes(notes)
        (own / "mini8").write_bytes(CONTENT)
        assert find(mini8) == own / "mini8"
        assert list(json.loads((cache / "verified.json").read_bytes())) == [str(own / "mini8")]

    def test_a_cache_that_cannot_be_written_costs_only_another_reading(
        self, own: Path, tmp_path: Path, mini8: KnownCorpus, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "file").write_bytes(b"")
        monkeypatch.setattr("w2v_corpora.finding.cache_directory", lambda: tmp_path / "file" / "c")
        (own / "mini8").write_bytes(CONTENT)
        assert find(mini8) == find(mini8) == own / "mini8"

    def test_a_download_that_was_changed_is_noticed(
        self, cache: Path, mini8: KnownCorpus, server: Server
    ) -> None:
        path = find(mini8)
        path.write_bytes(zipped("mini8", b"something else"))
        with pytest.raises(CorpusError, match="is not mini8: it holds 14 bytes"):
            find(mini8)
        assert server.requests == 1
