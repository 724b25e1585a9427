"""Columns of text: in files of JSON, CSV, Parquet and Arrow, and in tables in memory."""
