"""The memory that training needs, checked before it begins and not when memory runs out."""

import math
from typing import NamedTuple

from w2v.errors import Argument, OutOfMemoryError
from w2v.machine import available_memory
from w2v.training.config import TrainConfig
from w2v.training.engines.lock_free import useful_workers
from w2v.training.engines.memory import (
    hot_shapes,
    shard_shapes,
    total_bytes,
    worker_bytes,
)
from w2v.training.engines.merging import hot_count
from w2v.training.engines.rounds import most_rows, round_shape
from w2v.training.weights import padded_width

# Bytes for each word of lists and dicts, as measured.
_OF_PACKED_WORDS, _OF_A_LOOKUP, _OF_TWO_TREES = 130, 110, 700
_EVALUATED_WORDS = 30_000  # of analogy sets


class Beside(NamedTuple):
    """Whatever else takes memory beside training.

    Attributes
    ----------
    best : bool
        Early stopping keeps the best model.
    analogies : bool
        Analogy sets are evaluated.
    checkpoints : bool
        Checkpoints are written.
    earlier : bool
        Training starts from a model or from vectors.
    frozen : bool
        Rows of these never change.
    """

    best: bool = False
    analogies: bool = False
    checkpoints: bool = False
    earlier: bool = False
    frozen: bool = False


def check_memory(
    vocabulary_size: int,
    config: TrainConfig,
    tokens: int,
    rarest: int | None = None,
    beside: Beside | None = None,
) -> None:
    """Raise an error if training needs more memory than there is.

    Parameters
    ----------
    vocabulary_size : int
    config : TrainConfig
    tokens : int
        Tokens of the text.
    rarest : int, optional
        The count of the rarest word; `min_count` by default.
    beside : Beside, optional
        What else takes memory; nothing by default.

    Raises
    ------
    OutOfMemoryError
        With the numbers, and the settings to change.
    """
    more = bytes_beside(vocabulary_size, config, beside or Beside())
    needed = estimated_bytes(vocabulary_size, config, tokens, rarest) + more
    available = available_memory()
    if needed > available:
        share = f", {_gigabytes(more)} GB of it for {_names(beside)}" if beside and more else ""
        raise OutOfMemoryError(
            f"Training {vocabulary_size:,} vectors of {config.vector_size:,} numbers takes"
            f" {_gigabytes(needed)} GB of memory{share}, and {_gigabytes(available)} GB are"
            " available; choose a smaller ",
            Argument("vector_size"),
            ", or set ",
            Argument("min_count"),
            " or ",
            Argument("max_vocabulary"),
            " so that fewer words are left.",
        )


def bytes_beside(vocabulary_size: int, config: TrainConfig, beside: Beside) -> int:
    """Return the bytes of memory that is needed beside training."""
    row = 4 * config.vector_size
    rows = 2 * vocabulary_size if beside.best else 0
    rows += min(vocabulary_size, _EVALUATED_WORDS) if beside.analogies else 0
    each = _OF_PACKED_WORDS if beside.checkpoints else 0
    if beside.earlier:
        each += _OF_A_LOOKUP if config.loss == "negative" else _OF_TWO_TREES
    frozen = 4 * (padded_width(config.vector_size) + 1) if beside.frozen else 0
    return rows * row + vocabulary_size * (each + frozen)


def _names(beside: Beside) -> str:
    """Return a phrase for whatever takes memory beside training."""
    names = {
        "best": "the best vectors of early stopping", "analogies": "analogies",
        "checkpoints": "checkpoints", "earlier": "what it starts from", "frozen": "frozen rows",
    }  # fmt: skip
    return " and ".join(names[name] for name, is_done in beside._asdict().items() if is_done)


def estimated_bytes(
    vocabulary_size: int, config: TrainConfig, tokens: int, rarest: int | None = None
) -> int:
    """Return the bytes of memory that training needs besides those of the token ids.

    The ids replace the counted text, which is in memory already. For the parameters see
    `check_memory`.
    """
    width = padded_width(config.vector_size)
    levels = _levels(vocabulary_size, tokens, rarest or config.min_count)
    longest = config.negative + 1 if config.loss == "negative" else levels
    worker = worker_bytes(config, longest)
    if config.deterministic:
        copies = _shards(vocabulary_size, config, tokens, levels)
        workers = round_shape(tokens).shards
    else:
        workers = useful_workers(config.threads, tokens)
        hot = hot_count(vocabulary_size, config, workers)
        copies = workers * (2 * 4 * width * hot + total_bytes(hot_shapes(hot, width)))
    matrices = 2 * 4 * width * vocabulary_size
    return matrices + copies + workers * worker + _tables(vocabulary_size, config)


def _levels(vocabulary_size: int, tokens: int, rarest: int) -> int:
    """Return the most nodes of a Huffman path.

    A word's path is about as long as the binary logarithm of the text's tokens per token of the
    word.
    """
    return math.ceil(math.log2(max(2, tokens / rarest, vocabulary_size)))


def _shards(vocabulary_size: int, config: TrainConfig, tokens: int, levels: int) -> int:
    """Return the bytes of the copies and lists of all shards of a deterministic round."""
    shape, row = round_shape(tokens), 4 * padded_width(config.vector_size)
    lists, capacities = 0, most_rows(vocabulary_size, levels, config, shape)
    for capacity in capacities:
        shapes = dict(shard_shapes(shape.shards, vocabulary_size, capacity))
        if config.loss == "negative" and lists:  # both matrices have the same
            del shapes["marks"], shapes["places"]
        lists += total_bytes(shapes)
    return shape.shards * sum(capacities) * row + lists


def _tables(vocabulary_size: int, config: TrainConfig) -> int:
    """Return the bytes of what all workers share besides the matrices."""
    keep = 8
    if config.loss == "negative":
        return vocabulary_size * (keep + 8)
    steps = math.ceil(math.log2(vocabulary_size)) + 3  # of a path; most words are rare ones
    return vocabulary_size * (keep + 8 + 4 * steps * 2)  # the list and its source


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f}" if size >= 1e8 else f"{size / 1e9:.3f}"
