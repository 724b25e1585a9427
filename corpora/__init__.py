"""Known corpora by name, and the toy corpus with planted answers."""

from w2v_corpora.registry import KNOWN, KnownCorpus, find

__all__ = ["KNOWN", "KnownCorpus", "find"]
