"""A text for the engines: whole in memory, or in files that are read a stretch at a time."""

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.state import Schedule, Text
from w2v.kernels.windows import find_reach
from w2v.text.distant_ids import DistantIds
from w2v.text.encoding import EncodedCorpus
from w2v.text.number_file import NumberFile, OffsetFile, Offsets

_MARGIN = 8  # tokens on either side for each of a window, at first: subsampling drops some


class StoredText(NamedTuple):
    """A text in files; for the fields see `Text`."""

    tokens: NumberFile[np.int32]
    offset: int
    sentence_offsets: OffsetFile
    keep_thresholds: NDArray[np.uint64]


class DistantText(NamedTuple):
    """A text on the workers of a cluster; for the fields see `Text`."""

    tokens: DistantIds
    offset: int
    sentence_offsets: Offsets
    keep_thresholds: NDArray[np.uint64]


AnyText: TypeAlias = Text | StoredText | DistantText


def as_text(corpus: EncodedCorpus, keep_thresholds: NDArray[np.uint64]) -> AnyText:
    """Return an encoded corpus as a text.

    Parameters
    ----------
    corpus : EncodedCorpus
    keep_thresholds : uint64
        Those of subsampling, see `Text`.
    """
    tokens, offsets = corpus.tokens, corpus.sentence_offsets
    if isinstance(tokens, DistantIds):
        return DistantText(tokens, 0, offsets, keep_thresholds)
    if isinstance(tokens, NumberFile):
        assert isinstance(offsets, OffsetFile)
        return StoredText(tokens, 0, offsets, keep_thresholds)
    return Text(tokens, 0, offsets[:], keep_thresholds)


def mapped(text: AnyText) -> Text:
    """Return a text as arrays; files are mapped, which takes as many addresses as they have bytes.

    Parameters
    ----------
    text : Text or StoredText
    """
    if isinstance(text, Text):
        return text
    assert isinstance(text, StoredText)  # distant ones are trained where they are
    return Text(
        text.tokens.mapped(), text.offset, text.sentence_offsets.mapped(), text.keep_thresholds
    )


def stretch(text: AnyText, start: int, stop: int, schedule: Schedule) -> Text:
    """Return what training on the tokens `start` to `stop` − 1 reads, in memory.

    Parameters
    ----------
    text : Text or StoredText
        One in memory is returned as it is.
    start, stop : int
        Positions in the corpus.
    schedule : Schedule
        Its draws determine how far windows reach.
    """
    if isinstance(text, Text):
        return text
    assert isinstance(text, StoredText)
    size, margin = len(text.tokens), 2 + _MARGIN * schedule.window
    while True:
        low, high = max(0, start - margin), min(size, stop + margin)
        part, starts_here, ends_here = _part(text, low, high)
        if start >= stop:
            return part
        first, last = find_reach(part, start, stop, schedule)
        if (starts_here or first > low) and (ends_here or last < high):
            return part
        margin *= 4


def _part(text: StoredText, low: int, high: int) -> tuple[Text, bool, bool]:
    """Return some tokens as a text of their own, whose first and last sentence may be cut.

    Also returns whether the first one begins, and the last one ends, where the tokens do.
    """
    borders = text.sentence_offsets.between(low, high)
    starts_here = len(borders) > 0 and int(borders[0]) == low
    ends_here = len(borders) > 0 and int(borders[-1]) == high
    if not starts_here:
        borders = np.append(low, borders)
    if not ends_here:
        borders = np.append(borders, high)
    return (
        Text(text.tokens[low:high], low, borders, text.keep_thresholds), starts_here, ends_here,
    )  # fmt: skip
