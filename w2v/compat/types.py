"""The part of gensim's KeyedVectors that functions change."""

from typing import Any, Protocol, TypeVar

from numpy.typing import NDArray

from w2v.vectors.subwords import Subwords
from w2v.word_forms import WordForm


class GensimVectors(Protocol):
    """V keys, and a vector of d numbers for each; KeyedVectors describes the attributes."""

    index_to_key: list[Any]
    key_to_index: dict[Any, int]
    expandos: dict[str, NDArray[Any]]
    vectors_lockf: Any
    next_index: int
    subwords: Subwords | None
    form: WordForm

    @property
    def vectors(self) -> Any:
        """The vectors (V, d)."""

    @vectors.setter
    def vectors(self, matrix: Any) -> None: ...

    @property
    def norms(self) -> Any:
        """The lengths of the vectors (V,)."""

    @norms.setter
    def norms(self, norms: Any) -> None: ...

    @property
    def counts(self) -> Any:
        """The attribute "count", or None."""

    @counts.setter
    def counts(self, counts: Any) -> None: ...

    @property
    def vector_size(self) -> int:
        """The number of dimensions d."""

    def get_index(self, key: Any, default: int | None = None) -> int:
        """Return the row of a key."""


Vectors = TypeVar("Vectors", bound=GensimVectors)
