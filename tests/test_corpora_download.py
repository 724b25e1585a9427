"""Downloads of known corpora, from a real HTTP server."""

import logging
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from corpus_server import CONTENT, Answer, Server, zipped

import w2v_cli.commands
import w2v_corpora
from w2v.errors import CorpusError
from w2v.text.corpus import open_corpus
from w2v_corpora.finding import download, find
from w2v_corpora.registry import KnownCorpus

# Pooch leaves the connection of a failed download to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


class TestDownload:
    def test_it_is_downloaded_once_and_read_from_the_archive(
        self, tmp_path: Path, cache: Path, mini8: KnownCorpus, server: Server
    ) -> None:
        for _ in range(2):
            corpus = open_corpus("mini8")
            assert b"".join(block.data for block in corpus.blocks()) == CONTENT + b"\n"
            assert (corpus.name, corpus.paths) == ("mini8", [cache / "mini8.zip"])
            assert server.requests == 1
        assert sorted(path.name for path in cache.iterdir()) == ["mini8.zip", "verified.json"]

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
            "import pathlib, w2v_corpora, w2v_corpora.finding as finding;"
            "corpus = w2v_corpora.KnownCorpus('mini8', '', '', {!r}, {!r});"
            "finding.download(corpus, pathlib.Path({!r}))"
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
        self.refused(mini8, cache, "the downloaded file has a wrong checksum")

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
            unreachable = KnownCorpus("mini8", "", "", url, mini8.sha256)
            monkeypatch.setitem(w2v_corpora.KNOWN, "mini8", unreachable)
            self.refused(unreachable, cache, "no connection to the server")

    def test_a_server_that_never_answers(
        self, cache: Path, mini8: KnownCorpus, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("w2v_corpora.finding._TIMEOUT", 0.1)
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            url = f"http://127.0.0.1:{silent.getsockname()[1]}/mini8.zip"
            mute = KnownCorpus("mini8", "", "", url, mini8.sha256)
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
        self.refused(mini8, tmp_path / "mine", "the downloaded file has a wrong checksum")
        assert list(cache.iterdir()) == []

    def test_after_a_failure_it_is_tried_again(
        self, cache: Path, mini8: KnownCorpus, server: Server
    ) -> None:
        good = server.answer
        server.answer = Answer(b"no zip")
        self.refused(mini8, cache, "the downloaded file has a wrong checksum")
        server.answer = good
        assert find(mini8) == cache / "mini8.zip"
