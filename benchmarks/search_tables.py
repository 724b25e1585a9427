"""The tables of a search for defaults: each setting's scores, and their distance from the best."""

import json
import statistics
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from selection import VARIANT_NAMES
from settings import CLASSICAL_EPOCHS, classical_alpha
from tables import markdown
from w2v import TrainConfig
from w2v.training.defaults import LEAST_EPOCHS

Line = dict[str, Any]


def read_lines(path: Path) -> list[Line]:
    """Return the runs in a file, none if it is missing; a line cut short does not count."""
    lines: list[Line] = []
    if path.exists():
        for text in path.read_text(encoding="utf-8").splitlines():
            try:
                lines.append(json.loads(text))
            except ValueError:
                print(f"left out, not a whole line: {text[:60]}", file=sys.stderr)
    return lines


def print_tables(lines: list[Line]) -> None:
    """Print mean ± spread of every setting, and the mean loss of each over all corpora."""
    if lines:
        print(f"\nMeans over seeds; * is the best of its block:\n\n{mean_table(lines)}")
        print(f"Points lost to the best, means over corpora and sizes:\n\n{loss_table(lines)}")


def mean_table(lines: list[Line]) -> str:
    """Return mean ± standard deviation over the seeds, a block a corpus, variant and size."""
    sets = _sets(lines)
    rows = []
    for block, chosen in _grouped(lines, ("corpus", "variant", "vector_size")).items():
        settings = _grouped(chosen, ("epochs", "alpha"))
        best = {name: max(_means(settings, name).values(), default=0.0) for name in sets}
        for (epochs, alpha), runs in sorted(settings.items()):
            cells = [_shown(runs, name, best[name]) for name in sets]
            seconds = statistics.median(run["seconds"] for run in runs)
            labels = [*map(str, block), str(epochs), f"{alpha:g}", str(len(runs))]
            rows.append([*labels, f"{seconds:.1f}", *cells])
    head = ["corpus", "variant", "d", "epochs", "alpha", "runs", "seconds"]
    return markdown([*head, *sets], rows)


def loss_table(lines: list[Line]) -> str:
    """Return how far a setting stays behind the best of as many epochs, in hundredths.

    Only settings that were tried in every block of the variant can be compared.
    """
    sets = _sets(lines)
    rows = []
    for (variant, epochs), chosen in sorted(_grouped(lines, ("variant", "epochs")).items()):
        blocks = _grouped(chosen, ("corpus", "vector_size"))
        for (alpha,), runs in sorted(_grouped(chosen, ("alpha",)).items()):
            if len(_grouped(runs, ("corpus", "vector_size"))) < len(blocks):
                continue
            cells = [_mean_loss(blocks.values(), alpha, name) for name in sets]
            rows.append([variant, str(epochs), f"{alpha:g}", str(len(blocks)), *cells])
    return markdown(["variant", "epochs", "alpha", "blocks", *sets], rows)


def gain_table(lines: list[Line]) -> str:
    """Return each corpus's first score with word2vec.c's epochs and alpha, and with w2v's own."""
    rows = []
    for (corpus, size), chosen in sorted(_grouped(lines, ("corpus", "vector_size")).items()):
        name, _, words = corpus.partition("@")
        cells = []
        for variant in VARIANT_NAMES:
            architecture, _, loss = variant.partition("-")
            own = TrainConfig.of({"architecture": architecture, "loss": loss})
            settings = (
                (CLASSICAL_EPOCHS, classical_alpha(variant)),
                (LEAST_EPOCHS, own.learning_rate),
            )
            cells.append(" → ".join(_score(chosen, variant, *setting) for setting in settings))
        rows.append([f"{f'{words} words of ' if words else ''}{name}, d={size}", *cells])
    return markdown(["", *VARIANT_NAMES.values()], rows)


def _score(lines: list[Line], variant: str, epochs: int, alpha: float) -> str:
    """Return the mean on the first set, in hundredths, with the number of seeds if not three."""
    wanted = {"variant": variant, "epochs": epochs, "alpha": alpha}
    runs = [line for line in lines if all(line[key] == value for key, value in wanted.items())]
    if not runs or any(run["scores"] is None for run in runs):
        return "diverged" if runs else "–"
    mean = statistics.mean(next(iter(run["scores"].values())) for run in runs)
    return f"{100 * mean:.1f}" + ("" if len(runs) == 3 else f" ({len(runs)})")


def _mean_loss(blocks: Iterable[list[Line]], alpha: float, name: str) -> str:
    """Return the mean distance to the best, over the blocks scored on this set."""
    losses = []
    for block in blocks:
        means = _means(_grouped(block, ("alpha",)), name)
        if means:
            losses.append(100 * (max(means.values()) - means.get((alpha,), 0.0)))
    return f"{statistics.mean(losses):.1f}" if losses else ""


def _grouped(lines: Iterable[Line], names: tuple[str, ...]) -> dict[tuple[Any, ...], list[Line]]:
    groups: dict[tuple[Any, ...], list[Line]] = {}
    for line in lines:
        groups.setdefault(tuple(line[name] for name in names), []).append(line)
    return groups


def _sets(lines: list[Line]) -> list[str]:
    return list(dict.fromkeys(name for line in lines for name in line["scores"] or {}))


def _values(runs: Iterable[Line], name: str) -> list[float]:
    return [run["scores"][name] for run in runs if run["scores"] and name in run["scores"]]


def _means(groups: dict[tuple[Any, ...], list[Line]], name: str) -> dict[tuple[Any, ...], float]:
    """Return the mean of each group that has scores, with diverged runs as a score of zero."""
    means = {}
    for key, runs in groups.items():
        values = _values(runs, name)
        if values:
            diverged = sum(run["scores"] is None for run in runs)
            means[key] = sum(values) / (len(values) + diverged)
    return means


def _shown(runs: list[Line], name: str, best: float) -> str:
    values = _values(runs, name)
    if any(run["scores"] is None for run in runs):
        return "diverged"
    if not values:
        return ""
    mean = statistics.mean(values)
    spread = f" ± {100 * statistics.stdev(values):.1f}" if len(values) > 1 else ""
    return f"{100 * mean:.1f}{spread}{' *' if mean == best else ''}"
