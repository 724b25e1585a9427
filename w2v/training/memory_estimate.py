"""What training will need of the memory, told before it begins and not when it runs out."""

import math
from typing import NamedTuple

from w2v.errors import Argument, OutOfMemoryError
from w2v.kernels.scratch import BLOCK
from w2v.machine import available_memory
from w2v.training.config import TrainConfig
from w2v.training.deterministic import round_shape
from w2v.training.merging import hot_count
from w2v.training.scratch import batch_size, pool_size
from w2v.training.weights import padded_width
from w2v.training.workers import useful_workers

# Bytes for each word of lists and dicts, as they were measured.
_OF_PACKED_WORDS, _OF_A_LOOKUP, _OF_TWO_TREES = 130, 110, 700
_EVALUATED_WORDS = 30_000  # of analogy sets


class Beside(NamedTuple):
    """What a training does beside training that takes memory.

    best: whether early stopping keeps the best model. analogies: whether some are asked.
    checkpoints: whether they are written. earlier: whether it starts from a model or vectors.
    frozen: whether rows of these stay as they are.
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
    """Raise OutOfMemoryError, with the numbers, where training needs more memory than there is.

    tokens: of the text. rarest: how often the rarest word occurs; None is `min_count` times.
    beside: what else is done; None is nothing.
    """
    more = bytes_beside(vocabulary_size, config, beside or Beside())
    needed = estimated_bytes(vocabulary_size, config, tokens, rarest) + more
    available = available_memory()
    if needed > available:
        share = f", {_gigabytes(more)} GB of it for {_names(beside)}" if beside and more else ""
        raise OutOfMemoryError(
            f"To train {vocabulary_size:,} vectors of {config.vector_size:,} numbers takes"
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
    """Return the bytes of memory that is needed for what is done beside training."""
    row = 4 * config.vector_size
    rows = 2 * vocabulary_size if beside.best else 0
    rows += min(vocabulary_size, _EVALUATED_WORDS) if beside.analogies else 0
    each = _OF_PACKED_WORDS if beside.checkpoints else 0
    if beside.earlier:
        each += _OF_A_LOOKUP if config.loss == "negative" else _OF_TWO_TREES
    frozen = 4 * (padded_width(config.vector_size) + 1) if beside.frozen else 0
    return rows * row + vocabulary_size * (each + frozen)


def _names(beside: Beside) -> str:
    """Return a phrase for what is done beside training."""
    names = {
        "best": "the best vectors of early stopping", "analogies": "analogies",
        "checkpoints": "checkpoints", "earlier": "what it starts from", "frozen": "frozen rows",
    }  # fmt: skip
    return " and ".join(names[name] for name, is_done in beside._asdict().items() if is_done)


def estimated_bytes(
    vocabulary_size: int, config: TrainConfig, tokens: int, rarest: int | None = None
) -> int:
    """Return the bytes of memory that training needs besides those of the token ids.

    The ids take the place of what counting keeps of the text, which is in memory already.
    """
    width = padded_width(config.vector_size)
    workers = useful_workers(config.threads, tokens)
    copies = 0 if config.deterministic else hot_count(vocabulary_size, config, workers)
    rows = 2 * (vocabulary_size + copies * workers)
    before = 2 * 4 * width * copies
    shared = 4 * width * rows + _tables(vocabulary_size, config)
    if config.deterministic:
        return shared + _shards(vocabulary_size, config, tokens, rarest or config.min_count)
    return shared + workers * (before + _worker(config))


def _shards(vocabulary_size: int, config: TrainConfig, tokens: int, rarest: int) -> int:
    """Return the bytes of the shards of a deterministic round (deterministic.py)."""
    shards, stretch = round_shape(tokens)
    negative = config.loss == "negative"
    words = min(vocabulary_size, stretch + 2 * config.window)
    # A word's path is as long as the text's tokens are many times its own, in powers of two.
    levels = math.ceil(math.log2(max(tokens / rarest, vocabulary_size)))
    nodes = sum(min(2**level, words) for level in range(levels))
    noise = stretch // BLOCK * pool_size(config)
    outputs = min(vocabulary_size, words + noise if negative else nodes)
    inputs = outputs if negative else words
    copies = (inputs + outputs) * (4 * padded_width(config.vector_size) + 8)  # and two lists
    marks_and_places = (1 + 4) * vocabulary_size * (1 if negative else 2)
    return shards * (copies + marks_and_places + _worker(config)) + 2 * 4 * vocabulary_size


def _tables(vocabulary_size: int, config: TrainConfig) -> int:
    """Return the bytes of what all workers share besides the matrices."""
    keep = 8
    if config.loss == "negative":
        return vocabulary_size * (keep + 8)
    steps = math.ceil(math.log2(vocabulary_size)) + 3  # of a path; most words are rare ones
    return vocabulary_size * (keep + 8 + 4 * steps * 2)  # one list, and what it is made from


def _worker(config: TrainConfig) -> int:
    """Return the bytes of a worker's memory that do not depend on the vocabulary."""
    width = padded_width(config.vector_size)
    outputs = config.negative + 1 if config.loss == "negative" else 0
    inputs = 2 * config.window + 3
    batch = min(inputs, batch_size(config.learning_rate, config.window, 0.0)) + 1
    rows = (batch + outputs) * width + 2 * batch * max(inputs, outputs)
    return 4 * (rows + pool_size(config) + 3 * BLOCK * outputs) + 32 * (BLOCK + inputs)


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f}" if size >= 1e8 else f"{size / 1e9:.3f}"
