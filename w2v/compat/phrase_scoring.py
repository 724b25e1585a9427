"""gensim's scorers of phrases, and functions of the user's own in their place."""

import inspect
import math
import sys
from collections.abc import Callable
from typing import Any, TypeAlias

Scorer: TypeAlias = Callable[..., float]

NEVER = float("-inf")  # the score of a pair that is not a phrase
_PARAMETERS = (
    "worda_count", "wordb_count", "bigram_count", "len_vocab", "min_count", "corpus_word_count"
)  # fmt: skip


def original_scorer(
    worda_count: int, wordb_count: int, bigram_count: int, len_vocab: int, min_count: float,
    corpus_word_count: int,
) -> float:  # fmt: skip
    """Return (bigram_count − min_count) / (worda_count · wordb_count) · len_vocab.

    After Mikolov et al. (2013, arXiv 1310.4546).
    """
    product = worda_count * wordb_count
    return (bigram_count - min_count) / float(product) * len_vocab if product else NEVER


def npmi_scorer(
    worda_count: int, wordb_count: int, bigram_count: int, len_vocab: int, min_count: float,
    corpus_word_count: int,
) -> float:  # fmt: skip
    """Return the normalised pointwise mutual information of a pair, −1 to 1.

    After Bouma (2009). Below `min_count` it is −∞.
    """
    if bigram_count < min_count or not worda_count * wordb_count * bigram_count:
        return NEVER
    together = bigram_count / float(corpus_word_count)
    apart = (worda_count / float(corpus_word_count)) * (wordb_count / float(corpus_word_count))
    return math.log(together / apart) / -math.log(together)


BY_NAME: dict[str, Scorer] = {"default": original_scorer, "npmi": npmi_scorer}


def checked_scorer(scoring: Any) -> Scorer:
    """Return a scorer, given its name or a function.

    Raises ValueError for an unknown name, or a function that lacks one of the six parameters.
    """
    if isinstance(scoring, str) or not callable(scoring):
        if scoring not in BY_NAME:
            raise ValueError(f"scoring must be 'default', 'npmi' or a function, not {scoring!r}.")
        return BY_NAME[scoring]
    missing = [name for name in _PARAMETERS if name not in _parameters(scoring)]
    if missing:
        raise ValueError(f"The scoring function lacks the parameters {', '.join(missing)}.")
    scorer: Scorer = scoring
    return scorer


def scorer_name(scorer: Scorer) -> str:
    """Return the name by which `scorer_of` finds a scorer again."""
    for name, known in BY_NAME.items():
        if scorer is known:
            return name
    return f"{getattr(scorer, '__module__', '')}:{getattr(scorer, '__qualname__', '')}"


def scorer_of(name: str) -> Scorer:
    """Return the scorer of a name in a file.

    A function of the user's own is looked for in the modules that are loaded already, since a file
    must not choose what is imported.

    Raises ValueError where there is none.
    """
    module, _, function = name.partition(":")
    found = BY_NAME.get(name) or getattr(sys.modules.get(module), function or "-", None)
    if found is None:
        raise ValueError(
            f"The scoring function {name!r} is not loaded; import the module that defines it first."
        )
    return checked_scorer(found)


def _parameters(function: Callable[..., Any]) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []
