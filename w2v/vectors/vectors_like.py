"""Vectors in any form that a caller may have: KeyedVectors, a file, or gensim's."""

import os
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from w2v.arguments import not_allowed
from w2v.errors import Argument, ConfigError
from w2v.finite import finite_rows
from w2v.vectors.keyed_vectors import KeyedVectors
from w2v.vectors.loading import load


class VectorsLike(Protocol):
    """What gensim's KeyedVectors and ours have: words, and a matrix with a row for each."""

    index_to_key: list[str]
    vectors: Any


def check_vectors(vectors: object) -> None:
    """Raise ConfigError unless these are KeyedVectors."""
    if not isinstance(vectors, KeyedVectors):
        raise ConfigError(
            f"This needs vectors, such as w2v.load returns, not {type(vectors).__name__}."
        )


def as_vectors(name: str, given: object) -> KeyedVectors:
    """Return vectors as KeyedVectors; a float32 matrix is not copied.

    Parameters
    ----------
    name : str
        The name of the argument, for messages.
    given : str, PathLike, KeyedVectors or other object
        A file of vectors, an object with `index_to_key` and `vectors`, or a model, ours or
        gensim's, that holds one.

    Raises
    ------
    ConfigError
        It is something else, or a number is not finite.
    FormatError
        The file cannot be read.
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
                problem = " must have finite numbers, but holds NaN or infinity."
                raise ConfigError(Argument(name), problem)
            return vectors
    allowed = (
        "the name of a file of vectors, KeyedVectors, or an object with index_to_key and vectors,"
        " as gensim's have"
    )
    raise not_allowed(name, allowed, given)


def _candidates(given: object) -> Iterator[object]:
    """Yield the objects that may be vectors: the given one, and those that it holds as a model."""
    yield given
    if not isinstance(given, np.ndarray):
        yield getattr(given, "wv", None)  # of gensim's Word2Vec
        yield getattr(given, "vectors", None)
