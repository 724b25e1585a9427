"""The words of one text, as training finds them."""

import contextlib
from typing import Any

import numpy as np

from w2v.arguments import checked_choice, checked_flag, not_allowed, shown
from w2v.errors import ConfigError
from w2v.text.cutting import without_overlong
from w2v.text.tokenizer import Tokenizer
from w2v.word_forms import TOKENIZERS, TokenizerName, WordForm


def words_of(
    text: str, *, tokenizer: TokenizerName = "whitespace", lower: bool = False
) -> list[str]:
    """Return the words of a text, the same as training finds with these settings.

    Parameters
    ----------
    text : str
        The text; its lines are not told apart.
    tokenizer, lower : optional
        The settings of training; see `help(w2v.TrainConfig)`. `Model.words_of` has those of a
        model.

    Returns
    -------
    list of str
        The words in order. One of more than 65,536 bytes is left out, as in training.

    Raises
    ------
    ConfigError
        The text is not a string or holds a NUL character or a lone surrogate, or a setting is
        unknown.
    """
    rule = checked_choice("tokenizer", tokenizer, TOKENIZERS)
    return words_in(text, WordForm(rule, checked_flag("lower", lower)))


def words_in(text: Any, form: WordForm) -> list[str]:
    """Return the words of a text in this form; raises ConfigError as `words_of` does."""
    if not isinstance(text, str):
        raise not_allowed("text", "a string", text)
    with contextlib.suppress(UnicodeEncodeError):
        if "\0" not in text:
            data, _ = without_overlong(0, f"{text}\n".encode())
            letters = np.frombuffer(data, dtype=np.uint8)
            return Tokenizer(form).rewritten(letters).tobytes().decode().split()
    raise ConfigError(
        f"The text {shown(text)} has a NUL character or a lone surrogate in it; take it out."
    )
