"""The file of phrases: a line of JSON with the settings, then a line for each phrase."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from w2v.errors import ConfigError, FormatError
from w2v.opening import open_single
from w2v.phrases.rounds import Round
from w2v.phrases.settings import PhraseSettings

_KIND = "w2v phrases"
_VERSION = 1
_LONGEST_HEADER = 1 << 24  # bytes


def write_phrases(stream: IO[bytes], settings: PhraseSettings, rounds: Sequence[Round]) -> None:
    """Write phrases.

    The first line is a JSON object of the settings and the number of phrases in each round. Each
    other line has a phrase: its count, its score and, separated by spaces, its words.
    """
    header = {
        "kind": _KIND,
        "version": _VERSION,
        "delimiter": settings.delimiter,
        "scoring": settings.scoring,
        "threshold": settings.threshold,
        "min_count": settings.min_count,
        "connector_words": sorted(settings.connector_words),
        "phrases": [len(each.words) for each in rounds],
    }
    stream.write(json.dumps(header, ensure_ascii=False).encode() + b"\n")
    for each in rounds:
        rows = zip(each.counts.tolist(), each.scores.tolist(), each.words, strict=True)
        for count, score, words in rows:
            stream.write(f"{count}\t{score!r}\t{' '.join(words)}\n".encode())


def read_phrases(path: Path) -> tuple[PhraseSettings, list[Round]]:
    """Read what `write_phrases` wrote.

    Raises
    ------
    FormatError
        The file is missing, is not a file of phrases, or is damaged.
    """
    with open_single(path, "file of phrases") as stream:
        return parse_phrases(path, stream)


def parse_phrases(path: Path, stream: IO[bytes]) -> tuple[PhraseSettings, list[Round]]:
    """Read phrases from a stream; the path is for messages. Raises FormatError for damage."""
    settings, sizes = _header(path, stream)
    rounds, number = [], 1
    for size in sizes:
        rows = []
        for _ in range(size):
            number += 1
            rows.append(_row(path, number, stream.readline()))
        counts, scores, words = zip(*rows, strict=True) if rows else ((), (), ())
        rounds.append(Round(list(words), np.array(counts, np.int64), np.array(scores, np.float64)))
    if stream.read(1):
        raise FormatError(f"{path} goes on after the {number - 1:,} phrases that it announces.")
    return settings, rounds


def _header(path: Path, stream: IO[bytes]) -> tuple[PhraseSettings, list[int]]:
    try:
        header: Any = json.loads(stream.readline(_LONGEST_HEADER))
        if header["kind"] != _KIND:
            raise ValueError
        version, sizes = header["version"], header["phrases"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise FormatError(
            f"{path} is not a file of phrases: its first line is not the JSON that 'w2v phrases"
            " --save' writes."
        ) from None
    if version != _VERSION:
        raise FormatError(
            f"{path} is a file of phrases of version {version!r}, and this w2v reads version"
            f" {_VERSION}; make it again."
        )
    try:
        names = ("scoring", "threshold", "min_count", "connector_words", "delimiter")
        given = {name: header[name] for name in names}
        settings = PhraseSettings.checked(rounds=len(sizes), **given)
        if not all(type(size) is int and size >= 0 for size in sizes):
            raise ValueError
    except (ConfigError, KeyError, TypeError, ValueError) as error:
        raise FormatError(
            f"{path} is damaged: its first line has settings that no phrases have ({error})."
        ) from None
    return settings, sizes


def _row(path: Path, number: int, line: bytes) -> tuple[int, float, tuple[str, ...]]:
    try:
        count, score, words = line.decode().rstrip("\n").split("\t")
        row = int(count), float(score), tuple(words.split(" "))
        if not 0 <= row[0] < 2**63 or len(row[2]) < 2 or words.split() != list(row[2]):
            raise ValueError
    except ValueError:
        raise FormatError(
            f"{path} is damaged: line {number:,} is not a count, a score and the words of a phrase"
            f" but {line[:60]!r}."
        ) from None
    return row
