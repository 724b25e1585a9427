"""Vectors that anybody has: ours, a file's, gensim's."""

import os
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from w2v.arguments import not_allowed
from w2v.errors import Argument, ConfigError
from w2v.finite import finite_rows
from w2v.vectors.keyed_vectors import KeyedVectors
from w2v.vectors.loading import load


class AnyVectors(Protocol):
    """What gensim's KeyedVectors have, and ours: words, and a matrix with a row for each."""

    index_to_key: list[str]
    vectors: Any


def as_vectors(name: str, given: object) -> KeyedVectors:
    """Return vectors as KeyedVectors; gensim's are not copied where they are float32.

    given: a path, KeyedVectors, whatever has `index_to_key` and `vectors`, or a model of them, ours
        or gensim's. name: of the argument, for messages.

    Raises ConfigError for anything else, FormatError for a file that cannot be read.
    """
    if isinstance(given, (str, os.PathLike)):
        return load(given)
    for found in _candidates(given):
        if isinstance(found, KeyedVectors):
            return found
        words, matrix = getattr(found, "index_to_key", None), getattr(found, "vectors", None)
        if words is not None and matrix is not None:
            vectors = KeyedVectors(words, matrix)
            if not finite_rows(vectors.vectors).all():
                problem = " must have finite numbers; NaN or infinity is there."
                raise ConfigError(Argument(name), problem)
            return vectors
    allowed = (
        "the name of a file of vectors, KeyedVectors, or what has index_to_key and vectors as"
        " gensim's do"
    )
    raise not_allowed(name, allowed, given)


def _candidates(given: object) -> Iterator[object]:
    """Yield what may be vectors: the thing itself, or what a model has of them."""
    yield given
    if not isinstance(given, np.ndarray):
        yield getattr(given, "wv", None)  # of gensim's Word2Vec
        yield getattr(given, "vectors", None)
