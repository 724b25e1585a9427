"""The memory that training needs, checked before it begins and not when memory runs out."""

import math
from typing import NamedTuple

from w2v.errors import Argument, OutOfMemoryError
from w2v.machine import available_memory
from w2v.text.held_out import held_out_bytes
from w2v.training.config import TrainConfig
from w2v.training.engines.choosing import engine_bytes
from w2v.training.engines.engine import Sizes
from w2v.training.engines.frozen_rows import frozen_shapes
from w2v.training.engines.tables import table_shapes
from w2v.training.shapes import total_bytes
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
    beside = beside or Beside()
    more = bytes_beside(vocabulary_size, config, tokens, beside)
    needed = estimated_bytes(vocabulary_size, config, tokens, rarest) + more
    available = available_memory()
    if needed > available:
        share = f", {_gigabytes(more)} GB of it for {_names(config, beside)}" if more else ""
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


def bytes_beside(vocabulary_size: int, config: TrainConfig, tokens: int, beside: Beside) -> int:
    """Return the bytes of memory that is needed beside training.

    For the parameters see `check_memory`.
    """
    row = 4 * config.vector_size
    rows = (1 + config.outputs_per_word) * vocabulary_size if beside.best else 0
    rows += min(vocabulary_size, _EVALUATED_WORDS) if beside.analogies else 0
    each = _OF_PACKED_WORDS if beside.checkpoints else 0
    if beside.earlier:
        each += _OF_TWO_TREES if config.has_paths else _OF_A_LOOKUP
    frozen = frozen_shapes(vocabulary_size, vocabulary_size, padded_width(config.vector_size))
    return (
        rows * row
        + vocabulary_size * each
        + (total_bytes(frozen) if beside.frozen else 0)
        + held_out_bytes(tokens, config.held_out)
    )


def _names(config: TrainConfig, beside: Beside) -> str:
    """Return a phrase for whatever takes memory beside training."""
    names = {
        "best": "the best vectors of early stopping", "analogies": "analogies",
        "checkpoints": "checkpoints", "earlier": "what it starts from", "frozen": "frozen rows",
    }  # fmt: skip
    found = [names[name] for name, is_done in beside._asdict().items() if is_done]
    return " and ".join([*found, *(["the held-out text"] if config.held_out else [])])


def estimated_bytes(
    vocabulary_size: int, config: TrainConfig, tokens: int, rarest: int | None = None
) -> int:
    """Return the bytes of memory that training needs besides those of the token ids.

    The ids replace the counted text, which is in memory already. For the parameters see
    `check_memory`.
    """
    levels = 0
    if config.has_paths:
        levels = _most_levels(vocabulary_size, tokens, rarest or config.min_count)
    thresholds = 8 * vocabulary_size
    return (
        engine_bytes(Sizes(vocabulary_size, levels, tokens), config)
        + total_bytes(table_shapes(vocabulary_size, config, _path_entries(vocabulary_size)))
        + thresholds
    )


def card_shortage(vocabulary_size: int, config: TrainConfig, free: int) -> str | None:
    """Return how much a card lacks to train, as a clause with the numbers; None if it suffices.

    The matrices and tables lie on the card, and two pieces of the text. numba-cuda is loaded.

    Parameters
    ----------
    vocabulary_size : int
    config : TrainConfig
    free : int
        Bytes that are free on the card.
    """
    from w2v.training.engines.cuda import Cuda  # noqa: PLC0415  (numba-cuda is an extra)

    tables = table_shapes(vocabulary_size, config, _path_entries(vocabulary_size))
    needed = Cuda.card_bytes(vocabulary_size, config) + total_bytes(tables)
    if needed <= free:
        return None
    return (
        f"{vocabulary_size:,} vectors of {config.vector_size:,} numbers take"
        f" {_gigabytes(needed)} GB, and {_gigabytes(free)} GB are free"
    )


def _most_levels(vocabulary_size: int, tokens: int, rarest: int) -> int:
    """Return the most nodes of a Huffman path.

    A word's path is about as long as the binary logarithm of the text's tokens per token of the
    word.
    """
    return math.ceil(math.log2(max(2, tokens / rarest, vocabulary_size)))


def _path_entries(vocabulary_size: int) -> int:
    """Return the nodes of all Huffman paths together; most words are rare and have long paths."""
    return vocabulary_size * (math.ceil(math.log2(max(2, vocabulary_size))) + 3)


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f}" if size >= 1e8 else f"{size / 1e9:.3f}"
