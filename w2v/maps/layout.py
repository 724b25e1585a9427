"""From many dimensions to two: each method that lays words out on a plane.

Words are near each other where the angle between their vectors is small, so every method gets the
vectors scaled to length 1.
"""

import importlib.util
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.arguments import checked_choice
from w2v.errors import Argument, ConfigError, W2VError
from w2v.matrices import Matrix

_NEIGHBOURS = 15  # that UMAP keeps near, its own default
_WORTH_THREADS = 2000  # words; threads for fewer wait for each other most of the time
_PERPLEXITY = 30.0  # of t-SNE: a smooth number of neighbours, its own default


@dataclass(frozen=True)
class Method:
    """A way to lay words out.

    Attributes
    ----------
    place : function
        Takes unit vectors (n, d) and a seed, and returns positions (n, 2).
    module : str
        The module that it needs beyond NumPy, or "".
    extra : str
        The extra that installs this module, or "".
    """

    place: Callable[[Matrix, int], Matrix]
    module: str = ""
    extra: str = ""


def check_method(name: str) -> Method:
    """Return a method by its name.

    Raises
    ------
    ConfigError
        There is no such method.
    W2VError
        Its package is not installed.
    """
    method = METHODS[checked_choice("method", name, METHODS)]
    if method.module and importlib.util.find_spec(method.module) is None:
        raise W2VError(
            Argument("method", name),
            f" needs the package {method.module}; install it: pip install 'w2v[{method.extra}]',"
            " or choose ",
            Argument("method", "pca"),
            ".",
        )
    return method


def lay_out(units: Matrix, method: str, seed: int) -> Matrix:
    """Return the place of each word on a plane.

    Parameters
    ----------
    units : float32 (n, d)
        The vectors of n words, 3 or more, of length 1; a zero vector stays one.
    method : str
        One of `METHODS`.
    seed : int
        Of the random numbers that a method draws.

    Returns
    -------
    float32 (n, 2)
        Positions from -1 to 1, with one scale for both axes.

    Raises
    ------
    ConfigError
        The method is unknown, or the vectors are all alike.
    W2VError
        The method's package is not installed.
    """
    place = check_method(method).place
    if np.ptp(units, axis=0).max() < 1e-6:
        raise ConfigError(
            "The vectors all point the same way, so no plane can show how they differ; train them"
            " longer, or choose other words."
        )
    return _fitted(np.asarray(place(units, seed), dtype=np.float32))


def _fitted(positions: Matrix) -> Matrix:
    """Centre positions and scale them into the square from -1 to 1."""
    low, high = positions.min(axis=0), positions.max(axis=0)
    half = max(float((high - low).max()) / 2, 1e-30)
    fitted: Matrix = ((positions - (low + high) / 2) / half).astype(np.float32)
    return fitted


def principal_components(units: Matrix, seed: int = 0) -> Matrix:
    """Return the two directions of largest variance, each with its larger side to the right.

    The signs of eigenvectors are arbitrary; this choice makes the map the same everywhere.
    """
    del seed  # nothing is drawn
    centred = units - units.mean(axis=0, dtype=np.float64)
    _, directions = np.linalg.eigh(centred.T @ centred)  # the variances ascend
    projected: NDArray[Any] = centred @ directions[:, ::-1][:, :2]
    if projected.shape[1] < 2:  # vectors of one number
        projected = np.hstack([projected, np.zeros_like(projected)])
    longest = np.take_along_axis(projected, np.abs(projected).argmax(axis=0)[None], axis=0)
    return (projected * np.where(longest < 0, -1, 1)).astype(np.float32)


def _umap(units: Matrix, seed: int) -> Matrix:
    from umap import UMAP  # noqa: PLC0415  (an extra, and slow to import)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a seed means one thread, and others' deprecations
        neighbours = min(_NEIGHBOURS, len(units) - 1)
        start = "spectral" if len(units) > 3 * _NEIGHBOURS else "random"
        reducer = UMAP(n_neighbors=neighbours, min_dist=0.1, init=start, random_state=seed)
        placed: Matrix = reducer.fit_transform(units)
    return placed


def _tsne(units: Matrix, seed: int) -> Matrix:
    from openTSNE import TSNE  # noqa: PLC0415  (an extra, and slow to import)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # others' deprecations
        perplexity = min(_PERPLEXITY, (len(units) - 1) / 3)
        start = principal_components(units)
        start *= 1e-4 / max(float(start[:, 0].std()), 1e-30)  # t-SNE starts from a small picture
        placed = TSNE(
            perplexity=perplexity,
            initialization=start,
            random_state=seed,
            n_jobs=-1 if len(units) > _WORTH_THREADS else 1,
        ).fit(units)
    return np.asarray(placed, dtype=np.float32)


METHODS = {
    "pca": Method(principal_components),
    "tsne": Method(_tsne, "openTSNE", "tsne"),
    "umap": Method(_umap, "umap", "umap"),
}
