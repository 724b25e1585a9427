"""Which format a file has, told by its content and never by its name."""

import codecs
import re
import struct
from pathlib import Path
from typing import Literal

from w2v.errors import FormatError
from w2v.formats.fasttext_dictionary import MAGIC as FASTTEXT_MAGIC
from w2v.formats.header import WHOLE_NUMBERS, parse_header, refuse_bad_header
from w2v.formats.index_file import MAGIC as INDEX_MAGIC
from w2v.formats.npy_header import MAGIC as NPY_MAGIC
from w2v.formats.tensors import LARGEST_JSON_HEADER
from w2v.formats.text_rows import commas, count_numbers, is_numbers, split_row
from w2v.limits import LONGEST_WORD
from w2v.opening import beginning

VectorFormat = Literal["word2vec_binary", "word2vec_text", "fasttext_binary", "full_model", "npy"]

_SAMPLE = 2 * LONGEST_WORD  # bytes looked at: the longest word, and some numbers
_PICKLE_STARTS = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))
# Bytes that no text holds, white space apart.
_CONTROL = bytes(set(range(32)) - set(b"\t\n\v\f\r"))


def detect(path: Path) -> VectorFormat:
    """Return the format of a vector file, compressed or not.

    Raises FormatError for a file that is missing, a directory, unreadable, empty, or of a format
    that is not read here.
    """
    sample = beginning(path, _SAMPLE)
    if not sample:
        raise FormatError(f"{path} is empty; it should hold word vectors.")
    if _is_full_model(sample):
        return "full_model"
    if sample.startswith(FASTTEXT_MAGIC) or _is_old_fasttext(sample):
        return "fasttext_binary"
    if sample.startswith(NPY_MAGIC):
        return "npy"
    _refuse_pickle(path, sample)
    if sample.startswith(INDEX_MAGIC):
        raise FormatError(
            f"{path} is an approximate index; name the file of the vectors that it was built of."
        )
    first_line, _, rest = sample.partition(b"\n")
    header = parse_header(first_line)
    if header:
        ends_here = len(sample) < _SAMPLE
        return "word2vec_text" if _is_text(rest, *header, ends_here) else "word2vec_binary"
    refuse_bad_header(path, first_line)
    _refuse_projector(path, first_line)
    _refuse_vocabulary(path, sample)
    _refuse_commas(path, first_line)
    if starts_a_table(first_line):
        return "word2vec_text"
    raise FormatError(
        f"{path} holds no word vectors in a known format: it starts neither with the number of "
        "words and the vector size, nor with a word and its numbers."
    )


def starts_a_table(line: bytes) -> bool:
    """Return whether a text file without a header may begin with this line."""
    is_row = count_numbers(line) > 0 and not _has_control(line)
    return is_row and not WHOLE_NUMBERS.fullmatch(line)


def _is_full_model(sample: bytes) -> bool:
    """Return whether a safetensors header starts here: its length in 8 bytes, then JSON."""
    length = int.from_bytes(sample[:8], "little")
    return sample[8:9] == b"{" and 2 <= length <= LARGEST_JSON_HEADER


def _refuse_pickle(path: Path, sample: bytes) -> None:
    if sample.startswith(_PICKLE_STARTS):
        raise FormatError(
            f"{path} is a Python pickle, which is never read, because reading one can run any "
            "code; if gensim's save wrote it, load it in gensim and call save_word2vec_format on "
            "its vectors (a model's are model.wv)."
        )


def _refuse_projector(path: Path, first_line: bytes) -> None:
    """Refuse numbers without words, of which the first of each line would be taken for a word."""
    if b"\t" in first_line and b"." in first_line.split(b"\t")[0] and is_numbers(first_line):
        raise FormatError(
            f"{path} holds numbers separated by tabs and no words, as vectors.tsv of the Embedding "
            "Projector does, which is not read; convert the file that it was made from."
        )


def _refuse_vocabulary(path: Path, sample: bytes) -> None:
    """Refuse words with counts, which would be taken for vectors of one number."""
    lines = sample.splitlines()[:2]
    if all(re.fullmatch(rb"\S+ \d+", line) for line in lines):
        raise FormatError(
            f"{path} holds a word and a whole number a line, as a vocabulary file does, and no "
            "vectors; name the .npy that belongs to it."
        )


def _refuse_commas(path: Path, first_line: bytes) -> None:
    """Refuse a word and numbers with commas, of which the last alone would be taken for one."""
    if not _has_control(first_line) and (found := commas(first_line)):
        problem, advice = found
        raise FormatError(
            f"{path} starts with {first_line.rstrip()[:64]!r}, but {problem}; {advice}."
        )


def _is_old_fasttext(sample: bytes) -> bool:
    """Return whether a fastText model without a magic number starts here: settings in range."""
    if len(sample) < 56:
        return False
    settings = struct.unpack_from("<12id", sample)
    vector_size, loss, model, threshold = settings[0], settings[6], settings[7], settings[12]
    in_range = vector_size in range(1, 100_001) and loss in range(1, 5) and model in range(1, 4)
    return in_range and bool(0 < threshold < 1)


def _is_text(rest: bytes, count: int, vector_size: int, ends_here: bool) -> bool:
    """Return whether what follows the header is text; if not, it is binary."""
    if _is_printable(rest, ends_here):  # it may fit by chance: "0,1 " is as long as a number
        return True
    # The bytes of a few numbers may chance to look like a row of text: where the end of the file
    # is in sight, all of it decides.
    if ends_here and _fits_binary(rest, count, vector_size):
        return _fits_text(rest, count, vector_size)
    return _is_row(rest.partition(b"\n")[0], vector_size) or not _has_control(rest)


def _is_printable(sample: bytes, ends_here: bool) -> bool:
    """Return whether these are letters, digits and spaces alone, in UTF-8."""
    if not sample or _has_control(sample):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=ends_here)
    except UnicodeDecodeError:
        return False
    return True


def _is_row(line: bytes, vector_size: int) -> bool:
    return split_row(line.rstrip(), vector_size)[0] is not None


def _fits_text(rest: bytes, count: int, vector_size: int) -> bool:
    lines = rest.rstrip().split(b"\n")
    return len(lines) == count and all(_is_row(line, vector_size) for line in lines)


def _has_control(sample: bytes) -> bool:
    return len(sample.translate(None, _CONTROL)) < len(sample)


def _fits_binary(rest: bytes, count: int, vector_size: int) -> bool:
    position = 0
    for _ in range(min(count, len(rest))):
        space = rest.find(b" ", position)
        position = space + 1 + 4 * vector_size
        if space < 0 or position > len(rest):
            return False
    return not rest[position:].strip(b"\n")
