"""The settings of phrases, checked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from w2v.arguments import checked_choice, checked_number, checked_whole, not_allowed, shown
from w2v.errors import Argument, ConfigError

Scoring = Literal["original", "npmi"]

_ARTICLES = {"a", "an", "the"}
_PREPOSITIONS = {"at", "by", "for", "from", "in", "of", "on", "to", "with", "without"}
_CONJUNCTIONS = {"and", "or"}
ENGLISH = frozenset(_ARTICLES | _PREPOSITIONS | _CONJUNCTIONS)
SCORINGS = ("original", "npmi")
MOST_ROUNDS = 3
MOST_COUNT = 2**39 - 1
_THRESHOLDS = {"original": 10.0, "npmi": 0.5}


@dataclass(frozen=True)
class PhraseSettings:
    """How phrases are found; see `w2v.find_phrases`."""

    rounds: int
    scoring: Scoring
    threshold: float
    min_count: int
    connector_words: frozenset[str]
    delimiter: str

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "PhraseSettings":
        """Check settings by name.

        Raises ConfigError for an unknown name too.
        """
        names = [field.name for field in fields(cls)]
        for name in settings:
            if name not in names:
                raise ConfigError(
                    f"Unknown setting {name!r}: the settings of phrases are {', '.join(names)}."
                )
        return cls.checked(**settings)

    @classmethod
    def checked(
        cls,
        *,
        rounds: int = 1,
        scoring: str = "original",
        threshold: float | None = None,
        min_count: int = 5,
        connector_words: str | Iterable[str] = (),
        delimiter: str = "_",
        prefix: str = "",
    ) -> "PhraseSettings":
        """Check the arguments; `prefix` stands before their names in messages.

        Raises
        ------
        ConfigError
            An argument is of a wrong kind or out of range.
        """
        scoring = checked_choice(f"{prefix}scoring", scoring, SCORINGS)
        return cls(
            rounds=checked_whole(f"{prefix}rounds", rounds, 1, MOST_ROUNDS),
            scoring="npmi" if scoring == "npmi" else "original",
            threshold=_threshold(f"{prefix}threshold", threshold, scoring),
            min_count=checked_whole(f"{prefix}min_count", min_count, 1, MOST_COUNT),
            connector_words=_connectors(f"{prefix}connector_words", connector_words),
            delimiter=_delimiter(f"{prefix}delimiter", delimiter),
        )


def _threshold(name: str, value: Any, scoring: str) -> float:
    if value is None:
        return _THRESHOLDS[scoring]
    if scoring == "npmi":
        return checked_number(name, value, -1, 1)
    return checked_number(name, value, 0, 1e300, above=True)


def _connectors(name: str, value: Any) -> frozenset[str]:
    if isinstance(value, str):
        return ENGLISH if value == "english" else frozenset(value.split())
    is_list = isinstance(value, Iterable) and not isinstance(value, bytes)
    if not is_list or getattr(value, "ndim", 1) == 0:
        raise not_allowed(name, "'english' or a list of words", value)
    words = list(value)
    for word in words:
        if not _is_word(word):
            raise ConfigError("One of ", Argument(name), f" is {shown(word)}, which is not a word.")
    return frozenset(words)


def _delimiter(name: str, value: Any) -> str:
    if not isinstance(value, str) or not _is_word(value):
        raise not_allowed(name, "one or more characters without white space", value)
    return value


def _is_word(value: object) -> bool:
    """Return whether a text may hold this as a word; one with a lone surrogate may not."""
    if not isinstance(value, str) or value.split() != [value] or "\0" in value:
        return False
    return not any("\ud800" <= letter <= "\udfff" for letter in value)
