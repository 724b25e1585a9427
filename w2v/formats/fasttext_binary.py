"""fastText's own format (`.bin`): settings, words with counts, and rows for words and n-grams.

The matrix has one row for each word, then one row for each bucket that n-grams are hashed to. The
vector of a word is the mean of its own row and the rows of its n-grams.

Source: `FastText::loadModel` and `Dictionary::load` in https://github.com/facebookresearch/fastText.
"""

import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from w2v.errors import Argument, FormatError
from w2v.finite import finite_rows
from w2v.formats.byte_reader import ByteReader
from w2v.formats.checks import NON_FINITE, check_options, checked_word_matrix
from w2v.formats.defects import Defect
from w2v.formats.fasttext_dictionary import (
    MAGIC,
    DictionarySizes,
    DictionaryWords,
    FastTextSettings,
    contradiction,
    read_settings,
    read_sizes,
    read_words,
)
from w2v.formats.ngrams import LONGEST_HASHED_WORD, average_with_ngrams, words_too_long
from w2v.formats.record import FileFacts, Format, Reading, Sample
from w2v.formats.selection import narrowed
from w2v.formats.word_matrix import EntryBlock, Ngrams, WordMatrix
from w2v.matrices import Matrix, check_dtype
from w2v.opening import open_single

_SENTENCE_END = b"</s>"
_TOO_LONG = (
    f"has a word of more than {LONGEST_HASHED_WORD} bytes, or one without the start of a"
    " character, so that its n-grams are not computed"
)


def read(
    path: Path,
    *,
    limit: int | None = None,
    words: Collection[str] | None = None,
    dtype: str = "float32",
    invalid_utf8: str = "error",
    on_defect: str = "error",
) -> WordMatrix:
    """Read the words and n-grams of a fastText model, compressed or not.

    As in fastText, `</s>` has no n-grams, except in files of the first version, which have no magic
    number. The labels of a supervised model are not read.

    Parameters
    ----------
    path : Path
        A model that is neither quantised nor pruned.
    limit : int, 0 or more, or None
        Read this many words from the start, and all n-grams. None reads all words, and checks that
        the file is complete up to the output weights at its end, which are not used.
    words, dtype
        As in `word2vec_binary.read`; applied after the whole file has been read.
    invalid_utf8 : {"error", "replace", "ignore"}
        How words that are not UTF-8 are handled. Their n-grams are made from the bytes.
    on_defect : {"error", "skip"}
        "skip" leaves out bad entries, keeps the first of duplicates, sets n-gram rows that are not
        finite to zero, and does not check the output weights. The n-gram rows count as entries
        after the words.

    Returns
    -------
    WordMatrix
        The words with their vectors, counts and n-grams.

    Raises
    ------
    FormatError
        The file is cut off, goes on after its end, contradicts itself, holds a bad entry, or is a
        quantised or pruned model. The message names the entry and the byte offset.
    ConfigError
        An option is out of range.
    """
    check_options(limit, invalid_utf8, on_defect)
    check_dtype(dtype)
    with open_single(path) as stream:
        model = _read_model(ByteReader(path, stream), limit)
        if limit is None and on_defect == "error":
            all_vectors = Argument("limit", model.sizes.words)
            model.source.advice = (", or load all of its vectors with ", all_vectors)
            _check_rest(model)
    malformed = _make_vectors(model.entries, model.rows)
    found = _finished(path, model.entries, model.rows, malformed, invalid_utf8, on_defect)
    return narrowed(found, limit, words, dtype)


def blocks(path: Path) -> Iterator[EntryBlock]:
    """Yield all words and their vectors in one block; the words are not checked.

    Raises FormatError if the file cannot be read. If only its end is damaged, the block is yielded
    first.
    """
    with open_single(path) as stream:
        model = _read_model(ByteReader(path, stream), None)
        entries, rows = model.entries, model.rows
        malformed = _make_vectors(entries, rows)
        yield EntryBlock(
            entries.words,
            rows.words,
            lambda row: (row + 1, int(entries.offsets[row])),
            tuple(defect for defect in malformed if defect.kind != NON_FINITE[0]),
            entries.counts,
        )
        _check_rest(model)


@dataclass(frozen=True)
class _Rows:
    """The rows of the input matrix that were read.

    words: float32 (V, d), at first each word's own row; `_make_vectors` turns it into the vector.
    offset: the byte offset of these rows. ngrams: the n-gram rows, or None if the model has none.
    ngrams_offset: their byte offset. before_ngrams: the number of word rows in the file.
    """

    words: Matrix
    offset: int
    ngrams: Ngrams | None
    ngrams_offset: int
    before_ngrams: int


@dataclass(frozen=True)
class _Model:
    """The parts of a file that have been read, and the reader at its current position."""

    source: ByteReader
    settings: FastTextSettings
    sizes: DictionarySizes
    entries: DictionaryWords
    rows: _Rows


def _read_model(source: ByteReader, limit: int | None) -> _Model:
    """Read everything except the output weights."""
    settings = read_settings(source)
    sizes = read_sizes(source, settings)
    entries = read_words(source, sizes, limit)
    _refuse_reduced(source, settings, sizes)
    rows = _read_rows(source, settings, sizes, len(entries.words))
    return _Model(source, settings, sizes, entries, rows)


