"""The results of evaluations: counts of analogies, correlations of similarities."""

from collections.abc import Sequence
from dataclasses import dataclass

from w2v.tables import html_table, number


@dataclass(frozen=True)
class AnalogySection:
    """How many questions of one section, or of several, were asked, answered, and correct.

    Attributes
    ----------
    name : str
        The name of the section.
    asked : int
        All questions.
    answered : int
        The questions whose four words are all in the (restricted) vocabulary.
    correct : int
        The questions answered correctly.
    """

    name: str
    asked: int
    answered: int
    correct: int

    def __repr__(self) -> str:
        return f"AnalogySection({self.name!r}, {_counts(self)})"

    def _repr_html_(self) -> str:
        """Return a table, for notebooks."""
        return _analogy_table("Analogies", [self])

    @property
    def skipped(self) -> int:
        """Questions left out because a word is not in the vocabulary."""
        return self.asked - self.answered

    @property
    def accuracy(self) -> float:
        """The share of the answered questions that is correct, from 0 to 1; 0 where none is."""
        return self.correct / self.answered if self.answered else 0.0

    @property
    def is_syntactic(self) -> bool:
        """Whether the section is about grammar: its name starts with "gram"."""
        return self.name.startswith("gram")


@dataclass(frozen=True)
class AnalogyScores:
    """The result of an analogy set.

    Attributes
    ----------
    sections : tuple of AnalogySection
        The counts of each section.
    """

    sections: tuple[AnalogySection, ...]

    def __repr__(self) -> str:
        return f"AnalogyScores({_counts(self.total)}, sections={len(self.sections)})"

    def _repr_html_(self) -> str:
        """Return a table with a row for each section, for notebooks."""
        sums = [self.total] if len(self.sections) > 1 else []
        if any(part.is_syntactic for part in self.sections):
            sums = [self.semantic, self.syntactic, self.total]
        return _analogy_table("Analogies", [*self.sections, *sums])

    @property
    def accuracy(self) -> float:
        """The share of all answered questions that is correct, from 0 to 1."""
        return self.total.accuracy

    @property
    def total(self) -> AnalogySection:
        """All sections together."""
        return _sum("total", self.sections)

    @property
    def semantic(self) -> AnalogySection:
        """The sections about meaning together."""
        return _sum("semantic", [part for part in self.sections if not part.is_syntactic])

    @property
    def syntactic(self) -> AnalogySection:
        """The sections about grammar together."""
        return _sum("syntactic", [part for part in self.sections if part.is_syntactic])


@dataclass(frozen=True)
class SimilarityScores:
    """The result of a similarity set: the correlation with the scores that people gave.

    Attributes
    ----------
    spearman, pearson : float
        Rank and linear correlation, from -1 to 1; NaN where all similarities are the same.
    pairs_used : int
        The pairs that were correlated.
    pairs_missing : int
        The pairs with a word that is not in the vocabulary.
    """

    spearman: float
    pearson: float
    pairs_used: int
    pairs_missing: int

    def __repr__(self) -> str:
        return (
            f"SimilarityScores(spearman={self.spearman:.4f}, pearson={self.pearson:.4f},"
            f" pairs_used={self.pairs_used}, pairs_missing={self.pairs_missing})"
        )

    def _repr_html_(self) -> str:
        """Return a table, for notebooks."""
        row = [number(self.spearman), number(self.pearson)]
        row += [f"{self.pairs_used:,}", f"{self.pairs_missing:,}"]
        header = ["Spearman", "Pearson", "pairs", "missing"]
        return html_table("Similarity of pairs", [row], header, flush_left=0)


def _analogy_table(caption: str, sections: Sequence[AnalogySection]) -> str:
    rows = [
        [part.name, *(f"{count:,}" for count in (part.asked, part.answered, part.correct)),
         number(part.accuracy)]
        for part in sections
    ]  # fmt: skip
    return html_table(caption, rows, ["section", "asked", "answered", "correct", "accuracy"])


def _counts(section: AnalogySection) -> str:
    return (
        f"accuracy={section.accuracy:.4f}, correct={section.correct}, answered={section.answered},"
        f" asked={section.asked}"
    )


def _sum(name: str, sections: Sequence[AnalogySection]) -> AnalogySection:
    return AnalogySection(
        name,
        sum(section.asked for section in sections),
        sum(section.answered for section in sections),
        sum(section.correct for section in sections),
    )
