"""How results and messages are printed: aligned columns, one line of JSON, or one sentence.

The text may come from files and their names, so control characters are escaped.
"""

import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from w2v.characters import printable, printable_json
from w2v.json_values import finite_or_none
from w2v.places import NamedFile, check_apart
from w2v.remote.addresses import is_address, located


def check_results(*inputs: str) -> None:
    """Raise W2VError where standard output goes into a file that the command reads.

    An example is `w2v evaluate set.txt >> set.txt`. With a single > the shell has already emptied
    the file when the command starts.
    """
    check_apart(
        [NamedFile(located(name), "read by this command") for name in inputs],
        [NamedFile(Path("/dev/stdout"), "the results")],
    )


def shown_name(name: str) -> str:
    """Return the name of a file for messages: a URL without its secrets, a path as it was given."""
    return str(located(name)) if is_address(name) else name


def say(text: str, err: bool = False) -> None:
    """Print one line, on standard error with `err`."""
    click.echo(printable(text), err=err)


def say_lines(lines: Iterable[str]) -> None:
    """Print lines in one write, so that a reader may stop early.

    Only a terminal obeys control characters; elsewhere the lines are as in a file.
    """
    shown = printable if sys.stdout.isatty() else str
    click.echo("".join(f"{shown(line)}\n" for line in lines), nl=False)


def print_json(value: object) -> None:
    """Print a value as one line of JSON."""
    click.echo(to_json(value))


def to_json(value: object) -> str:
    """Return a value as one line of strict JSON; NaN and infinities become null."""
    return printable_json(json.dumps(finite_or_none(value), ensure_ascii=False, allow_nan=False))


def print_table(rows: Sequence[Sequence[str]], flush_left: int = 1) -> None:
    """Print rows in columns: the first `flush_left` are aligned left, the others right.

    The table is one write, so that a program that reads only the first lines, such as `head`, does
    not break the pipe.
    """
    if not rows:
        return
    rows = [list(map(printable, row)) for row in rows]
    widths = [max(map(cell_width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = []
        for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
            gap = " " * (width - cell_width(cell))
            cells.append(cell + gap if place < flush_left else gap + cell)
        lines.append("  ".join(cells))
    click.echo("\n".join(lines))


def print_fields(rows: Sequence[tuple[str, str]]) -> None:
    """Print a name and a text in each line."""
    width = max(len(name) for name, _ in rows)
    click.echo("\n".join(f"{name:<{width}}  {printable(value)}" for name, value in rows))


def cell_width(text: str) -> int:
    """Return the columns that a text takes on a terminal: two for a wide letter."""
    return sum(_letter_width(letter) for letter in text)


def _letter_width(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
