"""The vectors that a query reads: -v, else $W2V_VECTORS, else those trained last."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

import w2v
from w2v.files import atomic_write
from w2v.remote.addresses import located
from w2v.word_lists import read_word_list
from w2v_cli.output import check_results, say, shown_name
from w2v_cli.values import FILE, WHOLE_NUMBER, Choice
from w2v_cli.wording import in_options

Command = TypeVar("Command", bound=Callable[..., Any])


def vector_options(command: Command) -> Command:
    """Add the options of all queries: which vectors to read and how, and --json."""
    options = [
        click.option(
            "-v", "--vectors", type=FILE, metavar="FILE",
            help="File of word vectors in any format that w2v reads, perhaps compressed."
            "  [default: $W2V_VECTORS, else the vectors trained last]",
        ),
        reading_options,
        click.option(
            "--dtype", type=Choice(["float32", "float16", "int8"]), default="float32",
            show_default=True,
            help="How to hold the numbers in memory: float16 takes half as much as float32 and int8"
            " a quarter, and queries become a little less exact.",
        ),
        click.option(
            "--mmap", is_flag=True,
            help="Map the file, and read only what a query needs; for .safetensors and .npy.",
        ),
        click.option("--json", "as_json", is_flag=True, help="Print one line of JSON."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def reading_options(command: Command) -> Command:
    """Add the options that say how a file of vectors is read."""
    options = [
        click.option(
            "--limit", type=WHOLE_NUMBER, metavar="N",
            help="Read only the first N vectors of the file, 1 or more: the commonest words."
            "  [default: all]",
        ),
        click.option(
            # WORDS are the arguments of some commands.
            "--words", "word_list", type=FILE, metavar="FILE",
            help="Read only the vectors of the words in this file, which has one on each line."
            "  [default: all]",
        ),
        click.option(
            "--invalid-utf8", type=Choice(["error", "replace", "ignore"]), default="error",
            show_default=True,
            help="What to do about words in the file that are not valid UTF-8.",
        ),
        click.option(
            "--on-defect", type=Choice(["error", "skip"]), default="error",
            show_default=True,
            help="What to do about damaged entries and repeated words in the file.",
        ),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def read_vectors(
    vectors: str | None, limit: int | None, word_list: str | None, **options: Any
) -> w2v.KeyedVectors:
    """Read the vectors that the options name, and say on standard error which they are.

    Parameters
    ----------
    vectors : str or None
        The file that -v names.
    limit : int or None
        Read at most this many vectors, 1 or more.
    word_list : str or None
        A file with the words to read.
    **options
        Further arguments of `w2v.load`.

    Raises
    ------
    W2VError
        There is no file of vectors, or it cannot be read.
    """
    check_limit(limit)
    wanted = read_words(word_list)
    path, origin = _choose(vectors)
    check_results(path, *([] if word_list is None else [word_list]))
    say(f"Reading {shown_name(path)}{origin}", err=True)
    with warnings_shown():
        found = w2v.load(path, limit=limit, words=wanted, **options)
    report_missing(word_list, wanted, len(found))
    return found


def report_missing(word_list: str | None, wanted: list[str] | None, found: int) -> None:
    """Say on standard error how many of the words to read were missing, if any."""
    total = len(set(wanted or ()))
    if found < total:
        say(f"{total - found} of the {total} words in {word_list} are not there", err=True)


def check_limit(limit: int | None) -> None:
    """Raise ConfigError unless there is no limit or one of 1 or more."""
    if limit is not None and limit < 1:
        raise w2v.ConfigError(f"--limit must be a whole number of 1 or more, not {limit}.")


@contextlib.contextmanager
def warnings_shown() -> Iterator[None]:
    """Print the library's warnings on standard error, a line each, if the work succeeds."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    context = click.get_current_context(silent=True)
    for warning in caught:
        sentence = in_options(warning.message, context.command if context else None)
        say(f"Warning: {sentence}", err=True)


def read_words(word_list: str | None) -> list[str] | None:
    """Return the words in a file, one on each line, which may hold spaces; None without a file."""
    return None if word_list is None else read_word_list(located(word_list))


def vector_path(given: str | None) -> str:
    """Return the file of vectors that -v names, or that is read without it."""
    return _choose(given)[0]


def find_index(given: str | None) -> Path:
    """Return the index that lies beside the vectors; raise W2VError where it is missing."""
    path = w2v.index_path(vector_path(given))
    if not path.exists():
        raise w2v.W2VError(
            f"There is no index {path}; build it with 'w2v index', or ask without --approximate."
        )
    return path


def _choose(given: str | None) -> tuple[str, str]:
    """Return the file to read, and the origin of its name for a message."""
    if given is not None:
        return given, ""
    if named := os.environ.get("W2V_VECTORS"):
        return named, " (from $W2V_VECTORS)"
    last = _recall()
    if last is None:
        raise w2v.W2VError(
            "There are no vectors to ask: name a file of vectors with -v, or train some first,"
            " as in 'w2v train toy'."
        )
    if not last.exists():
        raise w2v.W2VError(
            f"The vectors trained last, {last}, are not there any more: name a file of vectors"
            " with -v, or train again."
        )
    return _shown(last), " (trained last)"


def _shown(path: Path) -> str:
    """Return a path as text; relative to the current directory if it lies in there."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def check_output_name(output: str) -> None:
    """Raise W2VError where the output that the user gave does not name a file."""
    if output == "-":
        raise w2v.W2VError("Vectors are not written to standard output; name a file to write.")
    if not output or output.endswith((os.sep, "/")):
        raise w2v.W2VError(f"The output {output!r} names no file; add a name, as in vectors.bin.")


def remember(path: Path) -> None:
    """Note a file as the vectors trained last; warn if that fails."""
    try:
        note = _note()
        note.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(note) as stream:
            stream.write(os.fsencode(str(path.resolve())))
    except (OSError, w2v.W2VError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error).rstrip(".")
        say(
            f"Warning: cannot remember {path} as the vectors trained last ({reason});"
            f" name it in queries, as in -v {path}.",
            err=True,
        )


def _recall() -> Path | None:
    try:
        return located(os.fsdecode(_note().read_bytes()))
    except OSError:
        return None


def _note() -> Path:
    from platformdirs import user_state_path  # noqa: PLC0415  (only when nothing else is named)

    return user_state_path("w2v") / "last-vectors"
