"""Writes vectors, in the format that the name of the file implies."""

from collections.abc import Mapping
from os import PathLike
from typing import Any

from w2v.arguments import checked_flag, checked_location
from w2v.errors import Argument
from w2v.formats.writing import format_by_name, write
from w2v.vectors.types import WordVectors


def save(
    vectors: WordVectors,
    path: str | PathLike[str],
    binary: bool | None = None,
    storage_options: Mapping[str, Any] | None = None,
) -> None:
    """Write the vectors atomically, in the format that the name of the file implies.

    Parameters
    ----------
    path : str or PathLike
        The end of its name chooses the format: .bin or none is word2vec's binary format, which
        every tool reads; `w2v.output_formats()` describes all. A further .gz, .bz2, .xz, .zst
        or .zip compresses.
    binary : bool, optional
        Choose word2vec's binary (True) or text format (False), whatever the name.
    storage_options : mapping, optional
        Options of fsspec's file system where `path` is a URL, such as s3://bucket/vectors.bin.
        Default: what fsspec's configuration and the environment say.

    Raises
    ------
    ConfigError
        The name has another end.
    FormatError
        The format cannot hold a word.
    W2VError
        The file cannot be written; an old one then stays as it was.
    """
    target = checked_location("path", path, storage_options)
    if binary is None:
        chosen = format_by_name(target, Argument("binary", True))
    else:
        chosen = "word2vec" if checked_flag("binary", binary) else "text"
    write(target, chosen, vectors.index_to_key, vectors.vectors, vectors.counts)
