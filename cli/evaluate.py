"""The command that scores vectors on test sets."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, TypeAlias

import click
from click.core import ParameterSource

import w2v
from w2v.tables import number
from w2v_cli.output import check_results, print_json, print_table, say, shown_name
from w2v_cli.progress import show_log
from w2v_cli.values import FILE, WHOLE_NUMBER
from w2v_cli.vector_file import read_vectors, vector_options


@click.command(
    short_help="Score vectors on analogy and similarity test sets.",
    epilog="""\b
Examples:
  w2v evaluate questions-words wordsim353
  w2v evaluate my-pairs.tsv -v text8.bin --json
""",
)
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="SET...")
@click.option(
    "--restrict-vocab", type=WHOLE_NUMBER, default=30_000, show_default=True, metavar="N",
    help="In analogies, use only the N commonest words of the vectors, 1 or more.",
)  # fmt: skip
@vector_options
def evaluate(files: tuple[str, ...], restrict_vocab: int, as_json: bool, **source: Any) -> None:
    """Score the vectors on each SET: an analogy or a similarity set, recognised by its content.

    SET is a file, or questions-words, wordsim353 or simlex999. These known sets are looked for in
    the directories of $W2V_CORPORA and in the cache, and else downloaded once.

    An analogy set has sections: a line ': name', then lines of four words. For each section the
    command prints how many questions were answered, and how many correctly. A similarity set has
    two words and a score on each line. For it the command prints how well the similarities agree
    with the scores: Spearman's rank correlation and Pearson's correlation.
    """
    check_results(*files)
    show_log("w2v_corpora")  # a download takes a while
    vectors = read_vectors(**source)
    results = []
    for file in files:
        scores = w2v.evaluate(vectors, file, restrict_vocab)
        results.append({"file": shown_name(file), **_as_dict(scores, restrict_vocab)})
        if not as_json:
            _print_scores(shown_name(file), scores, min(restrict_vocab, len(vectors)))
    is_given = click.get_current_context().get_parameter_source("restrict_vocab")
    if is_given is ParameterSource.COMMANDLINE and all("pairs_used" in each for each in results):
        say("Warning: --restrict-vocab has no effect on similarity sets", err=True)
    if as_json:
        print_json(results)


Scores: TypeAlias = "w2v.AnalogyScores | w2v.SimilarityScores"


def _print_scores(file: str, scores: Scores, searched: int) -> None:
    if isinstance(scores, w2v.SimilarityScores):
        say(f"{file}: similarities")
        pairs = f"{scores.pairs_used} pairs, {scores.pairs_missing} more with a missing word"
        say(f"Spearman {number(scores.spearman)}  Pearson {number(scores.pearson)}  {pairs}")
        return
    say(f"{file}: analogies among the {searched:,} commonest words")
    heads = ("section", "asked", "answered", "correct", "skipped", "accuracy")
    print_table([heads, *map(_row, [*scores.sections, *_sums(scores)])])


def _row(section: w2v.AnalogySection) -> tuple[str, ...]:
    counts = (section.asked, section.answered, section.correct, section.skipped)
    accuracy = f"{100 * section.accuracy:.1f} %" if section.answered else "–"
    return section.name, *(f"{count:,}" for count in counts), accuracy


def _sums(scores: w2v.AnalogyScores) -> list[w2v.AnalogySection]:
    return [scores.semantic, scores.syntactic, scores.total]


def _as_dict(scores: Scores, restrict_vocab: int) -> dict[str, Any]:
    if isinstance(scores, w2v.SimilarityScores):
        return {"kind": "similarities", **asdict(scores)}
    return {
        "kind": "analogies",
        "restrict_vocab": restrict_vocab,
        "sections": [_section_as_dict(section) for section in scores.sections],
        **{part.name: _section_as_dict(part) for part in _sums(scores)},
    }


def _section_as_dict(section: w2v.AnalogySection) -> dict[str, Any]:
    """Return the counts of a section; the accuracy is from 0 to 1, None without an answer."""
    accuracy = section.accuracy if section.answered else None
    return {**asdict(section), "skipped": section.skipped, "accuracy": accuracy}
