"""Vectors out: lookup, similarity, analogies, and their evaluation."""
