"""Phrases: the seconds that w2v and gensim take to find them and to write the joined text.

    python benchmarks/compare_phrases.py wiki8-sentences.txt.xz --words 3M

Both read the same text file, a sentence a line; gensim joins with FrozenPhrases, its faster class.
The two take turns, and the best of all runs counts. The joined texts have to be equal.
"""

import argparse
import filecmp
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import w2v
from inputs import prepared
from settings import whole
from tables import markdown

Work = Callable[[Path, dict[str, Any], Path], tuple[float, float]]


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
        found: dict[str, list[tuple[float, float]]] = {"w2v": [], "gensim": []}
        outputs = {name: Path(directory, name) for name in found}
        for _ in range(arguments.runs):
            found["w2v"].append(
                by_w2v(inputs.text, settings | {"workers": arguments.workers}, outputs["w2v"])
            )
            found["gensim"].append(by_gensim(inputs.text, settings, outputs["gensim"]))
        same = filecmp.cmp(outputs["w2v"], outputs["gensim"], shallow=False)
    best = {name: [min(step) for step in zip(*runs, strict=True)] for name, runs in found.items()}
    rows = [[name, *(f"{seconds:.2f} s" for seconds in steps)] for name, steps in best.items()]
    ratios = [other / own for own, other in zip(best["w2v"], best["gensim"], strict=True)]
    rows.append(["gensim / w2v", *(f"{ratio:.1f}" for ratio in ratios)])
    print(markdown(["", "find the phrases", "and write the joined text"], rows))
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

    settings = settings | {"scoring": "npmi" if settings["scoring"] == "npmi" else "default"}
    began = time.perf_counter()
    sentences = LineSentence(text, max_sentence_length=1 << 40)
    frozen = Phrases(sentences, **settings).freeze()
    found = time.perf_counter()
    with output.open("w", encoding="utf-8") as stream:
        for sentence in sentences:
            stream.write(" ".join(frozen[sentence]) + "\n")
    return found - began, time.perf_counter() - began


if __name__ == "__main__":
    main()
