"""The report of one or several trainings, written to a file."""

import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from w2v.arguments import checked_path, checked_paths, checked_whole, not_allowed
from w2v.errors import Argument, ConfigError, W2VError
from w2v.files import atomic_write, try_writing
from w2v.places import NamedFile, check_apart
from w2v.reports.contents import contents_of
from w2v.reports.page import page
from w2v.reports.sources import files_read, open_subjects

_PICTURES = (".png",)
_PAGES = (".html", ".htm")
_MOST_NEIGHBOURS = 100


def report(
    runs: Any,
    output: str | os.PathLike[str],
    *,
    vectors: Any = None,
    words: Sequence[str] | None = None,
    evaluate: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = (),
    neighbours: int = 8,
) -> None:
    """Write the report of a training, or of several side by side.

    It shows the loss, the scores, the learning rate and the speed as curves, what became of the
    words of the text, how common they are, neighbours of some words, and all settings and versions.
    A page is one file that needs no network.

    Parameters
    ----------
    runs : path-like, Model, list of events, or list of these
        The trainings: logs that `w2v train --log` wrote, models (which remember their epochs, but
        nothing between), files of full models, or the events that `on_event` of `w2v.train`
        received.
    output : path-like
        The file to write: a page (.html), or a picture of it (.png), which needs Matplotlib.
    vectors : path-like, KeyedVectors, list of these, or None
        The vectors of each training, in the same order, for neighbours and scores. A model has its
        own. Default: None.
    words : sequence of str, optional
        Words whose neighbours are listed. Default: some that all vectors have.
    evaluate : path-like or list of these, optional
        Test sets to score the vectors on, analogies by section too; sets that were scored in
        training are in the log.
    neighbours : int, default 8
        Neighbours of each word, 1 to 100.

    Raises
    ------
    ConfigError
        An argument is of a wrong kind, out of range or without effect.
    FormatError
        A log, a file of vectors or a test set cannot be read.
    W2VError
        The report cannot be written, a picture would be higher than 30,000 pixels, or Matplotlib is
        missing.
    """
    target = checked_path("output", output)
    is_picture = _is_picture(target)
    number = checked_whole("neighbours", neighbours, 1, _MOST_NEIGHBOURS)
    chosen = _checked_words(words)
    sets = checked_paths("evaluate", evaluate)
    read = [NamedFile(path, "read for the report") for path in files_read(runs, vectors)]
    check_apart([*read, *(NamedFile(path, "a test set") for path in sets)],
                [NamedFile(target, "the report")])  # fmt: skip
    try_writing(target)  # first, as the vectors and the scores may take minutes
    subjects = open_subjects(runs, vectors)
    if all(subject.vectors is None for subject in subjects):
        _check_no_effect(chosen, sets)
    contents = contents_of(subjects, chosen, sets, number)
    if is_picture:
        from w2v.reports.picture import picture  # noqa: PLC0415  (only for a picture)

        data = picture(contents)
    else:
        data = page(contents).encode("utf-8")
    with atomic_write(target) as stream:
        stream.write(data)


def _is_picture(target: Path) -> bool:
    suffix = target.suffix.lower()
    if suffix not in (*_PAGES, *_PICTURES):
        raise ConfigError(
            f"Cannot write {target}: a report is a page, whose name ends in .html, or a picture,"
            " .png; name it so."
        )
    is_picture = suffix in _PICTURES
    if is_picture and importlib.util.find_spec("matplotlib") is None:
        raise W2VError(
            f"A report as {suffix} needs Matplotlib: pip install matplotlib (or w2v's extra"
            " 'pictures'); or write the report as .html."
        )
    return is_picture


def _checked_words(words: Any) -> list[str] | None:
    if words is None:
        return None
    if not isinstance(words, (list, tuple)) or not all(isinstance(word, str) for word in words):
        raise not_allowed("words", "a list of words", words)
    return list(dict.fromkeys(words))


def _check_no_effect(words: list[str] | None, sets: Sequence[Path]) -> None:
    """Raise ConfigError for what needs vectors where there are none."""
    given = [("words", words is not None), ("evaluate", bool(sets))]
    for name, is_given in given:
        if is_given:
            raise ConfigError(
                Argument(name), " has no effect without vectors; give them with ",
                Argument("vectors"), ".",
            )  # fmt: skip
