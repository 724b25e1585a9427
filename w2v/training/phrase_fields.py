"""The settings of a training that joins phrases, for the table in config.py."""

from dataclasses import asdict
from typing import Any

from w2v.phrases.settings import ENGLISH, MOST_COUNT, MOST_ROUNDS, SCORINGS, PhraseSettings
from w2v.training.settings import Choice, Flag, Number, OnlyWith, Text, WholeNumber

_WITH_PHRASES = OnlyWith("phrases", (True,), "which joins none")

PHRASES = Flag(
    default=False,
    help="Find words that often stand together, such as new_york, and join them into one.",
    scope="model",
    elsewhere="bigrams collocations",
)
ROUNDS = WholeNumber(
    default=1,
    low=1,
    high=MOST_ROUNDS,
    help="Rounds of joining phrases, {range}; a further one joins words of the one before.",
    scope="model",
    only_with=_WITH_PHRASES,
)
SCORING = Choice(
    default="original",
    choices=SCORINGS,
    help="Score of phrases: that of Mikolov et al., or pointwise mutual information.",
    scope="model",
    only_with=_WITH_PHRASES,
    elsewhere="scoring",
)
THRESHOLD = Number(
    default=None,
    unset="10, for npmi 0.5",
    low=-1,
    high=1e300,
    help="Score above which words are a phrase; above 0, for npmi from -1 to 1.",
    scope="model",
    only_with=_WITH_PHRASES,
)
MIN_COUNT = WholeNumber(
    default=5,
    low=1,
    high=MOST_COUNT,
    high_text="",
    help="Least count of a phrase, {range}; the original score needs one more.",
    scope="model",
    only_with=_WITH_PHRASES,
)
CONNECTOR_WORDS = Text(
    default="",
    help='Words that may stand inside a phrase: a list such as "of the", or english.',
    scope="model",
    only_with=_WITH_PHRASES,
    elsewhere="common_terms connector_words",
)
DELIMITER = Text(
    default="_",
    help="What joins the words of a phrase.",
    scope="model",
    only_with=_WITH_PHRASES,
    elsewhere="delimiter",
)


def named_settings(settings: PhraseSettings) -> dict[str, Any]:
    """Return how phrases were found, by the names that training has for its settings."""
    words = settings.connector_words
    named = asdict(settings)
    named["connector_words"] = "english" if words == ENGLISH else " ".join(sorted(words))
    return {"phrases": True, **{f"phrase_{name}": value for name, value in named.items()}}
