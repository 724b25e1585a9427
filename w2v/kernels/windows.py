"""From token ids to centre words with their windows: subsampling and window sizes.

Every draw is a function of the token's position in the corpus (see rng.py). So a window sees the
same neighbours across the border of a chunk, whichever worker trains which side.
"""

import numpy as np

from w2v.kernels.jit import Int32s, jit
from w2v.kernels.rng import below, draw, high_bits, low_bits
from w2v.kernels.state import HotCopies, Listed, Schedule, Text, Variant


@jit
def select_tokens(
    text: Text,
    start: int,
    stop: int,
    schedule: Schedule,
    variant: Variant,
    hot: HotCopies,
    listed: Listed,
) -> tuple[int, int, int]:
    """List the tokens of start…stop that subsampling keeps, and `window` more on either side.

    The neighbours outside start…stop lie in the same sentence. Writes `listed`.

    Parameters
    ----------
    text : Text
    start, stop : int
        Positions in the corpus.
    schedule : Schedule
    variant : Variant
    hot : HotCopies
        Those of the input rows.
    listed : Listed

    Returns
    -------
    first, last : int
        The listed tokens `first` to `last` − 1 are the centre words.
    total : int
        The number of listed tokens.
    """
    key, window = schedule.key, schedule.window
    sentence = np.searchsorted(text.sentence_offsets, start, side="right") - 1
    first = last = total = 0
    position = _first_in_reach(text, start, sentence, schedule)
    missing = window
    text_end = text.offset + len(text.tokens)
    while position < text_end and missing > 0:
        if position == text.sentence_offsets[sentence + 1]:
            if position >= stop:
                break
            sentence += 1
            continue
        bits = draw(key, position)
        # Written whether kept or not, and counted if kept: a branch could not be predicted, and
        # took an eighth of CBOW's time.
        kept = is_kept(text, position, bits)
        word = np.int64(text.tokens[position - text.offset])
        listed.ids[total] = word
        listed.words[total] = row_of_word(word, hot)
        listed.positions[total] = position
        listed.sentences[total] = sentence
        drawn = 1 + below(low_bits(bits), window)
        listed.reaches[total] = drawn if variant.shrinks_windows else window
        total += kept
        first += kept & np.int64(position < start)
        last += kept & np.int64(position < stop)
        missing -= kept & np.int64(position >= stop)
        position += 1
    return first, last, total


@jit
def _first_in_reach(text: Text, start: int, sentence: int, schedule: Schedule) -> int:
    """Return the first token of the sentence that the window of token `start` may contain."""
    low = start
    missing = schedule.window
    while missing > 0 and low > text.sentence_offsets[sentence]:
        low -= 1
        missing -= is_kept(text, low, draw(schedule.key, low))
    return low


@jit
def find_reach(text: Text, start: int, stop: int, schedule: Schedule) -> tuple[int, int]:
    """Return the bounds of the tokens that training on `start` to `stop` − 1 reads.

    Parameters
    ----------
    text : Text
    start, stop : int
        Positions in the corpus; `start` < `stop`.
    schedule : Schedule

    Returns
    -------
    low, high : int
        The tokens `low` to `high` − 1 are read.
    """
    sentence = np.searchsorted(text.sentence_offsets, start, side="right") - 1
    low = _first_in_reach(text, start, sentence, schedule)
    sentence = np.searchsorted(text.sentence_offsets, stop - 1, side="right") - 1
    high = stop
    missing = schedule.window
    while missing > 0 and high < text.sentence_offsets[sentence + 1]:
        missing -= is_kept(text, high, draw(schedule.key, high))
        high += 1
    return low, high


@jit
def is_kept(text: Text, position: int, bits: np.uint64) -> int:
    """Return 1 if subsampling keeps the token at `position`, whose draw is `bits`, else 0."""
    entry = min(np.int64(text.tokens[position - text.offset]), len(text.keep_thresholds) - 1)
    return np.int64(high_bits(bits) < text.keep_thresholds[entry])


@jit
def row_of_word(word: int, hot: HotCopies) -> int:
    """Return this worker's row for a word: its private copy, if the word is hot."""
    return word + (hot.place if word < hot.size else 0)


@jit
def row_of_node(row: int, hot: HotCopies) -> int:
    """Return this worker's row for the row of a node: its private copy, if the node is hot."""
    below_root = hot.first - row
    return below_root + hot.place if below_root < hot.size else row


@jit
def find_window(index: int, total: int, listed: Listed) -> tuple[int, int]:
    """Return the first and the last listed token of the window of token `index`.

    The window has the size that was listed for this token, and ends with the sentence.
    """
    reach = listed.reaches[index]
    low, high = max(0, index - reach), min(total - 1, index + reach)
    while listed.sentences[low] != listed.sentences[index]:
        low += 1
    while listed.sentences[high] != listed.sentences[index]:
        high -= 1
    return low, high


@jit
def list_window(index: int, low: int, high: int, listed: Listed, input_rows: Int32s) -> int:
    """Write the rows of the tokens `low` to `high` except `index`; return their number.

    Writes `input_rows`.
    """
    count = 0
    for neighbour in range(low, high + 1):
        input_rows[count] = listed.words[neighbour]
        count += neighbour != index
    return count


@jit
def takes_loss(position: int, schedule: Schedule) -> bool:
    """Return whether the loss is taken on the centre word at `position`."""
    bits = draw(schedule.key, position)
    return bits & schedule.loss_mask == np.uint64(0)


@jit
def learning_rate(position: int, schedule: Schedule) -> np.float32:
    """Return the learning rate at a position of the corpus."""
    rate = schedule.alpha - schedule.fall * (schedule.tokens_before + position)
    last = schedule.final_alpha
    return np.float32(max(rate, last) if schedule.fall >= 0 else min(rate, last))
