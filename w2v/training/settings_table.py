"""A table of settings: a dataclass whose fields are described one by one (settings.py)."""

import dataclasses
import difflib
import inspect
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from w2v.errors import ConfigError
from w2v.training.settings import KEY, Setting

Table = TypeVar("Table", bound="SettingsTable")
Described = TypeVar("Described")


class SettingsTable:
    """The methods of a table that look settings up by their names, and make it from them."""

    @classmethod
    def settings(cls) -> dict[str, Setting]:
        """Return the descriptions of all settings, by their names."""
        return descriptions(cls)

    @classmethod
    def names(cls) -> list[str]:
        """Return the names of all settings."""
        return list(cls.settings())

    @classmethod
    def meant(cls, name: str) -> str | None:
        """Return the setting that has this name in another tool, or None."""
        name = name.lower().replace("-", "_")
        matching = (own for own, it in cls.settings().items() if name in it.elsewhere.split())
        return next(matching, None)

    @classmethod
    def of(cls: type[Table], settings: Mapping[str, Any]) -> Table:
        """Make the settings from values by name.

        Parameters
        ----------
        settings : mapping of str to object
            The settings that differ from the defaults.

        Raises
        ------
        ConfigError
            A name is unknown, or a value is out of range.
        """
        if not isinstance(settings, Mapping):
            raise ConfigError(f"Settings must be a dict of values by name, not {settings!r}.")
        for name in settings:
            if name not in cls.names():
                raise cls.unknown(name)
        return cls(**settings)

    def as_dict(self) -> dict[str, Any]:
        """Return the settings by name, as a summary or a saved model records them."""
        recorded = (name for name, setting in self.settings().items() if setting.is_recorded)
        return {name: getattr(self, name) for name in recorded}

    @classmethod
    def unknown(cls, name: str, others: Iterable[str] = ()) -> ConfigError:
        """Return the error for a name that is neither a setting nor one of `others`."""
        near = difflib.get_close_matches(name, [*cls.names(), *others], 1)
        meant = cls.meant(name) or (near[0] if near else None)
        hint = "" if meant is None else f"did you mean {meant}? "
        return ConfigError(
            f"Unknown setting {name!r}: {hint}The settings are {', '.join(cls.names())}."
        )


def descriptions(table: type) -> dict[str, Setting]:
    """Return the descriptions of a dataclass's fields, by their names, where they have one."""
    fields = {field.name: field.metadata for field in dataclasses.fields(table)}
    return {name: data[KEY] for name, data in fields.items() if KEY in data}


def documented(table: type[Described]) -> type[Described]:
    """Return a dataclass with its settings in its docstring, as numpydoc lists parameters."""
    # From Python 3.13 on the compiler has taken the indentation away.
    before, raises, after = inspect.cleandoc(table.__doc__ or "").partition("Raises\n")
    lines = ["Parameters", "----------"]
    for name, setting in descriptions(table).items():
        optional = "optional" if setting.default is None else f"default {setting.default!r}"
        lines.append(f"{name} : {setting.type_text}, {optional}")
        unset = f" Default: {setting.unset}." if setting.unset else ""
        lines += textwrap.wrap(
            f"{setting.summary}{unset} {setting.details}".rstrip(),
            initial_indent=" " * 4, subsequent_indent=" " * 4, width=96,
        )  # fmt: skip
    table.__doc__ = f"{before}{chr(10).join(lines)}\n\n{raises}{after}"
    return table
