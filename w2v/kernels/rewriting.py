"""Text as the words of a rule: UTF-8 in, the same words in UTF-8 with a space after each out.

The rule is a table with flags for every code point, and another with what replaces it. No Python
object is made for a word. Nothing that a word depends on lies beyond white space, so that a text
may be cut there.
"""

from typing import NamedTuple

from w2v.kernels.jit import Bytes, Int32s, jit

START = 1  # a letter or a digit: a word may begin with it
CONTINUE = 2  # a letter, digit, mark or invisible joiner: a word goes on with it
DIGIT = 4
JOINER = 8  # an apostrophe, hyphen or underscore: joins two parts of a word
SPACE = 16
CASED = 32  # a letter with case, and the characters that do not count
IGNORABLE = 64  # where a word's end is looked for to lower-case a sigma
SIGMA = 0x3A3  # capital

LONGEST_LOCAL = 64  # characters before the @ of an e-mail address (RFC 5321, 4.5.3.1.1)

_LINE_FEED, _CARRIAGE_RETURN, _BLANK = 10, 13, 32
_QUOTE, _PLUS, _COMMA, _HYPHEN, _FULL_STOP, _SLASH = 0x22, 0x2B, 0x2C, 0x2D, 0x2E, 0x2F
_COLON, _LESS, _GREATER, _AT, _UNDERSCORE = 0x3A, 0x3C, 0x3E, 0x40, 0x5F
_A, _W, _Z, _TO_CAPITAL = 0x41, 0x57, 0x5A, 0xDF
_SMALL_SIGMA = (0xCF, 0x83)
_FINAL_SIGMA = (0xCF, 0x82)


class Rule(NamedTuple):
    """A rule for what is a word, and what it becomes."""

    kinds: Bytes  # (0x110000,), the flags of each code point
    changes: Int32s  # (0x110000,), the row of `replacements` for each; 0 leaves it as it is
    replacements: Bytes  # (n, 4), UTF-8
    lengths: Bytes  # (n,), bytes of each
    ascii: Bytes  # (128,), the replacements of ASCII, a byte each


@jit
def rewrite(data: Bytes, rule: Rule, out: Bytes) -> int:
    """Write the words of a text, a space after each, and a line feed at the end of each line.

    Parameters
    ----------
    data : uint8
        Valid UTF-8 that ends in white space.
    rule : Rule
    out : uint8
        Room for half as many bytes again as `data` has.

    Returns
    -------
    int
        The number of bytes written.
    """
    position = written = at = 0
    while position < len(data):
        code, length = _character(data, position)
        if rule.kinds[code] & START:
            while at < len(data) and (at < position or data[at] != _AT):
                at += 1
            end = _word_end(data, position, at, rule)
            written = _write_word(data, position, end, rule, out, written)
            out[written] = _BLANK
            written += 1
            position = end
        else:
            if code in (_LINE_FEED, _CARRIAGE_RETURN):
                out[written] = _LINE_FEED
                written += 1
            position += length
    return written


@jit
def _character(data: Bytes, position: int) -> tuple[int, int]:
    """Return the code point at a position, and its length in bytes."""
    first = int(data[position])
    if first < 0x80:
        return first, 1
    second = int(data[position + 1]) & 0x3F
    if first < 0xE0:
        return (first & 0x1F) << 6 | second, 2
    third = int(data[position + 2]) & 0x3F
    if first < 0xF0:
        return (first & 0x0F) << 12 | second << 6 | third, 3
    return (first & 0x07) << 18 | second << 12 | third << 6 | int(data[position + 3]) & 0x3F, 4


@jit
def _word_end(data: Bytes, start: int, at: int, rule: Rule) -> int:
    """Return the end of the word, address or number at `start`; the next @ is at `at`."""
    plain = _plain_end(data, start, rule)
    address = _address_start(data, start, plain)
    if address > 0:
        end = _address_end(data, address, rule)
        if end > 0:
            return end
    if at - start <= 4 * LONGEST_LOCAL:
        end = _mail_end(data, start, rule)
        if end > 0:
            return end
    return plain


