"""GloVe's text format: word2vec's without a header. `word2vec_text.read` reads both."""

from collections.abc import Sequence
from pathlib import Path

from w2v.formats.checks import check_writable
from w2v.formats.opening import written
from w2v.formats.word2vec_text import write_rows
from w2v.formats.word_matrix import Matrix


def write(path: Path, words: Sequence[str], matrix: Matrix) -> None:
    """Write a text file without a header, as GloVe does.

    Each number is the shortest decimal that gives the same float32 again.

    words: V distinct words without spaces and line breaks. matrix: float32 (V, d), finite.

    Raises FormatError for words or numbers that the format cannot hold, W2VError where the file
    cannot be written; an old file at `path` then stays as it was.
    """
    check_writable(path, words, matrix)
    with written(path) as stream:
        write_rows(stream, words, matrix)
