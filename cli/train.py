"""The command `train`: text in, a file of vectors out."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import click

import w2v
from w2v.characters import printable
from w2v.remote.addresses import located
from w2v.tables import number
from w2v_cli import interrupt
from w2v_cli.event_log import EventLog, check_log
from w2v_cli.output import say, shown_name
from w2v_cli.progress import Display, show_log
from w2v_cli.resuming import check_unnamed, files_to_write, sealed
from w2v_cli.streams import standard_input
from w2v_cli.train_options import (
    RUN_OPTIONS,
    START_OPTIONS,
    USED_FILES,
    column_option,
    invalid_utf8_option,
    training_options,
)
from w2v_cli.values import FILE
from w2v_cli.vector_file import check_output_name, remember, warnings_shown


@click.command(
    short_help="Train word vectors on a text.",
    epilog="""\b
Examples:
  w2v train text8
  w2v train 'articles/*.txt.gz' -o articles.bin --vector-size 200
  zcat news.gz | w2v train - -o news.bin --log news.jsonl --quiet
  w2v train text8 --checkpoint text8.checkpoints
  w2v train --resume text8.checkpoints
""",
)
@click.argument("corpus", nargs=-1, type=FILE, metavar="CORPUS...")
@click.option(
    "-o", "--output", type=FILE, metavar="FILE",
    help="File to write; the end of its name chooses the format, as in 'w2v convert'. .bin or none:"
    " word2vec's binary format, which every tool reads. .safetensors: the full model, with output"
    " vectors, counts and settings. A further .gz or the like compresses."
    "  [default: CORPUS.bin in the current directory]",
)  # fmt: skip
@training_options
@invalid_utf8_option
@column_option
@click.option(
    "--log", type=FILE, metavar="FILE",
    help="Also write all events to FILE, one JSON object on each line; replaces an old log."
    "  [default: no log]",
)  # fmt: skip
@click.option(
    "--quiet", is_flag=True, help="Show no progress and no summary, only warnings and errors."
)
def train(
    corpus: tuple[str, ...],
    output: str | None,
    resume: str | None,
    invalid_utf8: Literal["error", "replace"] | None,
    column: str | None,
    log: str | None,
    quiet: bool,
    **options: Any,
) -> None:
    """Train word vectors on CORPUS and write them to a file.

    CORPUS is a file, several files, a directory, a pattern such as 'data/*.txt', '-' for standard
    input, or a known name: text8 (Wikipedia, 17 million words, downloaded once) or toy (built in).
    Files are UTF-8 text, with words separated by white space and a sentence or paragraph on each
    line, or have the text in a column (see --column); they may be compressed (.gz, .bz2, .xz, .zst,
    .zip).

    Ctrl-C, SIGTERM and a closed terminal end the training. Then no vectors are written, only
    checkpoints.
    """
    settings = {name: value for name, value in options.items() if value not in (None, ())}
    run = {name: settings.pop(name) for name in RUN_OPTIONS if name in settings}
    start = {name: settings.pop(name) for name in START_OPTIONS if name in settings}
    run |= {name: path for name, path in (("output", output), ("log", log)) if path is not None}
    checkpoint = None if resume is None else w2v.read_checkpoint(resume)
    w2v.check_settings(**settings, **start, **_of_training(run), resume=resume)  # before reading
    if checkpoint is None:
        _check_named(output, corpus)
    else:
        run = {**files_to_write(checkpoint, run), **run}
    used = {"resume": resume, **{name: run[name] for name in USED_FILES if name in run}}
    used |= {name: start[name] for name in USED_FILES if name in start}
    if checkpoint is not None:
        used.setdefault("evaluate", checkpoint.evaluation.sets)
    if "output" in run:  # before opening the corpus, which may read it
        w2v.check_output(run["output"], standard_input(corpus), **used)
    if "log" in run:
        check_log(run["log"])
    interrupt.state.outcome = "nothing was written"
    text = _open(corpus, invalid_utf8, column, checkpoint, quiet)
    del checkpoint  # frees its matrices; training reads them again
    target = _target(run.get("output"), text)
    w2v.check_output(target, [*text.paths, *standard_input(corpus)], **used)
    if "output" not in run and resume is not None:
        check_unnamed(target)
    elif "output" not in run:
        _announce(target, quiet)
    with warnings_shown(), Display(quiet) as display:
        model = _train(text, {**settings, **start}, run, resume, target, display)
        w2v.save_finished(model, target)
    interrupt.state.outcome = printable(f"{target} was written")
    remember(target)
    _show_summary(display, model, target)


def _of_training(run: dict[str, Any]) -> dict[str, Any]:
    """Return the options of the run that `w2v.train` takes: all but output and log."""
    return {name: run[name] for name in RUN_OPTIONS if name in run}


def _check_named(output: str | None, corpus: tuple[str, ...]) -> None:
    """Refuse a command line without a corpus, or without an output where one is needed."""
    if not corpus:
        raise click.UsageError(
            "Missing CORPUS: name a file, a known text such as text8 or toy, or - for standard"
            " input."
        )
    if output is None:
        if len(corpus) > 1 or corpus == ("-",):
            raise _no_name()
    else:
        check_output_name(output)


def _open(
    corpus: tuple[str, ...],
    invalid_utf8: Literal["error", "replace"] | None,
    column: str | None,
    checkpoint: w2v.Checkpoint | None,
    quiet: bool,
) -> w2v.Corpus:
    again = checkpoint if not corpus else None
    if again is not None and again.corpus is not None:
        corpus = tuple(again.corpus.sources)
    if corpus and not quiet:
        end = " (end it with Ctrl-D)" if "-" in corpus and sys.stdin and sys.stdin.isatty() else ""
        names = ", ".join(
            "standard input" if name == "-" else shown_name(name) for name in corpus[:3]
        )
        more = f" and {len(corpus) - 3} more" if len(corpus) > 3 else ""
        say(f"Reading {names}{more}{end}", err=True)
        show_log("w2v_corpora")  # a download takes a while
    if again is not None:
        return again.open_corpus(invalid_utf8, column)
    return w2v.open_corpus(*corpus, invalid_utf8=invalid_utf8 or "error", column=column)


def _target(output: str | None, corpus: w2v.Corpus) -> Path:
    if output is not None:
        return located(output)
    if corpus.name is None:
        raise _no_name()
    return Path(f"{corpus.name}.bin")


def _announce(target: Path, quiet: bool) -> None:
    """Say what the default output will replace; raise W2VError where it must not."""
    replaced = w2v.check_default_output(target)
    if replaced is not None and not quiet:
        say(f"{target} will be replaced: {replaced}", err=True)


def _no_name() -> click.UsageError:
    return click.UsageError(
        "Several files, a pattern or standard input give no name for the vectors: name the file"
        " to write, as in -o vectors.bin."
    )


def _kept(run: dict[str, Any], target: Path) -> dict[str, str]:
    """Return the notes for checkpoints: the absolute names of the output and the log."""
    paths = {"output": target, **({"log": run["log"]} if "log" in run else {})}
    return sealed({name: str(located(path).absolute()) for name, path in paths.items()})


def _train(
    corpus: w2v.Corpus,
    settings: dict[str, Any],
    run: dict[str, Any],
    resume: str | None,
    target: Path,
    display: Display,
) -> w2v.Model:
    """Train, and send the events to the display and the log."""
    listeners: list[Callable[[w2v.Event], None]] = [display.show, _watch_checkpoints]
    with contextlib.ExitStack() as stack:
        if "log" in run:
            mode: Literal["w", "a"] = "w" if resume is None else "a"
            events = stack.enter_context(contextlib.closing(EventLog(run["log"], mode)))
            listeners.append(events.write)

        def emit(event: w2v.Event) -> None:
            for listener in listeners:
                listener(event)

        options = _of_training(run)
        if "checkpoint" in run or resume is not None:
            options["notes"] = _kept(run, target)
        try:
            return w2v.train(
                corpus,
                on_event=emit,
                resume=resume,
                **options,
                **settings,
            )
        except w2v.TrainingError as error:  # the ledger does not add up
            w2v.save_finished(error.model, target)
            raise


def _watch_checkpoints(event: w2v.Event) -> None:
    """Once there is a checkpoint, a message about an interruption says how to go on."""
    if isinstance(event, (w2v.Checkpointed, w2v.Resumed)):
        directory = Path(event.path).parent
        interrupt.state.outcome = printable(f"'w2v train --resume {directory}' goes on")


def _show_summary(display: Display, model: w2v.Model, target: Path) -> None:
    vectors, summary = model.vectors, model.summary
    held_out = "" if summary.held_out_loss is None else f", held out {summary.held_out_loss:.3f}"
    if summary.done < 1:
        display.say(f"Stopped early, after {100 * summary.done:.0f} % of the work")
    display.say(
        f"Wrote {target}: {len(vectors):,} words, {vectors.vector_size:,} numbers each; trained in"
        f" {summary.train_seconds:.1f} s ({w2v.speed_text(summary.words_per_second)}), loss"
        f" {number(summary.loss, 3)}{held_out}"
    )
    display.say(f"Now ask: w2v {_question(vectors)}")


def _question(vectors: w2v.KeyedVectors) -> str:
    """Return a query that these vectors can answer."""
    if all(word in vectors for word in ("king", "man", "woman")):
        return "analogy king man woman"
    common = vectors.index_to_key
    words = filter(str.isalpha, [*common[100:], *common])  # the very commonest say little
    return f"similar {next(words, 'WORD')}"
