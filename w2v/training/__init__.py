"""Ids in, weights out: configuration, tables, worker threads and the trained model."""
