"""Corpora at addresses (URLs): which objects a URL, a glob or a directory names."""

import re

from w2v.errors import CorpusError
from w2v.places import missing_file
from w2v.remote.addresses import Address
from w2v.text.columns.formats import Reading
from w2v.text.corpus_names import stem
from w2v.text.file_sources import FileSource
from w2v.text.sources import Source


def sources_at(address: Address, reading: Reading) -> tuple[list[Source], str | None]:
    """Return the parts of a corpus at an address, and its name if that names one object.

    Raises
    ------
    CorpusError
        There is nothing, or it cannot be reached.
    """
    found, is_one = _found_at(address)
    return [FileSource(each, reading) for each in found], stem(address) if is_one else None


def _found_at(address: Address) -> tuple[list[Address], bool]:
    try:
        if address.is_pattern and not address.exists():
            if found := _visible(address, address.matching()):
                return found, False
            raise CorpusError(f"Nothing matches {address}.")
        if address.first_look().is_directory:
            if found := _visible(address, address.inside()):
                return found, False
            raise CorpusError(f"{address} is a directory without files.")
    except FileNotFoundError:
        raise CorpusError(missing_file("text", address)) from None
    except OSError as error:
        raise CorpusError(f"Cannot read {address}: {error.strerror}.") from error
    return [address], True


def _visible(named: Address, found: list[Address]) -> list[Address]:
    """Leave out objects that a dot hides in a directory, or from a pattern that has none."""
    start = len(re.split(r"[*?[]", named.url.rstrip("/"))[0].rpartition("/")[0])
    is_hidden = [not named.url.count("/.") and "/." in each.url[start:] for each in found]
    return [each for each, hides in zip(found, is_hidden, strict=True) if not hides]
