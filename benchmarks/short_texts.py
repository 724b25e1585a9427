"""Short texts: each library's scores at equal settings and with its own defaults.

    python benchmarks/short_texts.py short.jsonl wiki8-sentences.txt.xz@1k lee toy@10k walks@3k \
        baskets@3k wiki8-sentences.txt.xz@1M --sets questions-words.txt wordsim353.tsv

A text is CORPUS@WORDS, the first so many words; lee, the news that gensim comes with; walks@WORDS,
random walks on a graph of twelve planted communities; baskets@WORDS, baskets of items of twelve
planted groups. Scores: "groups", the share of the ten nearest that are of the same planted group;
"counted", the share of them that are also the nearest by vectors that were counted (PPMI and SVD);
and those of the evaluation sets. Each run is a line of the file, and is not repeated if it is
there. Run n has seed n.
"""

import argparse
import json
import math
import statistics
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from one_run import score
from selection import VARIANT_NAMES
from settings import VARIANTS, classical_alpha
from short_inputs import ShortText, counted_vectors, nearest, overlap, purity, short_text
from tables import markdown

SETTINGS = ("equal", "defaults")
CLASSICAL_EPOCHS = 5
BOTH = {"skipgram-both": "skip-gram, both losses", "cbow-both": "CBOW, both losses"}
_QUERIES = 1000  # the commonest words, whose neighbours are looked at
_NEIGHBOURS = 10
Run = dict[str, Any]
Trained = tuple[list[str], NDArray[np.float32]]


def main() -> None:
    """Train the runs that are missing, and print the table of all runs in the file."""
    arguments = parse_arguments()
    runs = read_runs(arguments.output)
    for name in arguments.text:
        text = short_text(name)
        known = [key(run) for run in runs]
        wanted = [run for run in asked_for(text, arguments) if key(run) not in known]
        judge = Judge(text, arguments.sets) if wanted else None
        for run in wanted:
            assert judge is not None
            words, vectors = TRAIN[run["library"]](text, run, arguments.workers)
            runs.append({**run, "scores": judge.scores(words, vectors)})
            with arguments.output.open("a", encoding="utf-8") as file:
                file.write(json.dumps(runs[-1]) + "\n")
    print(table(runs))


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("output", type=Path, help="the file of JSON lines")
    parser.add_argument("text", nargs="*", help="CORPUS@WORDS, lee, walks@WORDS or baskets@WORDS")
    parser.add_argument("--sets", nargs="+", default=[], help="evaluation sets")
    parser.add_argument("--library", nargs="+", choices=TRAIN, default=list(TRAIN))
    parser.add_argument("--variant", nargs="+", choices=[*VARIANTS, *BOTH], default=list(VARIANTS))
    parser.add_argument("--settings", nargs="+", choices=SETTINGS, default=list(SETTINGS))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--workers", type=int, default=1)
    return parser.parse_args(given)


