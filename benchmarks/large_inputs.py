"""What the stages of work on a large vocabulary share: their files, words and vectors."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import w2v
from large_text import zipf_counts

LEAST = 5  # how often the rarest word is seen: the default min_count

Asked = dict[str, Any]
Task = tuple[Callable[[], object], float, str]  # the work, how much it is, and of what
Prepare = Callable[[Asked], Task]


class Stages:
    """Stages by name.

    Attributes
    ----------
    all : dict of str to callable
        What prepares each stage; its docstring is shown in the table.
    reads : dict of str to tuple of str
        The files that each reads, which other stages write.
    """

    def __init__(self) -> None:
        self.all: dict[str, Prepare] = {}
        self.reads: dict[str, tuple[str, ...]] = {}

    def __call__(self, *files: str) -> Callable[[Prepare], Prepare]:
        """Register a stage by its name, and the files that it reads."""

        def register(prepare: Prepare) -> Prepare:
            self.all[prepare.__name__], self.reads[prepare.__name__] = prepare, files
            return prepare

        return register


def file_of(asked: Asked, name: str) -> Path:
    """Return a file of the benchmark by name."""
    return Path(asked["directory"]) / name


def words_of(asked: Asked) -> list[str]:
    """Return the words, without making them again."""
    return file_of(asked, "words.txt").read_text(encoding="utf-8").split()


def counts_of(asked: Asked) -> NDArray[np.int64]:
    """Return how often each word occurs in the text."""
    return zipf_counts(asked["words"], LEAST)


def matrix_of(asked: Asked) -> NDArray[np.float32]:
    """Return vectors: a thousand rows of random numbers, over and over.

    They are no longer than trained ones: training from longer ones ends as diverged.
    """
    numbers = np.random.default_rng(1).normal(0, 0.1, (1000, asked["vector_size"]))
    some = numbers.astype(np.float32)
    matrix = np.empty((asked["words"], asked["vector_size"]), dtype=np.float32)
    for first in range(0, len(matrix), len(some)):
        matrix[first : first + len(some)] = some[: len(matrix) - first]
    return matrix


def vectors_of(asked: Asked) -> w2v.KeyedVectors:
    """Return vectors as training gives them."""
    return w2v.KeyedVectors(words_of(asked), matrix_of(asked), counts_of(asked), distinct=True)


def megabytes(path: Path) -> float:
    """Return the size of a file."""
    return path.stat().st_size / 1e6


def written(asked: Asked, name: str, work: Callable[[Path], object]) -> Task:
    """Return the task of writing a file whose size is known only afterwards."""
    size = 4e-6 * asked["words"] * asked["vector_size"] * (2 if name.startswith("model") else 1)
    return lambda: work(file_of(asked, name)), size, "MB"
