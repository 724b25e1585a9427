"""What colours the words of a map: clusters of their vectors, or groups that the user gives."""

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.arguments import not_allowed
from w2v.errors import ConfigError
from w2v.matrices import Matrix

_CLUSTERS = 12  # as many colours as the eye tells apart
_WORDS_OF_A_CLUSTER = 8  # on average at least, so that few words make few clusters
_NAMING = 3  # words that name a cluster


@dataclass(frozen=True)
class Groups:
    """The groups of n words.

    Attributes
    ----------
    names : list of str
        The groups, the largest first.
    numbers : int64 (n,)
        For each word the number of its group, or -1 for a word that belongs to none.
    are_given : bool
        Whether the user gave them; otherwise they are clusters.
    """

    names: list[str]
    numbers: NDArray[np.int64]
    are_given: bool


def given_groups(words: Sequence[str], groups: object) -> Groups:
    """Return the groups that the user gave.

    Parameters
    ----------
    words : sequence of str (n,)
        The words of the map.
    groups : mapping of str to str
        The name of the group of each word. Words of the map that are missing belong to none.

    Raises
    ------
    ConfigError
        This is not such a mapping, or none of its words is on the map.
    """
    if not isinstance(groups, Mapping) or not all(
        isinstance(word, str) and isinstance(name, str) for word, name in groups.items()
    ):
        raise not_allowed("groups", "a mapping of words to the names of their groups", groups)
    sizes = Counter(groups[word] for word in words if word in groups)
    if not sizes:
        raise ConfigError(
            f"None of the {len(groups):,} words of the groups is on the map; give groups of its"
            " words, or choose more words."
        )
    names = [name for name, _ in sizes.most_common()]
    number_of = {name: number for number, name in enumerate(names)}
    numbers = [number_of[groups[word]] if word in groups else -1 for word in words]
    return Groups(names, np.array(numbers, dtype=np.int64), are_given=True)


def clusters(words: Sequence[str], units: Matrix, seed: int) -> Groups:
    """Return clusters of similar vectors, found by k-means from a k-means++ start.

    Source: Arthur and Vassilvitskii, k-means++: The Advantages of Careful Seeding, 2007.

    Parameters
    ----------
    words : sequence of str (n,)
        The words, the commonest first.
    units : float32 (n, d)
        Their vectors, of length 1.
    seed : int
        Of the random start.
    """
    from scipy.cluster.vq import kmeans2  # noqa: PLC0415  (slow to import)

    wanted = max(1, min(_CLUSTERS, len(words) // _WORDS_OF_A_CLUSTER))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a cluster that lost all its words is left out below
        centres, found = kmeans2(
            units.astype(np.float64), wanted, iter=30, minit="++", seed=np.random.default_rng(seed)
        )
    by_size = [number for number, _ in Counter(found.tolist()).most_common()]
    renumbered = np.empty(wanted, dtype=np.int64)
    renumbered[by_size] = np.arange(len(by_size))
    names = [_name(words, units, np.flatnonzero(found == old), centres[old]) for old in by_size]
    return Groups(names, renumbered[found], are_given=False)


def _name(words: Sequence[str], units: Matrix, members: NDArray[Any], centre: Any) -> str:
    """Name a cluster by the most typical of its commonest words.

    The commonest alone are function words that fit any cluster; the most typical alone are rare.
    """
    commonest = members[: max(_NAMING, len(members) // 10)]
    typical = commonest[np.argsort(-(units[commonest] @ centre), kind="stable")[:_NAMING]]
    return ", ".join(words[row] for row in typical)