def read_runs(path: Path) -> list[Run]:
    """Return the runs of a file that may not be there yet."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def asked_for(text: ShortText, arguments: argparse.Namespace) -> list[Run]:
    """Return the settings of every run on a text."""
    return [
        {"text": text.name, "variant": variant, "settings": settings, "library": library,
         "seed": seed}
        for variant, settings, library, seed in product(
            arguments.variant, arguments.settings, arguments.library, range(1, arguments.runs + 1)
        )
    ]  # fmt: skip


def key(run: Run) -> tuple[Any, ...]:
    """Return the settings that identify a run."""
    return tuple(run[name] for name in ("text", "variant", "settings", "library", "seed"))


def numbers(text: ShortText, run: Run) -> dict[str, Any]:
    """Return the settings that both libraries are given under the same names."""
    given: dict[str, Any] = {"seed": run["seed"]}
    if text.min_count is not None:
        given["min_count"] = text.min_count
    if run["settings"] == "equal":
        given |= {
            "vector_size": 100, "window": 5, "epochs": CLASSICAL_EPOCHS, "sample": 1e-3,
            "alpha": classical_alpha(run["variant"]),
        }  # fmt: skip
    return given


def train_w2v(text: ShortText, run: Run, workers: int) -> Trained:
    """Train with w2v."""
    import w2v  # noqa: PLC0415

    architecture, _, loss = run["variant"].partition("-")
    model = w2v.train(
        text.lines, architecture=architecture, loss=loss, workers=workers, **numbers(text, run)
    )
    return model.vectors.index_to_key, model.vectors.vectors


def train_gensim(text: ShortText, run: Run, workers: int) -> Trained:
    """Train with gensim."""
    from gensim.models import Word2Vec  # noqa: PLC0415

    architecture, _, loss = run["variant"].partition("-")
    model = Word2Vec(
        text.lines,
        sg=int(architecture == "skipgram"),
        hs=int(loss != "negative"),
        negative=0 if loss == "hierarchical" else 5,
        workers=workers,
        **numbers(text, run),
    )
    return model.wv.index_to_key, model.wv.vectors


TRAIN = {"w2v": train_w2v, "gensim": train_gensim}


class Judge:
    """Scores vectors of one text by the answers that are known for it."""

    def __init__(self, text: ShortText, sets: list[str]) -> None:
        self._text, self._sets = text, sets
        self._counted: dict[tuple[str, ...], NDArray[np.intp]] = {}

    def scores(self, words: list[str], vectors: NDArray[np.float32]) -> dict[str, float]:
        """Return the scores by name."""
        found = nearest(vectors, _QUERIES, min(_NEIGHBOURS, len(words) // 4))
        if self._text.group:
            return {"groups": purity(self._text, words, found)}
        order = np.argsort(words)  # the libraries sort words of the same count in different ways
        rows = np.argsort(order)
        theirs = self._neighbours(sorted(words))[rows[: len(found)]]
        scores = {"counted": overlap(rows[found], theirs)}
        if self._text.name.startswith("toy"):
            scores["analogies"] = toy_analogies(words, vectors)
        judged = score(words, vectors, self._sets) if self._text.words >= 200_000 else {}
        return scores | {name: result["score"] for name, result in judged.items()}

    def _neighbours(self, words: list[str]) -> NDArray[np.intp]:
        """Return the neighbours of all words by counting."""
        known = tuple(words)
        if known not in self._counted:
            vectors = counted_vectors(self._text.lines, words, 5, 50)
            number = min(_NEIGHBOURS, len(words) // 4)
            self._counted[known] = nearest(vectors, len(words), number)
        return self._counted[known]


def toy_analogies(words: list[str], vectors: NDArray[np.float32]) -> float:
    """Return the share of the toy corpus's planted analogies that are answered right."""
    import tempfile  # noqa: PLC0415

    from w2v_corpora import toy  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="w2v-benchmark-") as directory:
        path = Path(directory) / "toy.txt"
        path.write_text(toy.questions(), encoding="utf-8")
        return float(score(words, vectors, [str(path)])["toy.txt"]["score"])


def table(runs: list[Run]) -> str:
    """Return the mean scores of every text, variant and score, gensim's beside w2v's."""
    rows = []
    cases = dict.fromkeys(
        (run["text"], run["variant"], name) for run in runs for name in run["scores"]
    )
    for text, variant, name in cases:
        chosen = [run for run in runs if (run["text"], run["variant"]) == (text, variant)]
        cells = [mean(chosen, name, *column) for column in product(SETTINGS, TRAIN)]
        rows.append([text, (VARIANT_NAMES | BOTH)[variant], name, *cells])
    heads = [f"{library}, {settings}" for settings, library in product(SETTINGS, TRAIN)]
    return markdown(["text", "variant", "score", *heads], rows)


def mean(runs: list[Run], name: str, settings: str, library: str) -> str:
    """Return mean ± standard deviation of one score over the seeds."""
    values = [
        run["scores"][name]
        for run in runs
        if (run["settings"], run["library"]) == (settings, library) and name in run["scores"]
    ]
    if not values:
        return ""
    spread = statistics.stdev(values) if len(values) > 1 else math.nan
    return f"{statistics.mean(values):.3f}" + ("" if math.isnan(spread) else f" ± {spread:.3f}")


if __name__ == "__main__":
    main()
