"""Run the command `w2v` up to the first training step, and print its time as JSON.

The arguments are the command's; they name a log, which has the seconds of counting and encoding.
"""

import json
import os
import sys
import time
from itertools import product
from pathlib import Path
from typing import Any


def main() -> None:
    """Put a stop before the first step, and start the command."""
    from w2v.kernels.chunk import chunk_kernel  # noqa: PLC0415
    from w2v.training.trainer import Trainer  # noqa: PLC0415
    from w2v_cli.main import main as command  # noqa: PLC0415

    def stop(trainer: Trainer, *_: Any) -> None:
        now = time.time()
        log = Path(sys.argv[sys.argv.index("--log") + 1])
        events = [json.loads(line) for line in log.read_text().splitlines()]
        taken = [event.get("seconds", 0.0) for event in events if event["event"] != "progress"]
        text = sum(taken)
        kernels: list[Any] = [chunk_kernel(*flags) for flags in product((False, True), repeat=4)]
        compiled = sum(sum(each.stats.cache_misses.values()) for each in kernels)
        print(json.dumps({"time": now, "text_seconds": text, "compiled": compiled}), flush=True)
        os._exit(0)  # the rest is not measured

    Trainer.run = stop  # type: ignore[method-assign, assignment]
    command()


if __name__ == "__main__":
    main()
