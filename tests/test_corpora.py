"""Known corpora are found in directories, in the cache, or downloaded from a real HTTP server."""

import gc
import gzip
import hashlib
import io
import json
import logging
import lzma
import os
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import corpus_texts
import pytest
from click.testing import CliRunner

import w2v
import w2v_cli.commands
import w2v_corpora
from w2v.errors import CorpusError
from w2v.text.corpus import open_corpus
from w2v_corpora.finding import download, find
from w2v_corpora.registry import EVALUATION_SETS, KnownCorpus, KnownFile

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
    monkeypatch.setattr("w2v_corpora.finding.cache_directory", lambda: directory)
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
        url=server.url,
        sha256=hashlib.sha256(archive).hexdigest(),
        size=len(CONTENT),
        checksum=f"md5:{hashlib.md5(CONTENT).hexdigest()}",
        words=7,
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
            assert bool(corpus.url) == bool(corpus.size and corpus.checksum)

    def test_the_cache_is_the_users_own(self) -> None:
        assert w2v_corpora.finding.cache_directory().parts[-1] in ("w2v", "Cache")


COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    **corpus_texts.COMPRESSORS,
    ".zip": lambda content: zipped("mini8", content),
}


@pytest.fixture
def own(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of the user's own, in $W2V_CORPORA."""
    directory = tmp_path / "own"
    directory.mkdir()
    monkeypatch.setenv("W2V_CORPORA", str(directory))
    return directory


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


PAIRS = b"king\tqueen\t9\nking\ttree\t2\nman\ttree\t1\n"
VECTORS = w2v.KeyedVectors(
    ["king", "queen", "man", "woman", "tree"],
    [[1, 1, 0], [1, 1, 1], [1, 0, 0], [1, 0, 1], [-1, 3, 0]],
)


@pytest.fixture
def pairs3(server: Server, monkeypatch: pytest.MonkeyPatch) -> KnownFile:
    """A small known test set that the server has."""
    server.answer = Answer(PAIRS)
    digest = hashlib.sha256(PAIRS).hexdigest()
    url = server.url.replace("mini8.zip", "pairs3.tsv")
    known = KnownFile("pairs3", "three pairs", "none", url, digest, len(PAIRS), f"sha256:{digest}")
    monkeypatch.setitem(EVALUATION_SETS, "pairs3", known)
    return known


class TestEvaluationSets:
    @pytest.mark.parametrize("name", EVALUATION_SETS)
    def test_the_known_sets_are_those_of_the_test_data(
        self, name: str, test_data: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("W2V_CORPORA", str(test_data / "eval"))
        known = EVALUATION_SETS[name]
        path = find(known)
        assert path == test_data / "eval" / known.file_name
        assert hashlib.sha256(path.read_bytes()).hexdigest() == known.sha256
        assert known.licence
        assert known.title

    def test_it_is_downloaded_once(self, cache: Path, pairs3: KnownFile, server: Server) -> None:
        for _ in range(2):
            scores = w2v.evaluate(VECTORS, "pairs3")
            assert isinstance(scores, w2v.SimilarityScores)
            assert scores.pairs_used == 3
        assert server.requests == 1
        assert (cache / "pairs3.tsv").read_bytes() == PAIRS
        assert VECTORS.evaluate_word_pairs("pairs3") == scores

    @pytest.mark.parametrize("name", ["pairs3", "pairs3.gz", "pairs3.tsv", "pairs3.tsv.xz"])
    def test_it_is_found_in_a_directory(
        self, own: Path, cache: Path, pairs3: KnownFile, server: Server, name: str
    ) -> None:
        (own / name).write_bytes(COMPRESSORS[Path(name).suffix.replace(".tsv", "")](PAIRS))
        assert w2v.evaluate(VECTORS, "pairs3").pairs_used == 3
        assert server.requests == 0

    def test_a_file_comes_before_a_name(
        self, tmp_path: Path, cache: Path, pairs3: KnownFile, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "pairs3").write_bytes(PAIRS[: PAIRS.rindex(b"man")])
        assert w2v.evaluate(VECTORS, "pairs3").pairs_used == 2

    def test_what_is_wrong_is_a_format_error(
        self, own: Path, cache: Path, pairs3: KnownFile, server: Server
    ) -> None:
        server.answer = Answer(b"sorry", status=404)
        with pytest.raises(w2v.FormatError) as caught:
            w2v.evaluate(VECTORS, "pairs3")
        assert str(caught.value) == (
            f"Cannot download pairs3 from {pairs3.url} (the server answered 404 Not Found); put"
            f" pairs3.tsv into {own} yourself."
        )
        (own / "pairs3.tsv").write_bytes(PAIRS.upper())
        with pytest.raises(
            w2v.FormatError, match="is not pairs3: it holds 36 bytes with the SHA256 eb06"
        ):
            w2v.evaluate(VECTORS, "pairs3")

    @pytest.mark.parametrize("name", ["question-words", "questions-words.txt"])
    def test_a_name_that_is_not_known_gets_the_known_ones(
        self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        with pytest.raises(w2v.FormatError) as caught:
            w2v.evaluate(VECTORS, name)
        assert str(caught.value) == (
            f"There is no evaluation set {name} and no known one of this name (known:"
            " questions-words, wordsim353, simlex999); did you mean questions-words?"
        )

    def test_the_command_says_where_it_comes_from(
        self, tmp_path: Path, cache: Path, pairs3: KnownFile, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        VECTORS.save("v.bin")
        result = CliRunner().invoke(w2v_cli.commands.cli, ["evaluate", "pairs3", "-v", "v.bin"])
        assert f"Downloading {pairs3.url} to {cache}\n" in result.output
        assert "pairs3: similarities\nSpearman 1.0000" in result.output

    def test_training_takes_and_resumes_with_it(
        self, own: Path, cache: Path, pairs3: KnownFile, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (own / "pairs3.tsv").write_bytes(PAIRS.replace(b"tree", b"dog "))
        monkeypatch.setitem(
            EVALUATION_SETS,
            "pairs3",
            replace(
                pairs3,
                checksum=f"sha256:{hashlib.sha256((own / 'pairs3.tsv').read_bytes()).hexdigest()}",
            ),
        )
        monkeypatch.chdir(own)
        small = ["--vector-size", "8", "--epochs", "1", "--workers", "1"]
        run = CliRunner()
        command = ["train", "toy", *small, "--evaluate", "pairs3", "--checkpoint", "c"]
        first = run.invoke(w2v_cli.commands.cli, command)
        assert "words: pairs3 " in first.output
        (own / "elsewhere").mkdir()
        monkeypatch.chdir(own / "elsewhere")
        again = run.invoke(w2v_cli.commands.cli, ["train", "--resume", str(own / "c")])
        assert "words: pairs3 " in again.output, again.output


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
