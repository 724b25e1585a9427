"""Files of vectors, as gensim's methods read and write them: word2vec's, and our own."""

from collections.abc import Callable
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from w2v.arguments import checked_path, checked_whole, not_allowed
from w2v.compat import storage, word2vec_files
from w2v.compat.extras import restore_extras, stored_extras
from w2v.compat.types import GensimVectors, Vectors
from w2v.compat.word2vec_files import FileOptions
from w2v.errors import ConfigError

_MOST = 1 << 60
# Attributes of vectors that are not a user's own; they are kept otherwise, or made again.
KEPT_ELSEWHERE = (
    "index_to_key", "key_to_index", "vectors", "vectors_lockf", "expandos", "next_index",
    "mapfile_path", "defects", "subwords", "form",
)  # fmt: skip


def save_word2vec_format(
    vectors: GensimVectors,
    fname: str | PathLike[str],
    fvocab: str | PathLike[str] | None = None,
    binary: bool = False,
    total_vec: int | None = None,
    write_header: bool = True,
    prefix: str = "",
    append: bool = False,
    sort_attr: str = "count",
) -> None:
    """Write word2vec's file, the keys with the largest counts first.

    Parameters
    ----------
    fname : str or PathLike
        The file; a suffix such as .gz compresses it.
    fvocab : str or PathLike, optional
        A vocabulary file to write too: each key with its count.
    binary : bool
        Write the binary format instead of text.
    total_vec : int, optional
        The number of vectors that the first line names, where more are appended later.
    write_header : bool
        Write the first line, which names the number of vectors and d.
    prefix : str
        Written before each key.
    append : bool
        Write behind what the files hold already.
    sort_attr : str
        The attribute to sort by, if there is one of this name.

    Raises
    ------
    ConfigError
        `fvocab` is given, but there is no attribute to write.
    FormatError
        The format cannot hold a key or a number.
    W2VError
        A file cannot be written; an old one then stays as it was.
    """
    values = vectors.expandos.get(sort_attr)
    order = np.arange(len(vectors.index_to_key))
    if values is not None:
        order = np.argsort(-np.asarray(values, dtype=np.float64), kind="stable")
    words = [f"{prefix}{vectors.index_to_key[row]}" for row in order]
    if fvocab is not None:
        if values is None:
            raise ConfigError(
                f"fvocab needs the attribute {sort_attr!r} of each key; set it with"
                " set_vecattr, or leave fvocab out."
            )
        path = checked_path("fvocab", fvocab)
        word2vec_files.write_counts(path, words, values[order], append=append)
    total = (
        len(vectors.index_to_key)
        if total_vec is None
        else checked_whole("total_vec", total_vec, 0, _MOST)
    )
    word2vec_files.write_vectors(
        checked_path("fname", fname), words, vectors.vectors[order],
        binary=bool(binary), header=total if write_header else None, append=bool(append),
    )  # fmt: skip


def load_word2vec_format(
    kind: Callable[..., Vectors],
    fname: str | PathLike[str],
    fvocab: str | PathLike[str] | None,
    options: FileOptions,
    limit: int | None,
    datatype: DTypeLike,
) -> Vectors:
    """Read word2vec's file; KeyedVectors.load_word2vec_format describes the arguments.

    kind: the class of the result, called with a vector size and a dtype.
    """
    first = None if not limit else checked_whole("limit", limit, 1, _MOST)
    counts = None
    if fvocab is not None:
        counts = word2vec_files.read_counts(checked_path("fvocab", fvocab), options)
    words, matrix = word2vec_files.read_vectors(
        checked_path("fname", fname), options, first, checked_dtype("datatype", datatype)
    )
    vectors = filled(kind, words, matrix)
    vectors.counts = (
        falling_counts(len(words)) if counts is None else [counts.get(word, 0) for word in words]
    )
    return vectors


