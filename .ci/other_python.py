"""Prints the newest Python on this machine that is not this one and that w2v supports.

It looks among the commands and at pyenv's versions, and exits with 1 where there is none.
"""

import os
import re
import shutil
import sys
from pathlib import Path

OLDEST, NEWEST = 10, 14  # minor versions: requires-python, and what Numba's upper bound has


def main() -> None:
    """Print the path."""
    for minor in range(NEWEST, OLDEST - 1, -1):
        found = python_of(minor)
        if minor != sys.version_info.minor and found is not None:
            print(found)
            return
    sys.exit(1)


def python_of(minor: int) -> str | None:
    """Return the path of Python 3.`minor`, or None."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    directories = sorted(pyenv.glob(f"versions/3.{minor}.*/bin"))
    places = [str(each) for each in directories if re.search(r"\d/bin$", str(each))]
    commands = [shutil.which(f"python3.{minor}", path=place) for place in reversed(places)]
    on_path = shutil.which(f"python3.{minor}")
    if on_path is not None and ".pyenv/shims" not in on_path:
        return on_path
    return next(filter(None, commands), None)


if __name__ == "__main__":
    main()
