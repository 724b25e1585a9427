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
    """The result of a conversion.

    Attributes
    ----------
    files : tuple of Path
        The files written.
    format : str
        Their format, as `to` names it.
    words, vector_size : int
        How many words were written, with how many numbers each.
    counts : {"kept", "not kept", "unknown"}
        Whether the counts were kept; a format may not hold them, a source may not have them.
    had_ngrams : bool
        Whether the source is a fastText model with n-grams, which no format written here holds.
    defects : tuple of Defect
        The entries that on_defect="skip" left out.
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

    Parameters
    ----------
    source : str or PathLike
        A file that `w2v.load` reads; of a full model only vectors and counts are converted.
    target : str or PathLike
        The file to write, never the source itself; compressed where its name ends in .gz, .bz2,
        .xz, .zst or .zip.
    to : str, optional
        The format, one of `w2v.output_formats()`; by default the one that the name of `target`
        implies.
    limit, words
        As for `w2v.load`.
    normalize : bool
        Scale each vector to length 1; a vector of zeros stays zero.
    invalid_utf8, on_defect
        As for `w2v.load`.
    also_read : iterable of str or PathLike
        Further files that must not be overwritten, such as the one that `words` came from.

    Returns
    -------
    Conversion
        What was written.

    Raises
    ------
    ConfigError
        The format is unknown, or an option is out of range.
    FormatError
        The source cannot be read, or the format cannot hold a word.
    W2VError
        The target cannot be written; an old file then stays as it was.
    """
    path, out = checked_path("source", source), checked_path("target", target)
    normalize = checked_flag("normalize", normalize)
    name = (
        format_by_name(out, Argument("to", "word2vec")) if to is None else checked_format(out, to)
    )
    files = written_files(out, name)
    detect(path)  # a file without vectors is refused first
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
