"""Train once with one library and print what it took, as one JSON object.

    python benchmarks/one_run.py w2v wiki8.txt --loss negative --workers 2

Vocabulary, compilation and training are timed apart. One run is one process, so that the peak of
its memory is its own. compare_speed.py calls this for several libraries in turn.
"""

import argparse
import importlib.metadata
import json
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ALPHA = {"skipgram": 0.025, "cbow": 0.05}
WORDS_A_LINE = 1000


def run_w2v(corpus: Path, settings: argparse.Namespace) -> dict[str, Any]:
    """Train with w2v; its own events tell the times."""
    import w2v  # noqa: PLC0415

    events = {}
    model = w2v.train(
        corpus,
        architecture=settings.architecture,
        loss=settings.loss,
        on_event=lambda event: events.update({event.event: event}),
        **_common(settings),
    )
    if settings.save:
        model.vectors.save(settings.save)
    summary = model.summary
    return {
        "corpus_words": summary.corpus_words,
        "vocabulary_seconds": events["vocabulary"].seconds + events["encoded"].seconds,
        "compile_seconds": summary.compile_seconds,
        "train_seconds": summary.train_seconds,
        "loss_value": summary.loss,
    }


def run_gensim(corpus: Path, settings: argparse.Namespace) -> dict[str, Any]:
    """Train with gensim from a file of 1,000-word lines, its fastest way in."""
    from gensim.models import Word2Vec  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as directory:
        lines = Path(directory) / "lines.txt"
        corpus_words = write_lines(corpus, lines)
        began = time.perf_counter()
        model = Word2Vec(
            sg=int(settings.architecture == "skipgram"),
            hs=int(settings.loss == "hierarchical"),
            **{**_common(settings), "negative": _negative(settings)},
        )
        model.build_vocab(corpus_file=str(lines))
        counted = time.perf_counter()
        model.train(
            corpus_file=str(lines),
            total_examples=model.corpus_count,
            total_words=model.corpus_total_words,
            epochs=settings.epochs,
        )
        trained = time.perf_counter()
    if settings.save:
        model.wv.save_word2vec_format(settings.save, binary=True)
    return {
        "corpus_words": corpus_words,
        "vocabulary_seconds": counted - began,
        "compile_seconds": 0.0,
        "train_seconds": trained - counted,
    }


LIBRARIES = {"w2v": run_w2v, "gensim": run_gensim}


def _common(settings: argparse.Namespace) -> dict[str, Any]:
    """The settings that both libraries give the same name."""
    return {
        "vector_size": settings.vector_size,
        "window": settings.window,
        "negative": settings.negative,
        "epochs": settings.epochs,
        "min_count": settings.min_count,
        "sample": settings.sample,
        "alpha": settings.alpha or ALPHA[settings.architecture],
        "min_alpha": 1e-4,
        "workers": settings.workers,
        "seed": settings.seed,
    }


def _negative(settings: argparse.Namespace) -> int:
    return settings.negative if settings.loss == "negative" else 0


def write_lines(corpus: Path, lines: Path) -> int:
    """Write the words of a corpus in lines of 1,000; return their number."""
    total = 0
    with lines.open("w", encoding="utf-8") as file:
        for words in _groups(corpus):
            file.write(" ".join(words) + "\n")
            total += len(words)
    return total


def _groups(corpus: Path) -> Iterator[list[str]]:
    import w2v  # noqa: PLC0415  (only to read compressed files; not timed)

    rest: list[str] = []
    for block in w2v.open_corpus(corpus).blocks():
        words = rest + block.data.decode().split()
        whole = len(words) // WORDS_A_LINE * WORDS_A_LINE
        for start in range(0, whole, WORDS_A_LINE):
            yield words[start : start + WORDS_A_LINE]
        rest = words[whole:]
    yield rest


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("library", choices=sorted(LIBRARIES))
    parser.add_argument("corpus", type=Path)
    add_settings(parser)
    parser.add_argument("--architecture", choices=["skipgram", "cbow"], default="skipgram")
    parser.add_argument("--loss", choices=["negative", "hierarchical"], default="negative")
    parser.add_argument("--save", help="write the vectors to this file")
    return parser.parse_args()


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add the settings that compare_speed.py passes on."""
    parser.add_argument("--vector-size", type=int, default=100)
    parser.add_argument("--window", type=int, default=5)
    parser.add_argument("--negative", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--min-count", type=int, default=5)
    parser.add_argument("--sample", type=float, default=1e-3)
    parser.add_argument("--alpha", type=float, help="default: 0.025 skip-gram, 0.05 CBOW")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)


def main() -> None:
    """Run and print."""
    settings = parse_arguments()
    result = LIBRARIES[settings.library](settings.corpus, settings)
    words = result["corpus_words"] * settings.epochs
    result |= {
        "words_per_second": words / result["train_seconds"],
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "version": importlib.metadata.version(settings.library),
        "settings": {name: str(value) for name, value in vars(settings).items()},
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
