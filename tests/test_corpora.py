"""Known corpora are found in directories, in the cache, or downloaded from a real HTTP server."""

import gc
import gzip
import hashlib
import io
import logging
import os
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

import w2v_cli.commands
import w2v_corpora
from w2v.errors import CorpusError
from w2v.text.corpus import open_corpus
from w2v_corpora.registry import KnownCorpus, download, find

# Pooch leaves the connection of a failed download to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")

CONTENT = b" anarchism originated as a term of abuse"


def zipped(member: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(member, content)
    return stream.getvalue()


class Answer(NamedTuple):
    body: bytes
    status: int = 200
    missing: int = 0  # bytes announced but not sent


class Server:
    """An HTTP server on 127.0.0.1 that gives one answer and counts how often it was asked."""

    def __init__(self) -> None:
        self.answer = Answer(b"")
        self.requests = 0
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.requests += 1
                body, status, missing = owner.answer
                self.send_response(status)
                self.send_header("Content-Length", str(len(body) + missing))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/mini8.zip"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    served = Server()
    thread = threading.Thread(target=served.http.serve_forever, args=(0.01,))
    thread.start()
    yield served
    served.http.shutdown()
    served.http.server_close()
    thread.join()
    gc.collect()  # here, where the warning about the connection is expected


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that does not exist yet, in the place of the user's own."""
    directory = tmp_path / "cache"
    monkeypatch.delenv("W2V_CORPORA", raising=False)
    monkeypatch.setattr("w2v_corpora.registry.cache_directory", lambda: directory)
    return directory


@pytest.fixture
def mini8(server: Server, monkeypatch: pytest.MonkeyPatch) -> KnownCorpus:
    """A small known corpus that the server has."""
    archive = zipped("mini8", CONTENT)
    server.answer = Answer(archive)
    corpus = KnownCorpus(
        name="mini8",
        title="a small corpus",
        licence="none",
        words=7,
        url=server.url,
        sha256=hashlib.sha256(archive).hexdigest(),
    )
    monkeypatch.setitem(w2v_corpora.KNOWN, "mini8", corpus)
    return corpus


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

    def test_the_cache_is_the_users_own(self) -> None:
        assert w2v_corpora.registry.cache_directory().parts[-1] in ("w2v", "Cache")


class TestDirectories:
    @pytest.mark.parametrize("suffix", ["", ".gz", ".bz2", ".xz", ".zst", ".zip"])
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
        (cache / "mini8").write_bytes(b"of the cache")
        own = [tmp_path / "nowhere", tmp_path / "first", tmp_path / "second"]
        for directory in own[1:]:
            directory.mkdir()
            (directory / f"mini8{suffix}").write_bytes(b"mine")
        (own[1] / "mini8.txt").write_bytes(b"not looked for")
        monkeypatch.setenv("W2V_CORPORA", os.pathsep.join(map(str, own)))
        assert find(mini8) == own[1] / f"mini8{suffix}"
        assert server.requests == 0

    def test_a_compressed_file_in_a_directory_is_read(
        self, tmp_path: Path, cache: Path, mini8: KnownCorpus, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "mini8.gz").write_bytes(gzip.compress(b"my text"))
        monkeypatch.setenv("W2V_CORPORA", str(tmp_path))
        monkeypatch.chdir(tmp_path)
        corpus = open_corpus(mini8.name)
        assert corpus.paths == [tmp_path / "mini8.gz"]
        assert b"".join(block.data for block in corpus.blocks()) == b"my text\n"
        assert not cache.exists()

    def test_a_file_put_into_the_cache_by_hand_is_found(
        self, cache: Path, mini8: KnownCorpus, server: Server
    ) -> None:
        cache.mkdir()
        (cache / "mini8.xz").write_bytes(b"")
        assert find(mini8) == cache / "mini8.xz"
        assert server.requests == 0


class TestDownload:
    def test_it_is_downloaded_once_and_read_from_the_archive(
        self, tmp_path: Path, cache: Path, mini8: KnownCorpus, server: Server
    ) -> None:
        for _ in range(2):
            corpus = open_corpus("mini8")
            assert b"".join(block.data for block in corpus.blocks()) == CONTENT + b"\n"
            assert (corpus.name, corpus.paths) == ("mini8", [cache / "mini8.zip"])
            assert server.requests == 1
        assert [path.name for path in cache.iterdir()] == ["mini8.zip"]

    def refused(self, mini8: KnownCorpus, cache: Path, reason: str) -> None:
        """Expect one clear error and nothing left in the cache."""
        with pytest.raises(CorpusError) as caught:
            open_corpus("mini8")
        assert str(caught.value) == (
            f"Cannot download mini8 from {mini8.url} ({reason}); put mini8.zip into {cache}"
            " yourself, or use the corpus toy, which needs no download."
        )
        assert not cache.exists() or list(cache.iterdir()) == []

    def test_nothing_is_printed(self, cache: Path, mini8: KnownCorpus) -> None:
        script = (
            "import pathlib, w2v_corpora.registry as registry;"
            "corpus = registry.KnownCorpus('mini8', '', '', 7, {!r}, {!r});"
            "registry.download(corpus, pathlib.Path({!r}))"
        )
        command = [sys.executable, "-c", script.format(mini8.url, mini8.sha256, str(cache))]
        run = subprocess.run(command, check=True, capture_output=True)
        assert list(cache.iterdir())
        assert (run.stdout, run.stderr) == (b"", b"")

    @pytest.mark.parametrize("quiet", [True, False])
    def test_the_command_tells_of_it_unless_quiet(
        self,
        tmp_path: Path,
        cache: Path,
        mini8: KnownCorpus,
        quiet: bool,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.chdir(tmp_path)
        logger = logging.getLogger("w2v_corpora")
        monkeypatch.setattr(logger, "level", logging.WARNING)
        monkeypatch.setattr(logger, "handlers", [])
        options = ["--min-count", "100"]  # no word is seen so often: the command ends there
        arguments = ["train", "mini8", *options, *["--quiet"] * quiet]
        result = CliRunner().invoke(w2v_cli.commands.cli, arguments)
        assert "--min-count" in result.output
        assert (f"Downloading {mini8.url} to {cache}\n" in result.output) == (not quiet)
        assert len(result.output.splitlines()) == (1 if quiet else 3)

    def test_a_wrong_checksum(self, cache: Path, mini8: KnownCorpus, server: Server) -> None:
        server.answer = Answer(zipped("mini8", b"something else"))
        self.refused(mini8, cache, "what came has a wrong checksum")

    @pytest.mark.parametrize("sent", [0, 40])
    def test_a_transfer_cut_off(
        self, cache: Path, mini8: KnownCorpus, server: Server, sent: int
    ) -> None:
        body = server.answer.body
        server.answer = Answer(body[:sent], missing=len(body) - sent)
        self.refused(mini8, cache, "the transfer broke off")

    def test_a_server_that_does_not_have_it(
        self, cache: Path, mini8: KnownCorpus, server: Server
    ) -> None:
        server.answer = Answer(b"sorry", status=404)
        self.refused(mini8, cache, "the server answered 404 Not Found")

    def test_a_refused_connection(
        self, cache: Path, mini8: KnownCorpus, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
            url = f"http://127.0.0.1:{closed.getsockname()[1]}/mini8.zip"
            unreachable = KnownCorpus("mini8", "", "", 0, url, mini8.sha256)
            monkeypatch.setitem(w2v_corpora.KNOWN, "mini8", unreachable)
            self.refused(unreachable, cache, "no connection to the server")

    def test_a_server_that_never_answers(
        self, cache: Path, mini8: KnownCorpus, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("w2v_corpora.registry._TIMEOUT", 0.1)
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            url = f"http://127.0.0.1:{silent.getsockname()[1]}/mini8.zip"
            mute = KnownCorpus("mini8", "", "", 0, url, mini8.sha256)
            monkeypatch.setitem(w2v_corpora.KNOWN, "mini8", mute)
            self.refused(mute, cache, "no answer within 0.1 seconds")

    def test_a_cache_that_cannot_be_made(
        self, tmp_path: Path, mini8: KnownCorpus, server: Server
    ) -> None:
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises(CorpusError, match=r"the directory cannot be written: .+mini8.zip into"):
            download(mini8, tmp_path / "file" / "cache")

    def test_the_error_names_the_users_own_directory(
        self,
        tmp_path: Path,
        cache: Path,
        mini8: KnownCorpus,
        server: Server,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        server.answer = Answer(b"")
        monkeypatch.setenv("W2V_CORPORA", str(tmp_path / "mine"))
        self.refused(mini8, tmp_path / "mine", "what came has a wrong checksum")
        assert list(cache.iterdir()) == []

    def test_after_a_failure_it_is_tried_again(
        self, cache: Path, mini8: KnownCorpus, server: Server
    ) -> None:
        good = server.answer
        server.answer = Answer(b"no zip")
        self.refused(mini8, cache, "what came has a wrong checksum")
        server.answer = good
        assert find(mini8) == cache / "mini8.zip"
