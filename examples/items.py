"""Vectors of products from shopping baskets, by w2v and by gensim: hit rate at 10, and the time.

    python examples/items.py            20,000 baskets of 2,000 products, a minute
    python examples/items.py --small    3,000 baskets of 300 products, one seed

The catalogue is generated, so that the answers are known: products belong to groups, a few are
bought all the time (Zipf's law), and a basket takes most of its products from one group or two.
Of each test basket one product is left out, and guessed from the others: the ten products most
similar to their mean. Both libraries train on one core with the same settings. Needs gensim.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from gensim.models import Word2Vec
from numpy.typing import NDArray

import w2v

SETTINGS: dict[str, Any] = {
    "vector_size": 64, "epochs": 10, "min_count": 5, "alpha": 0.05, "sample": 1e-3, "workers": 1,
}  # fmt: skip
TEST_SHARE = 0.1
OF_ANY_GROUP = 0.2  # of a basket's products, on average
TWO_GROUPS = 0.4  # of baskets
LARGE = 0.02  # of baskets: 20 products and more, of six groups
HITS = 10
Baskets = list[list[int]]


class Catalogue(NamedTuple):
    """The group of each product, and the baskets to train on and to test on."""

    groups: NDArray[np.int64]
    train: Baskets
    test: Baskets


def catalogue(products: int, groups: int, baskets: int, seed: int) -> Catalogue:
    """Fill baskets with products, which are numbers, the commonest first."""
    generator = np.random.default_rng(seed)
    group_of = generator.integers(0, groups, products)
    weights = 1 / np.arange(1, products + 1)
    members = [np.flatnonzero(group_of == group) for group in range(groups)]
    shares = [np.cumsum(weights[chosen]) for chosen in members]
    everything = np.arange(products), np.cumsum(weights)
    filled = []
    for _ in range(baskets):
        size, count = 2 + generator.poisson(5), 1 + (generator.random() < TWO_GROUPS)
        if generator.random() < LARGE:
            size, count = 20 + generator.poisson(20), 6
        sources = [(members[g], shares[g]) for g in generator.integers(0, groups, count)]
        draws = [
            everything if generator.random() < OF_ANY_GROUP else sources[generator.integers(count)]
            for _ in range(size)
        ]
        chosen = (
            int(some[np.searchsorted(share, generator.random() * share[-1])])
            for some, share in draws
            if len(some)
        )
        filled.append(list(dict.fromkeys(chosen)))  # each product once
    tests = round(TEST_SHARE * baskets)
    return Catalogue(group_of, filled[tests:], filled[:tests])


def hit_rate(words: Sequence[str], vectors: NDArray[Any], baskets: Baskets, seed: int) -> float:
    """Return how often the product left out is among the ten most similar to the others."""
    generator = np.random.default_rng(seed)
    row_of = {int(word): row for row, word in enumerate(words)}
    rows = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    hits = []
    for basket in baskets:
        known = [row_of[product] for product in basket if product in row_of]
        if len(known) > 1:
            out = known.pop(generator.integers(len(known)))
            similar = rows @ rows[known].mean(axis=0)
            similar[known] = -np.inf
            hits.append(out in np.argsort(-similar)[:HITS])
    return float(np.mean(hits))


def purity(words: Sequence[str], vectors: NDArray[Any], groups: NDArray[np.int64]) -> float:
    """Return the share of each product's five nearest that are of its group."""
    rows = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    nearest = np.argsort(2 * np.eye(len(rows)) - rows @ rows.T, axis=1)[:, :5]
    of = groups[np.array(words, dtype=np.int64)]
    return float(np.mean(of[nearest] == of[:, None]))


def with_w2v(baskets: Baskets, seed: int) -> tuple[Sequence[str], NDArray[Any]]:
    """Return the products and their vectors by w2v."""
    vectors = w2v.train(baskets, sentence_windows=True, seed=seed, **SETTINGS).vectors
    return vectors.index_to_key, vectors.vectors


def with_gensim(baskets: Baskets, seed: int) -> tuple[Sequence[str], NDArray[Any]]:
    """Return the products and their vectors by gensim, with windows wider than any basket."""
    lines = [[str(product) for product in basket] for basket in baskets]
    model = Word2Vec(lines, sg=1, window=1_000, shrink_windows=False, seed=seed, **SETTINGS)
    return model.wv.index_to_key, model.wv.vectors


def timed(function: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    """Return a function's result and the seconds it took."""
    began = time.perf_counter()
    return function(*arguments), time.perf_counter() - began


def main() -> None:
    """Print a line for each library: means over the seeds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3, help="runs that are averaged")
    parser.add_argument("--small", action="store_true", help="a small catalogue, one seed")
    options = parser.parse_args()
    size, seeds = ((300, 20, 3_000), 1) if options.small else ((2_000, 100, 20_000), options.seeds)
    made = [catalogue(*size, seed) for seed in range(1, seeds + 1)]
    w2v.train(
        made[0].train[:100], sentence_windows=True, **{**SETTINGS, "min_count": 1}
    )  # compiles
    print("{:,} products in {} groups, {:,} baskets".format(*size))
    print("        hit rate at 10  own group  training")
    for library, vectors_of in (("w2v", with_w2v), ("gensim", with_gensim)):
        figures = []
        for seed, (groups, train, test) in enumerate(made, start=1):
            found, seconds = timed(vectors_of, train, seed)
            figures.append((hit_rate(*found, test, seed), purity(*found, groups), seconds))
        hits, own, seconds = np.mean(figures, axis=0)
        print(f"{library:8}{hits:14.3f}  {own:9.3f}  {seconds:6.2f} s")


if __name__ == "__main__":
    main()
