"""The phrases of a model, as a tensor of its file: the bytes that `Phrases.save` would write."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.errors import FormatError
from w2v.formats.full_model import StoredModel
from w2v.phrases.phrase_file import parse_phrases, write_phrases
from w2v.phrases.phrases import Phrases

_NAME = "phrases_utf8"


def phrase_tensors(phrases: Phrases | None) -> dict[str, NDArray[Any]]:
    """Return the tensors by name; none where there are no phrases to keep."""
    if phrases is None:
        return {}
    stream = io.BytesIO()
    write_phrases(stream, phrases.settings, phrases.rounds)
    return {_NAME: np.frombuffer(stream.getvalue(), dtype=np.uint8)}


def stored_phrases(stored: StoredModel) -> Phrases | None:
    """Return the phrases in the file of a model; None where it has none.

    Raises FormatError where they are damaged.
    """
    if _NAME not in stored.places:
        return None
    found = stored.tensor(_NAME)
    try:
        if found.dtype != np.uint8 or found.ndim != 1:
            raise FormatError("they are not text")
        return Phrases(*parse_phrases(stored.path, io.BytesIO(found.tobytes())))
    except FormatError as error:
        raise FormatError(
            f"{stored.path} is damaged: its phrases cannot be read ({error})"
        ) from None
