"""The results of a diagnosis."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One line of a diagnosis.

    Attributes
    ----------
    name : str
        The subject, such as "memory".
    text : str
        What was found.
    values : dict of str to object
        The same as numbers and names, for programs.
    fault : str
        What is wrong, as a clause; "" where nothing is.
    cure : str
        What to do about it.
    is_needed : bool
        Whether training fails because of the fault.
    """

    name: str
    text: str
    values: dict[str, Any] = field(default_factory=dict, hash=False)
    fault: str = ""
    cure: str = ""
    is_needed: bool = False

    @property
    def advice(self) -> str:
        """What is wrong and the cure, as one sentence; "" where nothing is wrong."""
        return f"{self.name}: {self.fault}; {self.cure}." if self.fault else ""


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """All findings about a machine and an installation.

    Attributes
    ----------
    findings : tuple of Finding
        In the order of the report.
    """

    findings: tuple[Finding, ...]

    def __repr__(self) -> str:
        return f"Diagnosis({len(self.findings)} findings, can_train={self.can_train})"

    def __str__(self) -> str:
        lines = [f"{finding.name}: {finding.text}" for finding in self.findings]
        return "\n".join([*lines, *self.advice])

    @property
    def can_train(self) -> bool:
        """Whether nothing that training needs is broken."""
        return not any(finding.fault and finding.is_needed for finding in self.findings)

    @property
    def advice(self) -> list[str]:
        """A sentence for each fault, with its cure."""
        return [finding.advice for finding in self.findings if finding.fault]

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as JSON takes it."""
        return {
            "can_train": self.can_train,
            "findings": [
                {
                    "name": finding.name, "text": finding.text, **finding.values,
                    "fault": finding.fault, "cure": finding.cure,
                }
                for finding in self.findings
            ],
        }  # fmt: skip


def described(error: BaseException) -> str:
    """Return the kind and the message of an error in one line, without a full stop."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}".rstrip(".: ")
