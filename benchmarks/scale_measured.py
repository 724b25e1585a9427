"""What scale.py measures in processes of its own, and what it makes of that."""

import statistics
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import w2v
from scale_model import Costs, Model
from scale_rows import Law, zipf_exponent
from w2v import TrainConfig, open_corpus
from w2v.errors import W2VWarning
from w2v.text.encoding import EncodedCorpus, encode_corpus
from w2v.text.vocabulary import Vocabulary, count_vocabulary
from w2v.training.defaults import fitted
from w2v.training.engines.round_shape import RoundShape, round_shape

Asked = dict[str, Any]

_STILL_WORDS, _STILL_SENTENCE, _STILL_SAMPLE = 100, 1000, 1e-9
_REPEATS = 3
# Of a training of the check. Its first orders are short, and workers do nothing between two: where
# they were of 1, 2, 4 and 8 rounds, that was a tenth of the time of an epoch of 29.
_EPOCHS = 3
# The learning rate does not fall, so that no rounds are joined: the model is of one shape.
_RATE = 0.025


def encoded(corpus: str) -> tuple[Vocabulary, EncodedCorpus]:
    """Count and encode a corpus."""
    opened = open_corpus(corpus)
    vocabulary = count_vocabulary(opened)
    return vocabulary, encode_corpus(opened, vocabulary)


def find_network(_: Asked) -> Asked:
    """Measure letters between two workers."""
    from cluster_network import measure_network  # noqa: PLC0415  (only in a child)

    return measure_network()


def find_costs(asked: Asked) -> Asked:
    """Measure the parts of a round, and what the model has to know of the text."""
    from cluster_costs import measure  # noqa: PLC0415

    vocabulary, text = encoded(asked["corpus"])
    config = TrainConfig(vector_size=asked["vector_size"], epochs=1)
    shape = round_shape(len(text.tokens), asked["shards"])
    costs = measure(text, vocabulary, config, shape)
    return {
        "costs": costs,
        "shape": tuple(shape),
        "counts": vocabulary.counts.tolist(),
        "tokens": len(text.tokens),
        "words_a_token": vocabulary.corpus_words / len(text.tokens),
        "sample": fitted(config, len(text.tokens), len(vocabulary)).threshold,
    }


def still(asked: Asked) -> Asked:
    """Train an epoch of as many tokens, of which subsampling leaves out all but a few.

    So little is trained that the time is that of notes and calls alone, and of listing what tokens
    touch beside them.
    """
    tokens: int = asked["tokens"]
    words = np.random.default_rng(1).integers(_STILL_WORDS, size=tokens)
    names = np.array([f"w{number}" for number in range(_STILL_WORDS)])
    text = Path(asked["corpus"]).with_name("still.txt")
    lines = np.array_split(names[words], -(-tokens // _STILL_SENTENCE))
    text.write_text("\n".join(" ".join(line) for line in lines), "utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", W2VWarning)  # too little is trained, as it should be
        few = {**asked, "corpus": str(text), "vector_size": 1}
        found = [
            _rest_of_round(train(few, epochs=1, sample=_STILL_SAMPLE)) for _ in range(_REPEATS)
        ]
    return {"workers": asked["workers"], "seconds": statistics.median(found)}


def _rest_of_round(ran: Asked) -> float:
    """Return the seconds of a round but for its training, in which tokens are looked through.

    The time between orders is left out: the text of such an order reaches far, and is cut slowly.
    """
    traffic: dict[str, float] = ran["traffic"]
    return (traffic["waiting"] + traffic["merging"]) / traffic["rounds"]


def train(asked: Asked, epochs: int = _EPOCHS, **settings: Any) -> Asked:
    """Train on local processes, with a thread each."""
    traffic: dict[str, float] = {}

    def watch(training: Any) -> None:
        traffic.update(training.trainer.engine.traffic)

    model = w2v.train(
        asked["corpus"], cluster=f"local:{asked['workers']}", workers=asked["workers"],
        shards=asked["shards"], vector_size=asked["vector_size"], epochs=epochs,
        alpha=_RATE, min_alpha=_RATE, callbacks=watch, **settings,
    )  # fmt: skip
    return {
        "workers": asked["workers"],
        "words_per_second": model.summary.words_per_second,
        "traffic": traffic,
    }


TASKS = {"network": find_network, "costs": find_costs, "still": still, "train": train}


@dataclass(frozen=True)
class Measured:
    """What was measured with vectors of one size.

    Attributes
    ----------
    model : Model
        Of this machine and this text.
    shape : RoundShape
        Of the rounds that were measured.
    rows : tuple of float
        The rows that a stretch and a round touched.
    words_a_token : float
        Words of the corpus for each that has a vector.
    exponent, sample : float
        Of Zipf's law in this text, and of subsampling.
    """

    model: Model
    shape: RoundShape
    rows: tuple[float, float]
    words_a_token: float
    exponent: float
    sample: float

    @classmethod
    def of(
        cls, found: Asked, network: Asked, still_rounds: Sequence[Asked], vector_size: int
    ) -> "Measured":
        """Put together what the children have found."""
        of_workers = {each["workers"]: each["seconds"] for each in still_rounds}
        costs = dict(found["costs"])
        rows = costs.pop("rows_of_stretch"), costs.pop("rows_of_round")
        counts, shape = np.array(found["counts"]), RoundShape(*found["shape"])
        window, sample = TrainConfig().window, found["sample"]
        law = Law(counts.astype(np.float64), sample, window)
        # Real stretches repeat their words: the mean of what that saves a stretch and a round.
        law.burst = (rows[0] / law.rows(shape.stretch) + rows[1] / law.rows(shape.tokens)) / 2
        return cls(
            Model(Costs(**costs, **network), law, vector_size, of_workers), shape, rows,
            found["words_a_token"], zipf_exponent(counts), sample,
        )  # fmt: skip

    def words_per_second(self, workers: int) -> float:
        """Return what the model predicts for workers of this machine."""
        each = self.model.round(workers, self.shape)
        return each.tokens * self.words_a_token / each.seconds
