"""One stage of work on a large vocabulary, timed in this process; see large_vocabulary.py."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from numpy.typing import NDArray

import w2v
from large_text import made_words, write_text, zipf_counts
from processes import memory_now, memory_peak, request

LEAST = 5  # how often the rarest word is seen: the default min_count

Asked = dict[str, Any]
Task = tuple[Callable[[], object], float, str]  # the work, how much it is, and of what
Prepare = Callable[[Asked], Task]
STAGES: dict[str, Prepare] = {}
READS: dict[str, tuple[str, ...]] = {}
WRITES = {
    "inputs": ("words.txt", "text.txt"),
    "write_bin": ("vectors.bin",),
    "write_safetensors": ("vectors.safetensors",),
    "write_model": ("model.safetensors",),
    "write_vocabulary": ("vocabulary.txt",),
    "build_index": ("vectors.bin.index",),
}


def stage(*files: str) -> Callable[[Prepare], Prepare]:
    """Register a stage by its name, and the files that it reads, which other stages write.

    Its docstring is shown in the table.
    """

    def register(prepare: Prepare) -> Prepare:
        STAGES[prepare.__name__], READS[prepare.__name__] = prepare, files
        return prepare

    return register


def file_of(asked: Asked, name: str) -> Path:
    """Return a file of the benchmark by name."""
    return Path(asked["directory"]) / name


def words_of(asked: Asked) -> list[str]:
    """Return the words, without making them again."""
    return file_of(asked, "words.txt").read_text(encoding="utf-8").split()


def counts_of(asked: Asked) -> NDArray[np.int64]:
    """Return how often each word occurs in the text."""
    return zipf_counts(asked["words"], LEAST)


def matrix_of(asked: Asked) -> NDArray[np.float32]:
    """Return vectors: a thousand rows of random numbers, over and over."""
    some = np.random.default_rng(1).normal(size=(1000, asked["vector_size"])).astype(np.float32)
    matrix = np.empty((asked["words"], asked["vector_size"]), dtype=np.float32)
    for first in range(0, len(matrix), len(some)):
        matrix[first : first + len(some)] = some[: len(matrix) - first]
    return matrix


def vectors_of(asked: Asked) -> w2v.KeyedVectors:
    """Return vectors as training gives them."""
    return w2v.KeyedVectors(words_of(asked), matrix_of(asked), counts_of(asked), distinct=True)


def megabytes(path: Path) -> float:
    """Return the size of a file."""
    return path.stat().st_size / 1e6


def written(asked: Asked, name: str, work: Callable[[Path], object]) -> Task:
    """Return the task of writing a file whose size is known only afterwards."""
    size = 4e-6 * asked["words"] * asked["vector_size"] * (2 if name.startswith("model") else 1)
    return lambda: work(file_of(asked, name)), size, "MB"


@stage()
def inputs(asked: Asked) -> Task:
    """Make the words and the text."""
    text = file_of(asked, "text.txt")

    def make() -> None:
        words = made_words(asked["words"])
        assert len(set(words)) == len(words)
        file_of(asked, "words.txt").write_text("\n".join(words), encoding="utf-8")
        write_text(text, words, counts_of(asked))

    return make, asked["words"], "words"


# From a text to the first step


def counted(asked: Asked, workers: int) -> Any:
    """Return the text of this benchmark, counted, and what it was read from."""
    from w2v.text.corpus import open_corpus  # noqa: PLC0415
    from w2v.text.counting import count_words  # noqa: PLC0415

    corpus = open_corpus(file_of(asked, "text.txt"))
    return corpus, count_words(corpus, workers)


@stage("text.txt")
def counting(asked: Asked) -> Task:
    """Count the words."""
    counted_small()
    size = megabytes(file_of(asked, "text.txt"))
    return lambda: counted(asked, asked["workers"]), size, "MB"


def counted_small() -> None:
    """Load the kernels of counting and encoding, on a text of two lines."""
    from w2v.text.corpus import open_corpus  # noqa: PLC0415
    from w2v.text.encoding import encode_corpus  # noqa: PLC0415
    from w2v.text.vocabulary import count_vocabulary  # noqa: PLC0415

    corpus = open_corpus([["two", "words"], ["two", "words"]])
    encode_corpus(corpus, count_vocabulary(corpus, 1, None, 2), 2)


def after_counting(asked: Asked, ask: Callable[[Any, Any], object]) -> Task:
    """Return the task of `ask(vocabulary module, corpus)` on a text that is counted already."""
    from w2v.text import vocabulary  # noqa: PLC0415

    counted_small()
    corpus, text = counted(asked, asked["workers"])

    def ask_without_counting() -> object:
        with mock.patch.object(vocabulary, "count_words", lambda *_, **__: text):
            return ask(vocabulary, corpus)

    return ask_without_counting, asked["words"], "words"


@stage("text.txt")
def ranking(asked: Asked) -> Task:
    """Choose and rank the words."""
    return after_counting(asked, lambda module, corpus: module.count_vocabulary(corpus, LEAST))


@stage("text.txt")
def encoding(asked: Asked) -> Task:
    """Turn the text into ids."""
    from w2v.text.corpus import open_corpus  # noqa: PLC0415
    from w2v.text.encoding import encode_corpus  # noqa: PLC0415
    from w2v.text.vocabulary import count_vocabulary  # noqa: PLC0415

    counted_small()
    corpus = open_corpus(file_of(asked, "text.txt"))
    vocabulary = count_vocabulary(corpus, LEAST, None, asked["workers"])
    work = lambda: encode_corpus(corpus, vocabulary, asked["workers"])  # noqa: E731
    return work, megabytes(file_of(asked, "text.txt")), "MB"


@stage()
def noise_table(asked: Asked) -> Task:
    """Make the table of noise words."""
    from w2v.training.sampling import alias_table, noise_probabilities  # noqa: PLC0415

    counts = counts_of(asked)
    alias_table(noise_probabilities(counts[:9], 0.75))
    return lambda: alias_table(noise_probabilities(counts, 0.75)), len(counts), "words"


@stage()
def huffman_tree(asked: Asked) -> Task:
    """Make the Huffman tree and its paths."""
    from w2v.training.huffman import huffman_paths  # noqa: PLC0415

    counts = counts_of(asked)
    huffman_paths(counts[:9])
    return lambda: huffman_paths(counts), len(counts), "words"


@stage()
def initial_values(asked: Asked) -> Task:
    """Allocate both matrices, and draw the first values."""
    from w2v.training.weights import Weights  # noqa: PLC0415

    size, width = asked["words"], asked["vector_size"]
    return lambda: Weights.fresh(size, width, 1), 4e-6 * size * width, "MB"


def to_first_step(asked: Asked, **arguments: Any) -> Task:
    """Return the task of `w2v.train` up to the end of its first chunk."""
    from w2v.training.train import train  # noqa: PLC0415

    class Reached(BaseException):
        pass

    def stop(_: object) -> None:
        raise Reached

    def work() -> None:
        text, workers = file_of(asked, "text.txt"), asked["workers"]
        with suppress(Reached):
            train(text, workers=workers, callbacks=stop, epochs=1, **arguments)

    return work, asked["words"], "words"


@stage("text.txt")
def first_step(asked: Asked) -> Task:
    """All of it: `w2v.train` to the first step."""
    return to_first_step(asked, vector_size=asked["vector_size"])


@stage("text.txt")
def first_step_of_paths(asked: Asked) -> Task:
    """The same with hierarchical softmax."""
    return to_first_step(asked, vector_size=asked["vector_size"], loss="hierarchical")


# Files


@stage("words.txt")
def write_bin(asked: Asked) -> Task:
    """Write .bin."""
    vectors = vectors_of(asked)
    return written(asked, "vectors.bin", vectors.save)


@stage("words.txt")
def write_safetensors(asked: Asked) -> Task:
    """Write .safetensors, vectors alone."""
    vectors = vectors_of(asked)
    return written(asked, "vectors.safetensors", vectors.save)


@stage("words.txt")
def write_model(asked: Asked) -> Task:
    """Write .safetensors, the full model."""
    from dataclasses import replace  # noqa: PLC0415

    small = w2v.train("toy", epochs=1, workers=1, vector_size=asked["vector_size"])
    vectors = vectors_of(asked)
    model = replace(small, vectors=vectors, output=vectors.vectors)
    return written(asked, "model.safetensors", model.save)


def loading(asked: Asked, name: str, **options: Any) -> Task:
    """Return the task of loading a file."""
    path = file_of(asked, name)
    return lambda: w2v.load(path, **options), megabytes(path), "MB"


@stage("vectors.bin")
def load_bin(asked: Asked) -> Task:
    """Load .bin."""
    return loading(asked, "vectors.bin")


@stage("vectors.bin")
def load_bin_int8(asked: Asked) -> Task:
    """Load .bin as int8."""
    return loading(asked, "vectors.bin", dtype="int8")


@stage("vectors.bin", "words.txt")
def load_bin_words(asked: Asked) -> Task:
    """Load 1,000 words of .bin, spread over all of it."""
    words = words_of(asked)
    return loading(asked, "vectors.bin", words=words[:: max(1, len(words) // 1000)])


@stage("vectors.safetensors")
def load_safetensors(asked: Asked) -> Task:
    """Load .safetensors."""
    return loading(asked, "vectors.safetensors")


@stage("vectors.safetensors", "words.txt")
def load_safetensors_words(asked: Asked) -> Task:
    """Load 1,000 words of .safetensors."""
    words = words_of(asked)
    return loading(asked, "vectors.safetensors", words=words[:: max(1, len(words) // 1000)])


@stage("vectors.safetensors")
def map_safetensors(asked: Asked) -> Task:
    """Map .safetensors."""
    path = file_of(asked, "vectors.safetensors")
    return lambda: w2v.load(path, mmap=True), asked["words"], "words"


@stage("model.safetensors")
def load_model(asked: Asked) -> Task:
    """Load the full model."""
    path, load = file_of(asked, "model.safetensors"), w2v.load_model
    return lambda: load(path), megabytes(path), "MB"


@stage("vectors.bin")
def gensim_load_bin(asked: Asked) -> Task:
    """gensim: load .bin."""
    from gensim.models import KeyedVectors  # noqa: PLC0415

    path = file_of(asked, "vectors.bin")
    return lambda: KeyedVectors.load_word2vec_format(path, binary=True), megabytes(path), "MB"


# Questions


@stage("vectors.safetensors")
def preview(asked: Asked) -> Task:
    """Show mapped vectors in a notebook."""
    vectors = w2v.load(file_of(asked, "vectors.safetensors"), mmap=True)
    return vectors._repr_html_, len(vectors), "words"


@stage("vectors.bin")
def first_question(asked: Asked) -> Task:
    """Ask loaded vectors the first question."""
    vectors = w2v.load(file_of(asked, "vectors.bin"))
    word = vectors.index_to_key[1000 % len(vectors)]
    return lambda: vectors.most_similar(word), len(vectors), "words"


@stage("vectors.safetensors")
def missing_word(asked: Asked) -> Task:
    """Report a missing word, with near spellings."""
    vectors = w2v.load(file_of(asked, "vectors.safetensors"), mmap=True)

    def ask() -> str:
        try:
            vectors.get_index("no_such_word")
        except KeyError as error:
            return str(error)
        raise AssertionError

    return ask, len(vectors), "words"


@stage("vectors.safetensors")
def evaluation_words(asked: Asked) -> Task:
    """Prepare all words for an evaluation without case."""
    from w2v.vectors.evaluation_vocabulary import evaluation_vocabulary  # noqa: PLC0415

    vectors = w2v.load(file_of(asked, "vectors.safetensors"), mmap=True)
    return lambda: evaluation_vocabulary(vectors, None, True), len(vectors), "words"


def command(asked: Asked, name: str, *options: str) -> Task:
    """Return the task of one question on the command line."""
    path, words = file_of(asked, name), words_of(asked)
    line = [sys.executable, "-m", "w2v_cli", "similar", words[1000 % len(words)], "-v", str(path)]
    line += options
    work = lambda: subprocess.run(line, stdout=subprocess.DEVNULL, check=True)  # noqa: E731
    return work, megabytes(path), "MB"


@stage("vectors.bin", "words.txt")
def similar_bin(asked: Asked) -> Task:
    """`w2v similar`, .bin."""
    return command(asked, "vectors.bin")


@stage("vectors.safetensors", "words.txt")
def similar_safetensors(asked: Asked) -> Task:
    """`w2v similar`, .safetensors."""
    return command(asked, "vectors.safetensors")


@stage("vectors.safetensors", "words.txt")
def similar_mapped(asked: Asked) -> Task:
    """`w2v similar`, .safetensors mapped."""
    return command(asked, "vectors.safetensors", "--mmap")


@stage("vectors.bin")
def build_index(asked: Asked) -> Task:
    """Build an index: `w2v index`."""
    line = [sys.executable, "-m", "w2v_cli", "index", "-v", str(file_of(asked, "vectors.bin"))]
    return lambda: subprocess.run(line, check=True), asked["words"], "words"


@stage("vectors.bin", "vectors.bin.index", "words.txt")
def similar_index(asked: Asked) -> Task:
    """`w2v similar --approximate`, .bin."""
    return command(asked, "vectors.bin", "--approximate")


# Vocabularies that meet


@stage("words.txt")
def write_vocabulary(asked: Asked) -> Task:
    """Write a vocabulary file."""
    vocabulary = dict(zip(words_of(asked), counts_of(asked).tolist(), strict=True))
    path, save = file_of(asked, "vocabulary.txt"), w2v.save_vocabulary
    return lambda: save(path, vocabulary), len(vocabulary), "words"


@stage("vocabulary.txt")
def read_vocabulary(asked: Asked) -> Task:
    """Read a vocabulary file."""
    path, load = file_of(asked, "vocabulary.txt"), w2v.load_vocabulary
    return lambda: load(path), asked["words"], "words"


@stage("words.txt")
def given_vocabulary(asked: Asked) -> Task:
    """Check and rank a vocabulary given as a dict."""
    from w2v.training.vocabularies import commonest, given_vocabulary  # noqa: PLC0415

    vocabulary: Any = dict(zip(words_of(asked), counts_of(asked).tolist(), strict=True))
    return lambda: commonest(given_vocabulary(vocabulary) or {}, 1, None), len(vocabulary), "words"


def half_new(asked: Asked) -> list[str]:
    """Return as many words, half of which are others, in another order."""
    words = words_of(asked)
    words[::2] = [word + "x" for word in words[::2]]
    return words[::-1]


@stage("text.txt", "words.txt")
def find_vocabulary(asked: Asked) -> Task:
    """Find the words of a given vocabulary in a counted text."""
    words, counts = half_new(asked), counts_of(asked)
    return after_counting(
        asked, lambda module, corpus: module.use_vocabulary(corpus, words, counts)
    )


@stage("text.txt", "words.txt")
def extend_vocabulary(asked: Asked) -> Task:
    """Merge a counted text with the vocabulary of a model."""
    words, counts = half_new(asked), counts_of(asked)
    return after_counting(
        asked, lambda module, corpus: module.extend_vocabulary(corpus, words, counts, LEAST)
    )


@stage("words.txt")
def words_in_common(asked: Asked) -> Task:
    """Find the words that given vectors share with a text."""
    from w2v.text.vocabulary import Vocabulary  # noqa: PLC0415
    from w2v.training.pretrained import words_in_common as find  # noqa: PLC0415

    counts = counts_of(asked)
    vocabulary = Vocabulary(words_of(asked), counts, int(counts.sum()), len(counts))
    words = half_new(asked)
    return lambda: find(words, vocabulary), len(words), "words"


@stage("words.txt")
def nodes_in_common(asked: Asked) -> Task:
    """Find the nodes that two Huffman trees share."""
    from w2v.training.pretrained import nodes_in_common as find  # noqa: PLC0415

    words, counts = words_of(asked), counts_of(asked)
    find(words[:9], counts[:9], words[:9], counts[:9])
    grown = np.sort(counts + np.arange(len(counts)) % 2)[::-1]
    return lambda: find(words, counts, words, grown), len(words), "words"


@stage("model.safetensors", "text.txt")
def continued(asked: Asked) -> Task:
    """Train a full model further, to the first step."""
    return to_first_step(asked, continue_from=file_of(asked, "model.safetensors"), new_words=True)


@stage("vectors.bin", "text.txt")
def started_from(asked: Asked) -> Task:
    """Train from given vectors, to the first step."""
    return to_first_step(asked, init_from=file_of(asked, "vectors.bin"))


def main() -> None:
    """Prepare the stage, and measure it alone."""
    asked = request()
    work, amount, unit = STAGES[asked["stage"]](asked)
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # the peak starts again
    before = memory_now()
    began, began_cpu = time.perf_counter(), time.process_time()
    kept = work()  # what it returns is freed after the measurement
    seconds, processor = time.perf_counter() - began, time.process_time() - began_cpu
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    measured = {
        "seconds": seconds,
        "processor_seconds": processor + child.ru_utime + child.ru_stime,
        "amount": amount,
        "unit": unit,
        "before": before,
        "peak": max(memory_peak(), child.ru_maxrss / 1000),
    }
    print(json.dumps(measured), flush=True)
    del kept
    os._exit(0)


if __name__ == "__main__":
    main()
