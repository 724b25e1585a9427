"""Writes vectors in the format that the suffix of the file implies, or in a named format.

A name without a suffix, such as `vectors`, implies word2vec's binary format. An unknown suffix, as
in `vectors.csv`, is refused.
"""

from collections.abc import Sequence
from pathlib import Path

from w2v.compression import split_suffix
from w2v.errors import ConfigError, Part, W2VError
from w2v.formats import registry
from w2v.formats.record import Counts, Writing
from w2v.locks import locked_directory
from w2v.matrices import Matrix
from w2v.places import check_writable, followed


def writable_formats() -> dict[str, Writing]:
    """Return the writing functions of all formats that can be written, by name."""
    return {known.name: known.writing for known in registry.FORMATS if known.writing is not None}


def output_formats() -> dict[str, str]:
    """Return the formats that vectors are written in.

    Returns
    -------
    dict of str to str
        A description for each name, with the ends of file names that imply the format.
    """
    return {name: _described(writing) for name, writing in writable_formats().items()}


def _described(writing: Writing) -> str:
    facts = [suffix or "no suffix" for suffix in writing.suffixes]
    if writing.keeps_counts:
        facts.append("keeps counts")
    return f"{writing.about} ({', '.join(facts)})" if facts else writing.about


def format_by_name(path: Path, otherwise: Part = "") -> str:
    """Return the name of the format that the suffix of a file implies.

    Parameters
    ----------
    path : Path
        The file to write; a second suffix, such as .gz, compresses.
    otherwise : str, Argument or tuple of these
        How the user may choose a format regardless of the suffix, for the message.

    Returns
    -------
    str
        A key of `writable_formats()`.

    Raises
    ------
    ConfigError
        No format has this suffix, or the format cannot be compressed as the second suffix implies.
    """
    plain, compression = split_suffix(path)
    suffix = plain.suffix.lower()
    formats = writable_formats()
    for name, writing in formats.items():
        if suffix in writing.suffixes:
            return checked_format(path, name)
    first, *others = (writing for writing in formats.values() if writing.suffixes)
    listed = ", ".join(f"{writing.listed_suffixes} ({writing.about})" for writing in others)
    raise ConfigError(
        f"Cannot write {path}: vectors are not written as {plain.suffix}; name it"
        f" {plain.stem}{first.suffixes[0]}{compression} ({first.about}), or let the name end in"
        f" {listed}",
        otherwise and ("; or choose a format with ", otherwise),
        ".",
    )


def checked_format(path: Path, name: str) -> str:
    """Return `name`, after checking that `path` can be written in this format.

    Raises ConfigError for an unknown format, and for a path whose suffix implies compression if the
    format does not allow it.
    """
    formats = writable_formats()
    if not isinstance(name, str) or name not in formats:
        known = "; ".join(
            f"{name} {each.listed_suffixes}".strip() for name, each in formats.items()
        )
        raise ConfigError(
            f"There is no format {name!r}; the formats and their suffixes are: {known}."
        )
    if split_suffix(path)[1] and not formats[name].compresses:
        raise ConfigError(
            f"A file of {name} is not compressed, so that it can be mapped; save "
            f"{split_suffix(path)[0]} in the place of {path}."
        )
    return name


def written_files(path: Path, name: str) -> tuple[Path, ...]:
    """Return the files, one or two, that are written for `path` in a format."""
    second_file = writable_formats()[name].second_file
    return (path,) if second_file is None else (path, second_file(path))


def check_second_file(path: Path, name: str) -> None:
    """Raise W2VError if writing would replace an unrelated file that the user did not name.

    Some formats write a second file beside `path`. It may replace an existing one only if that one
    belongs to an existing `path` of the same format.
    """
    writing = writable_formats()[name]
    if writing.second_file is None:
        return
    second_file = writing.second_file(path)
    with locked_directory(followed(path).parent):
        if second_file.is_file() and not (path.is_file() and writing.is_pair(path)):
            raise W2VError(
                f"Cannot write {path}: {second_file} would be written beside it, but it exists and"
                f" does not belong to an earlier {path.name}; move it away or choose another name."
            )


def write(path: Path, name: str, words: Sequence[str], matrix: Matrix, counts: Counts) -> None:
    """Write words and vectors in a format.

    Parameters
    ----------
    path : Path
        The file to write; an existing one is replaced.
    name : str
        The name of the format, a key of `writable_formats()`.
    words : sequence of str
        V distinct words.
    matrix : ndarray of float32, shape (V, d)
        Their vectors, finite.
    counts : ndarray of int64, shape (V,), or None
        How often each word was seen; only some formats keep the counts.

    Raises
    ------
    FormatError
        The format cannot hold a word or a number.
    W2VError
        A file cannot be written; an old one then stays as it was.
    """
    for file in written_files(path, name):
        check_writable(file)
    check_second_file(path, name)
    writable_formats()[name].write(path, words, matrix, counts)
