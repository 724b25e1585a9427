"""The words of a `.npy`: finds the vocabulary file beside it, and checks that the two match.

The matrix carries a digest of its vocabulary file as a mark. The mark shows when the two files come
from different pairs, because two processes wrote at once or one file was replaced. Pairs that other
tools wrote have no mark; only their lengths have to agree.
"""

import hashlib
from pathlib import Path

from w2v.compression import SUFFIXES, split_suffix
from w2v.errors import FormatError
from w2v.formats import vocabulary_file
from w2v.formats.npy_header import MARK_BYTES, Layout, read_layout
from w2v.formats.vocabulary_file import VocabularyLines
from w2v.opening import open_single


def vocabulary_path(path: Path) -> Path:
    """Return the vocabulary file to write beside a matrix: x.vocab beside x.npy.

    It is compressed like the matrix: x.vocab.gz beside x.npy.gz.
    """
    plain, compression = split_suffix(path)
    name = plain.stem if plain.suffix.lower() == ".npy" else plain.name
    return path.with_name(f"{name}.vocab{compression}")


def find_vocabulary(path: Path) -> Path:
    """Return the existing vocabulary file of a matrix; raise FormatError if there is none."""
    plain = split_suffix(vocabulary_path(path))[0]
    candidates = [
        vocabulary_path(path),
        plain,
        *(plain.with_name(plain.name + end) for end in SUFFIXES),
    ]
    for candidate in candidates:
        if candidate.exists():
            return candidate
    raise FormatError(
        f"{path} holds a matrix without words, and there is no vocabulary file {plain} beside it; "
        "put one there, with one word (and its count) on each line."
    )


def mark_of(content: bytes) -> bytes:
    """Return the mark of a matrix whose vocabulary file has this content."""
    return hashlib.blake2b(content, digest_size=MARK_BYTES).digest()


def read_words(path: Path, layout: Layout, limit: int | None = None) -> VocabularyLines:
    """Read the words of a matrix.

    Parameters
    ----------
    path : Path
        The `.npy` file.
    layout : Layout
        Its header.
    limit : int or None
        Read this many words from the start; None reads all.

    Returns
    -------
    VocabularyLines
        The words and counts.

    Raises
    ------
    FormatError
        The vocabulary file is missing, damaged, or was not written together with the matrix.
    """
    beside = find_vocabulary(path)
    if layout.mark is None:
        return vocabulary_file.read(beside, limit)
    digest = hashlib.blake2b(digest_size=MARK_BYTES)
    found = vocabulary_file.read(beside, limit, digest.update)
    if digest.digest() != layout.mark:
        raise FormatError(
            f"{beside} is not the vocabulary file that was written together with {path}, so that"
            " its words would get the vectors of others; write both again. If you changed the words"
            f" yourself, write the matrix anew with NumPy: np.save({path.name!r},"
            f" np.load({path.name!r}))."
        )
    return found


def is_pair(path: Path) -> bool:
    """Return whether `path` and its vocabulary file exist and belong together."""
    try:
        with open_single(path) as stream:
            layout = read_layout(path, stream)
        return len(read_words(path, layout).words) == layout.shape[0]
    except FormatError:
        return False
