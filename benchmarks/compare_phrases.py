"""Phrases: the seconds that w2v and gensim take to find them and to write the joined text.

    python benchmarks/compare_phrases.py wiki8-sentences.txt.xz --words 3M

Both read the same text file, a sentence a line; gensim joins with FrozenPhrases, its faster class.
The two take turns, and the best of all runs counts. The joined texts have to be equal. The third
column is `Phrases(sentences).freeze()` of w2v.compat and of gensim, on the same lists of words in
memory, and the fourth the counts of all words and pairs as a dict, `Phrases(sentences).vocab`.
"""

import argparse
import filecmp
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import w2v
from inputs import prepared
from settings import whole
from tables import markdown

Steps = tuple[float, ...]


def main() -> None:
    """Measure both, and print the table."""
    arguments = parse_arguments()
    w2v.find_phrases("toy", rounds=2)  # compiles the kernels
    settings = {"scoring": arguments.scoring, "connector_words": arguments.connector_words.split()}
    settings["threshold"] = arguments.threshold
    with (
        prepared(arguments.corpus, arguments.words) as inputs,
        tempfile.TemporaryDirectory(prefix="w2v-benchmark-") as directory,
    ):
        print(f"{inputs.name}, {inputs.words:,} words, {arguments.workers} workers")
        found: dict[str, list[Steps]] = {"w2v": [], "gensim": []}
        outputs = {name: Path(directory, name) for name in found}
        sentences = [line.split() for line in inputs.text.open(encoding="utf-8")]
        for _ in range(arguments.runs):
            own = by_w2v(inputs.text, settings | {"workers": arguments.workers}, outputs["w2v"])
            found["w2v"].append((*own, *of_lists("w2v.compat", sentences, settings)))
            other = by_gensim(inputs.text, settings, outputs["gensim"])
            found["gensim"].append((*other, *of_lists("gensim.models", sentences, settings)))
        same = filecmp.cmp(outputs["w2v"], outputs["gensim"], shallow=False)
    best = {name: [min(step) for step in zip(*runs, strict=True)] for name, runs in found.items()}
    rows = [[name, *(f"{seconds:.2f} s" for seconds in steps)] for name, steps in best.items()]
    ratios = [other / own for own, other in zip(best["w2v"], best["gensim"], strict=True)]
    rows.append(["gensim / w2v", *(f"{ratio:.1f}" for ratio in ratios)])
    steps = ["find the phrases", "and write the joined text", "`Phrases` of lists", "their counts"]
    print(markdown(["", *steps], rows))
    print("The joined texts are equal." if same else "The joined texts DIFFER.")


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", help="a text with a sentence a line")
    parser.add_argument("--words", type=whole, help="its first so many words, as in 3M")
    parser.add_argument("--scoring", choices=["original", "npmi"], default="original")
    parser.add_argument("--threshold", type=float, default=10.0)
    parser.add_argument("--connector-words", default="", help='as in "of the"; default: none')
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    return parser.parse_args(given)


def by_w2v(text: Path, settings: dict[str, Any], output: Path) -> tuple[float, float]:
    """Return the seconds to find the phrases, and those to find and to write them."""
    began = time.perf_counter()
    w2v.find_phrases(text, **settings)
    found = time.perf_counter()
    w2v.join_phrases(text, **settings).save(output)
    return found - began, time.perf_counter() - found


def by_gensim(text: Path, settings: dict[str, Any], output: Path) -> tuple[float, float]:
    """Return the same of gensim."""
    from gensim.models.phrases import Phrases  # noqa: PLC0415  (only here is it needed)
    from gensim.models.word2vec import LineSentence  # noqa: PLC0415

    settings = in_gensim(settings)
    began = time.perf_counter()
    sentences = LineSentence(text, max_sentence_length=1 << 40)
    frozen = Phrases(sentences, **settings).freeze()
    found = time.perf_counter()
    with output.open("w", encoding="utf-8") as stream:
        for sentence in sentences:
            stream.write(" ".join(frozen[sentence]) + "\n")
    return found - began, time.perf_counter() - began


def of_lists(
    module: str, sentences: list[list[str]], settings: dict[str, Any]
) -> tuple[float, float]:
    """Return the seconds of Phrases for lists of words: to the phrases, and to all counts."""
    kind = import_module(module).Phrases
    began = time.perf_counter()
    kind(sentences, **in_gensim(settings)).freeze()
    frozen = time.perf_counter()
    len(kind(sentences, **in_gensim(settings)).vocab)
    return frozen - began, time.perf_counter() - frozen


def in_gensim(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings with gensim's names of scores."""
    return settings | {"scoring": "npmi" if settings["scoring"] == "npmi" else "default"}


if __name__ == "__main__":
    main()
