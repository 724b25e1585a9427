"""The corpora that have a name: where they lie, where they come from, and under what licence."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from w2v.errors import CorpusError
from w2v_corpora import toy

_log = logging.getLogger("w2v_corpora")
_SUFFIXES = ("", ".gz", ".bz2", ".xz", ".zst", ".zip")
_TIMEOUT = 30  # seconds without an answer
_DOWNLOAD_CHUNK = 1 << 20  # bytes


@dataclass(frozen=True)
class KnownCorpus:
    """A corpus that can be asked for by name.

    Attributes:
        title: what it is, in a line.
        licence: under what terms it may be used.
        words: number of words.
        url: where it is downloaded from, for a corpus in a file.
        sha256: checksum of the file at `url`.
        generate: returns the text as UTF-8, for a corpus that needs no file.
    """

    name: str
    title: str
    licence: str
    words: int
    url: str = ""
    sha256: str = ""
    generate: Callable[[], bytes] | None = None

    @property
    def file_name(self) -> str:
        """The name of the file to download, such as text8.zip."""
        return self.url.rpartition("/")[2]


KNOWN = {
    corpus.name: corpus
    for corpus in (
        KnownCorpus(
            name="text8",
            title="the first 100 MB of English Wikipedia, cleaned by Matt Mahoney",
            licence="CC BY-SA 3.0",
            words=17_005_207,
            url="https://mattmahoney.net/dc/text8.zip",
            sha256="a6640522afe85d1963ad56c05b0ede0a0c000dddc9671758a6cc09b7a38e5232",
        ),
        KnownCorpus(
            name="toy",
            title="generated sentences whose grammar plants the answers to analogies",
            licence="Apache-2.0",
            words=300_815,
            generate=toy.text,
        ),
    )
}


def find(corpus: KnownCorpus) -> Path:
    """Return the file of a known corpus, which may be compressed; download it if need be.

    The directories of $W2V_CORPORA are searched first, then the cache; a download goes to the
    cache and is kept only when its checksum is right.

    Raises CorpusError where it is in none of them and cannot be downloaded.
    """
    for directory in [*_own_directories(), cache_directory()]:
        for suffix in _SUFFIXES:
            path = directory / f"{corpus.name}{suffix}"
            if path.is_file():
                return path
    return download(corpus, cache_directory())


def cache_directory() -> Path:
    """Return the directory of downloaded corpora, which need not exist yet."""
    from platformdirs import user_cache_path  # noqa: PLC0415  (only known files need it)

    return user_cache_path("w2v")


def _own_directories() -> list[Path]:
    return [Path(name) for name in os.environ.get("W2V_CORPORA", "").split(os.pathsep) if name]


def download(corpus: KnownCorpus, directory: Path) -> Path:
    """Download the file of a corpus into the directory and return its path.

    The logger "w2v_corpora" tells of it.

    Raises CorpusError, and leaves no file, where the server cannot be reached, the transfer
    breaks off or the checksum is wrong.
    """
    import pooch  # noqa: PLC0415  (slow to import)

    downloader = pooch.HTTPDownloader(
        progressbar=False, chunk_size=_DOWNLOAD_CHUNK, timeout=_TIMEOUT
    )
    pooch.get_logger().setLevel("WARNING")  # it prints, and nobody could turn that off
    _log.info("Downloading %s to %s", corpus.url, directory)
    try:
        path = pooch.retrieve(
            corpus.url,
            known_hash=f"sha256:{corpus.sha256}",
            fname=corpus.file_name,
            path=directory,
            downloader=downloader,
        )
    except (OSError, ValueError) as error:
        own = _own_directories()
        raise CorpusError(
            f"Cannot download {corpus.name} from {corpus.url} ({_reason(error)}); put"
            f" {corpus.file_name} into {own[0] if own else directory} yourself, or use the"
            " corpus toy, which needs no download."
        ) from error
    return Path(path)


def _reason(error: Exception) -> str:
    """Say in a few words what went wrong; what the libraries say fills a screen."""
    import requests  # noqa: PLC0415  (pooch has imported it already)

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the server answered {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return f"no answer within {_TIMEOUT} seconds"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the transfer broke off"
    if isinstance(error, requests.RequestException):
        return "no connection to the server"
    if isinstance(error, ValueError):
        return "what came has a wrong checksum"
    return f"the directory cannot be written: {getattr(error, 'strerror', None) or error}"
