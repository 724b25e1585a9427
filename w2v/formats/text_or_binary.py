"""Decides whether a word2vec file is text or binary; both have the same header."""

import codecs

from w2v.formats.header import WHOLE_NUMBERS
from w2v.formats.record import Sample
from w2v.formats.text_rows import count_numbers, split_row

# Control characters except white space: text does not contain them.
_CONTROL = bytes(set(range(32)) - set(b"\t\n\v\f\r"))


def is_text(sample: Sample, count: int, vector_size: int) -> bool:
    """Return whether text follows the header.

    Parameters
    ----------
    sample : Sample
        The beginning of the file.
    count, vector_size : int
        The number of words and the vector size in its header.

    Returns
    -------
    bool
        True for text, False for binary entries.
    """
    if _is_printable(sample):  # text may fit the binary format by chance: "0,1 " has four bytes
        return True
    # The bytes of a few binary numbers may look like a row of text by chance. If the sample is the
    # whole file, all of it decides.
    rest = sample.rest
    if sample.is_whole and _fits_binary(rest, count, vector_size):
        return _fits_text(rest, count, vector_size)
    return _is_row(rest.partition(b"\n")[0], vector_size) or not has_control(rest)


def starts_a_table(line: bytes) -> bool:
    """Return whether a text file without a header may begin with this line."""
    is_row = count_numbers(line) > 0 and not has_control(line)
    return is_row and not WHOLE_NUMBERS.fullmatch(line)


def has_control(sample: bytes) -> bool:
    """Return whether a sample holds a control character that does not occur in text."""
    return len(sample.translate(None, _CONTROL)) < len(sample)


def _is_printable(sample: Sample) -> bool:
    """Return whether UTF-8 without control characters follows the header."""
    if not sample.rest or has_control(sample.rest):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample.rest, final=sample.is_whole)
    except UnicodeDecodeError:
        return False
    return True


def _is_row(line: bytes, vector_size: int) -> bool:
    return split_row(line.rstrip(), vector_size)[0] is not None


def _fits_text(rest: bytes, count: int, vector_size: int) -> bool:
    lines = rest.rstrip().split(b"\n")
    return len(lines) == count and all(_is_row(line, vector_size) for line in lines)


def _fits_binary(rest: bytes, count: int, vector_size: int) -> bool:
    position = 0
    for _ in range(min(count, len(rest))):
        space = rest.find(b" ", position)
        position = space + 1 + 4 * vector_size
        if space < 0 or position > len(rest):
            return False
    return not rest[position:].strip(b"\n")
