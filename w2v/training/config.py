"""The settings of a training run, their defaults, and every check of their ranges."""

import difflib
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from w2v.errors import ConfigError

Architecture = Literal["skipgram", "cbow"]
Loss = Literal["negative", "hierarchical"]

DEFAULT_ALPHA = {"skipgram": 0.025, "cbow": 0.05}  # word2vec.c


def available_cores() -> int:
    """Return the number of processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class TrainConfig:
    """The settings of a training run; every value is checked when it is made.

    architecture: "skipgram" or "cbow".
    loss: "negative" (negative sampling) or "hierarchical" (hierarchical softmax).
    vector_size: dimensions of a vector, 1 to 10,000.
    window: largest distance between centre and context word, in kept words, 1 to 1,000.
    negative: noise words a centre word, 1 to 1,000; unused by hierarchical softmax.
    epochs: passes over the corpus, 1 to 100,000.
    min_count: words seen less often are left out, 1 or more.
    max_vocabulary: keep only so many of the commonest words, 1 or more; None keeps all.
    sample: share of the corpus above which words are thinned out, 0 (never) to 1.
    alpha: learning rate at the start, above 0, at most 10; None is 0.025 for skip-gram and
        0.05 for CBOW.
    min_alpha: learning rate at the end, 0 to alpha; None is 0.0001 or alpha, if that is less.
    workers: threads that train, 1 to 1,024; None is one a core. One is bit-reproducible.
    seed: of every random choice, 0 to 2**63 − 1.

    Raises ConfigError, naming the setting, what was given and what is allowed.
    """

    architecture: Architecture = "skipgram"
    loss: Loss = "negative"
    vector_size: int = 100
    window: int = 5
    negative: int = 5
    epochs: int = 5
    min_count: int = 5
    max_vocabulary: int | None = None
    sample: float = 1e-3
    alpha: float | None = None
    min_alpha: float | None = None
    workers: int | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        _check_choice("architecture", self.architecture, ("skipgram", "cbow"))
        _check_choice("loss", self.loss, ("negative", "hierarchical"))
        if self.alpha is None:
            object.__setattr__(self, "alpha", DEFAULT_ALPHA[self.architecture])
        if self.workers is None:
            object.__setattr__(self, "workers", available_cores())
        _check_integer("vector_size", self.vector_size, 1, 10_000)
        _check_integer("window", self.window, 1, 1_000)
        _check_integer("negative", self.negative, 1, 1_000)
        _check_integer("epochs", self.epochs, 1, 100_000)
        _check_integer("min_count", self.min_count, 1, 2**62)
        if self.max_vocabulary is not None:
            _check_integer("max_vocabulary", self.max_vocabulary, 1, 2**31 - 2)
        _check_number("sample", self.sample, 0, 1)
        _check_number("alpha", self.alpha, 0, 10, low_allowed=False)
        if self.min_alpha is None:
            object.__setattr__(self, "min_alpha", min(1e-4, self.learning_rate))
        _check_number("min_alpha", self.min_alpha, 0, self.learning_rate)
        _check_integer("workers", self.workers, 1, 1_024)
        _check_integer("seed", self.seed, 0, 2**63 - 1)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "TrainConfig":
        """Make a configuration from settings by name; an unknown name is a ConfigError."""
        names = [field.name for field in fields(cls)]
        for name in settings:
            if name not in names:
                near = difflib.get_close_matches(name, names, 1)
                hint = f"did you mean {near[0]}? " if near else ""
                raise ConfigError(
                    f"Unknown setting {name!r}: {hint}The settings are {', '.join(names)}."
                )
        return cls(**settings)

    @property
    def learning_rate(self) -> float:
        """`alpha`, which is never None once the settings are made."""
        assert self.alpha is not None
        return self.alpha

    @property
    def final_learning_rate(self) -> float:
        """`min_alpha`, which is never None once the settings are made."""
        assert self.min_alpha is not None
        return self.min_alpha

    @property
    def threads(self) -> int:
        """`workers`, which is never None once the settings are made."""
        assert self.workers is not None
        return self.workers

    def as_dict(self) -> dict[str, Any]:
        """Return the settings by name, as a summary or a saved model records them."""
        return asdict(self)


def _check_choice(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        choices = " or ".join(f"'{choice}'" for choice in allowed)
        raise ConfigError(f"{name} must be {choices}, not {value!r}.")


def _check_integer(name: str, value: object, low: int, high: int) -> None:
    whole = isinstance(value, int) or hasattr(value, "__index__")
    if isinstance(value, bool) or not whole or not low <= int(value) <= high:  # type: ignore[call-overload]
        raise ConfigError(f"{name} must be a whole number from {low:,} to {high:,}, not {value!r}.")


def _check_number(
    name: str, value: object, low: float, high: float, *, low_allowed: bool = True
) -> None:
    number = isinstance(value, (int, float)) or hasattr(value, "__float__")
    inside = (
        number
        and not isinstance(value, bool)
        and low <= float(value) <= high  # type: ignore[arg-type]
        and (low_allowed or float(value) > low)  # type: ignore[arg-type]
    )
    if not inside:
        bounds = f"from {low:g} to {high:g}" if low_allowed else f"above {low:g}, at most {high:g}"
        raise ConfigError(f"{name} must be a number {bounds}, not {value!r}.")
