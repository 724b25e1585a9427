"""Settings that would pass in silence: one has no effect because of another, or without it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from w2v.errors import ConfigError
from w2v.training.config import TrainConfig


class _Need(NamedTuple):
    """A setting, those of which it needs one to have an effect, and the one with which it does."""

    setting: str
    needs: tuple[str, ...]
    beside: str | None = None


NEEDS = (
    _Need("evaluate_every", ("evaluate", "held_out", "callbacks")),
    _Need("checkpoint_every", ("checkpoint", "resume")),
    _Need("notes", ("checkpoint", "resume")),
    _Need("new_words", ("continue_from",)),
    _Need("freeze", ("init_from",)),
    # Without new words those of the model stay, however often the corpus has them.
    _Need("min_count", ("new_words",), beside="continue_from"),
    _Need("max_vocabulary", ("new_words",), beside="continue_from"),
)
_STARTS = ("resume", "continue_from", "init_from")


def check_settings(**given: Any) -> None:
    """Raise ConfigError for settings of `w2v.train` that are out of range or have no effect.

    given: the settings by name; each counts as given, even with its default. No file is read, so
    that what a model or a checkpoint decides is left to `w2v.train`.
    """
    of_config = {name: value for name, value in given.items() if name in TrainConfig.names()}
    starts_anew = not any(is_given(given.get(name)) for name in _STARTS)
    check_effects(given, TrainConfig.of(of_config) if starts_anew else None)


def check_effects(given: Mapping[str, Any], config: TrainConfig | None) -> None:
    """Raise ConfigError where a setting has no effect.

    given: the settings of `w2v.train` by name, those that count as given. config: what they come
    to; None where that is not known yet.
    """
    there = {name for name, value in given.items() if is_given(value)}
    if config is None or config.held_out > 0:
        there.add("held_out")
    for setting, needs, beside in NEEDS:
        applies = setting in there and (beside is None or beside in there)
        if applies and not there.intersection(needs):
            where = "" if beside is None else f" where {beside} is given"
            names = [name for name in needs if name != "callbacks"]
            cure = names[0] if len(names) == 1 else "one of them"
            raise ConfigError(
                f"{setting} has no effect without {' or '.join(names)}{where}; give {cure} too, or"
                f" leave {setting} out."
            )
    if "negative" in there and config is not None and config.loss == "hierarchical":
        raise ConfigError(
            "negative has no effect with loss='hierarchical', which has no noise words; leave one"
            " of them out."
        )


def not_defaults(**settings: Any) -> dict[str, Any]:
    """Return the settings that differ from their defaults: from Python the others cannot be seen.

    A default of None, False, "error" or an empty sequence is that of every setting of `w2v.train`
    that is not one of TrainConfig.
    """
    defaults = TrainConfig.defaults()
    return {
        name: value
        for name, value in settings.items()
        if is_given(value) and not _is_default(value, defaults.get(name))
    }


def _is_default(value: Any, default: Any) -> bool:
    return isinstance(value, (int, float, str)) and bool(value == default)


def is_given(value: Any) -> bool:
    """Return whether a setting was given at all: None, False and an empty list mean that not."""
    is_empty = isinstance(value, (list, tuple)) and not value
    return value is not None and value is not False and not is_empty
