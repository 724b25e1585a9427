"""White space, and the characters that a terminal obeys instead of showing them."""

import re

# The characters that `str.split()` splits at, in UTF-8.
ASCII_WHITE_SPACE = b" \t\n\v\f\r\x1c\x1d\x1e\x1f"
_WIDE = (
    rb"\xc2[\x85\xa0]"  # next line, no-break space
    rb"|\xe1\x9a\x80"  # ogham space
    rb"|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f"  # general punctuation
    rb"|\xe3\x80\x80"  # ideographic space
)
WIDE_WHITE_SPACE = re.compile(_WIDE)
WHITE_SPACE = re.compile(rb"[ \t-\r\x1c-\x1f]|" + _WIDE)

# Control characters (C0, DEL and C1) can move the cursor, change colours or the window's title, or
# ring the bell. Line and paragraph separators and marks of text direction change how a line reads.
# A lone surrogate stands for a byte of a file name that is not UTF-8.
_OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    r"""Return a text in which characters that a terminal would obey are escaped, as in \x1b."""
    return _OBEYED.sub(lambda found: repr(found[0])[1:-1], text)


def printable_json(line: str) -> str:
    r"""Return a line of JSON in which the same characters are escaped for JSON, as in \u009b."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", line)
