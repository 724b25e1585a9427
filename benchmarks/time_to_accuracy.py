"""How long w2v takes to vectors as good as gensim's, and how good it gets in gensim's time.

    python benchmarks/time_to_accuracy.py wiki8.xz questions-words.txt wordsim353.tsv

Both with their own default settings. gensim trains once a seed; then w2v trains with 1, 2, 3 …
epochs until its mean accuracy on the first set, the analogies, reaches gensim's; then with its own
number of epochs; then the same with more dimensions, for which there is time.
"""

import argparse
import statistics
from typing import Any

from compare_speed import measure
from inputs import Inputs, prepared
from processes import check_installed
from results import Results
from settings import READERS, VARIANTS, Settings, add_common_options, common_settings

TASK = "accuracy"
MOST_EPOCHS = 40


class Race:
    """One variant, its runs over all seeds."""

    def __init__(
        self, variant: str, arguments: argparse.Namespace, inputs: Inputs, results: Results
    ) -> None:
        self.variant, self.arguments = variant, arguments
        self.inputs, self.results = inputs, results

    def train(
        self, library: str, reader: str, vector_size: int, epochs: int | None
    ) -> tuple[float, float, int]:
        """Train once a seed; return mean accuracy, median training seconds, and the epochs."""
        runs: list[dict[str, Any]] = []
        for seed in range(1, self.arguments.runs + 1):
            settings = Settings(
                library=library,
                variant=self.variant,
                reader=reader,
                vector_size=vector_size,
                epochs=epochs,
                workers=self.arguments.workers,
                seed=seed,
                **common_settings(self.arguments),
            )
            sets = self.arguments.set
            runs.append(measure(TASK, settings, self.inputs, self.results, sets))
        accuracy = statistics.mean(next(iter(run["scores"].values()))["score"] for run in runs)
        seconds = statistics.median(run["train_seconds"] for run in runs)
        made = int(runs[0]["epochs"])
        print(
            f"{self.variant:22} {library:7} d={vector_size} {made:3} epochs {seconds:7.1f} s"
            f" {accuracy:7.1%}",
            flush=True,
        )
        return accuracy, seconds, made

    def run(self) -> None:
        """Let gensim set the mark, and w2v run for it."""
        size, larger = self.arguments.vector_size, self.arguments.larger
        mark, gensim_seconds, _ = self.train("gensim", self.arguments.reader, size, None)
        for epochs in range(1, MOST_EPOCHS + 1):
            accuracy, seconds, _ = self.train("w2v", "text", size, epochs)
            if accuracy >= mark or seconds > gensim_seconds:
                break
        self.train("w2v", "text", size, None)
        _, seconds, _ = self.train("w2v", "text", larger, None)
        if seconds > gensim_seconds:
            print(f"{larger} dimensions took longer than gensim: try fewer with --larger.")


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_common_options(parser)
    parser.add_argument("set", nargs="+", help="evaluation sets, analogies first")
    parser.add_argument("--variant", nargs="+", choices=VARIANTS, default=[VARIANTS[0]])
    parser.add_argument("--vector-size", type=int, default=100)
    parser.add_argument(
        "--larger", type=int, default=300, metavar="N", help="w2v's dimensions in gensim's time"
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--reader", choices=READERS["gensim"], default="lines")
    arguments = parser.parse_args(given)
    if arguments.larger <= arguments.vector_size:
        parser.error("--larger must be above --vector-size")
    return arguments


def main() -> None:
    """Prepare the corpus and run every variant's race."""
    arguments = parse_arguments()
    check_installed(["gensim"])
    results = Results(arguments.json)
    with prepared(arguments.corpus, arguments.words) as inputs:
        for variant in arguments.variant:
            Race(variant, arguments, inputs, results).run()


if __name__ == "__main__":
    main()
