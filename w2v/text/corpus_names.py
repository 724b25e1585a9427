"""The names of corpora: paths, globs and known names."""

import contextlib
import difflib
import glob
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

import w2v_corpora
from w2v.compression import SUFFIXES as COMPRESSED
from w2v.errors import Argument, CorpusError
from w2v.places import address_in, missing_file
from w2v.remote.addresses import is_address
from w2v.text.columns.formats import SUFFIXES as WITH_COLUMNS
from w2v.text.sources import shorten


def is_named(source: object) -> bool:
    """Return whether a corpus is given by a name, or by a list of names."""
    if isinstance(source, (list, tuple)):
        return bool(source) and all(isinstance(name, (str, os.PathLike)) for name in source)
    return isinstance(source, (str, os.PathLike))


def listed_names(source: object, texts: bool = False) -> list[object]:
    """Return the names in a list of paths, globs and known names, or else the source alone.

    A list of strings is names or a mistake, except that with `texts` strings may be sentences. They
    are, unless each of them names a corpus or looks like a file's name, or one of them is a file's
    name, such as news.txt, and the file is there.
    """
    if not isinstance(source, (list, tuple)) or not is_named(source):
        return [source]
    missing = next((name for name in source if not _is_name(name)), None)
    if missing is None:
        return list(source)
    if texts and not _are_meant_as_names(source):
        return [source]
    if address_in(missing) is not None:
        raise CorpusError(missing_file("text", missing))
    raise CorpusError(
        f"The corpus is a list of strings, and {shorten(missing)} names no file. In a list of files"
        " each has to be there; sentences are lists of words, as in"
        " [sentence.split() for sentence in sentences], or strings with ",
        Argument("tokenizer", "words"),
        ".",
    )


def _is_name(name: str | os.PathLike[str]) -> bool:
    """Return whether this names a corpus; a Path always does, even where the file is missing."""
    if not isinstance(name, str) or name == "-" or name in w2v_corpora.KNOWN or is_address(name):
        return True
    return bool(name) and (exists(Path(name)) or bool(matching_files(name)[0]))


def _are_meant_as_names(strings: Sequence[str | os.PathLike[str]]) -> bool:
    """Return whether strings are names, with a wrong one among them, rather than texts.

    "-", "toy" or "data" may be a text too, even where a file of that name is there.
    """
    if any(_looks_like_file(name) and _is_name(name) for name in strings):
        return True
    return all(_looks_like_file(name) or _is_name(name) for name in strings)


def _looks_like_file(name: str | os.PathLike[str]) -> bool:
    """Return whether a string can hardly be a text: it has no white space, but a suffix or a /."""
    if not isinstance(name, str):
        return True
    is_one_word = name.split() == [name]
    return is_one_word and bool(Path(name).suffix or os.sep in name or glob.has_magic(name))


def lasting_name(name: str) -> str:
    """Return the name of a corpus in a form that is valid in every directory."""
    if is_address(name):
        return name
    is_known = name in w2v_corpora.KNOWN and not exists(Path(name))
    return name if is_known else str(Path(name).absolute())


def exists(path: Path) -> bool:
    """Return whether a file or directory exists; raise CorpusError where access is denied."""
    try:
        return path.exists()
    except PermissionError as error:
        raise CorpusError(f"Cannot read {path}: {error.strerror}.") from error
    except OSError:
        return False  # A text given in the place of a path may be too long for one.


def matching_files(pattern: str) -> tuple[list[str], int]:
    """Return the files that match a glob, sorted, and their bytes; none without wildcards."""
    if not glob.has_magic(pattern) or "\0" in pattern:
        return [], 0
    names, size = [], 0
    for name in sorted(glob.glob(pattern, recursive=True)):  # noqa: PTH207
        found = _status(name)
        if found is None or not stat.S_ISDIR(found.st_mode):  # a broken link is reported when read
            names.append(name)
            size += 0 if found is None else found.st_size
    return names, size


def _status(name: str) -> os.stat_result | None:
    try:
        return os.stat(name)  # noqa: PTH116  (a Path takes longer, of a million names)
    except OSError:
        return None


def files_in(directory: str) -> tuple[list[str], int]:
    """Return the files in a directory and in those inside it, and their bytes.

    They are in the order of their names, and a directory stands among the files of its name. Names
    that begin with a dot are passed over, and links to directories, which may lead in circles.

    Raises CorpusError where a directory cannot be read.
    """
    names: list[str] = []
    size = 0
    inside = [directory]  # files and directories still to look at, the first one last
    directories = {directory}
    while inside:
        name = inside.pop()
        if name not in directories:
            names.append(name)
            continue
        directories.remove(name)
        found = []
        for entry in _entries(name):
            if entry.is_dir(follow_symlinks=False):
                directories.add(entry.path)
            elif (bytes_inside := _file_size(entry)) is not None:
                size += bytes_inside
            else:
                continue
            found.append(entry.path)
        inside += sorted(found, reverse=True)
    return names, size


def _file_size(entry: "os.DirEntry[str]") -> int | None:
    """Return the bytes of a file; None for anything else, and for one that has just gone away."""
    try:
        return entry.stat().st_size if entry.is_file() else None
    except PermissionError:
        return 0  # where it leads is reported when it is read
    except OSError:  # it is gone, or a link that leads to itself
        return None


def _entries(directory: str) -> Iterator["os.DirEntry[str]"]:
    try:
        with os.scandir(directory) as entries:
            yield from (entry for entry in entries if not entry.name.startswith("."))
    except OSError as error:
        raise CorpusError(f"Cannot read the directory {directory}: {error.strerror}.") from error


def stem(path: Path) -> str:
    """Return the file's name without the suffixes of compression and of text."""
    if path.suffix.lower() in COMPRESSED:
        path = path.with_suffix("")
    is_text = path.suffix.lower() in (".txt", ".text", *WITH_COLUMNS)
    return path.stem if is_text else path.name or path.resolve().name


def missing_message(text: str) -> str:
    """Return a sentence about a name for which there is no corpus."""
    if glob.has_magic(text):
        return f"No file matches {shorten(text)}."
    if address_in(text) is not None:
        return missing_file("text", text)
    message = f"There is no file {shorten(text)}"
    if len(text) > 60 and len(text.split()) > 5:
        return (
            f"{message}; a text in memory is given as a list of lists of words,"
            " as in [line.split() for line in text.splitlines()]."
        )
    path = Path(text)
    candidates = list(w2v_corpora.KNOWN)
    if path.name == text:
        message += f" and no known corpus of this name (known: {', '.join(candidates)})"
    with contextlib.suppress(OSError, ValueError):
        candidates += sorted(str(entry) for entry in path.parent.iterdir())
    close = difflib.get_close_matches(text, candidates)
    return message + (f"; did you mean {' or '.join(close)}?" if close else ".")
