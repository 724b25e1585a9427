"""Words and their vectors: which row a word has, and what is in it."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from w2v.arguments import numbers, shown, truth
from w2v.errors import ConfigError, MissingWordError
from w2v.formats.defects import Defect
from w2v.matrices import CompactMatrix
from w2v.vectors.batches import unit_rows
from w2v.vectors.keys import (
    Key,
    Weight,
    Word,
    at_least_one,
    checked_vector,
    checked_weights,
    several,
)
from w2v.vectors.missing import MissingWord
from w2v.vectors.nearest import row_norms, unit_vector
from w2v.vectors.subwords import Subwords

Vector = NDArray[np.float32]
# Below and at these float32 is too coarse, or too small, for the lengths themselves.
_LEAST_NORM, _LARGEST = 1e-35, np.finfo(np.float32).max
_HELD = (1e-30, 1e30)  # largest numbers whose sums float32 holds


class Lookup:
    """The words, their rows and their vectors; KeyedVectors adds what can be asked of them."""

    def __init__(
        self,
        words: Sequence[str],
        vectors: ArrayLike,
        counts: ArrayLike | None = None,
        defects: tuple[Defect, ...] = (),
        distinct: bool = False,
    ) -> None:
        """Take words (V,), vectors (V, d), and counts (V,) where known; arrays are not copied.

        distinct: whether the words are known to be distinct, which then is not checked.

        Raises ConfigError where the lengths differ, a word is no text, or is there twice.
        """
        self.index_to_key: list[str] = several(words)
        # A compact matrix is typed as the array that it acts for: an index gives float32 rows.
        self.vectors: Vector = (
            cast(Vector, vectors)
            if isinstance(vectors, CompactMatrix)
            else np.ascontiguousarray(numbers("vectors", vectors, np.float32))
        )
        self.counts = None if counts is None else numbers("counts", counts, np.int64)
        self.defects = defects
        size = len(self.index_to_key)
        if self.vectors.ndim != 2 or len(self.vectors) != size:
            raise ConfigError(f"{size} words need as many rows, not {self.vectors.shape}.")
        if self.counts is not None and self.counts.shape != (size,):
            raise ConfigError(f"{size} words need as many counts, not {self.counts.shape}.")
        distinct = truth("distinct", distinct)
        if not distinct:
            _check_words(self.index_to_key)
        if not distinct and len(self.key_to_index) < size:
            raise ConfigError(f"The {size} words are not distinct; give each word once.")
        self.subwords: Subwords | None = None
        self._norms: Vector | None = None

    @cached_property
    def key_to_index(self) -> dict[str, int]:
        """The row of each word; made when it is first asked for."""
        return dict(zip(self.index_to_key, range(len(self)), strict=True))

    @property
    def vector_size(self) -> int:
        """The number of dimensions d."""
        return int(self.vectors.shape[1])

    @property
    def norms(self) -> Vector:
        """The lengths of the vectors, float32 (V,), 1 for a zero vector; computed once."""
        if self._norms is None:
            self._norms = row_norms(self.vectors)
        return self._norms

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} words, vector_size={self.vector_size})"

    def __len__(self) -> int:
        return len(self.index_to_key)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the V words, the commonest first."""
        return iter(self.index_to_key)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self.index_to_key)

    def __getstate__(self) -> dict[str, Any]:
        # What follows from the rest is computed again when it is asked for.
        state = {name: value for name, value in vars(self).items() if name != "key_to_index"}
        return {**state, "_norms": None}

    def __contains__(self, word: object) -> bool:
        """Return whether there is a vector: with subwords for every word that has an n-gram."""
        return self._is_unseen(word) or self.has_index_for(word)

    def has_index_for(self, key: object) -> bool:
        """Return whether a word is one of the V words, or a number the row of one."""
        if isinstance(key, (int, np.integer)):
            return bool(0 <= key < len(self))
        return isinstance(key, str) and key in self.key_to_index

    def _is_unseen(self, word: object) -> bool:
        """Return whether a word has no row, but a vector by its n-grams."""
        if self.subwords is None or not isinstance(word, str) or word in self.key_to_index:
            return False
        return word in self.subwords

    def __getitem__(self, word_or_words: Word | slice | Iterable[Word]) -> Vector:
        """Return the vector (d,) of a word, or the vectors (n, d) of several.

        Several are an iterable of words, or a slice of the rows, as in vectors[0:3].
        """
        if isinstance(word_or_words, (str, int, np.integer)):
            return self.get_vector(word_or_words)
        if isinstance(word_or_words, slice):
            return self._sliced(word_or_words)
        words = several(word_or_words)
        if any(map(self._is_unseen, words)):
            return np.stack([self.get_vector(word) for word in words])
        return self.vectors[self._rows(words)]

    def _sliced(self, rows: slice) -> Vector:
        try:
            rows.indices(len(self))
        except (TypeError, ValueError):  # words as bounds, or a step of 0
            raise ConfigError(
                f"A slice goes by the numbers of rows, as in vectors[0:3], not {rows}."
            ) from None
        found = self.vectors[rows]
        found.setflags(write=False)
        return found

    def get_index(self, key: Word, default: int | None = None) -> int:
        """Return the row of a word, or the default, where one is given, for a missing word."""
        row = self.key_to_index.get(key, -1) if isinstance(key, str) else key
        if isinstance(row, (int, np.integer)) and 0 <= row < len(self):
            return int(row)
        if default is not None:
            return default
        raise MissingWordError(MissingWord(key, self.index_to_key, self.key_to_index))

    def _row(self, key: Key) -> int:
        """Return the row of a word, -1 for a vector and for a word that has none."""
        return -1 if isinstance(key, np.ndarray) else self.get_index(key, -1)

    def _rows(self, words: Iterable[Word]) -> NDArray[np.intp]:
        return np.array([self.get_index(word) for word in several(words)], dtype=np.intp)

    def get_vector(self, key: Word, norm: bool = False) -> Vector:
        """Return the vector of a word as a read-only view (d,), or scaled to length 1.

        With subwords, that of an unseen word is the mean of its n-grams' rows; a word without any
        is missing.
        """
        norm = truth("norm", norm)
        vector: Vector
        if self.subwords is not None and self._is_unseen(key):
            vector = self.subwords.vector(str(key))
            vector = unit_vector(vector) if norm else vector
        else:
            row = self.get_index(key)
            vector = self.vectors[row] / self.norms[row] if norm else self.vectors[row]
        vector.setflags(write=False)
        return vector

    def get_normed_vectors(self) -> Vector:
        """Return a float32 copy of all vectors scaled to length 1, (V, d)."""
        normed: Vector = self.vectors[:] / self.norms[:, np.newaxis]
        rough = np.flatnonzero((self.norms < _LEAST_NORM) | (self.norms == _LARGEST))
        if len(rough):
            normed[rough] = unit_rows(self.vectors[rough])
        return normed

    def products(self, queries: NDArray[Any], rows: slice = slice(None)) -> Vector:
        """Return the dot products of queries with the vectors of the rows, n of them.

        queries: one vector (d,), for a result (n,), or several (m, d), for (m, n). Every search
        of ranges of rows goes through here, whatever the vectors are stored as. Queries of float64
        give float64 where the vectors are an array, as in gensim.
        """
        if isinstance(self.vectors, CompactMatrix):
            return self.vectors.products(queries, rows)
        searched = self.vectors[rows]
        found: Vector
        found = np.dot(searched, queries) if queries.ndim == 1 else np.matmul(queries, searched.T)
        return found

    def get_count(self, key: Word) -> int | None:
        """Return how often a word was seen in training, or None where the file did not say."""
        row = self.get_index(key)
        return None if self.counts is None else int(self.counts[row])

    def get_vecattr(self, key: Word, attr: str) -> int:
        """Return an attribute of a word; the one there is is "count", the word's count.

        Raises ConfigError for another attribute, or where the file did not have the counts.
        """
        count = self.get_count(key)
        if not isinstance(attr, str) or attr != "count":
            raise ConfigError(f"The attribute of a word is 'count'; there is no {shown(attr)}.")
        if count is None:
            raise ConfigError(
                "These vectors came without counts; a full model (.safetensors) keeps them."
            )
        return count

    def get_mean_vector(
        self,
        keys: Iterable[Key],
        weights: ArrayLike | None = None,
        pre_normalize: bool = True,
        post_normalize: bool = False,
        ignore_missing: bool = True,
    ) -> NDArray[Any]:
        """Return the weighted mean (d,) of words and vectors: the sum over that of |weight|.

        keys: words or vectors (d,), one or more. weights: as many numbers; None weighs all alike.
        pre_normalize: scale each word's vector to length 1 first; vectors are taken as they are.
        post_normalize: scale the mean to length 1.
        ignore_missing: leave out words that are not there, rather than raise MissingWordError;
            the mean of none is zero.

        Raises ConfigError where there are no keys, or other than one finite weight for each.
        """
        asked = at_least_one(keys)
        pre_normalize = truth("pre_normalize", pre_normalize)
        post_normalize = truth("post_normalize", post_normalize)
        ignore_missing = truth("ignore_missing", ignore_missing)
        given = [
            (key, weight)
            for key, weight in zip(asked, checked_weights(weights, len(asked)), strict=True)
            if isinstance(key, np.ndarray) or not ignore_missing or key in self
        ]
        mean = self._mean(given, pre_normalize) if given else np.zeros(self.vector_size, np.float32)
        return unit_vector(mean).astype(np.float32) if post_normalize else mean

    def _vector(self, key: Key, normalize: bool = False) -> NDArray[Any]:
        if isinstance(key, (str, int, np.integer)):
            return self.get_vector(key, norm=normalize)
        return checked_vector(key, self.vector_size)

    def _mean(self, given: Sequence[tuple[Key, Weight]], normalize: bool = False) -> NDArray[Any]:
        """Return the weighted mean of words and vectors, (d,)."""
        if not given:
            raise ConfigError("A mean needs at least one word; give some words or vectors.")
        summands = [weight * self._vector(key, normalize) for key, weight in given]
        # In float32 as in gensim, but for numbers that it cannot hold.
        largest = max(np.abs(summand).max(initial=0) for summand in summands)
        is_held = largest == 0 or _HELD[0] < largest < _HELD[1]
        mean = np.zeros(self.vector_size, dtype=np.float32 if is_held else np.float64)
        for summand in summands:
            mean += summand
        total = sum(abs(weight) for _, weight in given)
        return mean / total if total else mean


def _check_words(words: list[str]) -> None:
    if all(issubclass(kind, str) for kind in set(map(type, words))):
        return
    word = next(word for word in words if not isinstance(word, str))
    raise ConfigError(
        f"A word is text, not {shown(word)}; of names that are something else, give str(name)."
    )


def check_vectors(vectors: object) -> None:
    """Raise ConfigError unless these are vectors, as w2v.load returns them."""
    if not isinstance(vectors, Lookup):
        raise ConfigError(
            f"This needs vectors, such as w2v.load returns, not {type(vectors).__name__}."
        )
