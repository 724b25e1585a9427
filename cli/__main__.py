"""`python -m w2v_cli` is `w2v`."""

from w2v_cli.main import main

main()
