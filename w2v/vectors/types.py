"""The types that queries share: arguments, results, and the part of KeyedVectors that they use."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from w2v.matrices import Matrix
from w2v.vectors.subwords import Subwords

Vector: TypeAlias = NDArray[np.float32]  # (d,)
Rows: TypeAlias = NDArray[np.intp]  # numbers of rows

Word: TypeAlias = str | int | np.integer[Any]  # a word, or the number of its row
Key: TypeAlias = Word | NDArray[Any]  # a word, or a vector (d,)
Keys: TypeAlias = Key | Iterable[Key | tuple[Key, float]] | None
Weight: TypeAlias = np.float32 | np.float64

Neighbours: TypeAlias = list[tuple[str, float]]  # (word, similarity), the nearest first


class WordVectors(Protocol):
    """The part of KeyedVectors that queries use: V words, and a vector of d numbers for each."""

    @property
    def index_to_key(self) -> list[str]:
        """The words (V,), the commonest first."""

    @property
    def key_to_index(self) -> dict[str, int]:
        """The row of each word."""

    @property
    def vectors(self) -> Matrix:
        """The vectors, float32 (V, d), or a CompactMatrix that acts for them."""

    @property
    def norms(self) -> Vector:
        """The lengths of the vectors, float32 (V,), 1 for a zero vector."""

    @property
    def counts(self) -> NDArray[Any] | None:
        """How often each word was seen, int64 (V,), or None."""

    @property
    def vector_size(self) -> int:
        """The number of dimensions d."""

    @property
    def subwords(self) -> Subwords | None:
        """The n-grams that make the vectors of unseen words, or None."""

    def __len__(self) -> int: ...

    def __contains__(self, word: object) -> bool: ...

    def __getitem__(self, word_or_words: Iterable[Word]) -> Matrix: ...

    def has_index_for(self, key: object) -> bool:
        """Return whether a word, or the number of a row, has a row."""

    def get_index(self, key: Word, default: int | None = None) -> int:
        """Return the row of a word, or the default."""

    def get_vector(self, key: Word, norm: bool = False) -> Vector:
        """Return the vector of a word (d,)."""

    def products(self, queries: NDArray[Any], rows: slice = slice(None)) -> Vector:
        """Return the dot products of queries with the vectors of some rows."""


@runtime_checkable
class Indexer(Protocol):
    """An index that most_similar can ask instead of comparing with every word."""

    @property
    def vectors(self) -> WordVectors:
        """The vectors that it is an index of."""

    def nearest(
        self, queries: Matrix, topn: int, own: Sequence[Collection[int]] | None = None
    ) -> list[Neighbours]:
        """Return the words nearest to each of the queries (m, d), except those of rows `own`."""
