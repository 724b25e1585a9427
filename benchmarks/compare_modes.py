"""The cost of trust: the deterministic mode, evaluation and checkpoints beside plain training.

    python benchmarks/compare_modes.py wiki8.xz --sets questions-words.txt wordsim353.tsv

The modes take turns, each run in a process of its own; run n has seed n. Each run is a line of
JSON on standard error, and a table of medians and mean scores on standard output.
"""

import argparse
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

from processes import child_request, run_child
from selection import VARIANT_NAMES
from settings import VARIANTS
from tables import markdown

MODES = ("plain", "deterministic", "evaluated", "checkpoints")
Run = dict[str, Any]


def main() -> None:
    """Train in every mode, and print the table."""
    if (asked := child_request()) is not None:
        print(json.dumps(train(asked)))
        return
    arguments = parse_arguments()
    runs = []
    for variant in arguments.variant:
        for seed in range(1, arguments.runs + 1):
            for mode in arguments.mode:
                asked = {**vars(arguments), "variant": variant, "seed": seed, "mode": mode}
                runs.append(run_child(__file__, asked))
    print(table(runs))


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", help="a path or a known name, as for `w2v train`")
    parser.add_argument("--sets", nargs="+", default=[], help="evaluation sets")
    parser.add_argument("--mode", nargs="+", choices=MODES, default=list(MODES))
    parser.add_argument("--variant", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--epochs", type=int, help="default: that of w2v")
    parser.add_argument("--alpha", type=float, help="default: that of w2v")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--every", type=float, default=60, help="seconds between checkpoints")
    return parser.parse_args(given)


def train(asked: Run) -> Run:
    """Train once in a mode, and score the vectors."""
    import w2v  # noqa: PLC0415

    architecture, _, loss = asked["variant"].partition("-")
    names = ("epochs", "alpha", "workers", "seed")
    settings = {name: asked[name] for name in names if asked[name] is not None}
    with tempfile.TemporaryDirectory(prefix="w2v-benchmark-") as directory:
        options: dict[str, Any] = {
            "plain": {},
            "deterministic": {"deterministic": True},
            "evaluated": {"evaluate": asked["sets"]},
            "checkpoints": {"checkpoint": directory, "checkpoint_every": asked["every"]},
        }[asked["mode"]]
        model = w2v.train(
            asked["corpus"], architecture=architecture, loss=loss, **settings, **options
        )
    return {
        **{name: asked[name] for name in ("variant", "mode", "seed", "workers")},
        "epochs": model.config.epochs,
        "alpha": model.config.alpha,
        "words_per_second": model.summary.words_per_second,
        "loss": model.summary.loss,
        "scores": {Path(path).name: _score(model, path) for path in asked["sets"]},
    }


def _score(model: Any, path: str) -> float:
    """Return the share of right analogies in per cent, or Spearman's correlation."""
    import w2v  # noqa: PLC0415

    found = w2v.evaluate(model.vectors, path)
    if isinstance(found, w2v.AnalogyScores):
        return 100 * found.total.accuracy
    return found.spearman


def table(runs: list[Run]) -> str:
    """Return median speeds, also as a share of the plain mode's, and mean scores."""
    sets = list(runs[0]["scores"])
    rows = []
    for variant, mode in dict.fromkeys((run["variant"], run["mode"]) for run in runs):
        chosen = _of(runs, variant, mode)
        speed, plain = _speed(chosen), _speed(_of(runs, variant, "plain"))
        rows.append(
            [
                f"{VARIANT_NAMES[variant]}, {mode}",
                f"{speed / 1e6:.2f} M",
                f"{100 * speed / plain:.1f} %" if plain else "",
                *(f"{statistics.mean(run['scores'][name] for run in chosen):.3f}" for name in sets),
            ]
        )
    return markdown(["", "words/s", "of plain", *sets], rows)


def _of(runs: list[Run], variant: str, mode: str) -> list[Run]:
    return [run for run in runs if (run["variant"], run["mode"]) == (variant, mode)]


def _speed(runs: list[Run]) -> float:
    return statistics.median([run["words_per_second"] for run in runs]) if runs else 0.0


if __name__ == "__main__":
    main()
