"""How often words were seen in training."""

from w2v.arguments import shown
from w2v.errors import ConfigError
from w2v.vectors.types import Word, WordVectors


def get_count(vectors: WordVectors, key: Word) -> int | None:
    """Return how often a word was seen in training, or None where the file did not say.

    Raises
    ------
    MissingWordError
        The word is missing.
    """
    row = vectors.get_index(key)
    return None if vectors.counts is None else int(vectors.counts[row])


def get_vecattr(vectors: WordVectors, key: Word, attr: str) -> int:
    """Return an attribute of a word; the only one is "count", how often it was seen.

    Raises
    ------
    ConfigError
        The attribute is another one, or the counts are not known.
    MissingWordError
        The word is missing.
    """
    count = get_count(vectors, key)
    if not isinstance(attr, str) or attr != "count":
        raise ConfigError(f"The attribute of a word is 'count'; there is no {shown(attr)}.")
    if count is None:
        raise ConfigError(
            "These vectors came without counts; a full model (.safetensors) keeps them."
        )
    return count
