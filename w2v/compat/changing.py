"""Changes of vectors: keys and rows are added, replaced, sorted, and given room."""

import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from w2v.compat.attributes import allocate_vecattrs
from w2v.compat.types import GensimVectors
from w2v.errors import ConfigError

_KEY_TYPES = (str, int, np.integer)


def add_vector(vectors: GensimVectors, key: Any, vector: ArrayLike) -> int:
    """Add one key; the first row that has room takes it. To add many, use add_vectors.

    Returns
    -------
    int
        The row.
    """
    row = vectors.next_index
    if row >= len(vectors.index_to_key) or vectors.index_to_key[row] is not None:
        row = len(vectors.index_to_key)
        if row:
            warnings.warn(
                "Each add_vector to full vectors copies all of them; add many with add_vectors,"
                " or make room with KeyedVectors(vector_size, count).",
                stacklevel=2,
            )
        add_vectors(vectors, [key], [vector])
    else:
        vectors.index_to_key[row] = key
        vectors.key_to_index[key] = row
        vectors.vectors[row] = _rows(vectors, [vector], 1)[0]
        vectors.norms = None
    vectors.next_index = row + 1
    return row


def add_vectors(
    vectors: GensimVectors,
    keys: Any,
    weights: Any,
    extras: dict[str, ArrayLike] | None = None,
    replace: bool = False,
) -> None:
    """Add keys and their vectors behind the last row.

    Parameters
    ----------
    keys : key or list of keys (n,)
        The keys; one that is given twice gets the last of its vectors.
    weights : array-like (n, d), or (d,) for one key
        The vectors.
    extras : dict of str to array-like (n,), optional
        Attributes of the keys.
    replace : bool
        Replace the vectors of keys that are there already, instead of keeping them.

    Raises
    ------
    ConfigError
        The shapes do not fit.
    """
    if isinstance(keys, _KEY_TYPES):
        keys, weights = [keys], [np.ravel(weights)]
    added = list(keys)
    rows = _rows(vectors, weights, len(added))
    extra = {name: np.asarray(values) for name, values in (extras or {}).items()}
    new = [place for place, key in enumerate(added) if key not in vectors.key_to_index]
    if new:
        _append(vectors, [added[place] for place in new])
    elif not vectors.vectors.flags.writeable:  # mapped
        vectors.vectors = vectors.vectors.copy()
    allocate_vecattrs(vectors)
    allocate_vecattrs(vectors, extra, [values.dtype for values in extra.values()])
    changed = list(range(len(added))) if replace else new
    targets = [vectors.key_to_index[added[place]] for place in changed]
    vectors.vectors[targets] = rows[changed]
    for name, values in extra.items():
        vectors.expandos[name][targets] = values[changed]
    vectors.norms = None


def _append(vectors: GensimVectors, keys: Iterable[Any]) -> None:
    """Add keys with vectors of zeros."""
    before = len(vectors.index_to_key)
    vectors.index_to_key += dict.fromkeys(keys)
    added = range(before, len(vectors.index_to_key))
    vectors.key_to_index.update(zip(vectors.index_to_key[before:], added, strict=True))
    room = np.zeros((len(added), vectors.vector_size), vectors.vectors.dtype)
    vectors.vectors = np.concatenate([vectors.vectors, room])


def _rows(vectors: GensimVectors, weights: Any, count: int) -> NDArray[Any]:
    """Return vectors as an array (count, d); ConfigError where they have another shape."""
    try:
        rows = np.asarray(weights, dtype=vectors.vectors.dtype)
    except (TypeError, ValueError):
        rows = np.zeros(0)
    if rows.shape != (count, vectors.vector_size):
        raise ConfigError(
            f"{count} keys need vectors of the shape ({count}, {vectors.vector_size}), but theirs"
            f" have the shape {rows.shape}."
        )
    return rows


def set_item(vectors: GensimVectors, keys: Any, weights: Any) -> None:
    """Add a key, or a list of keys, or replace their vectors: vectors["word"] = vector."""
    if isinstance(keys, list):
        add_vectors(vectors, keys, weights, replace=True)
    else:
        add_vectors(vectors, [keys], [np.ravel(weights)], replace=True)


def resize_vectors(vectors: GensimVectors, seed: int = 0) -> None:
    """Make as many rows as there are keys; new ones are random within ±1/d, as in gensim."""
    shape = (len(vectors.index_to_key), vectors.vector_size)
    if vectors.vectors.shape != shape:
        drawn = np.random.default_rng(seed=seed).random(shape, dtype=np.float32)
        drawn *= 2.0
        drawn -= 1.0
        drawn /= vectors.vector_size
        rows = drawn.astype(vectors.vectors.dtype, copy=False)
        kept = min(len(vectors.vectors), len(rows))
        rows[:kept] = vectors.vectors[:kept]
        vectors.vectors = rows
    allocate_vecattrs(vectors)
    vectors.norms = None


def sort_by_descending_frequency(vectors: GensimVectors) -> None:
    """Sort the keys by the attribute "count", the largest first; equal ones from the last."""
    if not len(vectors.index_to_key):
        return
    if vectors.counts is None:
        raise ConfigError('Sorting needs the attribute "count" of each key; set it first.')
    counts = np.asarray(vectors.counts, dtype=np.int64)
    order = np.lexsort((-np.arange(len(counts)), -counts))
    vectors.index_to_key = [vectors.index_to_key[row] for row in order]
    vectors.key_to_index = {key: row for row, key in enumerate(vectors.index_to_key)}
    allocate_vecattrs(vectors)
    vectors.expandos = {name: values[order] for name, values in vectors.expandos.items()}
    if len(vectors.vectors):
        vectors.vectors = vectors.vectors[order]
