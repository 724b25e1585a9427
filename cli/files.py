"""The commands about files of vectors: convert, info, check."""

from typing import Any

import click

import w2v
from w2v_cli import interrupt
from w2v_cli.output import check_results, print_fields, print_json, say, shown_name, to_json
from w2v_cli.values import FILE
from w2v_cli.vector_file import (
    check_limit,
    check_output_name,
    read_words,
    reading_options,
    report_missing,
    warnings_shown,
)


class _FormatOption(click.Option):
    """An option whose help lists the formats."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option's line in the help of its command."""
        known = "; ".join(f"{name}: {about}" for name, about in w2v.output_formats().items())
        self.help = f"Format of OUT. {known}.  [default: by the suffix of OUT]"
        return super().get_help_record(ctx)


@click.command(
    short_help="Write vectors in another format.",
    epilog="""\b
Examples:
  w2v convert GoogleNews-vectors-negative300.bin.gz common.txt --limit 100000
  w2v convert vectors.bin vectors.tsv           for the Embedding Projector
  w2v convert damaged.vec sound.bin --on-defect skip
""",
)
@click.argument("source", type=FILE, metavar="IN")
@click.argument("target", type=FILE, metavar="OUT")
@click.option("--to", metavar="FORMAT", cls=_FormatOption)
@click.option("--normalize", is_flag=True, help="Scale each vector to length 1.")
@reading_options
def convert(
    source: str, target: str, limit: int | None, word_list: str | None, **options: Any
) -> None:
    """Read the vectors of IN, whatever their format, and write them to OUT.

    OUT is compressed if its name ends in .gz, .bz2, .xz, .zst or .zip. It cannot be IN itself.
    A full model gives its vectors and counts alone.
    """
    check_output_name(target)
    check_limit(limit)
    words = read_words(word_list)
    interrupt.state.outcome = "nothing was written"
    say(f"Reading {shown_name(source)}", err=True)
    with warnings_shown():
        done = w2v.convert(
            source,
            target,
            limit=limit,
            words=words,
            also_read=[word_list] if word_list else [],
            **options,
        )
    names = " and ".join(map(str, done.files))
    counts = {"kept": ", with counts", "not kept": "; it keeps no counts"}.get(done.counts, "")
    size = f"{done.words:,} words, {done.vector_size:,} numbers each"
    ngrams = "; the n-grams stay behind" if done.had_ngrams else ""
    say(f"Wrote {names}: {size}, format {done.format}{counts}{ngrams}", err=True)
    report_missing(word_list, words, done.words)


_json_option = click.option("--json", "as_json", is_flag=True, help="Print one line of JSON.")


@click.command(
    short_help="Show the format, size and more of a file of vectors.",
    epilog="""\b
Example:
  w2v info GoogleNews-vectors-negative300.bin.gz
""",
)
@click.argument("file", type=FILE)
@_json_option
def info(file: str, as_json: bool) -> None:
    """Print the format and size of FILE, its first words and the lengths of its vectors.

    The whole file is read, but little of it is kept in memory.
    """
    check_results(file)
    found = w2v.describe_file(file)
    if as_json:
        print_json(found.as_dict())
        return
    print_fields(found.facts())


@click.command(
    short_help="List every defect of a file of vectors.",
    epilog="""\b
Example:
  w2v check vectors.vec && w2v convert vectors.vec vectors.bin
""",
)
@click.argument("file", type=FILE)
@_json_option
def check(file: str, as_json: bool) -> None:
    """List every defect of FILE with its entry and byte offset; exit with 1 if there are any.

    These are defects: words that are empty, repeated, not UTF-8 or hold white space; vectors that
    are all zeros, hold numbers that are not finite or have a length that no training gives; and a
    file that is cut off, or has not as many entries as its header says. Byte offsets are those
    after decompression.
    """
    check_results(file)
    found = w2v.check_file(file)
    if as_json:
        _print_json(file, found)
    else:
        for defect in found:
            say(str(defect))
        say(_summary(file, found))
    if found.kinds:
        raise click.exceptions.Exit(1)


def _summary(file: str, found: w2v.FileCheck) -> str:
    file = shown_name(file)
    if not found.kinds:
        return f"{file}: {found.entries:,} entries, no defects"
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in found.kinds.most_common())
    total = found.kinds.total()
    plural = "" if total == 1 else "s"
    return f"{file}: {found.entries:,} entries, {total:,} defect{plural} ({kinds})"


def _print_json(file: str, found: w2v.FileCheck) -> None:
    """Print one line piece by piece: there may be as many defects as entries."""
    click.echo(f'{{"file": {to_json(shown_name(file))}, "defects": [', nl=False)
    separator = ""
    for defect in found:
        about = {
            "kind": defect.kind,
            "entry": defect.entry,
            "offset": defect.offset,
            "word": defect.word,
            "problem": defect.problem,
        }
        click.echo(separator + to_json(about), nl=False)
        separator = ", "
    click.echo(f'], "entries": {found.entries}, "kinds": {to_json(dict(found.kinds))}}}')
