"""The first words of vectors as a table, which a notebook shows."""

from w2v.matrices import CompactMatrix
from w2v.tables import html_table, number
from w2v.vectors.types import WordVectors

_WORDS, _NUMBERS = 8, 4  # shown
_LETTERS = 60  # of a word


def preview_html(vectors: WordVectors) -> str:
    """Return the first words with their counts and numbers as a table in HTML."""
    words, counts = vectors.index_to_key[:_WORDS], vectors.counts
    header = ["word", *(["count"] if counts is not None else []), "length", "vector"]
    rows = []
    for row, word in enumerate(words):
        vector = vectors.vectors[row]
        count = [] if counts is None else [f"{counts[row]:,}"]
        shown = [number(float(value), 3) for value in vector[:_NUMBERS]]
        more = ["…"] if len(vector) > _NUMBERS else []
        length = float((vector.astype("float64") ** 2).sum() ** 0.5)
        rows.append([_short(str(word)), *count, number(length, 3), "  ".join(shown + more)])
    if len(vectors) > len(words):
        rows.append(["…", *[""] * (len(header) - 1)])
    return html_table(f"{type(vectors).__name__}: {_size(vectors)}", rows, header)


def _short(word: str) -> str:
    return word if len(word) <= _LETTERS else word[: _LETTERS - 1] + "…"


def _size(vectors: WordVectors) -> str:
    held = vectors.vectors
    dtype = held.codes.dtype if isinstance(held, CompactMatrix) else held.dtype
    return f"{len(vectors):,} words, {vectors.vector_size:,} numbers each ({dtype})"