def intersect_word2vec_format(
    vectors: GensimVectors,
    fname: str | PathLike[str],
    lockf: float = 0.0,
    binary: bool = False,
    encoding: str = "utf8",
    unicode_errors: str = "strict",
) -> None:
    """Take the vectors of those words from a word2vec file that are here already.

    Parameters
    ----------
    fname, binary, encoding, unicode_errors
        As for load_word2vec_format.
    lockf : float
        By what training multiplies each change of these words: 0 freezes them, 1 trains them like
        the others.

    Raises
    ------
    ConfigError
        The vectors have another length.
    """
    options = FileOptions(bool(binary), encoding, unicode_errors)
    path = checked_path("fname", fname)
    words, matrix = word2vec_files.read_vectors(path, options, None, vectors.vectors.dtype)
    if matrix.shape[1] != vectors.vector_size:
        raise ConfigError(
            f"{path} holds vectors of {matrix.shape[1]} numbers, but these have"
            f" {vectors.vector_size}; name a file of vectors of the same length."
        )
    found = [place for place, word in enumerate(words) if word in vectors.key_to_index]
    rows = [vectors.key_to_index[words[place]] for place in found]
    vectors.vectors[rows] = matrix[found]
    if len(vectors.vectors_lockf) < len(vectors.index_to_key):
        vectors.vectors_lockf = np.full(
            len(vectors.index_to_key), vectors.vectors_lockf[0], dtype=np.float32
        )
    vectors.vectors_lockf[rows] = lockf
    vectors.norms = None


def save(vectors: GensimVectors, fname: str | PathLike[str], *_: Any, **__: Any) -> None:
    """Write all of it, atomically, as safetensors, whatever the name; `w2v.load` reads it too.

    Parameters
    ----------
    fname : str or PathLike
        The file.

    Raises
    ------
    FormatError
        A key is empty or neither text nor a number, or a number is not finite.
    W2VError
        The file cannot be written; an old one then stays as it was.
    """
    kept = storage.StoredVectors(
        vectors.index_to_key, vectors.vectors, vectors.expandos, vectors.vectors_lockf,
        form=vectors.form, extras=stored_extras(vectors, KEPT_ELSEWHERE),
    )  # fmt: skip
    storage.write(checked_path("fname", fname), kept)


def load(kind: Callable[..., Vectors], fname: str | PathLike[str], mmap: str | None) -> Vectors:
    """Read what `save` wrote; KeyedVectors.load describes the arguments."""
    if mmap not in (None, "r", "c"):
        raise not_allowed("mmap", "None or 'r'", mmap)
    path = checked_path("fname", fname)
    stored = storage.read(path, mmap == "r")
    vectors = filled(kind, stored.keys, stored.matrix)
    vectors.expandos, vectors.vectors_lockf = stored.attributes, stored.lock_factors
    vectors.subwords, vectors.form = stored.subwords, stored.form
    restore_extras(path, stored.extras, vectors, KEPT_ELSEWHERE)
    return vectors


def filled(kind: Callable[..., Vectors], keys: list[Any], matrix: NDArray[Any]) -> Vectors:
    """Return vectors of distinct keys (V,) and a matrix (V, d), which is not copied."""
    vectors = kind(matrix.shape[1], dtype=matrix.dtype)
    vectors.index_to_key = keys
    vectors.key_to_index = dict(zip(keys, range(len(keys)), strict=True))
    vectors.vectors = matrix
    vectors.next_index = len(keys)
    return vectors


def falling_counts(size: int) -> NDArray[np.int64]:
    """Return the counts V, V - 1, …, 1 that gensim gives words whose counts are not known."""
    return np.arange(size, 0, -1, dtype=np.int64)


def checked_dtype(name: str, dtype: DTypeLike) -> np.dtype[Any]:
    """Return one of the types that vectors are held in; raise ConfigError for any other.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    dtype : dtype-like
        float16, float32 or float64.
    """
    try:
        found = np.dtype(dtype)
    except TypeError:
        found = np.dtype(object)
    if found not in (np.float16, np.float32, np.float64):
        raise not_allowed(name, "float32, float16 or float64", dtype)
    return found
