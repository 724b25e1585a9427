"""Runs the command `w2v` for `python -m w2v`. No other module here imports the command line."""

from w2v_cli.main import main

if __name__ == "__main__":
    main()
