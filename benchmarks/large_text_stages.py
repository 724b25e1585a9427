"""From a text with a large vocabulary to the first step of training, stage by stage."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from unittest import mock

from large_inputs import LEAST, Asked, Stages, Task, counts_of, file_of, megabytes
from large_text import made_words, write_text

stage = Stages()


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


def after_counting(asked: Asked, ask: Callable[..., object], *arguments: Any) -> Task:
    """Return the task of `ask(corpus, *arguments)` on a text that is counted already."""
    from w2v.text import vocabulary  # noqa: PLC0415

    counted_small()
    corpus, text = counted(asked, asked["workers"])

    def ask_without_counting() -> object:
        with mock.patch.object(vocabulary, "count_words", lambda *_, **__: text):
            return ask(corpus, *arguments)

    return ask_without_counting, asked["words"], "words"


@stage("text.txt")
def ranking(asked: Asked) -> Task:
    """Choose and rank the words."""
    from w2v.text.vocabulary import count_vocabulary  # noqa: PLC0415

    return after_counting(asked, count_vocabulary, LEAST)


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
