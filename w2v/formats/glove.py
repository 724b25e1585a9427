"""GloVe's text format: word2vec's text format without the header.

`word2vec_text.read` reads both. Source: https://github.com/stanfordnlp/GloVe, `save_params` in
src/glove.c.
"""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from w2v.compression import compression_in
from w2v.errors import FormatError
from w2v.formats.checks import ASCII_SPACES, check_words_and_matrix
from w2v.formats.header import BOM
from w2v.formats.record import Format, Writing, without_counts
from w2v.formats.text_or_binary import starts_a_table
from w2v.formats.word2vec_text import write_rows
from w2v.matrices import Matrix
from w2v.opening import written


def write(path: Path, words: Sequence[str], matrix: Matrix) -> None:
    """Write a text file without a header, as GloVe does.

    Each number is the shortest decimal that gives the same float32 again. Words hold no white
    space, and the first one must not make its line look like a header or like a binary file. For
    the parameters and errors see `word2vec_binary.write`.
    """
    check_words_and_matrix(path, words, matrix)
    for word in words:
        if not ASCII_SPACES.isdisjoint(word):
            raise FormatError(
                f"Cannot write {path}: {word!r} holds white space, which a file without a header "
                "cannot; replace it, for instance by '_', or write word2vec's text."
            )
    if len(words):
        _check_first(path, words[0], matrix[0])
    with written(path) as stream:
        write_rows(stream, words, matrix)


def _check_first(path: Path, word: str, row: Matrix) -> None:
    stream = io.BytesIO()
    write_rows(stream, [word], row[np.newaxis])
    content = stream.getvalue()
    if not starts_a_table(content) or content.startswith(BOM) or compression_in(content):
        raise FormatError(
            f"Cannot write {path}: without a header, a file that begins with {word!r} would not be"
            " recognised as vectors; write word2vec's text."
        )


FORMAT = Format("glove", writing=Writing("text without a header", without_counts(write)))
