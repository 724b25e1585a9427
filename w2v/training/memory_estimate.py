"""What training will need of the memory, told before it begins and not when it runs out."""

import math

from w2v.errors import OutOfMemoryError
from w2v.kernels.scratch import BLOCK, POOL, SHARDS
from w2v.text.available import available_memory
from w2v.training.config import TrainConfig
from w2v.training.deterministic import MOST_BLOCKS
from w2v.training.scratch import hot_count
from w2v.training.weights import padded_width


def check_memory(vocabulary_size: int, config: TrainConfig) -> None:
    """Raise OutOfMemoryError, with the numbers, where training needs more memory than there is."""
    needed, available = estimated_bytes(vocabulary_size, config), available_memory()
    if needed > available:
        raise OutOfMemoryError(
            f"To train {vocabulary_size:,} vectors of {config.vector_size:,} numbers takes"
            f" {_gigabytes(needed)} GB of memory, and {_gigabytes(available)} GB are available;"
            " choose a smaller vector_size, or set min_count or max_vocabulary so that fewer words"
            " are left."
        )


def estimated_bytes(vocabulary_size: int, config: TrainConfig) -> int:
    """Return the bytes of memory that training needs besides those of the token ids.

    The ids take the place of what counting keeps of the text, which is in memory already.
    """
    width = padded_width(config.vector_size)
    copies = hot_count(vocabulary_size, config.sharing)
    rows = 2 * (vocabulary_size + copies * config.threads)
    before = 2 * 4 * width * copies
    if config.deterministic:
        rows += _copied_rows(vocabulary_size, config)
    workers = config.threads * (before + _worker(config))
    return 4 * width * rows + _tables(vocabulary_size, config) + workers


def _copied_rows(vocabulary_size: int, config: TrainConfig) -> int:
    """Return the most rows of both matrices that the shards of a round copy (deterministic.py)."""
    words = min(vocabulary_size, MOST_BLOCKS * BLOCK + 2 * config.window)
    longest = words + MOST_BLOCKS * POOL if config.loss == "negative" else vocabulary_size
    return SHARDS * (words + min(vocabulary_size, longest))


def _tables(vocabulary_size: int, config: TrainConfig) -> int:
    """Return the bytes of what all workers share, and of each one's Huffman paths."""
    keep = 8
    if config.loss == "negative":
        return vocabulary_size * (keep + 8)
    steps = math.ceil(math.log2(vocabulary_size)) + 3  # of a path; most words are rare ones
    copies = config.threads if config.threads > 1 else 1  # or what the one list is made from
    return vocabulary_size * (keep + 8 + 4 * steps * (1 + copies))


def _worker(config: TrainConfig) -> int:
    """Return the bytes of a worker's memory that do not depend on the vocabulary."""
    width = padded_width(config.vector_size)
    outputs = config.negative + 1 if config.loss == "negative" else 0
    inputs = 2 * config.window + 3
    rows = (inputs + outputs) * width + 2 * inputs * max(inputs, outputs)
    return 4 * (rows + POOL + 3 * BLOCK * outputs) + 32 * (BLOCK + inputs)


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f}" if size >= 1e8 else f"{size / 1e9:.3f}"
