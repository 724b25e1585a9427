"""Real faults for the tests: a full disk, an ordinary user, limits of a process."""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from command_line import is_root

W2V = (sys.executable, "-m", "w2v_cli")
SECONDS = 120  # longer, and a process counts as hanging

# A file system of this process's own is invisible to other processes, and ends with it.
_ON_SMALL_DISK = """
mount -t tmpfs -o size="$1" none disk || exit 125
shift
cp -a before/. disk/ || exit 125
"$@"
code=$?
cp -a disk/. after/
exit $code
"""
_ORDINARY = (
    "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
    # Reading anything is kept, since the package may lie where only root may look.
    "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search",
)  # fmt: skip
_WITHOUT_POWERS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


class Ended(NamedTuple):
    """A process that has ended; `error` is the last line of its standard error."""

    code: int
    errors: str
    output: str

    @property
    def error(self) -> str:
        return self.errors.splitlines()[-1] if self.errors else ""


def run(
    *command: object,
    limits: dict[int, int] | None = None,
    stdin: bytes = b"",
    environment: Mapping[str, object] | None = None,
) -> Ended:
    """Run a command to its end; `limits`: of resources, such as resource.RLIMIT_AS."""

    def set_limits() -> None:
        for kind, size in (limits or {}).items():
            resource.setrlimit(kind, (size, size))

    done = subprocess.run(
        [str(part) for part in command],
        input=stdin,
        capture_output=True,
        check=False,
        timeout=SECONDS,
        env={**os.environ, **{k: str(v) for k, v in (environment or {}).items()}},
        preexec_fn=set_limits,
    )
    return Ended(done.returncode, done.stderr.decode(), done.stdout.decode())


def run_on_small_disk(
    size: int,
    *command: object,
    before: dict[str, bytes] | None = None,
    stdin: bytes = b"",
    environment: Mapping[str, object] | None = None,
) -> tuple[Ended, dict[str, bytes]]:
    """Run a command beside a directory `disk` of `size` bytes; return the files there at the end.

    before: the files there at the beginning.
    """
    if not can_mount():
        pytest.skip("this user may not mount a small file system")
    for name in ("disk", "before", "after"):
        Path(name).mkdir()
    for name, content in (before or {}).items():
        path = Path("before", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    shell = ("unshare", "-rm", "sh", "-c", _ON_SMALL_DISK, "sh", size)
    ended = run(*shell, *command, stdin=stdin, environment=environment)
    assert ended.code != 125, ended.errors
    return ended, contents(Path("after"))


def contents(directory: Path) -> dict[str, bytes]:
    """Return all files below a directory, hidden ones too."""
    files = (path for path in sorted(directory.rglob("*")) if path.is_file())
    return {str(path.relative_to(directory)): path.read_bytes() for path in files}


@cache
def can_mount() -> bool:
    """Return whether this process may mount a file system that no other process sees."""
    return _works("unshare", "-rm", "sh", "-c", "mount -t tmpfs none /tmp && : > /tmp/file")


def ordinary_user() -> tuple[str, ...]:
    """Return what to put before a command so that an ordinary user runs it, who may read all."""
    return _prefix(_ORDINARY)


def without_powers() -> tuple[str, ...]:
    """Return what to put before a command so that permissions hold for it, even for root."""
    return _prefix(_WITHOUT_POWERS)


def _prefix(command: tuple[str, ...]) -> tuple[str, ...]:
    if not is_root():
        return ()
    if not _works(*command, sys.executable, "-c", "import w2v_cli"):
        pytest.skip("run as root, whose powers cannot be taken away here")
    return command


@cache
def _works(*command: str) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def script(text: str, *arguments: object) -> tuple[object, ...]:
    """Return the command that runs some Python before the command line with these arguments."""
    start = f"import sys\nsys.argv[1:] = {[str(argument) for argument in arguments]!r}\n"
    return (sys.executable, "-c", f"{text}\n{start}from w2v_cli.main import main\nmain()\n")
