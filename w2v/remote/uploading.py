"""Writes to addresses: files are made on this machine, and uploaded when they are complete."""

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from w2v.errors import KeptError, W2VError
from w2v.remote import writing
from w2v.remote.addresses import Address
from w2v.temporaries import Temporary


@contextlib.contextmanager
def uploaded(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Yield temporary files; upload them at the end of the block, unless it raises an exception.

    Parameters
    ----------
    paths : sequence of Path
        The addresses, which lie beside one another if there are several.

    Yields
    ------
    list of Path
        The temporary files, in the same order.

    Raises
    ------
    W2VError
        A file cannot be made or uploaded; the old objects then stay as they were.
    KeptError
        All files are uploaded, but one cannot be moved into place; the message names them.
    """
    names = " and ".join(map(str, paths))
    addresses = [path for path in paths if isinstance(path, Address)]
    if len(addresses) < len(paths) or len({address.parent for address in addresses}) > 1:
        raise W2VError(f"Cannot write {names}: the two are written together; name one directory.")
    temporaries: list[Temporary] = []
    try:
        for _ in addresses:
            temporaries.append(Temporary(Path(tempfile.gettempdir()), "w2v-", ".upload"))
        files = [temporary.path for temporary in temporaries]
        yield files
        _upload(files, addresses, names)
    except OSError as error:
        raise W2VError(
            f"Cannot write {names}: {error.strerror or error} (in {tempfile.gettempdir()}, where"
            " it is made before it is uploaded; TMPDIR names another directory)."
        ) from error
    finally:
        for temporary in temporaries:
            temporary.remove()


def _upload(files: Sequence[Path], addresses: Sequence[Address], names: str) -> None:
    urls = [address.url for address in addresses]
    try:
        writing.put(dict(zip(files, urls, strict=True)), addresses[0].options)
    except writing.KeptAsideError as error:
        kept = " and ".join(error.kept)
        raise KeptError(
            f"Cannot write {names}: {error.strerror}; the new content is in {kept}."
        ) from error
    except FileNotFoundError as error:
        raise W2VError(f"Cannot write {names}: there is no such directory or bucket.") from error
    except OSError as error:
        raise W2VError(f"Cannot write {names}: {error.strerror}.") from error
