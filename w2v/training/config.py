"""The settings of a training run, their defaults, and every check of their ranges."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

import numpy as np

from w2v.arguments import real_number, whole_number
from w2v.errors import ConfigError
from w2v.machine import available_cores

Architecture = Literal["skipgram", "cbow"]
Loss = Literal["negative", "hierarchical"]

# Chosen by benchmarks/search_defaults.py; word2vec.c has 0.025 for skip-gram and 0.05 for CBOW.
# What else depends on the text is in defaults.py.
DEFAULT_ALPHA = {
    ("skipgram", "negative"): 0.05,
    ("skipgram", "hierarchical"): 0.05,
    ("cbow", "negative"): 0.05,
    ("cbow", "hierarchical"): 0.025,
}

# What other tools call the settings.
_ELSEWHERE = {
    other: name
    for name, others in {
        "architecture": "cbow model sg skipgram",
        "loss": "hs hierarchical_softmax objective",
        "vector_size": "dim dims dimension dimensions embedding_size layer1_size size vec_size",
        "window": "context context_size window_size ws",
        "negative": "neg negatives negative_samples noise ns",
        "epochs": "epoch iter iterations iters max_iter n_iter niter passes",
        "min_count": "min_freq min_frequency mincount",
        "max_vocabulary": "max_final_vocab max_vocab max_vocab_size max_words vocab_size",
        "sample": "subsample subsampling t threshold",
        "alpha": "learning_rate lr start_alpha",
        "min_alpha": "end_alpha min_learning_rate min_lr",
        "workers": "cores jobs n_jobs num_threads thread threads",
        "seed": "random_seed random_state",
        "held_out": "holdout valid validation validation_split",
    }.items()
    for other in others.split()
}


@dataclass(frozen=True)
class TrainConfig:
    """The settings of a training run; every value is checked when it is made.

    architecture: "skipgram" or "cbow".
    loss: "negative" (negative sampling) or "hierarchical" (hierarchical softmax).
    vector_size: dimensions of a vector, 1 to 10,000.
    window: largest distance between centre and context word, in kept words, 1 to 1,000.
    negative: noise words a centre word, 1 to 1,000; unused by hierarchical softmax.
    epochs: passes over the corpus, 1 to 100,000; None is 12, and up to 40 where the text has less
        than a million words.
    min_count: words seen less often are left out, 1 or more.
    max_vocabulary: keep only so many of the commonest words, 2 or more; None keeps all.
    sample: share of the corpus above which words are thinned out, 0 (never) to 1; None is 0.001,
        or a quarter of what each word had if all were as common, if that is more.
    alpha: learning rate at the start, above 0, at most 10; None is 0.025 for CBOW with
        hierarchical softmax, else 0.05.
    min_alpha: learning rate at the end, 0 to alpha; None is 0.0001 (alpha, if that is less), or
        what alpha has fallen to 10,000 words, or one epoch, before the end, if that is more.
    workers: threads that train, 1 to 1,024; None is one for each core that this process may use.
        One is bit-reproducible. No more are started than there are 262,144 tokens for each.
    seed: of every random choice, 0 to 2**63 − 1.
    held_out: share of the text that is never trained on, to measure the loss on, 0 to 0.5: whole
        sentences, or blocks of 1,000 words of longer ones.
    deterministic: give the same bytes with any number of workers, at some cost of speed.

    `epochs`, `sample` and `min_alpha` stay None until the text is known; a model's settings have
    the numbers that were taken.

    Raises ConfigError, naming the setting, what was given and what is allowed.
    """

    architecture: Architecture = "skipgram"
    loss: Loss = "negative"
    vector_size: int = 100
    window: int = 5
    negative: int = 5
    epochs: int | None = None
    min_count: int = 5
    max_vocabulary: int | None = None
    sample: float | None = None
    alpha: float | None = None
    min_alpha: float | None = None
    workers: int | None = None
    seed: int = 1
    held_out: float = 0.0
    deterministic: bool = False

    def __post_init__(self) -> None:
        _check_choice("architecture", self.architecture, ("skipgram", "cbow"))
        _check_choice("loss", self.loss, ("negative", "hierarchical"))
        if self.alpha is None:
            object.__setattr__(self, "alpha", DEFAULT_ALPHA[self.architecture, self.loss])
        if self.workers is None:
            object.__setattr__(self, "workers", min(available_cores(), 1_024))
        self._make_whole("vector_size", 1, 10_000)
        self._make_whole("window", 1, 1_000)
        self._make_whole("negative", 1, 1_000)
        if self.epochs is not None:
            self._make_whole("epochs", 1, 100_000)
        self._make_whole("min_count", 1, 2**62)
        if self.max_vocabulary is not None:
            self._make_whole("max_vocabulary", 2, 2**31 - 2)
        if self.sample is not None:
            self._make_number("sample", 0, 1)
        self._make_number("alpha", 0, 10, low_allowed=False)
        if self.min_alpha is not None:
            self._make_number("min_alpha", 0, self.learning_rate)
        self._make_whole("workers", 1, 1_024)
        self._make_whole("seed", 0, 2**63 - 1)
        self._make_number("held_out", 0, 0.5)
        self._make_flag("deterministic")

    def _make_whole(self, name: str, low: int, high: int) -> None:
        """Check a whole number and keep it as int, whatever kind (NumPy's too) was given."""
        value = getattr(self, name)
        whole = whole_number(value)
        if whole is None or not low <= whole <= high:
            raise ConfigError(
                f"{name} must be a whole number from {low:,} to {high:,}, not {value!r}."
            )
        object.__setattr__(self, name, whole)

    def _make_number(self, name: str, low: float, high: float, *, low_allowed: bool = True) -> None:
        """Check a number and keep it as float: one type is one compiled kernel."""
        value = getattr(self, name)
        number = real_number(value)
        if number is None or not low <= number <= high or (number == low and not low_allowed):
            above = f"from {low:g} to" if low_allowed else f"above {low:g}, at most"
            raise ConfigError(f"{name} must be a number {above} {high:g}, not {value!r}.")
        object.__setattr__(self, name, number)

    def _make_flag(self, name: str) -> None:
        """Check a truth value and keep it as bool."""
        value = getattr(self, name)
        if not isinstance(value, (bool, np.bool_)):
            raise ConfigError(f"{name} must be True or False, not {value!r}.")
        object.__setattr__(self, name, bool(value))

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "TrainConfig":
        """Make a configuration from settings by name; an unknown name is a ConfigError."""
        if not isinstance(settings, Mapping):
            raise ConfigError(f"The settings must be a dict by their names, not {settings!r}.")
        for name in settings:
            if name not in cls.names():
                raise cls.unknown(name)
        return cls(**settings)

    @classmethod
    def unknown(cls, name: str, others: Iterable[str] = ()) -> ConfigError:
        """Return the error for a name that is no setting, nor any of the others that are known."""
        near = difflib.get_close_matches(name, [*cls.names(), *others], 1)
        meant = cls.meant(name) or (near[0] if near else None)
        hint = "" if meant is None else f"did you mean {meant}? "
        return ConfigError(
            f"Unknown setting {name!r}: {hint}The settings are {', '.join(cls.names())}."
        )

    @classmethod
    def names(cls) -> list[str]:
        """Return the names of all settings."""
        return [field.name for field in fields(cls)]

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """Return what each setting is where it is not given."""
        return {field.name: field.default for field in fields(cls)}

    @classmethod
    def meant(cls, name: str) -> str | None:
        """Return the setting that goes by this name in another tool, or None."""
        return _ELSEWHERE.get(name.lower().replace("-", "_"))

    @property
    def learning_rate(self) -> float:
        """`alpha`, which is never None once the settings are made."""
        assert self.alpha is not None
        return self.alpha

    @property
    def passes(self) -> int:
        """`epochs`, which is not None once the text is known."""
        assert self.epochs is not None
        return self.epochs

    @property
    def threshold(self) -> float:
        """`sample`, which is not None once the text is known."""
        assert self.sample is not None
        return self.sample

    @property
    def final_learning_rate(self) -> float:
        """`min_alpha`, which is not None once the text is known."""
        assert self.min_alpha is not None
        return self.min_alpha

    @property
    def threads(self) -> int:
        """`workers`, which is never None once the settings are made."""
        assert self.workers is not None
        return self.workers

    def changed(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return these settings by name, with others in their place.

        A learning rate that is the default stays it, whatever the architecture and loss become.
        """
        kept = self.as_dict()
        if self.alpha == DEFAULT_ALPHA[self.architecture, self.loss]:
            kept["alpha"] = None
        return {**kept, **settings}

    def as_dict(self) -> dict[str, Any]:
        """Return the settings by name, as a summary or a saved model records them."""
        return asdict(self)


def _check_choice(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if not isinstance(value, str) or value not in allowed:
        choices = " or ".join(f"'{choice}'" for choice in allowed)
        raise ConfigError(f"{name} must be {choices}, not {value!r}.")
