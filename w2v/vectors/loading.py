"""Loading vectors from a file of any known format: all of them, some, in less memory, or mapped."""

import warnings
from collections.abc import Collection, Iterable
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

from w2v.arguments import checked_flag, checked_path
from w2v.errors import ConfigError, MissingWordError
from w2v.formats import fasttext_binary, npy, word2vec_binary, word2vec_text
from w2v.formats.checks import check_options
from w2v.formats.defects import summary
from w2v.formats.detect import VectorFormat, detect
from w2v.formats.selection import check_words, chosen_rows
from w2v.formats.word_matrix import WordMatrix
from w2v.matrices import check_dtype, compacted, selected
from w2v.vectors.keyed_vectors import KeyedVectors
from w2v.vectors.subwords import Subwords

# They take limit, words and dtype themselves, and so never hold what is not kept.
_CHOOSING = {
    "word2vec_binary": word2vec_binary.read,
    "word2vec_text": word2vec_text.read,
    "npy": npy.read,
}


def load(
    path: str | PathLike[str],
    *,
    limit: int | None = None,
    words: Iterable[str] | None = None,
    dtype: str = "float32",
    mmap: bool = False,
    invalid_utf8: str = "error",
    on_defect: str = "error",
) -> KeyedVectors:
    """Load word vectors; the format is told by the content of the file, which may be compressed.

    path: a word2vec file, binary or text, with or without a header, a fastText model (`.bin`),
        whose vectors then have those of unseen words too (`subwords`), a full model, or NumPy's
        x.npy, whose words are in x.vocab beside it.
    limit: load this many words from the start, the commonest; None loads all.
    words: load only these, in the order of the file, out of the first `limit`; those that are not
        in the file are simply not there. Reading ends when all have been found.
    dtype: "float32"; or hold the numbers as "float16", in half the memory, or as "int8" with a
        scale for each vector, in a quarter. They are converted while they are read; what is asked
        for is always float32, a few thousandths off at most (see CompactMatrix). A fastText model
        is converted when all of it has been read.
    mmap: map the file and read nothing but the words; a page of the vectors is read when it is
        looked at. So the numbers are not checked. Safetensors and float32 .npy can be mapped,
        uncompressed.
        The file may be replaced or removed meanwhile, but must not be overwritten in place.
    invalid_utf8: "error", "replace" or "ignore", for words that are not UTF-8.
    on_defect: "error", or "skip" to leave out bad entries and keep the first of duplicates, and
        to load what there is of a file that is cut off; a UserWarning then says how many are left
        out, and `defects` of the result lists them.

    Raises FormatError with a sentence where the file is missing, damaged or of no known format,
    ConfigError for an option out of range or a file that cannot be mapped, MissingWordError where
    none of `words` is there.
    """
    source = checked_path("path", path)
    mmap = checked_flag("mmap", mmap)
    check_options(limit, invalid_utf8, on_defect)
    check_dtype(dtype)
    wanted = check_words(words)
    name = detect(source)
    options = {"invalid_utf8": invalid_utf8, "on_defect": on_defect}
    if mmap:
        found = _mapped(name, source, limit, wanted, dtype, options)
    else:
        found = _read(name, source, limit, wanted, dtype, options)
    if wanted and not found.words:
        raise _none_found(source, wanted, limit)
    if found.defects:
        warnings.warn(summary(source, found.defects), stacklevel=2)
    vectors = KeyedVectors(found.words, found.matrix, found.counts, found.defects, distinct=True)
    if found.ngrams is not None:
        vectors.subwords = Subwords(found.ngrams)
    return vectors


def _read(
    name: VectorFormat,
    path: Path,
    limit: int | None,
    words: Collection[str] | None,
    dtype: str,
    options: dict[str, Any],
) -> WordMatrix:
    if name in _CHOOSING:
        return _CHOOSING[name](path, limit=limit, words=words, dtype=dtype, **options)
    if name == "fasttext_binary":
        return narrowed(fasttext_binary.read(path, limit=limit, **options), limit, words, dtype)
    from w2v.formats import model_vectors  # noqa: PLC0415  (with what it imports, rarely needed)

    return model_vectors.read_vectors(path, limit=limit, words=words, dtype=dtype, **options)


def _mapped(
    name: VectorFormat,
    path: Path,
    limit: int | None,
    words: Collection[str] | None,
    dtype: str,
    options: dict[str, Any],
) -> WordMatrix:
    """Map a file; `limit` gives a view of its start, `words` a copy of their vectors alone."""
    if dtype != "float32":
        raise ConfigError(
            f"A mapped file has the numbers that are in it, float32; to hold them as {dtype}, load "
            "it without mapping."
        )
    if name == "npy":
        return narrowed(npy.map_vectors(path, **options), limit, words)
    if name != "full_model":
        raise ConfigError(
            f"{path} is of a format that cannot be mapped; convert it to one that can, as in "
            f"'w2v convert {path} {path.name.partition('.')[0]}.safetensors'."
        )
    from w2v.formats import model_vectors  # noqa: PLC0415

    return narrowed(model_vectors.map_vectors(path), limit, words)


def narrowed(
    found: WordMatrix, limit: int | None, words: Collection[str] | None, dtype: str = "float32"
) -> WordMatrix:
    """Return what the options leave of a file, for a reader that takes none of them."""
    rows = slice(limit) if words is None else chosen_rows(found.words, limit, words)
    chosen = found.words[rows] if isinstance(rows, slice) else [found.words[row] for row in rows]
    matrix = compacted(selected(found.matrix, rows), dtype)
    counts = None if found.counts is None else found.counts[rows]
    ngrams = found.ngrams
    if ngrams is not None:
        ngrams = replace(ngrams, rows=compacted(ngrams.rows, dtype))
    return replace(found, words=chosen, matrix=matrix, counts=counts, ngrams=ngrams)


def _none_found(path: Path, words: Collection[str], limit: int | None) -> MissingWordError:
    named = ", ".join(map(repr, sorted(words)[:3])) + (", …" if len(words) > 3 else "")
    where = path if limit is None else f"the first {limit} of {path}"
    return MissingWordError(f"None of the words to load ({named}) is in {where}; check them.")
