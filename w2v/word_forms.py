"""The form that a training gave to words: lower case, and one kind of apostrophe and hyphen."""

from dataclasses import dataclass
from typing import Literal, get_args

# Signs inside words that look alike become one; a soft hyphen, which is not shown, is left out.
SIGNS: dict[str, str] = {
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{HYPHEN}": "-",
    "\N{NON-BREAKING HYPHEN}": "-",
    "\N{SOFT HYPHEN}": "",
}
_SIGNS = str.maketrans(SIGNS)
TokenizerName = Literal["whitespace", "words"]
TOKENIZERS: tuple[str, ...] = get_args(TokenizerName)


@dataclass(frozen=True)
class WordForm:
    """What became of a word of the text before it entered the vocabulary.

    Attributes
    ----------
    tokenizer : str
        "words" replaced the signs above; "whitespace" left words as they were.
    lower : bool
        Whether words became `str.lower()` of themselves.
    """

    tokenizer: str = "whitespace"
    lower: bool = False

    def of(self, word: str) -> str:
        """Return a word in this form."""
        form = word.lower() if self.lower else word
        return form.translate(_SIGNS) if self.tokenizer == "words" else form


AS_IT_IS = WordForm()
