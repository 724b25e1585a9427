"""The first words of vectors as a table, which a notebook shows."""

from typing import TYPE_CHECKING

from w2v.matrices import CompactMatrix
from w2v.tables import html_table, number

if TYPE_CHECKING:
    from w2v.vectors.keyed_vectors import KeyedVectors

_WORDS, _NUMBERS = 8, 4  # shown


def preview_html(vectors: "KeyedVectors") -> str:
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
        rows.append([str(word), *count, number(length, 3), "  ".join(shown + more)])
    if len(vectors) > len(words):
        rows.append(["…", *[""] * (len(header) - 1)])
    return html_table(f"{type(vectors).__name__}: {_size(vectors)}", rows, header)


def _size(vectors: "KeyedVectors") -> str:
    held = vectors.vectors
    dtype = held.codes.dtype if isinstance(held, CompactMatrix) else held.dtype
    extra = ", and vectors for unseen words" if vectors.subwords is not None else ""
    return f"{len(vectors):,} words, {vectors.vector_size:,} numbers each ({dtype}){extra}"
