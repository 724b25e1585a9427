"""The trainings that many_cores.py asks for: their settings, and what they are called."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from many_workers import usual_alphas
from selection import VARIANT_NAMES

DETERMINISTIC_VARIANTS = ("skipgram-negative", "cbow-negative")
Run = dict[str, Any]


def asked_for(arguments: argparse.Namespace) -> Iterator[Run]:
    """Yield the settings of all trainings, without locks and deterministic."""
    for seed in range(1, arguments.seeds + 1):
        for variant in arguments.variant:
            modes = [(False, workers) for workers in arguments.workers]
            if variant in DETERMINISTIC_VARIANTS:
                modes += [(True, threads) for threads in arguments.threads]
            for deterministic, workers in modes:
                yield {
                    "corpus": Path(arguments.corpus).name,
                    "variant": variant,
                    "vector_size": arguments.vector_size,
                    "window": 5,
                    "sample": None,
                    "epochs": arguments.epochs,
                    "alpha": usual_alphas(variant)[0],
                    "workers": workers,
                    "seed": seed,
                    "deterministic": deterministic,
                }


def name_of(run: Run) -> str:
    """Return the name of a training."""
    mode = ", deterministic" if run["deterministic"] else ""
    return f"{VARIANT_NAMES[run['variant']]}{mode}, {run['workers']} threads, seed {run['seed']}"


def kind_of(run: Run) -> tuple[Any, ...]:
    """Return what trainings have in common that differ in their seeds alone."""
    return run["variant"], run["deterministic"], run["workers"]
