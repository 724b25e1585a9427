"""`python -m w2v` is the command `w2v`; the library itself never imports the command line."""

from w2v_cli.main import main

if __name__ == "__main__":
    main()
