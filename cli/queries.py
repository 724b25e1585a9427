"""The queries on word vectors: analogy, similar, distance, odd."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import click

import w2v
from w2v.tables import number
from w2v.word_lists import read_words
from w2v_cli.output import print_json, print_table, say
from w2v_cli.values import WHOLE_NUMBER
from w2v_cli.vector_file import find_index, read_vectors, vector_options

_count_option = click.option(
    "-n", "--count", type=WHOLE_NUMBER, default=10, show_default=True, metavar="N",
    help="How many words to list, 1 or more.",
)  # fmt: skip

_approximate_option = click.option(
    "--approximate", is_flag=True,
    help="Search with the index that 'w2v index' built, which finds most of the nearest words.",
)  # fmt: skip


@click.command(
    short_help="Answer 'A is to B as ? is to C': king man woman gives queen.",
    epilog="""\b
Examples:
  w2v analogy king man woman -n 3      king − man + woman: queen and two more
  w2v analogy king man woman --cosmul
""",
)
@click.argument("a")
@click.argument("b")
@click.argument("c")
@click.option(
    "--cosmul",
    is_flag=True,
    help="Multiply the three similarities (3CosMul) instead of adding them, so that no single one"
    " decides.",
)
@_count_option
@_approximate_option
@vector_options
def analogy(
    a: str, b: str, c: str, cosmul: bool, count: int, approximate: bool, as_json: bool,
    **source: Any,
) -> None:  # fmt: skip
    """List the words nearest to A − B + C, the nearest first, with their cosine similarity.

    'w2v analogy king man woman' asks which word is to woman as king is to man. The three words
    themselves are not listed.
    """
    _check_count(count)
    if cosmul and approximate:
        raise w2v.ConfigError("An index cannot search with --cosmul; leave out --approximate.")
    vectors, index = _read(approximate, source)
    if cosmul:
        found = vectors.most_similar_cosmul([a, c], [b], topn=count)
    else:
        found = vectors.most_similar([a, c], [b], topn=count, indexer=index)
    _print_neighbours(found, as_json)


@click.command(
    short_help="List the nearest neighbours of a word.",
    epilog="""\b
Examples:
  w2v similar cat
  w2v similar cat dog -n 5 --json      nearest to the mean of the two
  w2v similar --each cat dog -n 5      the neighbours of each
""",
)
@click.argument("words", nargs=-1, required=True, metavar="WORD...")
@click.option(
    "--each",
    is_flag=True,
    help="List the neighbours of each word, not of their mean.",
)
@_count_option
@_approximate_option
@vector_options
def similar(
    words: tuple[str, ...], each: bool, count: int, approximate: bool, as_json: bool, **source: Any
) -> None:
    """List the words nearest to WORD by cosine similarity, the nearest first.

    For several words, list the words nearest to the mean of their vectors. The words given are not
    listed. '-' alone stands for the words on standard input.
    """
    _check_count(count)
    asked = _asked(words)
    vectors, index = _read(approximate, source)
    if each:
        found = vectors.most_similar_batch(asked, topn=count, indexer=index)
        _print_neighbours_of_each(asked, found, as_json)
    else:
        _print_neighbours(vectors.most_similar(list(asked), topn=count, indexer=index), as_json)


@click.command(
    short_help="Print how far words are from each other.",
    epilog="""\b
Examples:
  w2v distance cat dog
  w2v distance cat dog car             all three pairs
""",
)
@click.argument("words", nargs=-1, required=True, metavar="WORD WORD...")
@vector_options
def distance(words: tuple[str, ...], as_json: bool, **source: Any) -> None:
    """Print the cosine distance and the Euclidean distance of each pair of the words.

    The cosine distance is 1 minus the cosine of the angle between the two vectors, from 0 to 2;
    the Euclidean distance is the length of their difference, 0 or more. '-' alone stands for the
    words on standard input.
    """
    words = _asked(words, 2)
    vectors = read_vectors(**source)
    found = [
        (pair, vectors.distance(*pair), vectors.euclidean_distance(*pair))
        for pair in combinations(words, 2)
    ]
    if as_json:
        keys = ("words", "cosine_distance", "euclidean_distance")
        print_json([dict(zip(keys, row, strict=True)) for row in found])
    else:
        rows = [
            (" – ".join(pair), number(cosine), number(euclid)) for pair, cosine, euclid in found
        ]
        print_table([("words", "cosine", "Euclidean"), *rows])


@click.command(
    short_help="Print the word that does not belong to the others.",
    epilog="""\b
Example:
  w2v odd breakfast cereal dinner lunch
""",
)
@click.argument("words", nargs=-1, required=True, metavar="WORD WORD WORD...")
@vector_options
def odd(words: tuple[str, ...], as_json: bool, **source: Any) -> None:
    """Print the one of three or more words that is farthest from the mean of their vectors.

    '-' alone stands for the words on standard input.
    """
    words = _asked(words, 3)
    word = read_vectors(**source).doesnt_match(words)
    if as_json:
        print_json({"word": word})
    else:
        say(str(word))


def _read(
    approximate: bool, source: dict[str, Any]
) -> tuple[w2v.KeyedVectors, w2v.VectorIndex | None]:
    """Read the vectors and, with `approximate`, the index beside them."""
    path = find_index(source["vectors"]) if approximate else None
    vectors = read_vectors(**source)
    return vectors, None if path is None else w2v.load_index(path, vectors)


def _check_count(count: int) -> None:
    if count < 1:
        raise w2v.ConfigError(f"-n must be a whole number of 1 or more, not {count}.")


def _asked(words: tuple[str, ...], least: int = 1) -> tuple[str, ...]:
    """Return the words given, or for a lone "-" those on standard input: `least` or more."""
    asked = tuple(_read_words()) if words == ("-",) else words
    if len(asked) < least:
        raise click.UsageError(
            f"This command takes {least} words or more, but {len(asked)} were given."
        )
    return asked


def _read_words() -> list[str]:
    if sys.stdin is None:
        raise w2v.W2VError("There is no standard input to read the words '-' from.")
    if sys.stdin.isatty():
        say("Reading words from standard input (end it with Ctrl-D)", err=True)
    try:
        with click.open_file("-", encoding="utf-8", errors="replace") as stream:
            found = read_words(stream, "Standard input")
    except OSError as error:
        raise w2v.W2VError(f"Cannot read standard input: {error.strerror or error}.") from error
    if not found:
        raise w2v.ConfigError("Standard input holds no words; write some, as in 'echo cat dog'.")
    return found


def _print_neighbours(neighbours: list[tuple[str, float]], as_json: bool) -> None:
    if as_json:
        print_json(_as_objects(neighbours))
    else:
        print_table([(word, number(value)) for word, value in neighbours])


def _print_neighbours_of_each(
    words: Sequence[str], found: list[list[tuple[str, float]]], as_json: bool
) -> None:
    pairs = zip(words, found, strict=True)
    if as_json:
        print_json([{"word": word, "neighbours": _as_objects(near)} for word, near in pairs])
    else:
        rows = [(word, other, number(value)) for word, near in pairs for other, value in near]
        print_table(rows, flush_left=2)


def _as_objects(neighbours: list[tuple[str, float]]) -> list[dict[str, Any]]:
    return [{"word": word, "similarity": value} for word, value in neighbours]
