"""The settings of one training: the library, the variant and the numbers, the same for all."""

import argparse
from dataclasses import asdict, dataclass
from typing import Any, Literal

LIBRARIES = ("w2v", "gensim", "fasttext")
VARIANTS = tuple(
    f"{architecture}-{loss}"
    for architecture in ("skipgram", "cbow")
    for loss in ("negative", "hierarchical")
)
# The forms in which a library can be given the corpus; of several, the faster one counts.
READERS = {"w2v": ("text",), "gensim": ("lines", "text8"), "fasttext": ("lines",)}
CLASSICAL_ALPHA = {"skipgram": 0.025, "cbow": 0.05}  # word2vec.c
CLASSICAL_EPOCHS = 5


@dataclass(frozen=True)
class Settings:
    """One training. `epochs` and `alpha` are the library's own defaults where they are None.

    reader: "text", the corpus as it is; "lines", a file of 1,000-word lines; "text8", gensim's
    Text8Corpus on the corpus as it is.
    """

    library: str
    variant: str = "skipgram-negative"
    reader: str = "text"
    vector_size: int = 100
    window: int = 5
    negative: int = 5
    epochs: int | None = 1
    min_count: int = 5
    sample: float = 1e-3
    alpha: float | None = None
    workers: int = 2
    seed: int = 1

    @property
    def architecture(self) -> Literal["skipgram", "cbow"]:
        """Skip-gram or CBOW, as "skipgram" or "cbow"."""
        return "skipgram" if self.variant.startswith("skipgram-") else "cbow"

    @property
    def loss(self) -> Literal["negative", "hierarchical"]:
        """Negative sampling or hierarchical softmax, as "negative" or "hierarchical"."""
        return "negative" if self.variant.endswith("-negative") else "hierarchical"

    def as_dict(self) -> dict[str, Any]:
        """Return the settings by name, as the results hold them."""
        return asdict(self)


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that every comparison of trainings has."""
    parser.add_argument("corpus", help="a path or a known name, as for `w2v train`")
    parser.add_argument("--words", type=whole, help="use only so many words of it, as in 1M")
    parser.add_argument("--runs", type=int, default=3, help="runs of each; run n has seed n")
    parser.add_argument("--json", help="add every run to this file, and skip those in it")
    for name, default in (("window", 5), ("negative", 5), ("min-count", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--sample", type=float, default=1e-3)


def common_settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that `add_common_options` asks for and every library gets."""
    names = ("window", "negative", "min_count", "sample")
    return {name: getattr(arguments, name) for name in names}


def classical_alpha(variant: str) -> float:
    """Return word2vec.c's learning rate, which every library is compared with."""
    return CLASSICAL_ALPHA[variant.partition("-")[0]]


def whole(text: str) -> int:
    """Read a number of words: 250000, 250k or 4M."""
    factor = {"k": 1_000, "m": 1_000_000}.get(text[-1:].lower(), 1)
    return int(float(text[:-1] if factor > 1 else text) * factor)
