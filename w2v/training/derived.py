"""What follows from the settings of a training, for the modules that read them."""

from typing import Any

from w2v.machine import available_memory
from w2v.word_forms import TokenizerName, WordForm

NOISE_LOSSES = ("negative", "both")  # those with noise words


class Derived:
    """Properties of TrainConfig that follow from its settings."""

    loss: str
    alpha: float | None
    min_alpha: float | None
    epochs: int | None
    sample: float | None
    workers: int | None
    device: str
    cluster: Any
    counting_memory: int | None
    tokenizer: TokenizerName
    lower: bool

    @property
    def word_form(self) -> WordForm:
        """What becomes of a word of the text."""
        return WordForm(self.tokenizer, self.lower)

    @property
    def counting_bytes(self) -> int:
        """The bytes that the tables of words may take while a text is counted."""
        if self.counting_memory is None:
            return available_memory() // 2
        return self.counting_memory * 10**6

    @property
    def has_noise(self) -> bool:
        """Whether words are trained against noise words: negative sampling."""
        return self.loss in NOISE_LOSSES

    @property
    def has_paths(self) -> bool:
        """Whether words are trained against the nodes of their Huffman paths."""
        return self.loss != "negative"

    @property
    def outputs_per_word(self) -> int:
        """The rows of the output matrix for each word: 2 with both losses."""
        return self.has_noise + self.has_paths

    @property
    def learning_rate(self) -> float:
        """`alpha`, which is never None once the settings are made."""
        assert self.alpha is not None
        return self.alpha

    @property
    def final_learning_rate(self) -> float:
        """`min_alpha`, which is not None once the text is known."""
        assert self.min_alpha is not None
        return self.min_alpha

    @property
    def highest_rate(self) -> float:
        """The highest learning rate of the training: that at its start, unless it rises."""
        return max(self.learning_rate, self.min_alpha or 0.0)

    @property
    def passes(self) -> int:
        """`epochs`, which is not None once the text is known."""
        assert self.epochs is not None
        return self.epochs

    @property
    def threshold(self) -> float:
        """`sample`, which is not None once the text is known."""
        assert self.sample is not None
        return self.sample

    @property
    def threads(self) -> int:
        """`workers`, which is never None once the settings are made."""
        assert self.workers is not None
        return self.workers

    @property
    def on_card(self) -> bool:
        """Whether a card trains; `device` is "cpu" or "cuda:N" once the text is known."""
        return self.device.startswith("cuda")
