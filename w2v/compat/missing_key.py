"""The message about a missing key, which may be of any type."""

from w2v.arguments import shown
from w2v.vectors.missing_word import MissingWordMessage


class MissingKeyMessage(MissingWordMessage):
    """The message about a missing key among others of any type."""

    def __str__(self) -> str:
        if all(isinstance(word, str) for word in self._words):
            return super().__str__()
        return f"The key {shown(self._word)} is not among the {len(self._words):,} keys."
