"""A GPU beside the processor of the same machine: words a second, quality, energy.

    python benchmarks/compare_devices.py wiki8.xz zipf --sets questions-words.txt wordsim353.tsv \
        --json devices.jsonl

A corpus is a path or CORPUS@WORDS; `zipf` is a text made here, of 30 million words and a vocabulary
as large as that of One Billion Words, 555,514, whose matrices leave every cache. Before the first
run of a variant an epoch warms up, untimed. The energy is what the card's driver counts while a
training runs, where it counts. Each run is a line of JSON on standard error, or in the file of
--json. The table has means over the seeds.
"""

import argparse
import statistics
from pathlib import Path
from typing import Any

import numpy as np

from many_workers import config_of, encode, keep, scored, timed, usual_alphas, vectors_of
from selection import VARIANT_NAMES
from settings import VARIANTS, whole
from tables import markdown
from w2v.text.encoding import EncodedCorpus
from w2v.text.vocabulary import Vocabulary
from w2v.training.trainer import Trainer

ZIPF_WORDS, ZIPF_TOKENS, _SENTENCE = 555_514, 30_000_000, 1000
Run = dict[str, Any]


def main() -> None:
    """Train on every device, and print the table."""
    arguments = parse_arguments()
    runs = []
    for corpus in arguments.corpus:
        vocabulary, encoded = read(corpus)
        for run in asked_for(corpus, arguments):
            sets = [] if corpus == "zipf" else arguments.sets
            result = {**run, **measured(run, vocabulary, encoded, sets)}
            keep(result, arguments.json)
            runs.append(result)
    print(table(runs))


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", nargs="+", help="CORPUS, CORPUS@WORDS, or zipf")
    parser.add_argument("--sets", nargs="+", default=[], help="evaluation sets, for real texts")
    parser.add_argument("--device", nargs="+", default=["cuda", "cpu"])
    parser.add_argument("--variant", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--vector-size", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--workers", type=int, help="of the processor; default: all cores")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--json", type=Path, help="add every run to this file")
    return parser.parse_args(given)


def asked_for(corpus: str, arguments: argparse.Namespace) -> list[Run]:
    """Return the settings of every run on one corpus, with the default learning rates."""
    return [
        {
            "corpus": Path(corpus).name, "device": device, "variant": variant, "seed": seed,
            "vector_size": arguments.vector_size, "epochs": arguments.epochs, "window": 5,
            "workers": arguments.workers, "alpha": usual_alphas(variant)[0], "sample": None,
        }
        for variant in arguments.variant
        for device in arguments.device
        for seed in arguments.seeds
    ]  # fmt: skip


def read(corpus: str) -> tuple[Vocabulary, EncodedCorpus]:
    """Count and encode a corpus, or make the one of many words."""
    if corpus != "zipf":
        source, _, size = corpus.partition("@")
        return encode(source, whole(size) if size else None, None)
    shares = 1 / np.arange(1, ZIPF_WORDS + 1)
    drawn = np.random.default_rng(1).choice(ZIPF_WORDS, ZIPF_TOKENS, p=shares / shares.sum())
    drawn[:ZIPF_WORDS] = np.arange(ZIPF_WORDS)  # each word is there
    counts = np.bincount(drawn)
    order = np.argsort(-counts, kind="stable")
    ranks = np.empty(ZIPF_WORDS, dtype=np.int32)
    ranks[order] = np.arange(ZIPF_WORDS)
    words = [f"w{k}" for k in range(ZIPF_WORDS)]
    borders = np.arange(0, ZIPF_TOKENS + 1, _SENTENCE)
    vocabulary = Vocabulary(words, counts[order], ZIPF_TOKENS, ZIPF_WORDS)
    return vocabulary, EncodedCorpus(ranks[drawn], borders)


def measured(
    run: Run, vocabulary: Vocabulary, encoded: EncodedCorpus, sets: list[str]
) -> dict[str, Any]:
    """Train once, after an epoch that warms up, and score."""
    for epochs in (1, run["epochs"]):
        config = config_of({**run, "epochs": epochs})
        trainer = Trainer(encoded, vocabulary, config)
        before = joules()
        result = timed(trainer)
        after = joules()
    spent = None if before is None or after is None else after - before
    scores = scored(vocabulary.words, vectors_of(trainer), sets) if sets else {}
    return {**result, "joules": spent, "scores": None if "error" in result else scores}


def joules() -> float | None:
    """Return the energy that the first card has taken since its driver was loaded, if it counts."""
    try:
        import pynvml  # noqa: PLC0415

        pynvml.nvmlInit()
        card = pynvml.nvmlDeviceGetHandleByIndex(0)
        return float(pynvml.nvmlDeviceGetTotalEnergyConsumption(card)) / 1000
    except Exception:  # no driver, no package, or a card that does not count
        return None


def table(runs: list[Run]) -> str:
    """Return mean speeds, scores and energies by corpus, variant and device."""
    names = list(dict.fromkeys(name for run in runs for name in run["scores"] or ()))
    cases = dict.fromkeys((run["corpus"], run["variant"], run["device"]) for run in runs)
    rows = []
    for case in cases:
        chosen = [run for run in runs if (run["corpus"], run["variant"], run["device"]) == case]
        speeds = [run["words_per_second"] for run in chosen]
        energies = [run["joules"] for run in chosen if run["joules"] is not None]
        scores = [
            f"{statistics.mean(run['scores'][name] for run in chosen):.3f}"
            if all(name in (run["scores"] or ()) for run in chosen)
            else ""
            for name in names
        ]
        rows.append(
            [
                case[0],
                VARIANT_NAMES[case[1]],
                case[2],
                f"{statistics.mean(speeds) / 1e6:.1f} M",
                *scores,
                f"{statistics.mean(energies):.0f} J" if energies else "",
            ]
        )
    return markdown(["corpus", "variant", "device", "words/s", *names, "energy"], rows)


if __name__ == "__main__":
    main()
