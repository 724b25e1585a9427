"""Where the command `w2v` starts."""

from w2v_cli import interrupt, streams


def main() -> None:
    """Run the command line of this process and exit."""
    streams.install()  # first: what is opened must not take the place of a closed stream
    interrupt.install()
    try:
        # After install(): the import takes long enough for an impatient Ctrl-C.
        from w2v_cli.commands import cli  # noqa: PLC0415

        cli(prog_name="w2v")
    except BaseException:  # an import that is interrupted may fail in a way of its own
        if interrupt.state.raised:
            # Without Python's own way out, which would wait for threads that nobody needs now.
            interrupt.exit_at_once()
        interrupt.finish()
        raise


if __name__ == "__main__":
    main()
