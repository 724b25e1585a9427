"""Reading test sets: analogy questions in sections, and pairs of words with a human score."""

import difflib
import math
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import w2v_corpora
from w2v.errors import FormatError
from w2v.limits import LARGEST_EVALUATION_SET
from w2v.opening import open_single
from w2v.remote.addresses import is_address, located

_KIND = "evaluation set"
_FIELDS = 3  # of a pair


@dataclass(frozen=True)
class AnalogySet:
    """Sections of questions: (name, [(a, b, c, expected), ...]), words as the file spells them."""

    path: Path
    sections: tuple[tuple[str, tuple[tuple[str, str, str, str], ...]], ...]


@dataclass(frozen=True)
class PairSet:
    """Pairs of words with the similarity that people gave them: (first, second, score)."""

    path: Path
    pairs: tuple[tuple[str, str, float], ...]


def read_evaluation_set(path: Path) -> AnalogySet | PairSet:
    """Read a test set of either kind; its first lines show which.

    A file of analogies begins with ":" and the name of a section. Where such a line could also be
    a pair whose first word is ":", as in ": colon 5", the first line without ":" decides.

    Parameters
    ----------
    path : Path
        A file, or the name of a known test set, such as "questions-words". An existing file takes
        precedence.

    Raises
    ------
    FormatError
        The file is missing, a directory, not UTF-8 text, empty, or holds a line of another form,
        which the message names; or a known set cannot be downloaded, or its file holds something
        else.
    """
    if not is_address(path) and not os.path.lexists(path):
        path = _find(path)
    lines = _lines(path)
    begun: list[tuple[int, str]] = []
    for line in lines:
        begun.append(line)
        if not (line[1].startswith(":") and _is_pair(line[1])):
            break
    if not begun:
        raise FormatError(f"{path} holds no questions and no pairs of words.")
    first, last = begun[0][1], begun[-1][1]
    read = _analogies if first.startswith(":") and not _is_pair(last) else _pairs
    return read(path, chain(begun, lines))


def _find(path: Path) -> Path:
    """Return the file of a known test set, or a path that is more than a name as it is."""
    name = str(path)
    known = w2v_corpora.EVALUATION_SETS
    if name in known:
        return w2v_corpora.find(known[name])
    if path.name != name or "\0" in name:
        return path
    close = difflib.get_close_matches(name, known)
    raise FormatError(
        f"There is no evaluation set {name} and no known one of this name (known:"
        f" {', '.join(known)})" + (f"; did you mean {close[0]}?" if close else ".")
    )


def lasting_name(path: str | os.PathLike[str]) -> str:
    """Return a name of a test set that leads to it from any working directory."""
    if is_address(path):
        return str(located(path))
    name = os.fspath(path)
    is_known = name in w2v_corpora.EVALUATION_SETS and not os.path.lexists(name)
    return name if is_known else str(Path(name).absolute())


def read_analogies(path: Path) -> AnalogySet:
    """Read an analogy set as read_evaluation_set does; a similarity set is a FormatError."""
    found = read_evaluation_set(path)
    if isinstance(found, PairSet):
        raise FormatError(f"{path} holds pairs of words with scores, not analogy questions.")
    return found


def read_pairs(path: Path) -> PairSet:
    """Read a similarity set as read_evaluation_set does; an analogy set is a FormatError."""
    found = read_evaluation_set(path)
    if isinstance(found, AnalogySet):
        raise FormatError(f"{path} holds analogy questions, not pairs of words with scores.")
    return found


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line number, text) of the lines that are neither empty nor comments."""
    with open_single(path, _KIND) as stream:
        content = stream.read(LARGEST_EVALUATION_SET + 1)
    if len(content) > LARGEST_EVALUATION_SET:
        raise FormatError(
            f"{path} holds more than {LARGEST_EVALUATION_SET:,} bytes of text, more than any"
            f" {_KIND}; name another file, or split it into several."
        )
    if b"\0" in content:
        raise FormatError(f"{path} is a binary file; an {_KIND} is text.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{path} is not UTF-8 text: the byte at offset {error.start} is invalid."
        ) from error
    del content
    start = number = 0
    while start < len(text):
        number += 1
        end = text.find("\n", start) % (len(text) + 1)  # or the end of the text
        stripped = text[start:end].strip()
        if stripped and not stripped.startswith("#"):
            yield number, stripped
        start = end + 1


def _analogies(path: Path, lines: Iterable[tuple[int, str]]) -> AnalogySet:
    sections: list[str] = []
    # By the place of its section: a file of names alone would else take ten times the memory.
    questions: defaultdict[int, list[tuple[str, str, str, str]]] = defaultdict(list)
    known: dict[str, str] = {}  # one object for each word, however often it occurs
    for number, line in lines:
        if line.startswith(":"):
            name = line.lstrip(": ")
            sections.append(known.setdefault(name, name))
            continue
        words = [known.setdefault(word, word) for word in line.split(None, 4)]
        if len(words) != 4:
            count = sum(1 for _ in re.finditer(r"\S+", line))
            raise FormatError(
                f"{path}, line {number}: an analogy question is four words, but {line[:80]!r} has "
                f"{count}."
            )
        questions[len(sections) - 1].append((words[0], words[1], words[2], words[3]))
    if not questions:
        raise FormatError(f"{path} holds no questions, only names of sections.")
    asked = (tuple(questions.get(place, ())) for place in range(len(sections)))
    return AnalogySet(path, tuple(zip(sections, asked, strict=True)))


def _pairs(path: Path, lines: Iterable[tuple[int, str]]) -> PairSet:
    pairs: list[tuple[str, str, float]] = []
    for place, (number, line) in enumerate(lines):
        fields = _split_pair(line)
        score = _score(fields[2]) if len(fields) == 3 else None
        if place == 0 and len(fields) == 3 and score is None:
            continue  # the names of the columns
        if score is None or not math.isfinite(score) or not all(fields):
            raise FormatError(
                f"{path}, line {number}: a pair is two words and a number, separated by tabs, "
                f"commas or spaces, but the line is {line[:80]!r}."
            )
        pairs.append((fields[0], fields[1], score))
    if not pairs:
        raise FormatError(f"{path} holds no pairs of words with a score.")
    return PairSet(path, tuple(pairs))


def _is_pair(line: str) -> bool:
    fields = _split_pair(line)
    return len(fields) == _FIELDS and _score(fields[2]) is not None


def _split_pair(line: str) -> list[str]:
    """Return the three fields of a line, or four where there are more."""
    for separator in ("\t", ","):
        if separator in line:
            return [field.strip() for field in line.split(separator, _FIELDS)]
    return line.split(None, _FIELDS)


def _score(field: str) -> float | None:
    try:
        return float(field)
    except ValueError:
        return None
