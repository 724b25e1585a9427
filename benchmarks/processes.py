"""Measurements in processes of their own, so that none warms or fills the next one's memory."""

import importlib.util
import json
import math
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

MEGABYTE = 1e6
_CHILD = "--child"


def run_script(script: str, request: Mapping[str, Any], **environment: str) -> dict[str, Any]:
    """Run a script of this directory; return the JSON it prints and the seconds of its process.

    request: handed over as JSON. environment: variables to set.
    """
    command = [sys.executable, str(Path(__file__).with_name(script)), json.dumps(request)]
    output, seconds = run_command(command, **environment)
    result: dict[str, Any] = json.loads(output.splitlines()[-1])
    return {**result, "process_seconds": seconds}


def run_command(command: list[str], **environment: str) -> tuple[str, float]:
    """Run a command; return its standard output and the seconds from start to end.

    A command that fails has reported why on standard error, and ends the benchmark.
    """
    began = time.perf_counter()
    ran = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=False, env={**os.environ, **environment}
    )
    seconds = time.perf_counter() - began
    if ran.returncode:
        sys.exit(f"A measurement failed, as said above: {command[1]}")
    return ran.stdout, seconds


def child_request() -> dict[str, Any] | None:
    """Return what `run_child` asks of this process, or None where a user has started it."""
    asked: dict[str, Any] | None = json.loads(sys.argv[2]) if sys.argv[1:2] == [_CHILD] else None
    return asked


def child_command(script: str, request: Mapping[str, Any]) -> list[str]:
    """Return the command that runs a script, whose `child_request` is then the request."""
    return [sys.executable, script, _CHILD, json.dumps(request)]


def run_child(script: str, request: Mapping[str, Any], **environment: str) -> dict[str, Any]:
    """Run a script once more as a child; return the JSON that it prints, which is shown, too.

    script: the caller's own path. request: what the child gets from `child_request`.
    environment: variables to set.
    """
    output, _ = run_command(child_command(script, request), **environment)
    result: dict[str, Any] = json.loads(output.splitlines()[-1])
    print(json.dumps(result), file=sys.stderr, flush=True)
    return result


def request() -> dict[str, Any]:
    """Return the request that `run_script` handed to this process."""
    asked: dict[str, Any] = json.loads(sys.argv[1])
    return asked


def memory_now() -> float:
    """Return the resident megabytes of this process; NaN if the system does not report them."""
    return _status("VmRSS")


def memory_peak() -> float:
    """Return the largest resident megabytes of this process so far."""
    peak = _status("VmHWM")
    if not math.isnan(peak):  # ru_maxrss would include the starting process
        return peak
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MEGABYTE


def _status(name: str) -> float:
    path = Path("/proc/self/status")
    if path.exists():
        for line in path.read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024 / MEGABYTE
    return float("nan")


def check_installed(libraries: Iterable[str]) -> None:
    """End with a sentence if a library is missing."""
    for library in libraries:
        if importlib.util.find_spec(library) is None:
            sys.exit(
                f"{library} is not installed here; install it (pip install {library}) or leave it"
                " out of --library."
            )