def _refuse_reduced(source: ByteReader, settings: FastTextSettings, sizes: DictionarySizes) -> None:
    if settings.version is None:
        return
    # The quantisation flag comes after the list of the buckets that pruning kept.
    if sizes.pruned > 0:
        source.skip(8 * sizes.pruned, "the list of n-grams that were kept")
    if source.take(1, "the settings of the matrix") != b"\0":
        raise FormatError(
            f"{source.path} is a quantised fastText model (.ftz), which holds approximate vectors "
            "and is not read; load the .bin or .vec file that it was made from."
        )
    if sizes.pruned >= 0:
        raise FormatError(
            f"{source.path} is a pruned fastText model that is not quantised; fastText does not "
            "read such a file either; load the .bin or .vec file that it was made from."
        )


def _read_rows(
    source: ByteReader, settings: FastTextSettings, sizes: DictionarySizes, wanted: int
) -> _Rows:
    """Read the rows of the first `wanted` words and of the n-grams; skip the other rows."""
    shape = struct.unpack("<2q", source.take(16, "the shape of the input matrix"))
    expected = (sizes.words + settings.buckets, settings.vector_size)
    if shape != expected:
        raise contradiction(
            source, f"the input matrix has shape {shape}, but words and n-grams need {expected}"
        )
    row_size = 4 * settings.vector_size
    offset = source.position
    ngrams_offset = offset + sizes.words * row_size
    matrix = source.matrix(wanted, settings.vector_size)
    source.skip((sizes.words - wanted) * row_size, "the rows of words")
    ngrams = None
    if settings.has_ngrams:
        rows = source.matrix(settings.buckets, settings.vector_size, sizes.words + 1)
        whole = b"" if settings.version is None else _SENTENCE_END
        ngrams = Ngrams(rows, settings.shortest, settings.longest, whole)
    else:
        source.skip(settings.buckets * row_size, "the rows of n-grams")
    return _Rows(matrix, offset, ngrams, ngrams_offset, sizes.words)


def _check_rest(model: _Model) -> None:
    """Skip the output weights, and raise FormatError unless the file ends there."""
    source, name = model.source, "the output weights"
    size = 16 if model.settings.version is None else 17  # a flag comes first
    shape = struct.unpack("<2q", source.take(size, name)[-16:])
    if min(shape) < 0:
        raise contradiction(source, f"the output matrix has shape {shape}")
    source.skip(4 * shape[0] * shape[1], name)
    source.check_end(name)


def _make_vectors(entries: DictionaryWords, rows: _Rows) -> list[Defect]:
    """Turn the words' own rows into their vectors; return the defects of words and n-grams."""
    found: list[Defect] = []
    row_size = rows.words.shape[1] * rows.words.itemsize

    def add(kind: str, row: int, offset: int, problem: str) -> None:
        word = entries.words[row] if row < len(entries.words) else b""
        found.append(Defect(kind, row + 1, offset, word.decode("utf-8", "replace"), problem))

    if rows.ngrams is not None:
        for bucket in np.flatnonzero(~finite_rows(rows.ngrams.rows)).tolist():
            rows.ngrams.rows[bucket] = 0
            place = rows.ngrams_offset + bucket * row_size
            problem = "of the input matrix, the row of n-grams, holds a number that is not finite"
            add("non-finite rows of n-grams", rows.before_ngrams + bucket, place, problem)
        words = list(entries.words)
        for row in words_too_long(words):
            add("words too long for n-grams", row, int(entries.offsets[row]), _TOO_LONG)
            words[row] = b""
        with np.errstate(over="ignore", invalid="ignore"):
            average_with_ngrams(rows.words, words, rows.ngrams)
    for row in np.flatnonzero(~finite_rows(rows.words)).tolist():
        place = rows.offset + row * row_size
        add("non-finite rows", row, place, "has a vector with a number that is not finite")
    for row in np.flatnonzero(entries.counts < 0).tolist():
        problem = f"was seen {entries.counts[row]} times"
        add("negative counts", row, int(entries.offsets[row]), problem)
    return found


def _finished(
    path: Path,
    entries: DictionaryWords,
    rows: _Rows,
    malformed: list[Defect],
    invalid_utf8: str,
    on_defect: str,
) -> WordMatrix:
    """Check the words without a defect so far, and return them with counts and n-grams."""
    sound = np.ones(len(entries.words), dtype=np.bool_)
    sound[[defect.entry - 1 for defect in malformed if defect.entry <= len(sound)]] = False
    numbers = np.flatnonzero(sound)
    words, matrix = entries.words, rows.words
    if len(numbers) < len(words):
        words, matrix = [words[number] for number in numbers.tolist()], matrix[numbers]
    found = checked_word_matrix(
        path,
        words,
        matrix,
        lambda row: (int(numbers[row]) + 1, int(entries.offsets[numbers[row]])),
        invalid_utf8=invalid_utf8,
        on_defect=on_defect,
        known_finite=True,
        malformed=malformed,
    )
    for defect in found.defects:
        if defect.entry <= len(sound):
            sound[defect.entry - 1] = False
    counts = entries.counts[sound]
    return WordMatrix(found.words, found.matrix, found.defects, counts, rows.ngrams)


def _detect(sample: Sample) -> bool:
    return sample.start.startswith(MAGIC) or _is_of_first_version(sample.start)


def _is_of_first_version(start: bytes) -> bool:
    """Return whether the bytes look like the settings of a model without a magic number."""
    if len(start) < 56:
        return False
    settings = struct.unpack_from("<12id", start)
    vector_size, loss, model, threshold = settings[0], settings[6], settings[7], settings[12]
    in_range = vector_size in range(1, 100_001) and loss in range(1, 5) and model in range(1, 4)
    return in_range and bool(0 < threshold < 1)


def _describe(path: Path) -> FileFacts:
    return FileFacts("fastText model", "float32")


FORMAT = Format("fasttext", detect=_detect, reading=Reading(read, blocks, _describe))
