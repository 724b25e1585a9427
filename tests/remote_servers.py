"""Servers on 127.0.0.1 that hold a few files: one as S3 is, one of the web."""

import http.server
import re
import threading
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

import pytest


class Bucket(NamedTuple):
    """A bucket of a server of S3: its address, and fsspec's options for it."""

    url: str
    options: dict[str, object]

    def put(self, name: str, content: bytes) -> str:
        """Store an object; return its address."""
        import fsspec

        fsspec.filesystem("s3", **self.options).pipe_file(f"{self.url}/{name}", content)
        return f"{self.url}/{name}"

    def names(self) -> list[str]:
        """All objects, hidden ones too."""
        import fsspec

        system = fsspec.filesystem("s3", **self.options)
        system.invalidate_cache()
        return sorted(name.partition("/")[2] for name in system.find(self.url))

    def content(self, name: str) -> bytes:
        import fsspec

        found: bytes = fsspec.filesystem("s3", **self.options).cat_file(f"{self.url}/{name}")
        return found


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a server of S3, which forgets everything with the module."""
    pytest.importorskip("s3fs")
    server = pytest.importorskip("moto.server").ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Bucket:
    """A new bucket that w2v finds without options, by the environment alone."""
    import fsspec

    options: dict[str, object] = {"endpoint_url": s3, "key": "name", "secret": "secret"}
    monkeypatch.setitem(fsspec.config.conf, "s3", options)
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[-50:].strip("-")
    fsspec.filesystem("s3", **options).mkdir(name)
    return Bucket(f"s3://{name}", options)


class WebServer:
    """A web server on 127.0.0.1 with files, of which it can send ranges.

    Attributes
    ----------
    files : dict of str to bytes
        What it has, by name.
    sent : int
        Bytes of files that it has sent so far.
    has_ranges : bool
        Whether it sends a range where one is asked for, or the whole file.
    denied : set of str
        Names that are answered with 403.
    breaks : int
        How many of the next answers break off after half of their bytes.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.sent = self.breaks = 0
        self.has_ranges = True
        self.denied: set[str] = set()
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self) -> None:
                self.answer(send=False)

            def do_GET(self) -> None:
                self.answer(send=True)

            def answer(self, send: bool) -> None:
                name = unquote(self.path.partition("?")[0].lstrip("/"))
                content = owner.files.get(name)
                if name in owner.denied:
                    self.refuse(403)
                elif name.endswith("/") or not name:
                    links = "".join(f'<a href="{each}">{each}</a>' for each in owner.files)
                    self.send(
                        200, f"<html>{links}</html>".encode(), {"Content-Type": "text/html"}, send
                    )
                elif content is None:
                    self.refuse(404)
                else:
                    self.send_file(content, send)

            def send_file(self, content: bytes, send: bool) -> None:
                facts = {"ETag": f'"{hash(content):x}"'}
                asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
                if asked is None or not owner.has_ranges:
                    self.send(200, content, facts, send)
                    return
                first, last = int(asked[1]), int(asked[2] or len(content))
                facts["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
                self.send(206, content[first : last + 1], facts, send)

            def send(self, status: int, body: bytes, facts: dict[str, str], send: bool) -> None:
                self.send_response(status)
                for name, value in {**facts, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                if send:
                    is_broken = owner.breaks > 0
                    owner.breaks -= is_broken
                    part = body[: len(body) // 2] if is_broken else body
                    owner.sent += len(part)
                    self.wfile.write(part)
                    self.close_connection = self.close_connection or is_broken

            def refuse(self, status: int) -> None:
                self.send(status, b"", {}, False)

            def log_message(self, *_: object) -> None:
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def put(self, name: str, content: bytes) -> str:
        """Hold a file; return its address."""
        self.files[name] = content
        return f"{self.url}/{name}"


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    pytest.importorskip("aiohttp")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    served = WebServer()
    thread = threading.Thread(target=served.http.serve_forever, args=(0.01,))
    thread.start()
    yield served
    served.http.shutdown()
    served.http.server_close()
    thread.join()


@pytest.fixture
def memory() -> Iterator[str]:
    """The address of an empty directory in the memory of this process."""
    fsspec = pytest.importorskip("fsspec")
    system = fsspec.filesystem("memory")
    system.store.clear()
    system.pseudo_dirs[:] = [""]
    yield "memory://w2v"
    system.store.clear()
