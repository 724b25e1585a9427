"""What is wrong with a file that holds fewer or more entries than its header promises."""

from w2v.formats.word_matrix import Defect


def missing(entry: int, promised: int, offset: int) -> Defect:
    """Return the defect of a file that ends before an entry that its header promises."""
    rest = ", and so are all after it" if entry < promised else ""
    problem = f"is missing{rest}: the file ends here and has nothing of it"
    advice = advice_to_end_at(entry - 1)
    return Defect("missing entries", entry, offset, "", problem, advice, promised)


def extra(promised: int, offset: int, what: str) -> Defect:
    """Return the defect of a file that goes on after the last entry that its header promises."""
    problem = f"is none that the header promises: extra {what} follow entry {promised}, its last"
    advice = "the header is wrong or the file damaged; to load without them, use on_defect='skip'"
    return Defect(f"extra {what}", promised + 1, offset, "", problem, advice)


def advice_to_end_at(complete: int) -> str:
    """Return what to do about a file of which only the first entries are complete."""
    return f"fetch it again, or load the complete entries with limit={complete}"
