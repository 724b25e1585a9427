"""Known corpora and test sets by name, and the toy corpus with planted answers."""

from w2v_corpora.finding import cache_directory, find
from w2v_corpora.registry import EVALUATION_SETS, KNOWN, KnownCorpus, KnownFile

__all__ = ["EVALUATION_SETS", "KNOWN", "KnownCorpus", "KnownFile", "cache_directory", "find"]
