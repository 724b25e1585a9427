"""What the caller of `w2v.train` gave: the settings, and who is told of events."""

import os
from pathlib import Path
from typing import Any

from w2v.arguments import LEFT_OUT, checked_flag, checked_path, not_allowed, shown
from w2v.errors import Argument, ConfigError
from w2v.training.config import TrainConfig
from w2v.training.events import Event, OnEvent
from w2v.training.progress import ProgressLines


def given_settings(config: TrainConfig | None, **named: Any) -> dict[str, Any]:
    """Return the settings that were given, by name."""
    given = {name: value for name, value in named.items() if value is not LEFT_OUT}
    if config is None:
        return given
    if not isinstance(config, TrainConfig):
        raise ConfigError(
            Argument("config"),
            f" must be a w2v.TrainConfig, not {shown(config)}; settings by name are given as in"
            " train(corpus, vector_size=100).",
        )
    return config.changed(given)


def given_directory(name: str, given: str | os.PathLike[str] | None) -> Path | None:
    """Return the name of a directory, if there is one; ConfigError for what is no name."""
    return None if given is None else checked_path(name, given)


def teller(on_event: OnEvent | None, progress: bool) -> OnEvent:
    """Return what is told of each event: the lines, the caller, both or nobody."""
    listeners: list[OnEvent] = [ProgressLines().show] if checked_flag("progress", progress) else []
    if on_event is not None:
        if not callable(on_event):
            raise not_allowed("on_event", "a function", on_event)
        listeners.append(on_event)

    def tell(event: Event) -> None:
        for listener in listeners:
            listener(event)

    return tell
