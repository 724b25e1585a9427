"""The defects of a file of vectors: for each one its entry, its place and advice for the user."""

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

    Attributes
    ----------
    kind : str
        The kind of defect in the plural, such as "duplicate words", for counting.
    entry : int
        The number of the entry in the file, from 1; 0 stands for the file as a whole.
    offset : int
        The byte offset of the entry after decompression.
    word : str
        The word, with undecodable bytes replaced; "" if it is not known.
    problem : str
        The predicate of a sentence about the entry, such as "has an empty word".
    advice : str, Argument or tuple of these
        What the user can do, as the end of a sentence.
    promised : int or None
        The number of entries that the header promises, if the message should name it.
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
    """Return the defects sorted by entry; those of the file as a whole come last."""
    return sorted(defects, key=lambda defect: (not defect.entry, defect.entry))


class DefectError(FormatError):
    """A file ends too early or goes on too long; the entries read so far are usable.

    Attributes
    ----------
    defects : tuple of Defect
        The defects in file order. The message is about the first one.
    """

    def __init__(self, path: Path | str, *defects: Defect) -> None:
        super().__init__(defects[0].sentence(path))
        self.defects = defects


def missing_entry(entry: int, promised: int, offset: int) -> Defect:
    """Return the defect of a file that ends before the given entry, which its header promises."""
    rest = ", and so are all after it" if entry < promised else ""
    problem = f"is missing{rest}: the file ends here and has nothing of it"
    advice = advice_to_end_at(entry - 1)
    return Defect("missing entries", entry, offset, "", problem, advice, promised)


def extra_content(promised: int, offset: int, what: str) -> Defect:
    """Return the defect of a file that goes on after the last promised entry."""
    problem = f"is not one that the header promises: extra {what} follow entry {promised}, its last"
    cause = "the header is wrong or the file damaged; to load without them, use "
    advice = (cause, Argument("on_defect", "skip"))
    return Defect(f"extra {what}", promised + 1, offset, "", problem, advice)


def advice_to_end_at(complete: int) -> Part:
    """Return the advice for a file in which only the first `complete` entries are whole."""
    if not complete:
        return "fetch it again"
    return "fetch it again, or load the entries before with ", Argument("limit", complete)


def damage_in(stream: IO[bytes]) -> tuple[Defect, ...]:
    """Return the defect, if any, that ended a stream of `open_up_to_damage` too early."""
    found = damage(stream)
    if found is None:
        return ()
    problem = f"cannot be decompressed beyond here ({found.reason})"
    return (Defect("unreadable files", 0, found.offset, "", problem),)


def summary(path: Path | str, defects: Sequence[Defect]) -> str:
    """Return a sentence about the entries left out: their number, their kinds and the first one."""
    entries = [defect for defect in defects if defect.entry]
    of_file = [str(defect) for defect in defects if not defect.entry]
    if not entries:
        return f"{path}: {of_file[0]}; the entries before it were read."
    kinds = Counter(defect.kind for defect in entries)
    parts = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    first = entries[0]
    name = f" ({first.word!r})" if first.word else ""
    found = (
        f"{path}: left out {len(entries)} damaged entries: {parts}; "
        f"the first is entry {first.entry}{name}, which {first.problem}"
    )
    return "; ".join([found, *of_file]) + "."
