"""The table of all settings of a training run: each is described here, and only here."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from w2v.machine import MOST_WORKERS, available_cores
from w2v.phrases.settings import PhraseSettings, Scoring
from w2v.training import phrase_fields
from w2v.training.derived import NOISE_LOSSES, Derived
from w2v.training.settings import (
    Choice,
    ClusterName,
    DeviceName,
    Flag,
    Number,
    OnlyWith,
    WholeNumber,
)
from w2v.training.settings_table import SettingsTable, documented
from w2v.word_forms import TOKENIZERS, TokenizerName

Architecture = Literal["skipgram", "cbow"]
Loss = Literal["negative", "hierarchical", "both"]
ClusterLike = Any  # a str; or a Client or a Cluster of Dask, which is an extra

# Chosen by benchmarks/search_defaults.py; word2vec.c has 0.025 for skip-gram and 0.05 for CBOW.
# defaults.py has the defaults that depend on the text.
DEFAULT_ALPHA = {
    ("skipgram", "negative"): 0.05,
    ("skipgram", "hierarchical"): 0.05,
    ("cbow", "negative"): 0.05,
    ("cbow", "hierarchical"): 0.025,
}
_OF_SENTENCES = "where windows are whole sentences"


@documented
@dataclass(frozen=True)
class TrainConfig(SettingsTable, Derived):
    """The settings of a training run; making one checks every value.

    `epochs`, `sample` and `min_alpha` may stay None until the text is known; a model's settings
    have the numbers that were used.

    Raises
    ------
    ConfigError
        A value is out of range; the message names the setting, what was given and what is allowed.
    """

    architecture: Architecture = Choice(  # noqa: RUF009  (it is a field)
        default="skipgram",
        choices=("skipgram", "cbow"),
        help="Guess the context from the word, or the word from its context.",
        scope="model",
        elsewhere="cbow model sg skipgram",
    ).field()
    loss: Loss = Choice(  # noqa: RUF009
        default="negative",
        choices=("negative", "hierarchical", "both"),
        help="Negative sampling, hierarchical softmax, or both at once.",
        scope="model",
        elsewhere="hs hierarchical_softmax objective",
    ).field()
    vector_size: int = WholeNumber(
        default=100,
        low=1,
        high=10_000,
        help="Numbers in a vector, {range}.",
        scope="model",
        elsewhere="dim dims dimension dimensions embedding_size layer1_size size vec_size",
    ).field()
    window: int = WholeNumber(
        default=5,
        low=1,
        high=1_000,
        help="Largest distance between a word and its context, in words, {range}.",
        details="Words that subsampling leaves out do not count.",
        only_with=OnlyWith("sentence_windows", (False,), _OF_SENTENCES),
        elsewhere="context context_size window_size ws",
    ).field()
    shrink_windows: bool = Flag(
        default=True,
        help="Draw the size of each word's window, from 1 to the largest; else all are as large.",
        details="Drawn sizes give near neighbours more weight, as in word2vec.c.",
        only_with=OnlyWith("sentence_windows", (False,), _OF_SENTENCES),
        elsewhere="dynamic_window reduced_windows",
    ).field()
    sentence_windows: bool = Flag(
        default=False,
        help="Make all of a sentence the context of each of its words: for baskets, without order.",
        details="Beyond 1,001 words, a context is the 1,000 words on either side.",
        elsewhere="basket baskets order_free sentence_window whole_sentences",
    ).field()
    negative: int = WholeNumber(
        default=5,
        low=1,
        high=1_000,
        help="Noise words for each word, {range}; for negative sampling.",
        only_with=OnlyWith("loss", NOISE_LOSSES, "which has no noise words"),
        elsewhere="neg negatives negative_samples noise ns",
    ).field()
    ns_exponent: float = Number(
        default=0.75,
        low=-10,
        high=10,
        help="Power of the counts by which noise words are drawn, {range}.",
        details="0 draws all alike, 1 as often as they occur, a negative power the rarest most.",
        only_with=OnlyWith("loss", NOISE_LOSSES, "which has no noise words"),
        elsewhere="exponent noise_exponent noise_power power smoothing",
    ).field()
    cbow_mean: bool = Flag(
        default=True,
        help="In CBOW, train the mean of the vectors of a window, else their sum.",
        only_with=OnlyWith("architecture", ("cbow",), "which trains each vector of a window alone"),
        elsewhere="mean",
    ).field()
    epochs: int | None = WholeNumber(
        default=None,
        unset="12, up to 40 for less than a million words",
        low=1,
        high=100_000,
        help="Passes over the text, {range}.",
        elsewhere="epoch iter iterations iters max_iter n_iter niter passes",
    ).field()
    tokenizer: TokenizerName = Choice(  # noqa: RUF009
        default="whitespace",
        choices=TOKENIZERS,
        help="Split words at white space, or find them among punctuation.",
        scope="model",
        elsewhere="analyzer tokenize tokenization",
    ).field()
    lower: bool = Flag(
        default=False,
        help="Put all words into lower case.",
        scope="model",
        elsewhere="do_lower_case lower_case lowercase uncased",
    ).field()
    min_count: int = WholeNumber(
        default=5,
        low=1,
        high=2**62,
        high_text="",
        help="Leave out words seen less often than this, {range}.",
        elsewhere="min_freq min_frequency mincount",
    ).field()
    max_vocabulary: int | None = WholeNumber(
        default=None,
        unset="all",
        low=2,
        high=2**31 - 2,
        high_text="",
        help="Keep only this many of the commonest words, {range}.",
        elsewhere="max_final_vocab max_vocab max_vocab_size max_words vocab_size",
    ).field()
    counting_memory: int | None = WholeNumber(
        default=None,
        unset="half of what is free",
        low=1,
        high=2**40,
        high_text="",
        help="Megabytes for the table of all words, {range}; when full, it drops rare ones.",
        details="Counts stay exact, and what may be missing is reported.",
        scope="machine",
        only_with=OnlyWith("phrases", (False,), "where the whole text is kept as numbers"),
        elsewhere="max_memory memory memory_limit",
    ).field()
    phrases: bool = phrase_fields.PHRASES.field()
    phrase_rounds: int = phrase_fields.ROUNDS.field()
    phrase_scoring: Scoring = phrase_fields.SCORING.field()  # noqa: RUF009
    phrase_threshold: float | None = phrase_fields.THRESHOLD.field()
    phrase_min_count: int = phrase_fields.MIN_COUNT.field()
    phrase_connector_words: str = phrase_fields.CONNECTOR_WORDS.field()
    phrase_delimiter: str = phrase_fields.DELIMITER.field()
    sample: float | None = Number(
        default=None,
        unset="the larger of 0.001 and 1/4 of an equal share for each word",
        low=0,
        high=1,
        help="Thin out words that are more than this share of the text, {range}; 0 thins out none.",
        elsewhere="subsample subsampling t threshold",
    ).field()
    alpha: float | None = Number(
        default=None,
        unset="0.025 for cbow with hierarchical or both, else 0.05",
        low=0,
        high=10,
        above=True,
        help="Learning rate at the start, {range}.",
        elsewhere="learning_rate lr start_alpha",
    ).field()
    min_alpha: float | None = Number(
        default=None,
        unset="the larger of 0.0001 and the rate 10,000 words before the end",
        low=0,
        high=10,
        help="Learning rate at the end, {range}; above alpha, the rate rises.",
        details="If an epoch has fewer words, the default is the rate an epoch before the end.",
        elsewhere="end_alpha min_learning_rate min_lr",
    ).field()
    workers: int | None = WholeNumber(
        default=None,
        unset="one for each core this process may use",
        low=1,
        high=MOST_WORKERS,
        help="Threads that train, {range}; with one, every run gives the same vectors.",
        details="At most one is started for each 262,144 tokens.",
        scope="machine",
        elsewhere="cores jobs n_jobs num_threads thread threads",
    ).field()
    device: str = DeviceName(
        default="cpu",
        help="Train on the processor (cpu), on an NVIDIA GPU (cuda, or cuda:N), or choose (auto).",
        details="A model has the same form from any device, and a checkpoint goes on with any.",
        scope="machine",
        is_recorded=False,
        elsewhere="accelerator backend gpu use_gpu",
    ).field()
    seed: int = WholeNumber(
        default=1,
        low=0,
        high=2**63 - 1,
        high_text="2^63 − 1",
        help="Seed of all random choices, {range}.",
        elsewhere="random_seed random_state",
    ).field()
    held_out: float = Number(
        default=0.0,
        low=0,
        high=0.5,
        help="Measure the loss also on this share of the text, which is not trained on, {range}.",
        details="Whole sentences are held out; of longer ones, blocks of 1,000 words.",
        elsewhere="holdout valid validation validation_split",
    ).field()
    deterministic: bool = Flag(
        default=False,
        help="Give the same result with any number of workers, which takes longer.",
    ).field()

    cluster: ClusterLike | None = ClusterName(  # noqa: RUF009
        default=None,
        unset="none",
        help="Train on a Dask cluster: the address of its scheduler, or local:N for N processes.",
        details="From Python, a Client or a Cluster of Dask too. It turns `deterministic` on.",
        scope="machine",
        is_recorded=False,
    ).field()
    shards: int | None = WholeNumber(
        default=None,
        unset="8 with cluster, else 16; fewer for short texts",
        low=1,
        high=1_024,
        help="Stretches that are trained apart, then merged, {range}; for cluster, deterministic.",
        details="The result depends on it. No more workers of a cluster have work.",
    ).field()

    def __post_init__(self) -> None:
        if self.cluster is not None:
            object.__setattr__(self, "deterministic", True)
        for name, setting in self.settings().items():
            value = getattr(self, name)
            if value is None:
                value = self._chosen(name)
            if value is not None or setting.default is not None:
                value = setting.checked(name, value, self)
            object.__setattr__(self, name, value)
        self.phrase_settings()  # raises where they do not go together

    def phrase_settings(self) -> PhraseSettings:
        """Return the settings of phrases.

        Raises ConfigError where they do not go together.
        """
        prefix = "phrase_"
        names = [name for name in self.names() if name.startswith(prefix)]
        given = {name.removeprefix(prefix): getattr(self, name) for name in names}
        return PhraseSettings.checked(prefix=prefix, **given)

    @property
    def _default_alpha(self) -> float:
        return DEFAULT_ALPHA[self.architecture, "hierarchical" if self.has_paths else "negative"]

    def _chosen(self, name: str) -> object:
        """Return the default of a setting that depends on others or on the machine, else None."""
        if name == "alpha":
            return self._default_alpha
        if name == "workers":
            return min(available_cores(), MOST_WORKERS)
        return None

    def changed(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return these settings by name, with those given in their place.

        A learning rate that is the default becomes that of the new architecture and loss.
        """
        kept = asdict(self)
        if self.alpha == self._default_alpha:
            kept["alpha"] = None
        return {**kept, **settings}
