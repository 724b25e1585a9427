"""Reading test sets: analogy questions in sections, and pairs of words with a human score."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from w2v.errors import FormatError
from w2v.formats.opening import open_single

_KIND = "evaluation set"


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
    """Read a test set of either kind; a file whose first line starts with ":" holds analogies.

    Raises FormatError for a file that is missing, a directory, not UTF-8 text, empty, or that
    holds a line of another form; the message names the line.
    """
    lines = list(_lines(path))
    if not lines:
        raise FormatError(f"{path} holds no questions and no pairs of words.")
    return _analogies(path, lines) if lines[0][1].startswith(":") else _pairs(path, lines)


def read_analogies(path: Path) -> AnalogySet:
    """Read an analogy set; as read_evaluation_set, which also raises where it is another kind."""
    found = read_evaluation_set(path)
    if isinstance(found, PairSet):
        raise FormatError(f"{path} holds pairs of words with scores, not analogy questions.")
    return found


def read_pairs(path: Path) -> PairSet:
    """Read a similarity set; as read_evaluation_set, which also raises where it is another kind."""
    found = read_evaluation_set(path)
    if isinstance(found, AnalogySet):
        raise FormatError(f"{path} holds analogy questions, not pairs of words with scores.")
    return found


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line number, text) of the lines that are neither empty nor comments."""
    with open_single(path, _KIND) as stream:
        content = stream.read()
    if b"\0" in content:
        raise FormatError(f"{path} is a binary file; an {_KIND} is text.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{path} is not UTF-8 text: the byte at offset {error.start} is invalid."
        ) from error
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield number, stripped


def _analogies(path: Path, lines: list[tuple[int, str]]) -> AnalogySet:
    sections: list[tuple[str, list[tuple[str, str, str, str]]]] = []
    for number, line in lines:
        if line.startswith(":"):
            sections.append((line.lstrip(": "), []))
            continue
        words = line.split()
        if len(words) != 4:
            raise FormatError(
                f"{path}, line {number}: an analogy question is four words, but {line[:80]!r} has "
                f"{len(words)}."
            )
        sections[-1][1].append((words[0], words[1], words[2], words[3]))
    if not any(questions for _, questions in sections):
        raise FormatError(f"{path} holds no questions, only names of sections.")
    return AnalogySet(path, tuple((name, tuple(questions)) for name, questions in sections))


def _pairs(path: Path, lines: list[tuple[int, str]]) -> PairSet:
    pairs: list[tuple[str, str, float]] = []
    for place, (number, line) in enumerate(lines):
        fields = _split_pair(line)
        score = _score(fields[2]) if len(fields) == 3 else None
        if score is not None:
            pairs.append((fields[0], fields[1], score))
        elif place > 0 or len(fields) != 3:  # the first line may be the names of the columns
            raise FormatError(
                f"{path}, line {number}: a pair is two words and a number, separated by tabs, "
                f"commas or spaces, but the line is {line[:80]!r}."
            )
    if not pairs:
        raise FormatError(f"{path} holds no pairs of words with a score.")
    return PairSet(path, tuple(pairs))


def _split_pair(line: str) -> list[str]:
    for separator in ("\t", ","):
        if separator in line:
            return [field.strip() for field in line.split(separator)]
    return line.split()


def _score(field: str) -> float | None:
    try:
        return float(field)
    except ValueError:
        return None
