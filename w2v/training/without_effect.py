"""Arguments of `w2v.train` that would be ignored: each depends on another one."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from w2v.errors import Argument, ConfigError, Part
from w2v.training.config import TrainConfig


class Need(NamedTuple):
    """An argument has an effect only together with another one.

    Attributes
    ----------
    argument : str
        The argument.
    needs : tuple of str
        One of these arguments must be given too.
    beside : str or None
        The need exists only if this argument is given; None if it always exists.
    """

    argument: str
    needs: tuple[str, ...]
    beside: str | None = None


NEEDS = (
    Need("evaluate_every", ("evaluate", "held_out", "callbacks")),
    Need("checkpoint_every", ("checkpoint", "resume")),
    Need("notes", ("checkpoint", "resume")),
    Need("new_words", ("continue_from",)),
    Need("freeze", ("init_from",)),
    Need("shards", ("cluster", "deterministic", "resume")),
    # Without new words, the vocabulary stays that of the model.
    Need("min_count", ("new_words",), beside="continue_from"),
    Need("max_vocabulary", ("new_words",), beside="continue_from"),
)
_INITIAL = ("resume", "continue_from", "init_from")


def check_settings(**arguments: Any) -> None:
    """Check the arguments of `w2v.train` by themselves; no file is read.

    What depends on a model or a checkpoint is left to `w2v.train`.

    Parameters
    ----------
    **arguments
        The arguments that were given; a default value counts as given too.

    Raises
    ------
    ConfigError
        An argument is out of range or has no effect.
    """
    settings = {name: value for name, value in arguments.items() if name in TrainConfig.names()}
    is_fresh = not any(is_given(name, arguments.get(name)) for name in _INITIAL)
    check_effects(arguments, TrainConfig.of(settings) if is_fresh else None)


def check_effects(arguments: Mapping[str, Any], config: TrainConfig | None) -> None:
    """Raise ConfigError where an argument has no effect.

    Parameters
    ----------
    arguments : mapping of str to object
        The arguments of `w2v.train` that count as given.
    config : TrainConfig or None
        The settings that follow from them; None where those are not known yet.
    """
    given = {name for name, value in arguments.items() if is_given(name, value)}
    other = next((name for name in ("resume", "continue_from") if name in given), None)
    if "vocabulary" in given and other is not None:
        raise ConfigError(
            Argument("vocabulary"), " has no effect with ", Argument(other),
            ", which keeps its own words; leave one of them out.",
        )  # fmt: skip
    if config is None or config.held_out > 0:
        given.add("held_out")
    for argument, needs, beside in NEEDS:
        applies = argument in given and (beside is None or beside in given)
        if applies and not given.intersection(needs):
            raise _ineffective(Need(argument, needs, beside))
    if config is not None:
        _check_dependent_settings(given, config)


def _ineffective(need: Need) -> ConfigError:
    names = [Argument(name) for name in need.needs if name != "callbacks"]
    where: tuple[Part, ...] = ()
    if need.beside is not None:
        where = (" where ", Argument(need.beside), " is given")
    return ConfigError(
        Argument(need.argument), " has no effect without ", joined(names, " or "), where, "; give ",
        names[0] if len(names) == 1 else "one of them", " too, or leave ", Argument(need.argument),
        " out.",
    )  # fmt: skip


def joined(arguments: Iterable[Argument], conjunction: str) -> Part:
    """Return the names of arguments as a message lists them."""
    parts: list[Part] = []
    for argument in arguments:
        parts += [conjunction, argument]
    return tuple(parts[1:])


def _check_dependent_settings(given: set[str], config: TrainConfig) -> None:
    for name, setting in TrainConfig.settings().items():
        condition = setting.only_with
        if condition is None or name not in given:
            continue
        value = getattr(config, condition.setting)
        if value is False and condition.values == (True,):
            raise _ineffective(Need(name, (condition.setting,)))
        if value not in condition.values:
            raise ConfigError(
                Argument(name), " has no effect with ", Argument(condition.setting, value),
                f", {condition.because}; leave one of them out.",
            )  # fmt: skip


def not_defaults(**arguments: Any) -> dict[str, Any]:
    """Return the arguments of `w2v.train` that differ from their defaults.

    From Python, one that is given with its default value looks like one that is left out.
    """
    settings = TrainConfig.settings()
    return {
        name: value
        for name, value in arguments.items()
        if is_given(name, value)
        and not (name in settings and _is_equal(value, settings[name].default))
    }


def _is_equal(value: Any, default: Any) -> bool:
    return isinstance(value, (int, float, str)) and bool(value == default)


def is_given(name: str, value: Any) -> bool:
    """Return whether an argument of `w2v.train` was given at all.

    None means that it was not; for arguments other than settings, so do False and an empty list.
    """
    if value is None or name in TrainConfig.names():
        return value is not None
    return value is not False and not (isinstance(value, (list, tuple)) and not value)
