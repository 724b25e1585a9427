"""The entry point of the command `w2v`."""

from w2v_cli import interrupt, streams


def main() -> None:
    """Run the command line of this process and exit."""
    streams.install()  # first, so that no file gets the descriptor of a closed stream
    interrupt.install()
    try:
        # After install(): the import takes long enough for an impatient Ctrl-C.
        from w2v_cli.commands import cli  # noqa: PLC0415

        cli(prog_name="w2v")
    except BaseException:  # an interrupted import may fail with an error of any kind
        if interrupt.state.raised:
            # Python's own exit would wait for threads that are not needed any more.
            interrupt.exit_at_once()
        interrupt.finish()
        raise


if __name__ == "__main__":
    main()
