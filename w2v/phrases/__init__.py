"""Phrases: words that often stand together, found in a corpus and joined into one word."""
