"""The files that a map is written to: which there are, by suffix, and their checks."""

import importlib.util
from collections.abc import Callable, Iterable
from os import PathLike
from pathlib import Path

from w2v.arguments import checked_path, checked_paths
from w2v.errors import ConfigError, W2VError
from w2v.files import atomic_write, try_writing
from w2v.maps.contents import MapContents
from w2v.maps.page import page_of
from w2v.maps.picture import picture_of
from w2v.places import NamedFile, check_apart

# By suffix: takes a map and its title, and returns the bytes of the file.
_OUTPUTS: dict[str, Callable[[MapContents, str], bytes]] = {
    ".html": page_of,
    ".htm": page_of,
    ".png": lambda shown, title: picture_of(shown, title, "png"),
    ".svg": lambda shown, title: picture_of(shown, title, "svg"),
}


def write_map(shown: MapContents, path: Path, title: str) -> None:
    """Write a map atomically, in the form that the suffix of the file implies."""
    make = _OUTPUTS[_checked_suffix(path)]
    content = make(shown, title)
    with atomic_write(path) as stream:
        stream.write(content)


def check_map_output(
    path: str | PathLike[str], also_read: Iterable[str | PathLike[str]] = ()
) -> None:
    """Raise an error if a map could not be written there; nothing is changed.

    A layout may take minutes, so a caller checks first.

    Parameters
    ----------
    path : str or PathLike
        The file to write.
    also_read : iterable of str or PathLike
        Files that the map is made from, which it must not replace.

    Raises
    ------
    ConfigError
        The end of the name is not .html, .png or .svg.
    W2VError
        A picture needs Matplotlib, which is not installed; the file cannot be written; or it is one
        of those that are read.
    """
    target = checked_path("path", path)
    _checked_suffix(target)
    check_apart(
        [NamedFile(each, "read for it") for each in checked_paths("also_read", also_read)],
        [NamedFile(target, "the map")],
    )
    try_writing(target)


def _checked_suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in _OUTPUTS:
        raise ConfigError(
            f"Cannot write {path}: a map is a page, whose name ends in .html, or a picture, .png or"
            " .svg; name it so."
        )
    if _OUTPUTS[suffix] is not page_of and importlib.util.find_spec("matplotlib") is None:
        raise W2VError(
            f"A picture ({suffix}) needs Matplotlib, which is not installed; install it:"
            " pip install 'w2v[pictures]', or write a page (.html)."
        )
    return suffix
