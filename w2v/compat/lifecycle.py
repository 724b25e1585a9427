"""gensim's notes about the life of a model: `lifecycle_events`."""

import logging
import platform
import sys
from datetime import datetime
from typing import Any

_logger = logging.getLogger(__name__)


def add_lifecycle_event(self: Any, event_name: str, log_level: int = 20, **event: Any) -> None:
    """Log an event, and remember it in `lifecycle_events`, unless that is None.

    Parameters
    ----------
    event_name : str
        Its name, as in "train".
    log_level : int
        The level of the log; 0 logs nothing.
    **event
        What to remember of it.
    """
    if log_level:
        _logger.log(log_level, "%s: %s %s", type(self).__name__, event_name, event)
    if self.lifecycle_events is not None:
        about = {
            "datetime": datetime.now().isoformat(),  # local, as gensim has it
            "w2v": sys.modules["w2v"].__version__,
            "python": sys.version,
            "platform": platform.platform(),
            "event": event_name,
        }
        self.lifecycle_events.append({**event, **about})
