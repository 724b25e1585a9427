"""Vectors out: lookup, similarity, neighbours and analogies, their evaluation, and their files."""

from w2v.vectors.keyed_vectors import KeyedVectors
from w2v.vectors.loading import load

__all__ = ["KeyedVectors", "load"]