@jit
def _plain_end(data: Bytes, start: int, rule: Rule) -> int:
    """Return the end of a word or number: parts of letters and digits, with joiners between."""
    position, kind = start, 0
    while True:
        code, length = _character(data, position)
        here = rule.kinds[code]
        if here & CONTINUE:
            kind = here
        else:
            if here & JOINER:
                wanted = START
            elif kind & DIGIT and code in (_COMMA, _FULL_STOP):
                wanted = DIGIT
            else:
                return position
            following, _ = _character(data, position + length)
            if not rule.kinds[following] & wanted:
                return position
        position += length


@jit
def _address_start(data: Bytes, start: int, end: int) -> int:
    """Return where the address after `https://` or `www.` begins, 0 where a word is neither."""
    if data[end] == _COLON:
        if data[end + 1] != _SLASH or data[end + 2] != _SLASH:
            return 0
        for k in range(start, end):
            if not _A <= data[k] & _TO_CAPITAL <= _Z:
                return 0
        return end + 3
    if data[end] != _FULL_STOP or end - start != 3:
        return 0
    for k in range(start, end):
        if data[k] & _TO_CAPITAL != _W:
            return 0
    return end + 1


@jit
def _address_end(data: Bytes, position: int, rule: Rule) -> int:
    """Return the end of an address: after its last letter, digit or slash; 0 if it has none."""
    end = 0
    while True:
        code, length = _character(data, position)
        kind = rule.kinds[code]
        if kind & SPACE or code in (_QUOTE, _LESS, _GREATER):
            return end
        position += length
        if kind & CONTINUE or code == _SLASH:
            end = position


@jit
def _mail_end(data: Bytes, start: int, rule: Rule) -> int:
    """Return the end of the e-mail address at `start`; 0 if there is none."""
    position = start
    code, length = _character(data, position)
    for _ in range(LONGEST_LOCAL):
        if not rule.kinds[code] & CONTINUE and code not in (
            _FULL_STOP, _UNDERSCORE, _PLUS, _HYPHEN,
        ):  # fmt: skip
            break
        position += length
        code, length = _character(data, position)
    if code != _AT:
        return 0
    position += 1
    end = 0
    while rule.kinds[_character(data, position)[0]] & START:
        code, length = _character(data, position)
        while rule.kinds[code] & CONTINUE:
            position += length
            code, length = _character(data, position)
        end = position
        while data[position] in (_FULL_STOP, _HYPHEN):
            position += 1
        if position == end:
            break
    return end


@jit
def _write_word(data: Bytes, start: int, end: int, rule: Rule, out: Bytes, written: int) -> int:
    """Write a word with the replacements of its characters; return the new end of the output."""
    position = start
    while position < end:
        if data[position] < 0x80:
            out[written] = rule.ascii[data[position]]
            written += 1
            position += 1
            continue
        code, length = _character(data, position)
        change = rule.changes[code]
        if change == 0:
            for k in range(length):
                out[written + k] = data[position + k]
            written += length
        elif code == SIGMA:
            small = _FINAL_SIGMA if _is_final(data, start, end, position, rule) else _SMALL_SIGMA
            out[written], out[written + 1] = small
            written += 2
        else:
            size = int(rule.lengths[change])
            for k in range(size):
                out[written + k] = rule.replacements[change, k]
            written += size
        position += length
    return written


@jit
def _is_final(data: Bytes, start: int, end: int, sigma: int, rule: Rule) -> bool:
    """Return whether a capital sigma ends a word, by Unicode's condition Final_Sigma.

    A letter with case comes before it and none after it, where ignorable characters do not count.
    """
    position, kind = sigma, IGNORABLE
    while kind & IGNORABLE:
        if position == start:
            return False
        position -= 1
        while data[position] & 0xC0 == 0x80:
            position -= 1
        kind = rule.kinds[_character(data, position)[0]]
    if not kind & CASED:
        return False
    position, kind = sigma + 2, IGNORABLE
    while position < end and kind & IGNORABLE:
        code, length = _character(data, position)
        kind = rule.kinds[code]
        position += length
    return not kind & CASED
