"""Search for default settings: learning rates and epochs on a grid, over corpora, sizes and seeds.

    python benchmarks/search_defaults.py defaults.jsonl wiki8.xz@1M wiki8.xz@4M wiki8.xz \
        --sets questions-words.txt wordsim353.tsv
    python benchmarks/search_defaults.py defaults.jsonl wiki-de.txt.xz --sets german.tsv
    python benchmarks/search_defaults.py defaults.jsonl --sets questions-words.txt      only tables

Each run is one line of the file. A run in the file is not repeated, so the search can be stopped
and continued. A corpus is encoded once for all its runs, in this process. CORPUS@WORDS is its
first so many words.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from inputs import write_prefix
from one_run import score
from search_tables import Line, print_tables, read_lines
from settings import VARIANTS, whole
from w2v import DivergedError, TrainConfig, open_corpus
from w2v.text.encoding import EncodedCorpus, encode_corpus
from w2v.text.vocabulary import Vocabulary, count_vocabulary
from w2v.training.trainer import Trainer

ALPHAS = {
    "skipgram-negative": [0.025, 0.05, 0.075],
    "cbow-negative": [0.05, 0.075, 0.1, 0.15],
    "skipgram-hierarchical": [0.025, 0.05, 0.075],
    "cbow-hierarchical": [0.025, 0.035, 0.05, 0.1],
}


def grid(corpus: str, arguments: argparse.Namespace) -> Iterator[Line]:
    """Yield the settings of every run on one corpus, all of one seed before the next."""
    for seed, vector_size, variant, epochs in product(
        arguments.seed, arguments.vector_size, arguments.variant, arguments.epochs
    ):
        for alpha in arguments.alpha or ALPHAS[variant]:
            yield {
                "corpus": corpus,
                "variant": variant,
                "vector_size": vector_size,
                "epochs": epochs,
                "alpha": alpha,
                "seed": seed,
            }


def search(arguments: argparse.Namespace, lines: list[Line]) -> None:
    """Train and score every run that is not there yet."""
    known = {_key(line) for line in lines}
    for corpus in arguments.corpus:
        wanted = list(grid(corpus_name(corpus), arguments))
        missing = [settings for settings in wanted if _key(settings) not in known]
        print(f"{corpus}: {len(missing)} of {len(wanted)} runs to do", flush=True)
        if not missing or arguments.dry_run:
            continue
        vocabulary, encoded = encode(corpus, arguments.workers)
        for settings in missing:
            line = {**settings, **run(settings, vocabulary, encoded, arguments)}
            lines.append(line)
            with arguments.output.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            print(json.dumps(line), flush=True)


def encode(corpus: str, workers: int) -> tuple[Vocabulary, EncodedCorpus]:
    """Count and encode a corpus, or its first words."""
    path, _, words = corpus.partition("@")
    with tempfile.TemporaryDirectory(prefix="w2v-benchmark-") as directory:
        text = Path(directory) / "text.txt"
        write_prefix(open_corpus(path), text, whole(words) if words else None)
        source = open_corpus(text)
        vocabulary = count_vocabulary(source, 5, None, workers)
        return vocabulary, encode_corpus(source, vocabulary, workers)


def run(
    settings: Line, vocabulary: Vocabulary, encoded: EncodedCorpus, arguments: argparse.Namespace
) -> Line:
    """Train once and score; scores are None where training diverged."""
    architecture, _, loss = settings["variant"].partition("-")
    numbers = {name: settings[name] for name in ("vector_size", "epochs", "alpha", "seed")}
    config = TrainConfig(architecture=architecture, loss=loss, workers=arguments.workers, **numbers)
    trainer = Trainer(encoded, vocabulary, config)
    trainer.compile()
    began = time.perf_counter()
    try:
        history = trainer.run()
    except DivergedError:
        return {"seconds": time.perf_counter() - began, "loss": None, "scores": None}
    seconds = time.perf_counter() - began
    vectors = trainer.weights.input[:, : config.vector_size]
    scores = score(vocabulary.words, vectors, arguments.sets)
    values = {name: result["score"] for name, result in scores.items()}
    return {"seconds": seconds, "loss": history[-1].loss, "scores": values}


def corpus_name(corpus: str) -> str:
    """Return the name of a corpus without its directory, with its number of words."""
    path, _, words = corpus.partition("@")
    name = open_corpus(path).name or Path(path).name
    return f"{name}@{words}" if words else name


def _key(line: Line) -> tuple[Any, ...]:
    names = ("corpus", "variant", "vector_size", "epochs", "alpha", "seed")
    return tuple(line[name] for name in names)


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("output", type=Path, help="the file of JSON lines")
    parser.add_argument("corpus", nargs="*", help="CORPUS or CORPUS@WORDS, as in wiki8.xz@4M")
    parser.add_argument("--sets", nargs="+", default=[], help="evaluation sets of the language")
    parser.add_argument("--variant", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument(
        "--alpha", nargs="+", type=float, help="default: three or four of each variant"
    )
    parser.add_argument("--epochs", nargs="+", type=int, default=[5, 10, 12])
    parser.add_argument("--vector-size", nargs="+", type=int, default=[100, 300])
    parser.add_argument("--seed", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--dry-run", action="store_true", help="only say how many runs there are")
    return parser.parse_args(given)


def main() -> None:
    """Search, then print the tables of all that is in the file."""
    arguments = parse_arguments()
    lines = read_lines(arguments.output)
    search(arguments, lines)
    print_tables(lines)


if __name__ == "__main__":
    main()
