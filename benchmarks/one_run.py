"""Train once, in this process, and print its times and memory as JSON; see processes.py.

Vocabulary, compilation and training are timed apart. One training is one process, so that the peak
of its memory is its own. Evaluation sets are scored afterwards, for every library by w2v.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libraries import TRAIN, Trained
from processes import request
from settings import Settings


def main() -> None:
    """Train, score, save, and print."""
    asked = request()
    settings = Settings(**asked["settings"])
    text = Path(asked["text"])
    trained = TRAIN[settings.library](settings, text, Path(asked["lines"]))
    figures = trained.figures
    words = asked["words"] * figures["epochs"]
    print(
        json.dumps(
            {
                **figures,
                "vocabulary": len(trained.words),
                "words_per_second": words / figures["train_seconds"],
                "scores": score_trained(trained, text, settings.min_count, asked["sets"]),
            }
        )
    )
    if asked.get("save"):
        _save(trained, asked["save"])


def score_trained(trained: Trained, text: Path, min_count: int, sets: list[str]) -> dict[str, Any]:
    """Score a training as `score` does, its words in the order that w2v's vocabulary has.

    Analogies are asked over the first 30,000 words, and each library has its own order for words of
    equal counts. In gensim's, 165 of 13,189 questions on wiki8 were not asked, most of them hard
    ones, so that 23.6 % became 23.8.
    """
    from w2v import count_words  # noqa: PLC0415

    if not sets:
        return {}
    places = {word: place for place, word in enumerate(trained.words)}
    words = [word for word in count_words(text, min_count=min_count) if word in places]
    return score(words, trained.vectors[[places[word] for word in words]], sets)


def score(words: list[str], vectors: NDArray[np.float32], sets: list[str]) -> dict[str, Any]:
    """Score vectors on evaluation sets: share of right analogies, or Spearman's correlation.

    Returns by the name of the file: {"kind": "analogies" or "similarities", "score", "of"}, the
    last the number of questions answered or of pairs compared.
    """
    from w2v import AnalogyScores, KeyedVectors, evaluate  # noqa: PLC0415

    scores: dict[str, Any] = {}
    for path in sets:
        found = evaluate(KeyedVectors(words, vectors), path)
        if isinstance(found, AnalogyScores):
            kind, value, of = "analogies", found.total.accuracy, found.total.answered
        else:
            kind, value, of = "similarities", found.spearman, found.pairs_used
        scores[Path(path).name] = {"kind": kind, "score": value, "of": of}
    return scores


def _save(trained: Trained, path: str) -> None:
    from w2v import KeyedVectors  # noqa: PLC0415

    KeyedVectors(trained.words, trained.vectors).save(path)


if __name__ == "__main__":
    main()
