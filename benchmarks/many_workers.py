"""Whether quality depends on the number of workers: speed and scores with 1 to 32 of them.

    python benchmarks/many_workers.py wiki8.xz wiki8.xz@4M half ten pairs walks \
        --sets questions-words.txt wordsim353.tsv --json many.jsonl

A corpus is a path, a known name, CORPUS@WORDS for its first words, or a text made here with planted
groups of words: `half`, where one word has half of all places; `ten`, of ten words; `pairs` and
`baskets`, of two and two to eight items; `walks` on a graph. The score of a planted text is
"groups", the share of the nearest words that belong to a word's own group. Each corpus is read once
and has a process of its own. Each run is a line of JSON on standard error, or in the file of
--json; a run in the file is not repeated. The table on standard output has mean scores, and in
brackets their differences from the mean of one worker.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inputs import write_prefix
from one_run import score
from search_tables import read_lines
from selection import VARIANT_NAMES
from settings import VARIANTS, classical_alpha, whole
from short_inputs import PLANTED, ShortText, nearest, purity, short_text
from tables import markdown
from w2v import DivergedError, Event, TrainConfig, open_corpus
from w2v.text.encoding import EncodedCorpus, encode_corpus
from w2v.text.vocabulary import Vocabulary, count_vocabulary
from w2v.training.config import DEFAULT_ALPHA
from w2v.training.engines.lock_free import useful_workers
from w2v.training.trainer import Trainer

PLANTED_WORDS = "2200k"  # enough for 32 workers to have a chunk each
_NEIGHBOURS = 10
_SETTINGS = ("corpus", "variant", "vector_size", "epochs", "alpha", "workers", "seed")
_DEFAULTS = {"window": 5, "sample": None}  # of settings that not every run in a file has
Run = dict[str, Any]


def main() -> None:
    """Train the runs that are missing, and print the table."""
    if sys.argv[1:2] == ["--child"]:
        train_all(json.loads(sys.argv[2]))
        return
    arguments = parse_arguments()
    kept = read_lines(arguments.json) if arguments.json else []
    done = {_key(run): run for run in kept}
    runs = []
    for corpus in arguments.corpus:
        wanted = list(asked_for(corpus, arguments))
        missing = [run for run in wanted if _key(run) not in done]
        for run in measured(corpus, missing, arguments) if missing else ():
            done[_key(run)] = run
            keep(run, arguments.json)
        runs += [done[_key(run)] for run in wanted]
    print(table(runs))


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", nargs="+", help=f"CORPUS, CORPUS@WORDS, {', '.join(PLANTED)}")
    parser.add_argument("--sets", nargs="+", default=[], help="evaluation sets, for real texts")
    parser.add_argument("--variant", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument(
        "--alpha", nargs="+", type=float, help="default: that of w2v and that of word2vec.c"
    )
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 2, 4, 8, 16, 32])
    parser.add_argument("--vector-size", nargs="+", type=int, default=[100])
    parser.add_argument("--window", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--sample", type=float, help="default: 0 for planted texts, or w2v's own")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3], help="of one worker")
    parser.add_argument("--runs", type=int, default=1, help="of several; run n has seed n")
    parser.add_argument("--json", type=Path, help="add every run to this file, and skip its own")
    return parser.parse_args(given)


def asked_for(corpus: str, arguments: argparse.Namespace) -> Iterator[Run]:
    """Yield the settings of every run on one corpus."""
    for size in arguments.vector_size:
        for variant in arguments.variant:
            for alpha in arguments.alpha or usual_alphas(variant):
                for workers in arguments.workers:
                    several = range(1, arguments.runs + 1)
                    for seed in arguments.seeds if workers == 1 else several:
                        values = (_name(corpus), variant, size, arguments.epochs, alpha, workers)
                        run = dict(zip(_SETTINGS, (*values, seed), strict=True))
                        yield {**run, "window": arguments.window, "sample": arguments.sample}


def usual_alphas(variant: str) -> list[float]:
    """Return the default learning rate and that of word2vec.c, once where they are the same."""
    own = {f"{kind}-{loss}": alpha for (kind, loss), alpha in DEFAULT_ALPHA.items()}
    return list(dict.fromkeys([own[variant], classical_alpha(variant)]))


def _name(corpus: str) -> str:
    """Return the name of a corpus without its directory, with its number of words."""
    return f"{corpus}@{PLANTED_WORDS}" if corpus in PLANTED else Path(corpus).name


def _key(run: Run) -> tuple[Any, ...]:
    others = (run.get(name, value) for name, value in _DEFAULTS.items())
    return (*others, *(run[name] for name in _SETTINGS))


def keep(run: Run, path: Path | None) -> None:
    """Add a run to the file, or print it."""
    if path is None:
        print(json.dumps(run), file=sys.stderr, flush=True)
        return
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(run) + "\n")


def measured(corpus: str, runs: list[Run], arguments: argparse.Namespace) -> Iterator[Run]:
    """Yield the runs on one corpus with their results, each as soon as it is done."""
    asked = {
        "corpus": corpus,
        "runs": runs,
        "sets": arguments.sets,
        "sample": arguments.sample,
    }
    command = [sys.executable, __file__, "--child", json.dumps(asked)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        yield from map(json.loads, child.stdout)
    if child.returncode:
        sys.exit(f"{corpus}: the process of its runs ended with {child.returncode}.")


def train_all(asked: Run) -> None:
    """Read a corpus, and train and print every run that was asked for."""
    source, _, size = asked["corpus"].partition("@")
    planted = None
    if source in PLANTED:
        planted = short_text(f"{source}@{size or PLANTED_WORDS}")
    vocabulary, encoded = encode(source, whole(size) if size else None, planted)
    sample = asked["sample"]
    if sample is None and planted is not None:
        sample = 0.0
    for settings in asked["runs"]:
        trainer = Trainer(encoded, vocabulary, config_of({**settings, "sample": sample}))
        result = train(trainer, vocabulary, planted, asked["sets"])
        threads = useful_workers(trainer.config.threads, len(encoded.tokens))
        print(json.dumps({**settings, "threads": threads, **result}), flush=True)


def config_of(run: Run) -> TrainConfig:
    """Return the settings of a training."""
    architecture, _, loss = run["variant"].partition("-")
    names = ("vector_size", "window", "sample", "epochs", "alpha", "workers", "seed")
    mode = {"deterministic": run.get("deterministic", False), "device": run.get("device", "cpu")}
    return TrainConfig.of(
        {**mode, "architecture": architecture, "loss": loss, **{name: run[name] for name in names}}
    )


def encode(
    source: str, words: int | None, planted: ShortText | None
) -> tuple[Vocabulary, EncodedCorpus]:
    """Count and encode a corpus, its first words, or a planted text."""
    with tempfile.TemporaryDirectory(prefix="w2v-benchmark-") as directory:
        text = Path(directory) / "text.txt"
        if planted is None:
            write_prefix(open_corpus(source), text, words)
        else:
            text.write_text("\n".join(map(" ".join, planted.lines)), encoding="utf-8")
        return encode_file(text, 5 if planted is None else 1)


def encode_file(text: Path, min_count: int) -> tuple[Vocabulary, EncodedCorpus]:
    """Count and encode a text."""
    corpus = open_corpus(text)
    vocabulary = count_vocabulary(corpus, min_count, None, 2)
    return vocabulary, encode_corpus(corpus, vocabulary, 2)


def train(
    trainer: Trainer, vocabulary: Vocabulary, planted: ShortText | None, sets: list[str]
) -> Run:
    """Train once and score; the scores are None where training diverged."""
    result = timed(trainer)
    if "error" in result:
        return {**result, "scores": None}
    vectors = vectors_of(trainer)
    if planted is None:
        return {**result, "scores": scored(vocabulary.words, vectors, sets)}
    return {**result, "scores": {"groups": group_share(planted, vocabulary.words, vectors)}}


def timed(trainer: Trainer, report: Callable[[Event], object] | None = None) -> Run:
    """Train once; return words/s and the mean loss, or the error where training diverged."""
    trainer.compile()
    try:
        trainer.run(report)
    except DivergedError as error:
        return {"words_per_second": 0.0, "loss": None, "error": str(error)}
    return {"words_per_second": trainer.words / trainer.seconds, "loss": trainer.loss}


def vectors_of(trainer: Trainer) -> NDArray[np.float32]:
    """Return the word vectors, without the padding of the rows."""
    return trainer.weights.input[:, : trainer.config.vector_size]


def scored(words: list[str], vectors: NDArray[np.float32], sets: list[str]) -> dict[str, float]:
    """Return the score on each evaluation set, by the name of its file."""
    return {name: float(found["score"]) for name, found in score(words, vectors, sets).items()}


def group_share(text: ShortText, words: list[str], vectors: NDArray[np.float32]) -> float:
    """Return the share of the nearest words that are of the same planted group."""
    rows = [row for row, word in enumerate(words) if word in text.group]
    members = [words[row] for row in rows]
    smallest = min(np.unique([text.group[word] for word in members], return_counts=True)[1])
    found = nearest(vectors[rows], len(rows), min(_NEIGHBOURS, int(smallest) - 1))
    return purity(text, members, found)


def table(runs: list[Run]) -> str:
    """Return median speeds and mean scores, with their differences from one worker's."""
    names = list(dict.fromkeys(name for run in runs for name in run["scores"] or ()))
    rows = []
    for case in dict.fromkeys(_key(run)[:-1] for run in runs):
        chosen = [run for run in runs if _key(run)[:-1] == case]
        alone = [run for run in runs if _key(run)[:-1] == (*case[:-1], 1)]
        _, _, corpus, variant, size, _, alpha, workers = case
        threads = chosen[0]["threads"]
        rows.append(
            [
                corpus,
                f"{VARIANT_NAMES[variant]}, d={size}, alpha {alpha:g}",
                str(workers) if threads == workers else f"{workers} ({threads} run)",
                speed_text(chosen),
                *(cell(chosen, alone, name) for name in names),
            ]
        )
    return markdown(["corpus", "variant", "workers", "words/s", *names], rows)


def speed_text(runs: list[Run]) -> str:
    """Return the median words/s of the runs whose speed was measured."""
    speeds = [run["words_per_second"] for run in runs if run["words_per_second"] is not None]
    return f"{statistics.median(speeds) / 1e6:.2f} M" if speeds else ""


def cell(chosen: list[Run], alone: list[Run], name: str) -> str:
    """Return a mean score, and in brackets its difference from one worker's."""
    value, expected = _mean(chosen, name), _mean(alone, name)
    if any(run["scores"] is None for run in chosen):
        return "diverged"
    if value is None:
        return ""
    if expected is None or chosen == alone:
        return f"{value:.3f}"
    return f"{value:.3f} ({value - expected:+.3f})"


def _mean(runs: list[Run], name: str) -> float | None:
    values = [run["scores"][name] for run in runs if name in (run["scores"] or ())]
    return statistics.mean(values) if values else None


if __name__ == "__main__":
    main()
