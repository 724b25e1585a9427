"""The command `report`: logs of trainings in, a page or a picture out."""

from __future__ import annotations

import click

import w2v
from w2v_cli.output import say, shown_name
from w2v_cli.values import FILE, WHOLE_NUMBER
from w2v_cli.vector_file import warnings_shown


@click.command(
    short_help="Write the report of a training, or of several side by side.",
    epilog="""\b
Examples:
  w2v report text8.jsonl -v text8.bin -o text8.html
  w2v report text8.jsonl -v text8.bin --words 'king paris espresso' -o text8.html
  w2v report small.jsonl large.jsonl -o compared.png
""",
)
@click.argument("logs", nargs=-1, required=True, type=FILE, metavar="LOG...")
@click.option(
    "-o", "--output", type=FILE, metavar="FILE", required=True,
    help="File to write: a page, whose name ends in .html, or a picture of it, .png, which needs"
    " Matplotlib.",
)  # fmt: skip
@click.option(
    "-v", "--vectors", type=FILE, multiple=True, metavar="FILE",
    help="The vectors of the training, for neighbours; with several logs, one for each, in the"
    " same order.  [default: none]",
)  # fmt: skip
@click.option(
    "--words", multiple=True, metavar="WORDS",
    help="Words whose neighbours are listed, separated by white space.  [default: six that all"
    " vectors have]",
)  # fmt: skip
@click.option(
    "-n", "--neighbours", type=WHOLE_NUMBER, default=8, show_default=True, metavar="N",
    help="Neighbours of each word, 1 to 100.",
)  # fmt: skip
@click.option(
    "--evaluate", type=FILE, multiple=True, metavar="SET",
    help="A test set to score the vectors on, as in 'w2v evaluate'; analogies are shown by section"
    " too. Sets that were scored in training are in the log.  [default: none]",
)  # fmt: skip
def report(
    logs: tuple[str, ...],
    output: str,
    vectors: tuple[str, ...],
    words: tuple[str, ...],
    neighbours: int,
    evaluate: tuple[str, ...],
) -> None:
    """Write a report of the training that each LOG records.

    LOG is a file that 'w2v train --log LOG' wrote, or a full model (.safetensors). The log of a
    training that is still running, or was interrupted, is shown as far as it goes.

    The report shows the loss, the scores, the learning rate and the speed as curves, what became of
    the words of the text, how common they are, neighbours of some words, and all settings and
    versions. The page is one file: it needs no network, prints well, and follows the reader's
    choice of light or dark.
    """
    with warnings_shown():
        w2v.report(
            list(logs), output, vectors=list(vectors) or None, evaluate=list(evaluate),
            words=[word for text in words for word in text.split()] or None, neighbours=neighbours,
        )  # fmt: skip
    of = "training" if len(logs) == 1 else f"{len(logs)} trainings"
    say(f"Wrote {shown_name(output)}: the report of {'a ' if len(logs) == 1 else ''}{of}", err=True)
