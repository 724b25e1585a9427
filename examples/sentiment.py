"""Is a film review positive? 200 labels teach it, with and without word vectors.

    python examples/sentiment.py aclImdb
    python examples/sentiment.py aclImdb --vectors wiki8.bin -o sentiment.svg

A network sees the first 100 words of a review through an embedding layer of the 10,000 commonest
words. The layer is random, or made of word vectors: of those trained on the text of all reviews
(not on the labels), or of those in a file. Such a layer is frozen, or trained like the rest. The
networks are two: in one each of the 100 places has weights of its own, as lectures show it; the
other takes the mean of the words. Linear models stand beside them. Needs PyTorch, scikit-learn and,
to draw, matplotlib.
"""

import argparse
from typing import Any

import numpy as np
import torch
from learning import draw, in_percent, learn, line, linear_accuracies
from reviews import (
    FIRST_WORDS,
    Reviews,
    arguments,
    known_words,
    read,
    seeds_of,
    split,
    train_vectors,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import StandardScaler
from torch import nn

import w2v
from w2v.sklearn import WEIGHTINGS, MeanEmbedding

HIDDEN, RANDOM_SIZE = 32, 100
RANDOM, COUNTS = "random", "no vectors (tf-idf)"
Layer = tuple[torch.Tensor | None, bool]  # the matrix it begins with, and whether it is frozen


def places(matrix: torch.Tensor, frozen: bool) -> nn.Module:
    """Return the network that has weights of their own for each place in a review."""
    return nn.Sequential(
        nn.Embedding.from_pretrained(matrix, freeze=frozen, padding_idx=0),
        nn.Flatten(),
        nn.Linear(FIRST_WORDS * matrix.shape[1], HIDDEN),
        nn.ReLU(),
        nn.Linear(HIDDEN, 1),
    )


def mean_of_words(matrix: torch.Tensor, frozen: bool) -> nn.Module:
    """Return the network that takes the mean of a review's words.

    All means are much alike at first. The normalization brings out how they differ.
    """
    return nn.Sequential(
        nn.EmbeddingBag.from_pretrained(matrix, freeze=frozen, padding_idx=0, mode="mean"),
        nn.BatchNorm1d(matrix.shape[1]),
        nn.Linear(matrix.shape[1], HIDDEN),
        nn.ReLU(),
        nn.Linear(HIDDEN, 1),
    )


NETWORKS = {"each place": places, "mean of words": mean_of_words}


def random_matrix(words: int, seed: int) -> torch.Tensor:
    """Return rows as Keras draws them; a wider range did worse. Row 0, for padding, is zero."""
    draws = np.random.default_rng(seed).uniform(-0.05, 0.05, (1 + words, RANDOM_SIZE))
    draws[0] = 0
    return torch.from_numpy(draws.astype(np.float32))


def padded_rows(texts: list[list[str]], words: list[str]) -> torch.Tensor:
    """Return the row of each word of each text (n, 100), counted from 1; 0 is padding."""
    row_of = {word: row for row, word in enumerate(words, start=1)}
    rows = torch.zeros((len(texts), FIRST_WORDS), dtype=torch.long)
    for row, text in zip(rows, texts, strict=True):
        row[: len(text)] = torch.tensor([row_of[word] for word in text], dtype=torch.long)
    return rows


def embedding_layers(words: list[str], sources: dict[str, w2v.KeyedVectors]) -> dict[str, Layer]:
    """Return the embedding layers to compare."""
    layers: dict[str, Layer] = {RANDOM: (None, False)}
    for name, vectors in sources.items():
        matrix, found = vectors.embedding_matrix(["", *words])
        print(f"{name}: vectors for {found.sum():,} of the {len(words):,} words")
        layers[f"{name}, frozen"] = torch.from_numpy(matrix), True
        layers[f"{name}, fine-tuned"] = torch.from_numpy(matrix), False
    return layers


def compare_networks(
    reviews: Reviews, texts: list[list[str]], words: list[str], layers: dict[str, Layer],
    options: argparse.Namespace,
) -> dict[str, dict[str, Any]]:  # fmt: skip
    """Print a line for each layer; return the accuracies (seeds, epochs + 1) of each network."""
    rows = padded_rows(texts, words)
    labels = torch.from_numpy(reviews.labels).float()
    found: dict[str, dict[str, Any]] = {title: {} for title in NETWORKS}
    print(f"\n{line('network', NETWORKS)}", flush=True)
    for name, (matrix, frozen) in layers.items():
        for title, network in NETWORKS.items():
            accuracies = []
            for seed in seeds_of(options):
                torch.manual_seed(seed)
                start = random_matrix(len(words), seed) if matrix is None else matrix.clone()
                parts = split(reviews, seed)
                model = network(start, frozen)
                accuracies.append(learn(model, rows, labels, parts, options.epochs))
            found[title][name] = np.array(accuracies)
        last = [in_percent(found[title][name][:, -1]) for title in NETWORKS]
        print(line(name, last), flush=True)
    return found


def print_gains(found: dict[str, dict[str, Any]]) -> None:
    """Print how much better than random each arm is, with the same reviews to learn from."""
    print(f"\n{line('gain over random', found)}")
    for arm in next(iter(found.values())):
        if arm != RANDOM:
            gains = [arms[arm][:, -1] - arms[RANDOM][:, -1] for arms in found.values()]
            print(line(arm, map(in_percent, gains)))


def compare_linear_models(
    reviews: Reviews, texts: list[list[str]], sources: dict[str, w2v.KeyedVectors], seeds: range
) -> dict[str, list[float]]:
    """Print a line for each source of vectors, and one for counts; return the accuracies."""
    counts = TfidfVectorizer(analyzer=list).fit_transform(texts)
    found = {COUNTS: linear_accuracies(counts, reviews, seeds)}
    print(f"\n{line('linear model', WEIGHTINGS)}")
    for name, vectors in sources.items():
        for weighting in WEIGHTINGS:
            means = MeanEmbedding(vectors, weighting=weighting).fit_transform(texts)
            features = StandardScaler().fit_transform(means)
            found[f"{name}, {weighting}"] = linear_accuracies(features, reviews, seeds)
        accuracies = [found[f"{name}, {weighting}"] for weighting in WEIGHTINGS]
        print(line(name, map(in_percent, accuracies)), flush=True)
    print(line(COUNTS, [in_percent(found[COUNTS])]), flush=True)
    return found


def main() -> None:
    """Compare everything on the same reviews."""
    options = arguments(__doc__)
    torch.set_num_threads(1)  # the networks are small
    reviews = read(options.reviews)
    parts = split(reviews, 0)
    print(f"{len(reviews.labels):,} reviews; {options.seeds} times {len(parts.training)} of them to"
          f" learn from, and {len(parts.validation):,} others to validate on")  # fmt: skip
    words, texts = known_words(reviews)
    sources = {"reviews": train_vectors(reviews)}
    sources |= {path.stem: w2v.load(path) for path in options.vectors}
    linear = compare_linear_models(reviews, texts, sources, seeds_of(options))
    print()
    layers = embedding_layers(words, sources)
    found = compare_networks(reviews, texts, words, layers, options)
    print_gains(found)
    if options.output:
        best = max(linear, key=lambda name: float(np.mean(linear[name])))
        draw(options.output, found, {f"linear model\n({best})": float(np.mean(linear[best]))})


if __name__ == "__main__":
    main()
