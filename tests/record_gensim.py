"""Measure how good gensim's vectors are, for the long tests that compare ours with them.

    python tests/record_gensim.py DATA

trains gensim on the first 4 million words of wiki8 with each variant and seed of quality.py, and
prints the figures that stand there as GENSIM. DATA is the directory of test data. It takes six
minutes on two cores.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import quality
from gensim import __version__

from w2v.vectors.evaluation import evaluate_analogies, evaluate_pairs
from w2v.vectors.evaluation_sets import read_analogies, read_pairs


def main(data: Path) -> None:
    """Train all models, and print the means of their scores."""
    questions = read_analogies(data / "eval" / "questions-words.txt")
    pairs = read_pairs(data / "eval" / "wordsim353.tsv")
    print("gensim", __version__)
    with tempfile.TemporaryDirectory() as directory:
        text = quality.write_text(data, Path(directory), quality.PREFIX_WORDS)
        for variant, seeds in quality.SEEDS.items():
            models = (quality.train_gensim(text, variant, seed) for seed in seeds)
            scores = [
                (
                    evaluate_analogies(model, questions, 30_000).total.accuracy,
                    evaluate_pairs(model, pairs).spearman,
                )
                for model in models
            ]
            accuracy, rho = np.mean(scores, axis=0)
            print(f"{variant}: ({accuracy:.4f}, {rho:.4f}),", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
