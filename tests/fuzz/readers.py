"""Every reader of w2v: any file gives an answer, which is checked, or raises a W2VError.

`READERS` is the table that the tests, the measuring of memory and the coverage-guided run share;
a new reader is one more line in it.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import text_readers as text
import vector_readers as vectors
from contents import PAIRS, QUESTIONS, ROWS, SENTENCES, WORDS

import w2v
from w2v.formats import vocabulary_file
from w2v.training.checkpoint_reading import read_checkpoint_file
from w2v.vectors.evaluation_sets import read_evaluation_set


@dataclass(frozen=True)
class Reader:
    """One reader.

    read: only reads a file. Raises W2VError where it cannot be read.
    check: reads a file, in other ways too, and returns the answer as plain values. Raises W2VError
        as well, and AssertionError for an answer that is wrong.
    files: makes valid files. answer: what each of these holds.
    """

    read: Callable[[Path], object]
    check: Callable[[Path], object]
    files: Callable[[], list[bytes]]
    answer: object


def answers(read: Callable[[Path], object], path: Path) -> bool:
    """Return whether there is an answer; any error but a W2VError is raised."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings(
            "ignore", "(?s).*(: left out|the entries before it were read)", UserWarning
        )
        try:
            read(path)
        except w2v.W2VError as error:
            message = str(error)
            assert message, "an error without a message"
            return False
    return True


READERS: dict[str, Reader] = {
    "load": Reader(w2v.load, vectors.check_vectors, vectors.vector_files, (WORDS, ROWS.tolist())),
    "fasttext": Reader(
        w2v.load,
        vectors.check_fasttext,
        vectors.fasttext_model_files,
        (WORDS, vectors.INTEGERS.tolist()),
    ),
    "npy": Reader(vectors.read_npy, vectors.check_npy, vectors.npy_files, (WORDS, ROWS.tolist())),
    "vocabulary": Reader(
        vocabulary_file.read,
        vectors.check_vocabulary,
        vectors.vocabulary_files,
        ([word.encode() for word in WORDS], [6, 5, 4, 3, 2, 1]),
    ),
    "check": Reader(vectors.read_defects, vectors.check_defects, vectors.vector_files, WORDS),
    "load_model": Reader(
        w2v.load_model, vectors.check_model, vectors.model_files, (WORDS, ROWS.tolist())
    ),
    "checkpoint": Reader(
        read_checkpoint_file,
        vectors.check_checkpoint,
        vectors.checkpoint_files,
        (WORDS, ROWS.tolist()),
    ),
    "analogies": Reader(
        read_evaluation_set, text.check_evaluation_set, text.analogy_files, QUESTIONS
    ),
    "pairs": Reader(read_evaluation_set, text.check_evaluation_set, text.pair_files, PAIRS),
    "corpus": Reader(text.read_corpus, text.check_corpus, text.corpus_files, SENTENCES),
    "columns": Reader(text.read_columns, text.check_columns, text.column_files, SENTENCES),
}
