"""Loading vectors from a file of any known format: all or some, in less memory, or mapped."""

import warnings
from collections.abc import Collection, Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from w2v.arguments import checked_flag, checked_location
from w2v.errors import ConfigError, MissingWordError
from w2v.formats.checks import check_options
from w2v.formats.defects import summary
from w2v.formats.detect import detect_reading
from w2v.formats.record import Reading
from w2v.formats.selection import check_words, narrowed
from w2v.formats.word_matrix import WordMatrix
from w2v.matrices import check_dtype
from w2v.remote.addresses import Address
from w2v.vectors.keyed_vectors import KeyedVectors
from w2v.vectors.subwords import Subwords


def load(
    path: str | PathLike[str],
    *,
    limit: int | None = None,
    words: Iterable[str] | None = None,
    dtype: str = "float32",
    mmap: bool = False,
    invalid_utf8: str = "error",
    on_defect: str = "error",
    storage_options: Mapping[str, Any] | None = None,
) -> KeyedVectors:
    """Load word vectors; the content of the file, which may be compressed, shows its format.

    Parameters
    ----------
    path : str or PathLike
        A word2vec file, binary or text, with or without a header; a fastText model (`.bin`),
        whose vectors then include those of unseen words (`subwords`); a full model; or NumPy's
        x.npy, whose words are in x.vocab beside it. A URL, such as s3://bucket/vectors.bin, takes
        the extra `remote`.
    limit : int, 1 or more, optional
        Load only so many words from the start, the commonest; None loads all.
    words : iterable of str, optional
        Load only these, in the order of the file, out of the first `limit`. Words that the file
        does not hold are left out. Reading ends when all have been found.
    dtype : {"float32", "float16", "int8"}
        How the numbers are held: "float16" takes half the memory, "int8" with a scale for each
        vector a quarter. They are converted while they are read, those of a fastText model when
        all of it has been read. Queries return float32 in any case, a few thousandths off at
        most (see CompactMatrix).
    mmap : bool
        Map the file and read only the words; a page of the vectors is read when it is needed, so
        the numbers are not checked. Uncompressed safetensors and float32 .npy can be mapped. The
        file may be replaced or removed meanwhile, but must not be overwritten in place.
    invalid_utf8 : {"error", "replace", "ignore"}
        What to do with words that are not UTF-8.
    on_defect : {"error", "skip"}
        "skip" leaves out bad entries, keeps the first of duplicates, and loads what there is of a
        file that is cut off. A UserWarning then says how many entries are left out, and `defects`
        of the result lists them.
    storage_options : mapping, optional
        Options of fsspec's file system for a URL, such as {"anon": True} for a public bucket.
        Default: what fsspec's configuration and the environment say.

    Returns
    -------
    KeyedVectors
        The words and their vectors.

    Raises
    ------
    FormatError
        The file is missing, damaged or of an unknown format.
    ConfigError
        An option is out of range, or the file cannot be mapped.
    MissingWordError
        The file holds none of `words`.
    """
    source = checked_location("path", path, storage_options)
    mmap = checked_flag("mmap", mmap)
    check_options(limit, invalid_utf8, on_defect)
    check_dtype(dtype)
    wanted = check_words(words)
    reading = detect_reading(source)
    options = {"invalid_utf8": invalid_utf8, "on_defect": on_defect}
    if mmap:
        found = _mapped(reading, source, limit, wanted, dtype, options)
    else:
        found = reading.read(source, limit=limit, words=wanted, dtype=dtype, **options)
    if wanted and not found.words:
        raise _none_found(source, wanted, limit)
    if found.defects:
        warnings.warn(summary(source, found.defects), stacklevel=2)
    vectors = KeyedVectors(found.words, found.matrix, found.counts, found.defects, distinct=True)
    vectors.form = found.form
    if found.ngrams is not None:
        vectors.subwords = Subwords(found.ngrams)
    return vectors


def _mapped(
    reading: Reading,
    path: Path,
    limit: int | None,
    words: Collection[str] | None,
    dtype: str,
    options: dict[str, Any],
) -> WordMatrix:
    """Map a file; `limit` gives a view of its start, `words` a copy of their vectors alone."""
    if dtype != "float32":
        raise ConfigError(
            f"A mapped file keeps its numbers as they are, float32; to hold them as {dtype}, load"
            " it without mapping."
        )
    if isinstance(path, Address):
        raise ConfigError(
            f"{path} is an address, and only a file of this machine can be mapped; download it, or"
            " load it without mapping."
        )
    if reading.map is None:
        raise ConfigError(
            f"{path} is of a format that cannot be mapped; convert it to one that can, as in "
            f"'w2v convert {path} {path.name.partition('.')[0]}.safetensors'."
        )
    return narrowed(reading.map(path, **options), limit, words)


def _none_found(path: Path, words: Collection[str], limit: int | None) -> MissingWordError:
    named = ", ".join(map(repr, sorted(words)[:3])) + (", …" if len(words) > 3 else "")
    where = path if limit is None else f"the first {limit} of {path}"
    return MissingWordError(f"None of the words to load ({named}) is in {where}; check them.")
