"""Where the command `w2v` starts."""

import io
import sys

from w2v_cli import interrupt


def main() -> None:
    """Run the command line of this process and exit."""
    interrupt.install()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # not every terminal has every letter
    # After install(): the import takes long enough for an impatient Ctrl-C.
    from w2v_cli.commands import cli  # noqa: PLC0415

    cli(prog_name="w2v")


if __name__ == "__main__":
    main()
