"""The command that draws a map of the words."""

from __future__ import annotations

import time
import warnings
from typing import Any

import click

import w2v
from w2v.remote.addresses import located
from w2v_cli import interrupt
from w2v_cli.output import print_json, say, shown_name
from w2v_cli.values import FILE, WHOLE_NUMBER, Choice
from w2v_cli.vector_file import read_vectors, vector_options, vector_path

_TOP = 20_000


@click.command(
    "map",
    short_help="Draw a map of the words, as a page to explore or a picture.",
    epilog="""\b
Examples:
  w2v map -o map.html                       the 20,000 commonest words
  w2v map -o map.html --method tsne         near words closer together; takes minutes
  w2v map -o map.png --top 2000
  w2v map -o map.html --words fruit.txt
  w2v map -o map.html --groups animals.txt --groups plants.txt
""",
)
@click.option(
    "-o", "--output", type=FILE, metavar="OUT", required=True,
    help="File to write: .html for a page to explore, which is one file and needs no network; .png"
    " or .svg for a picture.",
)  # fmt: skip
@click.option(
    "--top", type=WHOLE_NUMBER, metavar="N",
    help="Show the N commonest words, 3 or more.  [default: 20000, or all of --words]",
)  # fmt: skip
@click.option(
    "--groups", multiple=True, type=FILE, metavar="FILE",
    help="Colour the words in this file, one on each line, as a group that is named as the file is;"
    " or as the group that stands behind the word and a tab. Repeat it for more groups."
    "  [default: clusters of the vectors]",
)  # fmt: skip
@click.option(
    "--method", type=Choice(["pca", "tsne", "umap"]), default="pca", show_default=True,
    help="How words are laid out: pca takes a moment and shows the large picture; tsne and umap"
    " keep near words together, and need an extra of the same name.",
)  # fmt: skip
@click.option(
    "--seed", type=WHOLE_NUMBER, default=1, show_default=True, metavar="N",
    help="Seed of what is drawn at random, 0 or more.",
)  # fmt: skip
@click.option(
    "--title", metavar="TEXT", help="Heading of the map.  [default: the name of the vectors]"
)
@vector_options
def map_(
    output: str, top: int | None, groups: tuple[str, ...], method: str, seed: int,
    title: str | None, as_json: bool, **source: Any,
) -> None:  # fmt: skip
    """Draw the words on a plane, near each other where their vectors point the same way.

    The page can be searched, moved and zoomed; a word that is chosen shows its ten nearest words
    on the map by cosine. Words are coloured by clusters of their vectors or by --groups, and sized
    by their counts or, where the file of vectors has none, by their order.
    """
    path = vector_path(source["vectors"])
    read = [name for name in (path, source["word_list"], *groups) if name is not None]
    w2v.check_map_output(output, read)
    given = w2v.read_groups(groups) if groups else None
    chooses_all = source["limit"] is None and source["word_list"] is None
    if chooses_all and not _has_counts(path, source):
        source["limit"] = max(top or _TOP, 1)  # the first words count as the commonest
    vectors = read_vectors(**source)
    interrupt.state.outcome = "no map was written"
    started = time.perf_counter()
    shown = vectors.map(
        top=top, words=vectors if source["word_list"] else None, groups=given, method=method,
        seed=seed,
    )  # fmt: skip
    seconds = time.perf_counter() - started
    shown.save(output, title=title or located(path).name)
    _report(shown, output, given, seconds, as_json)


def _has_counts(path: str, source: dict[str, Any]) -> bool:
    """Return whether a file has the counts of its words, which need not be in their order."""
    options = {name: source[name] for name in ("invalid_utf8", "on_defect")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the same come when all of the words are read
        return w2v.load(path, limit=1, **options).counts is not None


def _report(
    shown: w2v.WordMap, output: str, given: dict[str, str] | None, seconds: float, as_json: bool
) -> None:
    size = located(output).stat().st_size
    if as_json:
        print_json(
            {
                "file": shown_name(output),
                "words": len(shown),
                "groups": shown.groups.names,
                "method": shown.method,
                "bytes": size,
                "seconds": seconds,
            }
        )
    missing = 0 if given is None else len(set(given) - set(shown.words))
    if missing:
        say(f"{missing:,} of the {len(given or ()):,} words of the groups are not shown", err=True)
    total = len(shown.groups.names)
    kind = ("group" if shown.groups.are_given else "cluster") + ("" if total == 1 else "s")
    say(
        f"Wrote {shown_name(output)}: {len(shown):,} words in {total} {kind}, laid out by"
        f" {shown.method} in {seconds:.1f} s, {size / 1e6:.1f} MB",
        err=True,
    )
