"""Known corpora by name, and the toy corpus with planted answers."""
