"""Texts as entries of a table of words: they are counted, and replaced by ids."""

from w2v.kernels.jit import Int32s, Int64s, jit


@jit
def count_entries(entries: Int32s, position: int, counts: Int64s, first_seen: Int64s) -> None:
    """Add to the count of each entry; where it was 0, write where in the text the entry is seen.

    `position`: of entries[0] in the whole text; it rises from call to call.
    """
    for k in range(len(entries)):
        entry = entries[k]
        if counts[entry] == 0:
            first_seen[entry] = position + k
        counts[entry] += 1


@jit
def count_ids(
    entries: Int32s, ids: Int32s, position: int, counts: Int64s, first_seen: Int64s
) -> None:
    """Do as `count_entries` does with ids[entry] of each entry, but for ids below 0."""
    for k in range(len(entries)):
        token = ids[entries[k]]
        if token >= 0:
            if counts[token] == 0:
                first_seen[token] = position + k
            counts[token] += 1


@jit
def replace_entries(entries: Int32s, ends: Int64s, ids: Int32s) -> int:
    """Replace each entry by ids[entry], leave out ids below 0, and return how many stay.

    Writes `entries`, and `ends`: the number of entries before each end of a sentence on entry, the
    number of ids on return.
    """
    kept = start = 0
    for sentence in range(len(ends) + 1):
        end = ends[sentence] if sentence < len(ends) else len(entries)
        for k in range(start, end):
            token = ids[entries[k]]
            if token >= 0:
                entries[kept] = token
                kept += 1
        if sentence < len(ends):
            ends[sentence] = kept
        start = end
    return kept
