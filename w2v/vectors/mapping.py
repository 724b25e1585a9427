"""From vectors to a map: which words are on it, and which of them are each word's neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from w2v.arguments import checked_whole
from w2v.errors import ConfigError
from w2v.finite import finite_rows
from w2v.matrices import Matrix
from w2v.vectors.batch_search import nearest_to_each
from w2v.vectors.norms import normed_rows
from w2v.vectors.query_arguments import as_list
from w2v.vectors.types import Rows, Word, WordVectors

if TYPE_CHECKING:
    from w2v.maps.word_map import WordMap

FEWEST = 3  # words that make a map
NEIGHBOURS = 10  # listed for each word
_TOP = 20_000


def word_map(
    vectors: WordVectors,
    top: int | None = None,
    words: Iterable[Word] | None = None,
    groups: Mapping[str, str] | None = None,
    method: str = "pca",
    seed: int = 1,
) -> WordMap:
    """Return a map of words: places on a plane, colours and the nearest neighbours of each.

    Parameters
    ----------
    top : int, optional
        How many words to show, the commonest, 3 or more. By default 20,000, or with `words` all of
        them. A page of 100,000 still works.
    words : iterable of words, optional
        The words to choose from, instead of all; missing ones are left out.
    groups : mapping of str to str, optional
        The name of the group of each word, which gives its colour. By default words are coloured by
        clusters of their vectors.
    method : {"pca", "tsne", "umap"}
        How words are laid out. "pca", the directions of largest variance, takes a moment and shows
        the large picture; the others keep near words together, take minutes for 20,000 words, and
        need an extra of the same name.
    seed : int
        The seed of all random draws: where the clusters start, and some layouts.

    Returns
    -------
    WordMap
        The map; its method `save` writes a page (.html) or a picture (.png, .svg).

    Raises
    ------
    ConfigError
        An argument is out of range, fewer than 3 words are there, or their vectors are all alike.
    W2VError
        The layout needs a package that is not installed.
    """
    # Matplotlib, SciPy and the parts of the page are only for maps: imported when one is made.
    from w2v.maps.groups import clusters, given_groups  # noqa: PLC0415
    from w2v.maps.layout import check_method, lay_out  # noqa: PLC0415
    from w2v.maps.word_map import WordMap  # noqa: PLC0415

    check_method(method)
    seed = checked_whole("seed", seed, 0, 2**32 - 1)
    rows = _chosen_rows(vectors, top, words)
    names = [vectors.index_to_key[row] for row in rows]
    given = None if groups is None else given_groups(names, groups)
    units = normed_rows(vectors.vectors[rows], vectors.norms[rows])
    _check_finite(units, names)
    neighbours, similarities = _nearest(units)
    return WordMap(
        words=names,
        positions=lay_out(units, method, seed),
        counts=None if vectors.counts is None else vectors.counts[rows],
        groups=given or clusters(names, units, seed),
        neighbours=neighbours,
        similarities=similarities,
        method=method,
    )


def _chosen_rows(vectors: WordVectors, top: int | None, words: Iterable[Word] | None) -> Rows:
    """Return the rows of the words to show, the commonest first."""
    if words is None:
        rows = np.arange(len(vectors))
    else:
        found = (vectors.get_index(word, -1) for word in as_list(words))
        rows = np.array(list(dict.fromkeys(row for row in found if row >= 0)), dtype=np.intp)
    if vectors.counts is not None:
        rows = rows[np.argsort(-vectors.counts[rows], kind="stable")]
    if top is not None or words is None:
        rows = rows[: checked_whole("top", _TOP if top is None else top, FEWEST, 10_000_000)]
    if len(rows) < FEWEST:
        raise ConfigError(
            f"A map needs {FEWEST} words or more, but "
            + (
                f"{len(rows)} of the words given are there."
                if words is not None
                else f"there are only {len(rows)}."
            )
        )
    return rows


def _check_finite(units: Matrix, words: list[str]) -> None:
    bad = np.flatnonzero(~finite_rows(units))
    if len(bad):
        raise ConfigError(
            f"The vector of {words[bad[0]]!r} holds NaN or infinity; find such vectors with 'w2v"
            " check', or leave the word out."
        )


def _nearest(units: Matrix) -> tuple[Rows, Matrix]:
    """Return for each of n unit vectors the rows of the nearest others, and their cosines."""
    blocks = nearest_to_each(
        lambda asked, part: asked @ units[part].T,
        np.ones(len(units), dtype=np.float32),
        units,
        np.arange(len(units)),
        range(len(units)),
        min(NEIGHBOURS, len(units) - 1) + 1,  # the word itself comes last, with a cosine of -inf
    )
    found = list(blocks)
    rows, cosines = (np.concatenate(part)[:, :NEIGHBOURS] for part in zip(*found, strict=True))
    kept = min(NEIGHBOURS, len(units) - 1)
    return rows[:, :kept], cosines[:, :kept]
