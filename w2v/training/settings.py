"""The description of a setting: its default, range and help, and the check of a value.

`TrainConfig` (config.py) is the table of all settings: each of its fields holds such a description
(settings_table.py). Its docstring, its checks and the options of the command line are made from
them, and the signature of `w2v.train` is tested against them.
"""

import dataclasses
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from w2v.arguments import checked_choice, checked_flag, checked_number, checked_whole, not_allowed

KEY = "setting"  # of a description in the metadata of a dataclass's field


@dataclass(frozen=True)
class OnlyWith:
    """A setting has an effect only where another one has certain values.

    Attributes
    ----------
    setting : str
        The other setting.
    values : tuple of str or bool
        The values that it may have.
    because : str
        Why, as a relative clause about the value that it has instead.
    """

    setting: str
    values: tuple[str | bool, ...]
    because: str


@dataclass(frozen=True, kw_only=True)
class Setting(ABC):
    """The description of a setting of training.

    Attributes
    ----------
    kind : str
        The kind of its value, by which the command line reads it.
    default : object
        Its value where it is not given; None where that depends on other things.
    help : str
        One sentence; "{range}" in it stands for `range`.
    details : str
        More sentences, for the docstring.
    unset : str
        The meaning of None, in words.
    scope : {"training", "model", "machine"}
        "model": it cannot change when a model is trained further. "machine": it is not taken over
        from that model.
    is_recorded : bool
        Whether a model, a checkpoint and the log hold its value.
    only_with : OnlyWith or None
        The other setting that gives it an effect.
    choices : tuple of str
        The allowed words, where it is one of several.
    elsewhere : str
        Its names in other tools, separated by spaces, in lower case with underscores.
    """

    kind: ClassVar[str]

    default: Any
    help: str
    details: str = ""
    unset: str = ""
    scope: Literal["training", "model", "machine"] = "training"
    is_recorded: bool = True
    only_with: OnlyWith | None = None
    choices: tuple[str, ...] = ()
    elsewhere: str = ""

    def field(self) -> Any:
        """Return this description as the default of a dataclass's field."""
        return dataclasses.field(default=self.default, metadata={KEY: self})

    @property
    def range(self) -> str:
        """The allowed values in words; "" where the kind says it all."""
        return ""

    @property
    def summary(self) -> str:
        """The help with the range."""
        return self.help.replace("{range}", self.range)

    @property
    def default_text(self) -> str:
        """The default in words."""
        return self.unset or str(self.default)

    @property
    @abstractmethod
    def type_text(self) -> str:
        """The type, as a docstring names it."""

    @abstractmethod
    def checked(self, name: str, value: object, others: object) -> Any:
        """Return a value as the one type that this setting has.

        Parameters
        ----------
        name : str
            The name of the setting.
        value : object
            The value that was given, perhaps one of NumPy's.
        others : object
            Has the settings that were checked before as attributes.

        Raises
        ------
        ConfigError
            The value is of another kind, or out of range.
        """


@dataclass(frozen=True, kw_only=True)
class WholeNumber(Setting):
    """A whole number from `low` to `high`.

    `high_text` takes the place of `high` in the help; "" shows no upper end.
    """

    kind = "whole number"
    low: int
    high: int
    high_text: str | None = None

    @property
    def range(self) -> str:
        high = f"{self.high:,}" if self.high_text is None else self.high_text
        return f"{self.low:,} to {high}" if high else f"{self.low:,} or more"

    @property
    def type_text(self) -> str:
        return "int"

    def checked(self, name: str, value: object, others: object) -> int:
        return checked_whole(name, value, self.low, self.high)


@dataclass(frozen=True, kw_only=True)
class Number(Setting):
    """A number from `low` to `high`. With `above`, it must be larger than `low`."""

    kind = "number"
    low: float
    high: float
    above: bool = False

    @property
    def range(self) -> str:
        if self.above:
            return f"above {self.low:g}, at most {self.high:g}"
        return f"{self.low:g} to {self.high:g}"

    @property
    def default_text(self) -> str:
        return self.unset or f"{self.default:g}"

    @property
    def type_text(self) -> str:
        return "float"

    def checked(self, name: str, value: object, others: object) -> float:
        return checked_number(name, value, self.low, self.high, self.above)


@dataclass(frozen=True, kw_only=True)
class Flag(Setting):
    """A setting that is True or False."""

    kind = "flag"

    @property
    def type_text(self) -> str:
        return "bool"

    def checked(self, name: str, value: object, others: object) -> bool:
        return checked_flag(name, value)


@dataclass(frozen=True, kw_only=True)
class Choice(Setting):
    """A setting that is one of several words."""

    kind = "choice"

    @property
    def type_text(self) -> str:
        return f"{{{', '.join(map(repr, self.choices))}}}"

    def checked(self, name: str, value: object, others: object) -> str:
        return checked_choice(name, value, self.choices)


@dataclass(frozen=True, kw_only=True)
class Text(Setting):
    """A setting that is any text."""

    kind = "text"

    @property
    def default_text(self) -> str:
        return self.unset or self.default or "none"

    @property
    def type_text(self) -> str:
        return "str"

    def checked(self, name: str, value: object, others: object) -> str:
        if isinstance(value, str):
            return value
        raise not_allowed(name, "a text", value)


@dataclass(frozen=True, kw_only=True)
class DeviceName(Setting):
    """A setting that names the processor or a card."""

    kind = "device"

    @property
    def type_text(self) -> str:
        return "str"

    def checked(self, name: str, value: object, others: object) -> str:
        if isinstance(value, str) and re.fullmatch(r"auto|cpu|cuda(:[0-9]{1,4})?", value):
            return value
        raise not_allowed(name, "'auto', 'cpu', 'cuda' or, for a certain GPU, 'cuda:N'", value)


@dataclass(frozen=True, kw_only=True)
class ClusterName(Setting):
    """A setting that names a Dask cluster."""

    kind = "cluster"

    @property
    def type_text(self) -> str:
        return "str"

    def checked(self, name: str, value: object, others: object) -> str:
        if isinstance(value, str) and re.fullmatch(r"local:[1-9][0-9]{0,3}|[a-z]+://.+", value):
            return value
        raise not_allowed(
            name,
            "the address of a Dask scheduler, such as 'tcp://host:8786', or 'local:4' for four"
            " processes on this machine",
            value,
        )
