"""Servers on 127.0.0.1 that hold a few files: of S3, the web, Google's storage and the Hub."""

import contextlib
import http.server
import json
import os
import re
import socket
import threading
from collections.abc import Iterator
from typing import NamedTuple, TypeVar
from urllib.parse import parse_qs, unquote

import pytest

AnyServer = TypeVar("AnyServer", bound="WebServer")


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

    kind = "text/html"  # of its pages

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

            def do_POST(self) -> None:
                asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.send(200, owner.told(asked), {"Content-Type": owner.kind}, True)

            def answer(self, send: bool) -> None:
                name = unquote(self.path.partition("?")[0].lstrip("/"))
                name = name.removeprefix("user/name/resolve/main/")
                content = owner.files.get(name)
                page = owner.page(unquote(self.path))
                if name in owner.denied:
                    self.refuse(403)
                elif page is not None:
                    self.send(200, page, {"Content-Type": owner.kind}, send)
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

    def page(self, path: str) -> bytes | None:
        """Return the page at a path, which links all files; None where there is none."""
        if not path.endswith("/"):
            return None
        return "".join(f'<a href="{each}">{each}</a>' for each in self.files).encode()

    def told(self, asked: str) -> bytes:
        """Return the answer to what is posted."""
        return b""

    def put(self, name: str, content: bytes) -> str:
        """Hold a file; return its address."""
        self.files[name] = content
        return f"{self.url}/{name}"


@contextlib.contextmanager
def served(server: AnyServer) -> Iterator[AnyServer]:
    """Let a server answer while the block runs."""
    thread = threading.Thread(target=server.http.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.http.shutdown()
    server.http.server_close()
    thread.join()


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    pytest.importorskip("aiohttp")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with served(WebServer()) as server:
        yield server


class Hub(WebServer):
    """The part of the Hugging Face Hub that reads: files of the repository user/name.

    It answers as the Hub does to `HfFileSystem`: facts of the repository, trees, files in ranges.
    """

    kind = "application/json"

    def page(self, path: str) -> bytes | None:
        """Return what the interface says about a path; None where there is nothing."""
        repository = "/api/models/user/name"
        if path in (repository, f"{repository}/revision/main"):
            return json.dumps({"id": "user/name", "sha": "abc", "private": False}).encode()
        named = path.removeprefix(f"{repository}/tree/main").strip("/").partition("?")
        if not path.startswith(f"{repository}/tree/main"):
            return None
        start = f"{named[0]}/" if named[0] else ""
        below = [name for name in self.files if name.startswith(start)]
        if "recursive=true" not in named[2].lower():
            below = sorted({start + name[len(start) :].partition("/")[0] for name in below})
        return json.dumps([self._entry(name) for name in below]).encode() if below else None

    def told(self, asked: str) -> bytes:
        """Return the facts of the paths that older packages of the Hub post."""
        paths = parse_qs(asked).get("paths", [])
        known = [
            name for name in paths if any(f"{held}/".startswith(f"{name}/") for held in self.files)
        ]
        return json.dumps(list(map(self._entry, known))).encode()

    def _entry(self, name: str) -> dict[str, object]:
        if name not in self.files:
            return {"type": "directory", "oid": "0", "size": 0, "path": name}
        held = self.files[name]
        return {"type": "file", "oid": f"{hash(held):x}", "size": len(held), "path": name}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    pytest.importorskip("huggingface_hub")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with served(Hub()) as server:
        yield server


@pytest.fixture(scope="module")
def google() -> Iterator[dict[str, str]]:
    """A server of Google Cloud Storage with the bucket `bucket`, as fsspec's options for it."""
    # Otherwise gcsfs asks at Google what kind of bucket it is.
    os.environ["GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT"] = "false"
    pytest.importorskip("gcsfs")
    made = pytest.importorskip("gcp_storage_emulator.server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = made.create_server("127.0.0.1", port, in_memory=True, default_bucket="bucket")
    server.start()
    yield {"endpoint_url": f"http://127.0.0.1:{port}", "token": "anon"}
    server.stop()


@pytest.fixture
def memory() -> Iterator[str]:
    """The address of an empty directory in the memory of this process."""
    fsspec = pytest.importorskip("fsspec")
    system = fsspec.filesystem("memory")
    system.store.clear()
    system.pseudo_dirs[:] = [""]
    yield "memory://w2v"
    system.store.clear()
