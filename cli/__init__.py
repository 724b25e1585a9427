"""The command line of w2v: parses, calls w2v, draws."""
