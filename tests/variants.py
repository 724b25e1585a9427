"""The variants of word2vec, for tests that take each in turn."""

VARIANTS = [(a, k) for a in ("skipgram", "cbow") for k in ("negative", "hierarchical")]
# Also with both losses at once, for tests of what these two do not share.
ALL_VARIANTS = [*VARIANTS, ("skipgram", "both"), ("cbow", "both")]
