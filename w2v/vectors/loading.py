"""Loading vectors from a file of any known format."""

import warnings
from os import PathLike
from pathlib import Path

from w2v.formats import fasttext_binary, npy, word2vec_binary, word2vec_text
from w2v.formats.detect import VectorFormat, detect
from w2v.formats.word_matrix import WordMatrix, summary
from w2v.vectors.keyed_vectors import KeyedVectors
from w2v.vectors.subwords import Subwords

_READERS = {
    "word2vec_binary": word2vec_binary.read,
    "word2vec_text": word2vec_text.read,
    "fasttext_binary": fasttext_binary.read,
    "npy": npy.read,
}


def load(
    path: str | PathLike[str],
    *,
    limit: int | None = None,
    invalid_utf8: str = "error",
    on_defect: str = "error",
) -> KeyedVectors:
    """Load word vectors; the format is told by the content of the file, which may be compressed.

    path: a word2vec file, binary or text, with or without a header, a fastText model (`.bin`),
        whose vectors then have those of unseen words too (`subwords`), a full model, or NumPy's
        x.npy, whose words are in x.vocab beside it.
    limit: load this many words from the start, the commonest; None loads all.
    invalid_utf8: "error", "replace" or "ignore", for words that are not UTF-8.
    on_defect: "error", or "skip" to leave out bad entries and keep the first of duplicates, and
        to load what there is of a file that is cut off; a UserWarning then says how many are left
        out, and `defects` of the result lists them.

    Raises FormatError with a sentence where the file is missing, damaged or of no known format,
    ConfigError for an option out of range.
    """
    source = Path(path)
    options = {"invalid_utf8": invalid_utf8, "on_defect": on_defect}
    name = detect(source)
    found = _read(name, source, limit, options)
    if found.defects:
        warnings.warn(summary(source, found.defects), stacklevel=2)
    checked = name != "full_model"  # for repeated words, by the reader
    vectors = KeyedVectors(found.words, found.matrix, found.counts, found.defects, checked)
    if found.ngrams is not None:
        vectors.subwords = Subwords(found.ngrams)
    return vectors


def _read(name: VectorFormat, path: Path, limit: int | None, options: dict[str, str]) -> WordMatrix:
    if name != "full_model":
        return _READERS[name](path, limit=limit, **options)
    from w2v.formats import full_model  # noqa: PLC0415  (safetensors is needed only here)

    found: WordMatrix = full_model.read_vectors(path)
    if limit is None:
        return found
    counts = None if found.counts is None else found.counts[:limit]
    return WordMatrix(found.words[:limit], found.matrix[:limit].copy(), (), counts)
