"""Vocabularies as users have them: words with counts, from a text, from a file or in a dict."""

import contextlib
import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.arguments import checked_path, not_allowed, whole_number
from w2v.errors import Argument, ConfigError, FormatError
from w2v.formats import vocabulary_file
from w2v.formats.packed_words import decode
from w2v.text.corpus import CorpusLike, InvalidUtf8
from w2v.text.sentence_faults import are_sound, word_fault
from w2v.text.sources import shorten
from w2v.text.vocabulary import count_vocabulary
from w2v.training.config import TrainConfig
from w2v.training.prepare import open_text
from w2v.training.warn import warn_caller
from w2v.word_forms import TokenizerName
from w2v.word_rows import words_at

# word2vec.c's word for the end of a line, which it lists first. A text may have it as a word.
_LINE_END = "</s>"
_MOST = 2**62  # words of a text


def count_words(
    corpus: CorpusLike,
    *,
    tokenizer: TokenizerName = "whitespace",
    lower: bool = False,
    min_count: int = 5,
    max_vocabulary: int | None = None,
    counting_memory: int | None = None,
    workers: int | None = None,
    invalid_utf8: InvalidUtf8 | None = None,
    column: str | None = None,
) -> dict[str, int]:
    """Count the words of a corpus: the result is the vocabulary that training would choose.

    Parameters
    ----------
    corpus : str, path-like, iterable or Corpus
        As in `w2v.train`.
    tokenizer, lower, min_count, max_vocabulary, counting_memory, workers : optional
        The settings of these names; see `help(w2v.TrainConfig)`.
    invalid_utf8 : {"error", "replace"}, optional
        "replace" replaces invalid bytes by U+FFFD. Default: "error".
    column : str, optional
        The column that holds the text, as in `open_corpus`.

    Returns
    -------
    dict of str to int
        The words and how often each occurs, the commonest first; among equal counts, in order of
        appearance.

    Raises
    ------
    ConfigError
        A setting is out of range or has no effect.
    CorpusError
        The corpus cannot be read, or fewer than two words are left.

    Warns
    -----
    UserWarning
        As in `w2v.train`, where the text does not look like words, or where words may be missing
        because the memory for counting was full.
    """
    config = TrainConfig(
        tokenizer=tokenizer, lower=lower, min_count=min_count, max_vocabulary=max_vocabulary,
        counting_memory=counting_memory, workers=workers,
    )  # fmt: skip
    text = open_text(corpus, invalid_utf8, config.word_form, column)
    found = count_vocabulary(
        text, config.min_count, config.max_vocabulary, config.threads,
        table_limit=config.counting_bytes,
    )  # fmt: skip
    lacks = found.about_missing(config.min_count, config.max_vocabulary)
    for warning in (text.about_left_out(), lacks, found.oddity, found.warning):
        if warning:
            warn_caller(warning)
    return dict(zip(found.words, found.counts.tolist(), strict=True))


def load_vocabulary(path: str | os.PathLike[str]) -> dict[str, int]:
    """Read a vocabulary: a word and its count on each line, as word2vec.c writes it, too.

    Parameters
    ----------
    path : path-like
        The file, compressed or not. A first word `</s>`, by which word2vec.c means the ends of
        lines, is left out. `save_vocabulary` never writes it first.

    Returns
    -------
    dict of str to int
        The words and their counts, in the order of the file.

    Raises
    ------
    FormatError
        The file is missing, or a line is not a word and a count, or repeats a word; the message
        names the line.
    """
    source = checked_path("path", path)
    lines = vocabulary_file.read(source)
    if lines.counts is None:
        first = lines.words[0].decode(errors="replace") if lines.words else ""
        found = f"line 1 is {shorten(first)}" if lines.words else "it is empty"
        raise FormatError(
            f"{source} is not a vocabulary, which has a word and a count on each line: {found};"
            " write one with 'w2v vocabulary'."
        )
    words = _decoded(source, lines.words)
    vocabulary = dict(zip(words, lines.counts.tolist(), strict=True))
    if len(vocabulary) < len(words):
        raise _repeated(source, words)
    if next(iter(vocabulary)) == _LINE_END:
        del vocabulary[_LINE_END]
    return vocabulary


def _repeated(path: os.PathLike[str], words: list[str]) -> FormatError:
    """Return the error for the first line whose word is on a line before it."""
    places: dict[str, int] = {}
    for number, word in enumerate(words, start=1):
        if places.setdefault(word, number) < number:
            break
    return FormatError(
        f"{path}, line {number}: {shorten(word)} is also on line {places[word]}; keep one of the"
        " lines."
    )


