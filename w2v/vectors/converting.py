"""Converting a file of vectors into another format."""

from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from w2v.arguments import checked_flag, checked_path, checked_paths
from w2v.errors import Argument
from w2v.files import try_writing
from w2v.formats.defects import Defect
from w2v.formats.detect import detect, files_read
from w2v.formats.writing import (
    check_second_file,
    checked_format,
    format_by_name,
    writable_formats,
    write,
    written_files,
)
from w2v.places import NamedFile, check_apart
from w2v.vectors.loading import load


@dataclass(frozen=True)
class Conversion:
    """What a conversion wrote.

    files: those written. format: its name in `to`. words, vector_size: how much is in them.
    counts: "kept", "not kept" by this format, or "unknown" in the source.
    had_ngrams: whether the source is a fastText model with n-grams, which no format here holds.
    defects: the entries that on_defect="skip" left out.
    """

    files: tuple[Path, ...]
    format: str
    words: int
    vector_size: int
    counts: str
    had_ngrams: bool
    defects: tuple[Defect, ...]


def convert(
    source: str | PathLike[str],
    target: str | PathLike[str],
    *,
    to: str | None = None,
    limit: int | None = None,
    words: Iterable[str] | None = None,
    normalize: bool = False,
    invalid_utf8: str = "error",
    on_defect: str = "error",
    also_read: Iterable[str | PathLike[str]] = (),
) -> Conversion:
    """Read vectors of any format and write them in another, atomically.

    source: what `w2v.load` reads; of a full model the vectors and counts.
    target: the file to write, never the source itself; compressed where its name ends in .gz,
        .bz2, .xz, .zst or .zip.
    to: "word2vec" (binary), "text", "glove", "safetensors", "npy" or "projector"; None goes by the
        name: .bin, .w2v or no end, .txt or .vec, .safetensors, .npy, .tsv.
    normalize: scale each vector to length 1; a vector of zeros stays one.
    limit, words, invalid_utf8, on_defect: as for `w2v.load`.
    also_read: further files that are not to be written over, as the one that `words` came from.

    Raises ConfigError for a format that is not known or an option out of range, FormatError for a
    source that cannot be read or a word that the format cannot hold, W2VError where the target
    cannot be written; what was there then stays.
    """
    path, out = checked_path("source", source), checked_path("target", target)
    normalize = checked_flag("normalize", normalize)
    name = (
        format_by_name(out, Argument("to", "word2vec")) if to is None else checked_format(out, to)
    )
    files = written_files(out, name)
    detect(path)  # what is no vectors is refused first
    # A conversion may lose what the other format does not hold, so it keeps its source.
    read = [*files_read(path), *checked_paths("also_read", also_read)]
    check_apart(
        [NamedFile(file, "read by this conversion") for file in read],
        [
            NamedFile(out, "the vectors"),
            *(NamedFile(file, "the file of words") for file in files[1:]),
        ],
    )
    for file in files:
        try_writing(file)
    check_second_file(out, name)
    vectors = load(path, limit=limit, words=words, invalid_utf8=invalid_utf8, on_defect=on_defect)
    matrix = vectors.get_normed_vectors() if normalize else vectors.vectors
    write(out, name, vectors.index_to_key, matrix, vectors.counts)
    counts = "kept" if writable_formats()[name].keeps_counts else "not kept"
    if vectors.counts is None:
        counts = "unknown"
    return Conversion(
        files, name, len(vectors), vectors.vector_size, counts,
        vectors.subwords is not None, vectors.defects,
    )  # fmt: skip
