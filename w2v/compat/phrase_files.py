"""The files of gensim's phrases here: a line of JSON, then a number and its text on each line."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from w2v.compat.storage import refuse_pickle
from w2v.errors import FormatError
from w2v.opening import open_single, written

_KIND = "w2v phrases of gensim's kind"


def write(path: Path, kind: str, settings: Mapping[str, Any], values: Mapping[str, float]) -> None:
    """Write phrases; `kind` is the name of their class, `values` the counts or the scores."""
    header = {"kind": _KIND, "class": kind, "lines": len(values), **settings}
    with written(path) as stream:
        stream.write(json.dumps(header, ensure_ascii=False).encode() + b"\n")
        for text, value in values.items():
            stream.write(f"{value!r}\t{json.dumps(text, ensure_ascii=False)}\n".encode())


def read(path: Path, kind: str) -> tuple[dict[str, Any], dict[str, float]]:
    """Read what `write` wrote: the settings and the values.

    Raises
    ------
    FormatError
        The file is missing, of another kind, or damaged.
    """
    refuse_pickle(path, "count the sentences again, which takes little time here")
    with open_single(path, "file of phrases") as stream:
        try:
            header: dict[str, Any] = json.loads(stream.readline())
            if header["kind"] != _KIND:
                raise ValueError
            lines = header["lines"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise FormatError(
                f"{path} is not a file of phrases that w2v.compat wrote; phrases of w2v's own are"
                " read by w2v.load_phrases."
            ) from None
        if header.get("class") != kind:
            raise FormatError(
                f"{path} holds {header.get('class')}, not {kind}; load it with that class."
            )
        values = {}
        for number, line in enumerate(stream, start=2):
            try:
                value, text = line.decode().rstrip("\n").split("\t", 1)
                values[str(json.loads(text))] = _number(value)
            except ValueError:
                raise FormatError(
                    f"{path} is damaged: line {number:,} is not a number and a text but"
                    f" {line[:60]!r}."
                ) from None
    if len(values) != lines:
        raise FormatError(f"{path} is damaged: it has {len(values):,} of {lines} lines.")
    return header, values


@contextlib.contextmanager
def damage_reported(path: Path) -> Iterator[None]:
    """Raise FormatError in place of the errors that settings of a damaged file give."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FormatError(f"The settings in {path} cannot be used: {error}") from None


def _number(text: str) -> float:
    return int(text) if text.lstrip("-").isdigit() else float(text)