def _decoded(path: os.PathLike[str], words: list[bytes]) -> list[str]:
    """Return the words of a vocabulary file; raise FormatError for a line without a good one."""
    with contextlib.suppress(UnicodeDecodeError):
        decoded = decode(words)
        if are_sound(decoded):
            return decoded
    decoded = []
    for number, letters in enumerate(words, start=1):
        try:
            word = letters.decode()
        except UnicodeDecodeError as error:
            raise FormatError(
                f"{path}, line {number}: {shorten(letters)} is not UTF-8 ({error.reason}); convert"
                " the file."
            ) from None
        fault = word_fault(word)
        if fault is not None:
            raise FormatError(f"{path}, line {number}: {shorten(word)} is {fault}.")
        decoded.append(word)
    return decoded


def save_vocabulary(path: str | os.PathLike[str], vocabulary: Mapping[str, int]) -> None:
    """Write a vocabulary atomically: a word and its count on each line, as word2vec.c reads it.

    Parameters
    ----------
    path : path-like
        The file; a suffix such as .gz compresses it.
    vocabulary : mapping of str to int
        The words and their counts, such as `count_words` returns. A first word `</s>`, which has
        another meaning to word2vec.c, is written second.

    Raises
    ------
    ConfigError
        A word is not a word of a text, or a count is not a whole number.
    W2VError
        The file cannot be written.
    """
    target, checked = checked_path("path", path), _checked(vocabulary)
    words = list(checked)
    counts = np.fromiter(checked.values(), np.int64, len(words))
    if words[:1] == [_LINE_END]:
        words[:2], counts[:2] = words[1::-1], counts[1::-1].copy()
    vocabulary_file.write(target, words, counts)


def given_vocabulary(given: object) -> dict[str, int] | None:
    """Return the vocabulary that a user gave as a file or a mapping; None for None."""
    if given is None:
        return None
    if isinstance(given, (str, os.PathLike)):
        return load_vocabulary(checked_path("vocabulary", given))
    return _checked(given)


def _checked(vocabulary: object) -> dict[str, int]:
    """Return words with counts; raise ConfigError for anything else."""
    if not isinstance(vocabulary, Mapping):
        raise not_allowed("vocabulary", "a file, or a dict of words and their counts", vocabulary)
    words, counts = list(vocabulary), list(vocabulary.values())
    if _are_counts(counts) and are_sound(words):
        return dict(vocabulary)
    checked: dict[str, int] = {}
    for word, given in vocabulary.items():
        fault, count = word_fault(word), whole_number(given)
        if fault is not None:
            raise ConfigError(
                Argument("vocabulary"), f" has the word {shorten(word)}, which is {fault}."
            )
        if count is None or not 0 <= count <= _MOST:
            raise ConfigError(
                Argument("vocabulary"),
                f" has the count {shorten(given)} for {shorten(word)}; counts are whole numbers, 0"
                " or more.",
            )
        checked[word] = count
    return checked


def _are_counts(counts: list[Any]) -> bool:
    """Return whether all are counts, and of type int; much faster than one by one."""
    is_plain = set(map(type, counts)) <= {int}
    return is_plain and min(counts, default=0) >= 0 and max(counts, default=0) <= _MOST


def commonest(
    vocabulary: Mapping[str, int], min_count: int, max_vocabulary: int | None
) -> tuple[list[str], NDArray[np.int64]]:
    """Return the words seen often enough and their counts, the commonest first.

    Among equal counts, words stay in their order. Raises ConfigError where fewer than two are left.
    """
    words = list(vocabulary)
    counts = np.fromiter(vocabulary.values(), np.int64, len(words))
    order = np.argsort(-counts, kind="stable")
    common = order[counts[order] >= max(1, min_count)][:max_vocabulary]
    if len(common) < 2:
        raise ConfigError(
            Argument("vocabulary"),
            f" has {len(vocabulary):,} words, and {len(common):,} with a count of {min_count:,} or"
            " more; training needs two, so give more, or lower ",
            Argument("min_count"),
            ".",
        )
    if sum(counts[common].tolist()) > _MOST:
        raise ConfigError(
            Argument("vocabulary"), f" has counts of more than {_MOST:,} in all; give true counts."
        )
    return words_at(words, common), counts[common]
