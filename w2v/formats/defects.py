"""What is wrong with a file of vectors: each defect with its entry, its place and what to do."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from w2v.errors import Argument, FormatError, Part
from w2v.opening import damage


@dataclass(frozen=True)
class Defect:
    """One bad entry of a vector file.

    kind: what is wrong, in the plural ("duplicate words"), for counting.
    entry: number of the entry in the file, from 1, or 0 for the file itself.
    offset: its first byte, after decompression.
    word: the word, undecodable bytes replaced; "" where it is not known.
    problem: the rest of a sentence about it; advice: what the user can do.
    promised: how many entries the header promises, where that matters, else None.
    """

    kind: str
    entry: int
    offset: int
    word: str
    problem: str
    advice: Part = ("to load the other entries, use ", Argument("on_defect", "skip"))
    promised: int | None = None

    def __str__(self) -> str:
        if not self.entry:
            return f"the file (byte offset {self.offset}) {self.problem}"
        name = f"{self.word!r}, " if self.word else ""
        number = f"{self.entry}" if self.promised is None else f"{self.entry} of {self.promised}"
        return f"entry {number} ({name}byte offset {self.offset}) {self.problem}"

    def sentence(self, path: Path | str) -> Part:
        """Return the defect as an error message."""
        return f"{path}: {self}; ", self.advice, "."


def in_file_order(defects: Iterable[Defect]) -> list[Defect]:
    """Return defects by entry, those of the file itself last."""
    return sorted(defects, key=lambda defect: (not defect.entry, defect.entry))


class DefectError(FormatError):
    """A file ends too early or goes on too long: what was read before is sound.

    defects: what is wrong, in file order; the message is about the first.
    """

    def __init__(self, path: Path | str, *defects: Defect) -> None:
        super().__init__(defects[0].sentence(path))
        self.defects = defects


def missing_entry(entry: int, promised: int, offset: int) -> Defect:
    """Return the defect of a file that ends before an entry that its header promises."""
    rest = ", and so are all after it" if entry < promised else ""
    problem = f"is missing{rest}: the file ends here and has nothing of it"
    advice = advice_to_end_at(entry - 1)
    return Defect("missing entries", entry, offset, "", problem, advice, promised)


def extra_content(promised: int, offset: int, what: str) -> Defect:
    """Return the defect of a file that goes on after the last entry that its header promises."""
    problem = f"is not one that the header promises: extra {what} follow entry {promised}, its last"
    cause = "the header is wrong or the file damaged; to load without them, use "
    advice = (cause, Argument("on_defect", "skip"))
    return Defect(f"extra {what}", promised + 1, offset, "", problem, advice)


def advice_to_end_at(complete: int) -> Part:
    """Return the advice for a file that holds only its first entries whole."""
    if not complete:
        return "fetch it again"
    return "fetch it again, or load the entries before with ", Argument("limit", complete)


def damage_in(stream: IO[bytes]) -> tuple[Defect, ...]:
    """Return the defect that ended a stream of `open_up_to_damage` before its end, if any."""
    found = damage(stream)
    if found is None:
        return ()
    problem = f"cannot be decompressed beyond here ({found.reason})"
    return (Defect("unreadable files", 0, found.offset, "", problem),)


def summary(path: Path | str, defects: Sequence[Defect]) -> str:
    """Return a sentence about the entries left out: how many, their kinds, and the first."""
    entries = [defect for defect in defects if defect.entry]
    of_file = [str(defect) for defect in defects if not defect.entry]
    if not entries:
        return f"{path}: {of_file[0]}; what comes before is there."
    kinds = Counter(defect.kind for defect in entries)
    parts = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    first = entries[0]
    name = f" ({first.word!r})" if first.word else ""
    found = (
        f"{path}: left out {len(entries)} damaged entries: {parts}; "
        f"the first is entry {first.entry}{name}, which {first.problem}"
    )
    return "; ".join([found, *of_file]) + "."
