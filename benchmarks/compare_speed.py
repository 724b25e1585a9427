"""Compare trainings: the libraries in turn, several times, medians and their ratio.

    python benchmarks/compare_speed.py wiki8.xz                      all variants, w2v and gensim
    python benchmarks/compare_speed.py toy --runs 1 --json out.json

The settings are word2vec.c's for all; vocabulary and compilation are timed apart. w2v is checked
by the clock too: a process of four epochs less one of a single epoch is three epochs. gensim reads
in both of its ways, equally often. With --score the vectors are scored, gensim reads lines, and the
table is about quality. Let nothing else run meanwhile.
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from inputs import Inputs, prepared
from processes import check_installed, run_script
from results import Results
from selection import fastest, median, words_per_second
from settings import (
    LIBRARIES,
    READERS,
    VARIANTS,
    Settings,
    add_common_options,
    classical_alpha,
    common_settings,
)

CHECK_EPOCHS = 4


def compare(arguments: argparse.Namespace, inputs: Inputs, results: Results) -> None:
    """Run every case with every library in turn; print the medians of each."""
    for case in cases(arguments):
        for seed in range(1, arguments.runs + 1):
            for library in arguments.library:
                for settings in turns(replace(case, library=library, seed=seed), arguments):
                    measure(task(arguments), settings, inputs, results, arguments.score)
        print_case(case, arguments, inputs, results)


def task(arguments: argparse.Namespace) -> str:
    """Return the kind of these runs: "quality" if they are scored, else "speed"."""
    return "quality" if arguments.score else "speed"


def cases(arguments: argparse.Namespace) -> Iterator[Settings]:
    """Yield every combination of variant, vector size and number of workers."""
    for variant in arguments.variant:
        for vector_size in arguments.vector_size:
            for workers in arguments.workers:
                yield Settings(
                    library="",
                    variant=variant,
                    vector_size=vector_size,
                    workers=workers,
                    epochs=arguments.epochs,
                    alpha=arguments.alpha or classical_alpha(variant),
                    **common_settings(arguments),
                )


def turns(settings: Settings, arguments: argparse.Namespace) -> Iterator[Settings]:
    """Yield the runs of one library's turn: one for each reader, and a longer one by the clock."""
    for reader in readers(settings.library, arguments):
        yield replace(settings, reader=reader)
    if settings.library == "w2v" and not arguments.score and settings.epochs == 1:
        yield replace(settings, epochs=CHECK_EPOCHS)


def readers(library: str, arguments: argparse.Namespace) -> tuple[str, ...]:
    """Return how a library reads: as --reader says, else in every way; if scored, in the first."""
    known = READERS[library]
    if arguments.reader in known:
        return (arguments.reader,)
    return known[:1] if arguments.score else known


def measure(
    kind: str, settings: Settings, inputs: Inputs, results: Results, sets: list[str]
) -> dict[str, Any]:
    """Train once in a process of its own, unless the results have this run."""

    def run() -> dict[str, Any]:
        files = {"text": str(inputs.text), "lines": str(inputs.lines), "words": inputs.words}
        asked = {**files, "settings": settings.as_dict(), "sets": sets}
        return run_script("one_run.py", asked)

    recorded = {"corpus": inputs.name, "words": inputs.words, **settings.as_dict()}
    if sets:
        recorded["sets"] = [Path(path).name for path in sets]
    return results.measure(kind, recorded, run)


def print_case(
    case: Settings, arguments: argparse.Namespace, inputs: Inputs, results: Results
) -> None:
    """Print the medians of a case, and how many times faster the first library is."""
    names = ("variant", "vector_size", "workers", "epochs")
    same = {name: getattr(case, name) for name in names}
    medians: dict[str, float] = {}
    for library in arguments.library:
        known = results.select(
            task(arguments), library=library, corpus=inputs.name, words=inputs.words, **same
        )
        counted = readers(library, arguments)
        chosen = [run for run in known if run["settings"]["reader"] in counted]
        runs = fastest(chosen, words_per_second)
        medians[library] = median(runs, words_per_second)
        peak = median(runs, lambda run: float(run["result"]["memory"]["peak"]))
        print(
            f"{case.variant:22} {case.vector_size:4} {case.workers} {library:8}"
            f" {medians[library] / 1e6:6.3f} M words/s  {peak:6.0f} MB peak "
            f" {medians[arguments.library[0]] / medians[library]:5.1f}×",
            flush=True,
        )


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_common_options(parser)
    parser.add_argument("--library", nargs="+", choices=LIBRARIES, default=["w2v", "gensim"])
    parser.add_argument("--variant", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--vector-size", nargs="+", type=int, default=[100])
    parser.add_argument("--workers", nargs="+", type=int, default=[2])
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--alpha", type=float, help="default: 0.025 skip-gram, 0.05 CBOW")
    parser.add_argument(
        "--reader",
        choices=READERS["gensim"],
        help="how gensim reads; by default in both ways, and the faster one counts",
    )
    parser.add_argument("--score", nargs="+", default=[], metavar="SET", help="evaluation sets")
    return parser.parse_args(given)


def main() -> None:
    """Prepare the corpus and compare."""
    arguments = parse_arguments()
    check_installed(arguments.library)
    results = Results(arguments.json)
    with prepared(arguments.corpus, arguments.words) as inputs:
        compare(arguments, inputs, results)


if __name__ == "__main__":
    main()
