"""Recognises the format of a file by its content; the name does not matter."""

from pathlib import Path

from w2v.errors import FormatError
from w2v.formats import registry
from w2v.formats.record import Format, Reading, Sample
from w2v.limits import LONGEST_WORD
from w2v.opening import beginning

_SAMPLE = 2 * LONGEST_WORD  # bytes: room for the longest word and some numbers


def detect(path: Path) -> Format:
    """Return the format of a file of vectors, compressed or not.

    Parameters
    ----------
    path : Path
        The file; its name does not matter.

    Returns
    -------
    Format
        The record of the format, which can be read: its `reading` is not None.

    Raises
    ------
    FormatError
        The file is missing, a directory, unreadable, empty, or in a format that w2v does not read.
    """
    start = beginning(path, _SAMPLE)
    if not start:
        raise FormatError(f"{path} is empty; it should hold word vectors.")
    sample = Sample(path, start, is_whole=len(start) < _SAMPLE)
    for known in registry.FORMATS:
        if known.detect is not None and known.detect(sample):
            if known.reading is None:
                raise FormatError(f"{path} {known.refusal}")
            return known
    raise FormatError(
        f"{path} holds no word vectors in a known format: it starts neither with the number of "
        "words and the vector size, nor with a word and its numbers."
    )


def detect_reading(path: Path) -> Reading:
    """Return how a file of vectors is read; raises FormatError as `detect` does."""
    reading = detect(path).reading
    assert reading is not None  # `detect` returns readable formats only
    return reading


def files_read(path: Path) -> tuple[Path, ...]:
    """Return the files, one or two, that are read when vectors are loaded from `path`."""
    try:
        second_file = detect_reading(path).second_file
        return (path,) if second_file is None else (path, second_file(path))
    except FormatError:  # a file is missing, for example; loading it will report that
        return (path,)
