"""Test sets of the toy corpus's words."""

from w2v_corpora import toy


def write_sets(directory):
    """An analogy set and a similarity set of toy's words."""
    analogies, pairs = directory / "genders.txt", directory / "likeness.tsv"
    questions = [
        f"{a} {b} {c} {d}" for a, b in toy.GENDERS for c, d in toy.GENDERS if (a, b) != (c, d)
    ]
    analogies.write_text("\n".join([": gender", *questions]))
    scores = [f"{a}\t{b}\t9\n{a}\t{c}\t2" for a, b, c in toy.NEARER]
    pairs.write_text("\n".join(scores))
    return analogies, pairs
