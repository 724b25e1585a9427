"""Bounds on the sizes that are read: larger than in any real file, small enough for memory.

A small file can expand to any size: compressed zeros take a thousandth of their size on disk, and a
sparse file takes none. Reading up to a delimiter therefore stops at one of these limits.
"""

from typing import IO

# URLs take some thousand bytes, and the longest known protein has 35,000 letters. Longer "words"
# are pictures in base64, or come from files that are not text.
LONGEST_WORD = 1 << 16  # bytes

# Real vectors have up to some thousand numbers; this many take 4 MB.
LARGEST_VECTOR = 1 << 20  # numbers

# A vector of that size as text, with sixteen bytes per number. Shorter vectors may use more.
LONGEST_LINE = 1 << 24  # bytes
LONGEST_NUMBER = 64  # bytes, with the space after it

# A book has some megabytes. A longer document is mostly a file without line ends, or one in which a
# quotation mark is missing.
LONGEST_DOCUMENT = 1 << 27  # bytes

# The largest published evaluation sets, which combine all pairs of a list, take 8 MB.
LARGEST_EVALUATION_SET = 1 << 24  # bytes


def read_line(stream: IO[bytes], longest: int = LONGEST_LINE) -> bytes | None:
    """Return the next line with its line end, b"" at the end of the file, or None if too long."""
    line = stream.readline(longest + 1)
    return None if len(line) > longest else line
