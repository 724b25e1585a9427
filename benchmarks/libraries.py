"""The libraries: each takes the same settings, and reports the seconds of each part of its work."""

import importlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from processes import MEGABYTE, memory_now, memory_peak
from settings import Settings

MIN_ALPHA = 1e-4  # w2v's, gensim's and word2vec.c's; fastText's rate falls to zero


@dataclass(frozen=True)
class Trained:
    """The results of a training: its figures, and its words with their vectors, (V, d)."""

    figures: dict[str, Any]
    words: list[str]
    vectors: NDArray[np.float32]


def train_w2v(settings: Settings, text: Path, lines: Path) -> Trained:
    """Train with w2v from the corpus as it is; the times are those of its events."""
    from w2v.training.train import train  # noqa: PLC0415  (before the memory is measured)

    before = memory_now()
    events: dict[str, Any] = {}
    model = train(
        text,
        architecture=settings.architecture,
        loss=settings.loss,
        on_event=lambda event: events.update({event.event: event}),
        **_settings(settings),
    )
    peak, summary = memory_peak(), model.summary
    figures = {
        "alpha": model.config.learning_rate,
        "epochs": model.config.epochs,
        "vocabulary_seconds": events["vocabulary"].seconds + events["encoded"].seconds,
        "compile_seconds": summary.compile_seconds,
        "train_seconds": summary.train_seconds,
        "loss": summary.loss,
        "memory": _memory(before, peak, summary.vocabulary, settings, summary.tokens),
    }
    return Trained(figures, model.vectors.index_to_key, model.vectors.vectors)


def _memory(
    before: float, peak: float, vocabulary: int, settings: Settings, tokens: int
) -> dict[str, float]:
    """Return the parts of the peak in megabytes: memory before, matrices, ids, and the rest."""
    from w2v.training.weights import padded_width  # noqa: PLC0415

    matrices = (2 * vocabulary + 1) * padded_width(settings.vector_size) * 4 / MEGABYTE
    ids = tokens * 4 / MEGABYTE
    above = peak - before - matrices - ids
    return {"peak": peak, "before": before, "matrices": matrices, "ids": ids, "above": above}


def train_gensim(settings: Settings, text: Path, lines: Path) -> Trained:
    """Train with gensim, from a file of 1,000-word lines or through Text8Corpus."""
    from gensim.models import Word2Vec  # noqa: PLC0415

    before = memory_now()
    began = time.perf_counter()
    model = Word2Vec(
        sg=int(settings.architecture == "skipgram"),
        hs=int(settings.loss == "hierarchical"),
        **{**_settings(settings), "negative": _noise_words(settings)},
    )
    corpus = gensim_corpus(settings.reader, text, lines)
    model.build_vocab(**corpus)
    counted = time.perf_counter()
    model.train(
        **corpus,
        total_examples=model.corpus_count,
        total_words=model.corpus_total_words,
        epochs=model.epochs,
    )
    figures = {
        "alpha": model.alpha,
        "epochs": model.epochs,
        "vocabulary_seconds": counted - began,
        "compile_seconds": 0.0,
        "train_seconds": time.perf_counter() - counted,
        "memory": {"peak": memory_peak(), "before": before},
    }
    return Trained(figures, model.wv.index_to_key, model.wv.vectors)


def gensim_corpus(reader: str, text: Path, lines: Path) -> dict[str, Any]:
    """Return the corpus as an argument of gensim's methods, for the given way of reading."""
    if reader == "lines":
        return {"corpus_file": str(lines)}
    from gensim.models.word2vec import Text8Corpus  # noqa: PLC0415

    return {"corpus_iterable": Text8Corpus(str(text))}


def train_fasttext(settings: Settings, text: Path, lines: Path) -> Trained:
    """Train with fastText without subwords; a second call of no epochs times its reading.

    It is the second because fastText 0.9.3 trusts new memory to be zero, and fails with NaN if
    memory was freed before.
    """
    fasttext: Any = importlib.import_module("fasttext")
    options: dict[str, Any] = {
        "input": str(lines), "model": settings.architecture, "dim": settings.vector_size,
        "loss": {"negative": "ns", "hierarchical": "hs"}[settings.loss], "neg": settings.negative,
        "lr": 0.05 if settings.alpha is None else settings.alpha,
        "epoch": 5 if settings.epochs is None else settings.epochs,
        "ws": settings.window, "minCount": settings.min_count, "t": settings.sample,
        "thread": settings.workers, "minn": 0, "maxn": 0, "wordNgrams": 1, "verbose": 0,
    }  # fmt: skip
    before = memory_now()
    began = time.perf_counter()
    model = fasttext.train_unsupervised(**options)
    trained = time.perf_counter()
    peak = memory_peak()
    fasttext.train_unsupervised(**{**options, "epoch": 0})
    reading = time.perf_counter() - trained
    figures = {
        "alpha": options["lr"],
        "epochs": options["epoch"],
        "vocabulary_seconds": reading,
        "compile_seconds": 0.0,
        "train_seconds": trained - began - reading,
        "memory": {"peak": peak, "before": before},
    }
    words = model.get_words()
    return Trained(figures, words, model.get_input_matrix()[: len(words)])


Train = Callable[[Settings, Path, Path], Trained]
TRAIN: dict[str, Train] = {
    "w2v": train_w2v,
    "gensim": train_gensim,
    "fasttext": train_fasttext,
}


def _settings(settings: Settings) -> dict[str, Any]:
    """Return the settings that w2v and gensim give the same name; a default is not passed."""
    names = ("vector_size", "window", "negative", "epochs", "min_count", "sample", "workers")
    chosen = {name: getattr(settings, name) for name in (*names, "alpha", "seed")}
    if settings.alpha is not None:
        chosen["min_alpha"] = MIN_ALPHA
    if settings.loss != "negative":
        del chosen["negative"]  # w2v refuses a setting without effect
    return {name: value for name, value in chosen.items() if value is not None}


def _noise_words(settings: Settings) -> int:
    return settings.negative if settings.loss == "negative" else 0
