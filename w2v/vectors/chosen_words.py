"""The words, vectors and counts of some of the words, for vectors of their own."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from w2v.matrices import Matrix
from w2v.vectors.query_arguments import as_list
from w2v.vectors.types import Word, WordVectors


def chosen_words(
    vectors: WordVectors, keys: Iterable[Word], is_inferred: bool
) -> tuple[list[str], Matrix, list[int] | None]:
    """Return (words, vectors, counts) of those words that are there, each once, in their order.

    is_inferred: whether words without a row are taken too, where their n-grams make a vector.
    """
    is_there: Any = vectors.__contains__ if is_inferred else vectors.has_index_for
    words = list(dict.fromkeys(_spelled(vectors, key) for key in as_list(keys) if is_there(key)))
    found = [vectors.get_vector(word) for word in words]
    matrix = np.array(found, dtype=np.float32).reshape(len(words), vectors.vector_size)
    if vectors.counts is None:
        return words, matrix, None
    rows = [vectors.get_index(word, -1) for word in words]
    return words, matrix, [int(vectors.counts[row]) if row >= 0 else 0 for row in rows]


def _spelled(vectors: WordVectors, word: Word) -> str:
    return word if isinstance(word, str) else vectors.index_to_key[vectors.get_index(word)]
