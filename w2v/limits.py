"""Bounds on what is read: more than any real file needs, little enough to hold in memory.

A small file may unfold into anything: compressed zeros take a thousandth of their size, and a
sparse file takes none. Whatever is read until some mark comes is read up to one of these limits.
"""

from typing import IO

# URLs take some thousand bytes, the longest known protein 35,000 letters; beyond that there are
# pictures in base64, and files that are not text.
LONGEST_WORD = 1 << 16  # bytes

# Vectors in use have up to some thousand numbers; this many take 4 MB.
LARGEST_VECTOR = 1 << 20  # numbers

# A vector of that size as text, in sixteen bytes a number; a shorter one has room for more digits.
LONGEST_LINE = 1 << 24  # bytes
LONGEST_NUMBER = 64  # bytes, with the space after it

# The largest published test sets, of all questions that can be made of a list, take 8 MB.
LARGEST_EVALUATION_SET = 1 << 24  # bytes


def read_line(stream: IO[bytes], longest: int = LONGEST_LINE) -> bytes | None:
    """Return the next line with its end, b"" at the end of the file, or None if it is longer."""
    line = stream.readline(longest + 1)
    return None if len(line) > longest else line
