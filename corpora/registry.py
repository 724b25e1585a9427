"""The known corpora and test sets: their names, licences, sources and checksums."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from w2v.errors import CorpusError, FormatError, W2VError
from w2v_corpora import toy


@dataclass(frozen=True)
class KnownFile:
    """A file that can be asked for by name.

    Attributes
    ----------
    name : str
        The name.
    title : str
        A description, in one line.
    licence : str
        The terms under which it may be used.
    url : str
        The address from which it is downloaded.
    sha256 : str
        The checksum of the file at `url`, in hexadecimal.
    size : int
        Bytes of its content, decompressed.
    checksum : str
        The checksum of this content, as in "md5:…" or "sha256:…".
    """

    name: str
    title: str
    licence: str
    url: str = ""
    sha256: str = ""
    size: int = 0
    checksum: str = ""

    error: ClassVar[type[W2VError]] = FormatError  # where it is missing or wrong
    instead: ClassVar[str] = ""  # an alternative, where it cannot be downloaded

    @property
    def file_name(self) -> str:
        """The name of the file to download, such as text8.zip."""
        return self.url.rpartition("/")[2]


@dataclass(frozen=True)
class KnownCorpus(KnownFile):
    """A corpus that can be asked for by name.

    Attributes
    ----------
    words : int
        The number of its words.
    generate : callable or None
        Returns the text as UTF-8, for a corpus that needs no file.
    """

    words: int = 0
    generate: Callable[[], bytes] | None = None
    error = CorpusError
    instead = ", or use the corpus toy, which needs no download"


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
            size=100_000_000,
            checksum="md5:3bea1919949baf155f99411df5fada7e",
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

_WORD2VEC = (
    "https://raw.githubusercontent.com/tmikolov/word2vec/20c129af10659f7c50e86e3be406df663beff438"
)
_GENSIM = "https://raw.githubusercontent.com/piskvorky/gensim/4.4.0/gensim/test/test_data"


def _plain(name: str, title: str, licence: str, url: str, sha256: str, size: int) -> KnownFile:
    """Return a file that is downloaded as it is, so that its content has the same checksum."""
    return KnownFile(name, title, licence, url, sha256, size, f"sha256:{sha256}")


EVALUATION_SETS = {
    known.name: known
    for known in (
        _plain(
            "questions-words",
            "19,544 analogies in 14 sections, by Tomas Mikolov and others",
            "Apache-2.0",
            f"{_WORD2VEC}/questions-words.txt",
            "8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36",
            603_955,
        ),
        _plain(
            "wordsim353",
            "353 pairs of words by how related they are, by Lev Finkelstein and others",
            "CC BY 4.0",
            f"{_GENSIM}/wordsim353.tsv",
            "f92a022fc2537793a15bc3a8c162ebcd74990e033a228bb6388cb71e4c0b1e1d",
            7_186,
        ),
        _plain(
            "simlex999",
            "999 pairs of words by how similar they are, by Felix Hill and others",
            "free to download, to be cited (Computational Linguistics 41, 2015)",
            f"{_GENSIM}/simlex999.txt",
            "d5e0501971478a511430ee880bd0121e94ac701ba86d90544d83e6d2ba3db05d",
            18_126,
        ),
    )
}
