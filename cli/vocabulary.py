"""The command `vocabulary`: text in, its words with their counts out."""

from __future__ import annotations

from typing import Any, Literal

import click

import w2v
from w2v.files import try_writing
from w2v.places import NamedFile, check_apart
from w2v.remote.addresses import located
from w2v_cli import interrupt
from w2v_cli.output import check_results, say, say_lines, shown_name
from w2v_cli.streams import standard_input
from w2v_cli.train_options import column_option, invalid_utf8_option, text_options
from w2v_cli.values import FILE
from w2v_cli.vector_file import warnings_shown


@click.command(
    short_help="Count the words of a text.",
    epilog="""\b
Examples:
  w2v vocabulary text8 | head
  w2v vocabulary 'part-*.txt' -o words.txt --tokenizer words --lower
  w2v train part-1.txt --vocabulary words.txt --tokenizer words --lower
""",
)
@click.argument("corpus", nargs=-1, required=True, type=FILE, metavar="CORPUS...")
@click.option(
    "-o", "--output", type=FILE, metavar="FILE",
    help="File to write, compressed where its name ends in .gz, .bz2, .xz, .zst or .zip."
    "  [default: standard output]",
)  # fmt: skip
@text_options("tokenizer", "lower", "min_count", "max_vocabulary", "counting_memory", "workers")
@invalid_utf8_option
@column_option
def vocabulary(
    corpus: tuple[str, ...],
    output: str | None,
    invalid_utf8: Literal["error", "replace"] | None,
    column: str | None,
    **options: Any,
) -> None:
    """Write the words that training would give vectors to, with their counts, the commonest first.

    CORPUS is as in 'w2v train'. A line holds a word and its count, as in the vocabularies of
    word2vec.c.
    """
    interrupt.state.outcome = "nothing was written"
    settings = {name: value for name, value in options.items() if value is not None}
    text = w2v.open_corpus(*corpus, invalid_utf8=invalid_utf8 or "error", column=column)
    if output is None:
        check_results(*map(str, text.paths))
    else:
        target = NamedFile(located(output), "the vocabulary")
        read = [*text.paths, *standard_input(corpus)]
        check_apart([NamedFile(path, "the corpus") for path in read], [target])
        try_writing(target.path)
    with warnings_shown():
        counted = w2v.count_words(text, **settings)
    if output is None:
        say_lines(f"{word} {count}" for word, count in counted.items())
        return
    w2v.save_vocabulary(output, counted)
    say(
        f"Wrote {shown_name(output)}: {len(counted):,} words, seen {sum(counted.values()):,} times",
        err=True,
    )
