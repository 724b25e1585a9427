"""The four variants of word2vec, for tests that take each in turn."""

VARIANTS = [(a, k) for a in ("skipgram", "cbow") for k in ("negative", "hierarchical")]
