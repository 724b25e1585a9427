"""Graphs in: their edges are read, and walked along; the walks are a corpus."""
