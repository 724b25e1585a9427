"""The output and the log that a checkpoint names: written only if this user named them.

A checkpoint may come from somebody else and name any file. So the command seals the names with a
secret key of the user, which it keeps in the state directory.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import secrets
import sys
from pathlib import Path
from typing import Any

import click

import w2v
from w2v_cli.output import say

_NAMES = ("output", "log")


def sealed(files: dict[str, str]) -> dict[str, str]:
    """Return the files to write, as "output" and "log", with their seal: notes for checkpoints."""
    key = _key(make=True)
    return {**files, **({} if key is None else {"seal": _seal(key, files)})}


def files_to_write(checkpoint: w2v.Checkpoint, given: dict[str, Any]) -> dict[str, str]:
    """Return the files that a checkpoint names, if the user named them once or confirms them.

    Parameters
    ----------
    checkpoint : Checkpoint
        The checkpoint, whose notes name the files.
    given : dict
        The options on the command line, which take the place of the notes.

    Raises
    ------
    W2VError
        The vectors would go to a file that this user never named.
    """
    notes = {
        name: checkpoint.notes[name]
        for name in _NAMES
        if isinstance(checkpoint.notes.get(name), str)
    }
    asked = {name: file for name, file in notes.items() if name not in given}
    if not asked or _is_ours(notes, checkpoint.notes.get("seal")) or _is_wanted(checkpoint, asked):
        return asked
    if "output" in asked:
        raise w2v.W2VError(
            f"{checkpoint.path} was not written by you on this machine, and names the file to write"
            f" ({asked['output']!r}); name it yourself, as in -o vectors.bin."
        )
    say(
        f"No log is written: {checkpoint.path} names {asked['log']!r}, but was not written by you"
        " on this machine; name the log yourself with --log.",
        err=True,
    )
    return {}


def check_unnamed(target: Path) -> None:
    """Raise W2VError where a file exists that neither the user nor a checkpoint named."""
    if target.exists():
        raise w2v.W2VError(f"{target} exists already; name the file to write with -o.")


def _is_wanted(checkpoint: w2v.Checkpoint, asked: dict[str, str]) -> bool:
    """Ask at a terminal whether to write the files that a checkpoint names."""
    if not _is_terminal():
        return False
    files = " and ".join(repr(file) for file in asked.values())
    return click.confirm(
        f"{checkpoint.path} was not written by you on this machine. Write {files}, as it says?",
        err=True,
    )


def _is_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _is_ours(files: dict[str, str], seal: object) -> bool:
    key = _key(make=False)
    if key is None or not isinstance(seal, str) or not seal.isascii():
        return False
    return hmac.compare_digest(seal, _seal(key, files))


def _seal(key: bytes, files: dict[str, str]) -> str:
    text = json.dumps([files.get(name) for name in _NAMES])
    return hmac.new(key, text.encode(), "blake2b").hexdigest()


def _key(make: bool) -> bytes | None:
    """Return the user's key; `make` makes a missing one. None where there is no key."""
    from platformdirs import user_state_path  # noqa: PLC0415  (only with checkpoints)

    path = user_state_path("w2v") / "key"
    with contextlib.suppress(OSError):
        if make and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as stream:
                stream.write(secrets.token_bytes(32))
    with contextlib.suppress(OSError):
        return path.read_bytes() or None
    return None
