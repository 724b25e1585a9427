"""The command `phrases`: a text in, the same text with its phrases joined out."""

from __future__ import annotations

import time
from typing import Any, Literal

import click

import w2v
from w2v.places import NamedFile, check_apart
from w2v.remote.addresses import located
from w2v_cli import interrupt
from w2v_cli.output import say, shown_name
from w2v_cli.progress import Display
from w2v_cli.streams import standard_input
from w2v_cli.train_options import column_option, invalid_utf8_option, text_options
from w2v_cli.values import FILE, NUMBER, WHOLE_NUMBER, Choice
from w2v_cli.vector_file import warnings_shown


@click.command(
    short_help="Join phrases such as new_york in a text.",
    epilog="""\b
Examples:
  w2v phrases news.txt -o joined.txt
  w2v phrases news.txt -o joined.txt.gz --rounds 2 --connector-words english
  w2v phrases news.txt -o joined.txt --save phrases.tsv
  w2v phrases more.txt -o more-joined.txt --phrases phrases.tsv
""",
)
@click.argument("corpus", nargs=-1, required=True, type=FILE, metavar="CORPUS...")
@click.option(
    "-o", "--output", type=FILE, metavar="OUT", required=True,
    help="File to write, a sentence on each line; compressed where its name ends in .gz, .bz2, .xz,"
    " .zst or .zip.",
)  # fmt: skip
@click.option(
    "--rounds", type=WHOLE_NUMBER, metavar="N",
    help="Rounds of joining, 1 to 3; a further one joins words of the one before.  [default: 1]",
)  # fmt: skip
@click.option(
    "--scoring", type=Choice(["original", "npmi"]),
    help="Score of phrases: that of Mikolov et al., or pointwise mutual information."
    "  [default: original]",
)  # fmt: skip
@click.option(
    "--threshold", type=NUMBER, metavar="X",
    help="Score above which words are a phrase; above 0, for npmi from -1 to 1."
    "  [default: 10, for npmi 0.5]",
)  # fmt: skip
@click.option(
    "--min-count", type=WHOLE_NUMBER, metavar="N",
    help="Least count of a phrase; the original score needs one more.  [default: 5]",
)  # fmt: skip
@click.option(
    "--connector-words", metavar="WORDS",
    help='Words that may stand inside a phrase: a list such as "of the", or english.'
    "  [default: none]",
)  # fmt: skip
@click.option("--delimiter", metavar="TEXT", help="What joins the words of a phrase.  [default: _]")
@click.option(
    "--phrases", type=FILE, metavar="FILE",
    help="Join the phrases in this file, which --save wrote; find none.  [default: find them]",
)  # fmt: skip
@click.option(
    "--save", type=FILE, metavar="FILE",
    help="Also write the phrases that were found, with counts and scores.  [default: no file]",
)  # fmt: skip
@text_options("tokenizer", "lower", "workers")
@invalid_utf8_option
@column_option
def phrases(
    corpus: tuple[str, ...],
    output: str,
    phrases: str | None,
    save: str | None,
    invalid_utf8: Literal["error", "replace"] | None,
    column: str | None,
    **options: Any,
) -> None:
    """Find words of CORPUS that often stand together, and write the text with these joined.

    CORPUS is one or more files, a pattern or a known name, as for 'w2v train', which joins phrases
    itself with --phrases. Phrases and scores are those of gensim.
    """
    interrupt.state.outcome = "nothing was written"
    began = time.perf_counter()
    settings = {name: value for name, value in options.items() if value is not None}
    text = w2v.open_corpus(*corpus, invalid_utf8=invalid_utf8 or "error", column=column)
    for path in standard_input(corpus):
        for name in filter(None, (output, save)):
            check_apart([NamedFile(path, "the corpus")], [NamedFile(located(name), "the output")])
    with warnings_shown():
        found = None if phrases is None else w2v.load_phrases(phrases)
        joined = w2v.join_phrases(text, phrases=found, **settings)
        say(f"Reading {joined}", err=True)
        with Display(quiet=False) as display:
            joined.save(output, phrases=save, watch=lambda: _show(joined, display, began))
    if left_out := joined.about_left_out():
        say(left_out, err=True)
    if joined.replaced:
        say(f"{joined.replaced:,} invalid UTF-8 sequences were replaced by U+FFFD", err=True)
    before, after = joined.words
    say(
        f"Wrote {shown_name(output)}: {len(joined.phrases):,} phrases, {before:,} words became"
        f" {after:,}",
        err=True,
    )


def _show(joined: w2v.JoinedCorpus, display: Display, began: float) -> None:
    """Show how far reading the text, or finding phrases in it, is."""
    seconds = time.perf_counter() - began
    number, done = joined.found
    if number:
        display.show(w2v.FindingPhrases(number, joined.settings.rounds, done, seconds))
    else:
        display.show(w2v.Counting(joined.bytes_read, joined.size, seconds))
