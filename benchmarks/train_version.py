"""One training by the w2v of a folder, for compare_versions.py, in a process of its own.

Nothing is imported of the other benchmarks but processes.py: they import parts of w2v that an old
version does not have.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

from processes import child_request


def main() -> None:
    """Train as compare_versions.py asks, and print the time at the end of each epoch."""
    asked = child_request()
    if asked is None:
        sys.exit("This script is started by compare_versions.py; run that one.")
    train(asked)


def train(asked: dict[str, Any]) -> None:
    """Train with the w2v of a folder, and print the time at the end of each epoch."""
    if "core" in asked:
        os.sched_setaffinity(0, {asked["core"]})
    import w2v  # noqa: PLC0415

    if not Path(w2v.__file__).is_relative_to(asked["folder"]):
        sys.exit(f"{asked['folder']} does not have the sources of w2v: there is no folder w2v/.")

    def print_time(event: Any) -> None:
        if event.event == "epoch":
            print(time.monotonic(), flush=True)

    architecture, _, loss = asked["variant"].partition("-")
    w2v.train(
        asked["corpus"], architecture=architecture, loss=loss, window=asked["window"],
        epochs=asked["epochs"], workers=asked["workers"], on_event=print_time,
    )  # fmt: skip


if __name__ == "__main__":
    main()
