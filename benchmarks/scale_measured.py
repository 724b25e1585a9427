"""What scale.py measures in processes of its own, and what it makes of that."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from scale_model import Costs, Law, Model, zipf_exponent
from w2v import TrainConfig, open_corpus
from w2v.text.encoding import EncodedCorpus, encode_corpus
from w2v.text.vocabulary import Vocabulary, count_vocabulary
from w2v.training.defaults import fitted
from w2v.training.engines.round_shape import RoundShape, round_shape

Asked = dict[str, Any]


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
        "words_a_token": vocabulary.corpus_words / len(text.tokens),
        "sample": fitted(config, len(text.tokens), len(vocabulary)).threshold,
    }


def train(asked: Asked) -> Asked:
    """Train an epoch on local processes, with a thread each."""
    import w2v  # noqa: PLC0415

    traffic: dict[str, float] = {}

    def watch(training: Any) -> None:
        traffic.update(training.trainer.engine.traffic)

    model = w2v.train(
        asked["corpus"], cluster=f"local:{asked['workers']}", workers=asked["workers"],
        shards=asked["shards"], vector_size=asked["vector_size"], epochs=1,
        callbacks=watch,
    )  # fmt: skip
    return {
        "workers": asked["workers"],
        "words_per_second": model.summary.words_per_second,
        "traffic": traffic,
    }


TASKS = {"network": find_network, "costs": find_costs, "train": train}


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
    def of(cls, found: Asked, network: Asked, vector_size: int) -> "Measured":
        """Put together what the children have found."""
        costs = dict(found["costs"])
        rows = costs.pop("rows_of_stretch"), costs.pop("rows_of_round")
        counts, shape = np.array(found["counts"]), RoundShape(*found["shape"])
        window, sample = TrainConfig().window, found["sample"]
        law = Law(counts.astype(np.float64), sample, window)
        # Real stretches repeat their words: the mean of what that saves a stretch and a round.
        law.burst = (rows[0] / law.rows(shape.stretch) + rows[1] / law.rows(shape.tokens)) / 2
        return cls(
            Model(Costs(**costs, **network), law, vector_size), shape, rows,
            found["words_a_token"], zipf_exponent(counts), sample,
        )  # fmt: skip

    def words_per_second(self, workers: int) -> float:
        """Return what the model predicts for workers of this machine."""
        each = self.model.round(workers, self.shape)
        return each.tokens * self.words_a_token / each.seconds
