"""Groups of words from the files of users."""

from collections.abc import Iterable
from os import PathLike

from w2v.arguments import checked_paths
from w2v.errors import FormatError
from w2v.word_lists import read_word_list


def read_groups(paths: Iterable[str | PathLike[str]]) -> dict[str, str]:
    """Read the groups of words from files, for `KeyedVectors.map`.

    Parameters
    ----------
    paths : iterable of str or PathLike
        Files with one word on each line, which belong to a group named as the file is, without
        its suffix; or with a word, a tab and the name of its group on each line.

    Returns
    -------
    dict of str to str
        The group of each word.

    Raises
    ------
    FormatError
        A file cannot be read, or two groups claim the same word.
    """
    found: dict[str, str] = {}
    for path in checked_paths("paths", paths):
        for line in read_word_list(path):
            word, _, name = (part.strip() for part in line.partition("\t"))
            group = name or path.stem
            if found.setdefault(word, group) != group:
                raise FormatError(
                    f"{path} has {word!r} in the group {group!r}, but it is in {found[word]!r}"
                    " too; leave it in one of them."
                )
    return found
