"""gensim's comparisons of several words, which leave out words that are missing."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np

from w2v.errors import ConfigError
from w2v.vectors import comparisons
from w2v.vectors.keyed_vectors import KeyedVectors
from w2v.vectors.norms import unit_vector
from w2v.vectors.query_arguments import as_list

_logger = logging.getLogger(__name__)


class EmptyListError(ConfigError, ZeroDivisionError):
    """A list holds no words; gensim raises a ZeroDivisionError here."""


def rank_by_centrality(vectors: KeyedVectors, words: Sequence[Any], use_norm: bool = True) -> Any:
    """Rank words by their similarity with the mean of all; missing ones are left out."""
    asked = as_list(words)
    known = [word for word in asked if word in vectors]
    if len(known) < len(asked):
        missing = [word for word in asked if word not in known]
        _logger.warning("vectors for words %s are not present, ignoring them", missing)
    return comparisons.rank_by_centrality(vectors, known, use_norm)


def doesnt_match(vectors: KeyedVectors, words: Sequence[Any]) -> Any:
    """Return the word farthest from the mean of all the words; missing ones are left out."""
    return rank_by_centrality(vectors, words)[-1][1]


def n_similarity(vectors: KeyedVectors, ws1: Sequence[Any], ws2: Sequence[Any]) -> float:
    """Return the cosine similarity of the means of two lists of words, of those that are here.

    Raises
    ------
    EmptyListError
        A list is empty.
    """
    if not (len(ws1) and len(ws2)):
        raise EmptyListError("Both lists need at least one word, but one of them is empty.")
    first, second = (vectors.get_mean_vector(words, pre_normalize=False) for words in (ws1, ws2))
    return float(np.dot(unit_vector(first), unit_vector(second)))
