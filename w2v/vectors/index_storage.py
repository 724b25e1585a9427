"""The file of an approximate index: where it lies, whether it can be written, and loading it."""

from collections.abc import Iterable
from os import PathLike
from pathlib import Path

from w2v.arguments import checked_path, checked_paths, not_allowed
from w2v.errors import FormatError
from w2v.files import try_writing
from w2v.formats import index_file
from w2v.formats.detect import files_read
from w2v.places import NamedFile, check_apart
from w2v.vectors import hnsw
from w2v.vectors.index import VectorIndex
from w2v.vectors.index_fingerprint import check_fingerprint
from w2v.vectors.keyed_vectors import KeyedVectors
from w2v.vectors.vectors_like import check_vectors


def load_index(path: str | PathLike[str], vectors: KeyedVectors) -> VectorIndex:
    """Load the index of these vectors.

    Nothing in the file is trusted: a damaged or malicious one is refused.

    Parameters
    ----------
    path : str or PathLike
        The file, as `VectorIndex.save` wrote it.
    vectors : KeyedVectors
        The vectors that it is an index of.

    Raises
    ------
    FormatError
        The file is missing, damaged, not an index, or the index of other vectors.
    W2VError
        The extra `ann` is not installed.
    """
    check_vectors(vectors)
    source = checked_path("path", path)
    metadata, content = index_file.read(source)
    check_fingerprint(source, metadata, vectors)
    try:
        graph = hnsw.from_bytes(content, len(vectors), vectors.vector_size)
    except FormatError as error:
        raise FormatError(f"{source} is damaged: {error} Build it again.") from error
    ef, recall = metadata.get("ef"), metadata.get("recall")
    if not isinstance(ef, int) or ef < 1 or not isinstance(recall, (int, float)):
        raise FormatError(f"{source} is damaged: its ef is {ef!r}. Build it again.")
    return VectorIndex(vectors, graph, metadata)


def check_index(path: str | PathLike[str], inputs: Iterable[str | PathLike[str]] = ()) -> None:
    """Check that an index could be saved as `path`; nothing there is changed.

    Parameters
    ----------
    path : str or PathLike
        The file to be written.
    inputs : iterable of str or PathLike
        Files that must not be overwritten, such as those of the vectors.

    Raises
    ------
    W2VError
        The file cannot be written, or is one of the inputs, or is there and is not an index.
    """
    target = checked_path("path", path)
    read = [file for given in checked_paths("inputs", inputs) for file in files_read(given)]
    check_apart(
        [NamedFile(file, "read by this command") for file in read], [NamedFile(target, "the index")]
    )
    index_file.refuse_others(target)
    try_writing(target)


def index_path(path: str | PathLike[str]) -> Path:
    """Return where the index of a file of vectors lies: beside it, with .index after its name.

    Raises
    ------
    ConfigError
        `path` is not the name of a file.
    """
    vectors = checked_path("path", path)
    if not vectors.name:
        raise not_allowed("path", "the name of a file of vectors", str(path))
    return vectors.with_name(f"{vectors.name}.index")
