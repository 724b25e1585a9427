"""Ids as text again."""

from w2v.kernels.jit import Bytes, Int32s, Int64s, jit

_SPACE, _NEWLINE = 32, 10


@jit
def spell(tokens: Int32s, ends: Int64s, letters: Bytes, starts: Int64s, text: Bytes) -> int:
    """Write sentences as text, one a line; return its length.

    Parameters
    ----------
    tokens, ends : int32 (n,), int64 (sentences,)
        The ids, and how many come before the end of each sentence; none is empty.
    letters : uint8
        All words, end to end.
    starts : int64 (words + 1,)
        Where each word starts in `letters`; it ends at the next.
    text : uint8
        Room for the text: each word takes a byte more than its letters.
    """
    used = begin = 0
    for k in range(len(ends)):
        for place in range(begin, ends[k]):
            word = tokens[place]
            for letter in range(starts[word], starts[word + 1]):
                text[used] = letters[letter]
                used += 1
            text[used] = _SPACE
            used += 1
        text[used - 1] = _NEWLINE
        begin = ends[k]
    return used
