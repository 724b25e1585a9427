"""Vectors out: lookup, similarity, analogies, and their evaluation."""

from w2v.vectors.keyed_vectors import KeyedVectors
from w2v.vectors.loading import load

__all__ = ["KeyedVectors", "load"]
