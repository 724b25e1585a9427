"""A server that has a small corpus, and the places where known corpora are found."""

import gc
import hashlib
import io
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import corpus_texts
import pytest

import w2v_corpora
from w2v_corpora.registry import KnownCorpus

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
