"""The tasks around training, timed in this process and printed as JSON; see compare_tasks.py."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from libraries import gensim_corpus
from processes import request

Request = dict[str, Any]


def count_w2v(asked: Request) -> Callable[[], object]:
    """Count the words of a text and encode it, the kernels loaded before."""
    from w2v.text.corpus import CorpusLike, open_corpus  # noqa: PLC0415
    from w2v.text.encoding import encode_corpus  # noqa: PLC0415
    from w2v.text.vocabulary import count_vocabulary  # noqa: PLC0415

    def count(source: CorpusLike, min_count: int) -> None:
        corpus = open_corpus(source)
        vocabulary = count_vocabulary(corpus, min_count, None, asked["workers"])
        encode_corpus(corpus, vocabulary, asked["workers"])

    count([["two", "words"]], 1)
    return lambda: count(Path(asked["text"]), asked["min_count"])


def count_gensim(asked: Request) -> Callable[[], object]:
    """Build the vocabulary of a text."""
    from gensim.models import Word2Vec  # noqa: PLC0415

    corpus = gensim_corpus(asked["reader"], Path(asked["text"]), Path(asked["lines"]))
    model = Word2Vec(min_count=asked["min_count"], workers=asked["workers"])
    return lambda: model.build_vocab(**corpus)


def load_w2v(asked: Request) -> Callable[[], object]:
    """Load a binary file of vectors."""
    import w2v  # noqa: PLC0415

    return lambda: w2v.load(asked["vectors"])


def load_gensim(asked: Request) -> Callable[[], object]:
    """Load a binary file of vectors."""
    from gensim.models import KeyedVectors  # noqa: PLC0415

    return lambda: KeyedVectors.load_word2vec_format(asked["vectors"], binary=True)


def evaluate_w2v(asked: Request) -> Callable[[], object]:
    """Answer an analogy set over the 30,000 commonest words."""
    import w2v  # noqa: PLC0415

    vectors = w2v.load(asked["vectors"])
    return lambda: w2v.evaluate(vectors, asked["set_file"])


def evaluate_gensim(asked: Request) -> Callable[[], object]:
    """Answer an analogy set over the 30,000 commonest words."""
    from gensim.models import KeyedVectors  # noqa: PLC0415

    vectors = KeyedVectors.load_word2vec_format(asked["vectors"], binary=True)
    return lambda: vectors.evaluate_word_analogies(asked["set_file"], restrict_vocab=30_000)


PREPARE: dict[tuple[str, str], Callable[[Request], Callable[[], object]]] = {
    ("counting", "w2v"): count_w2v,
    ("counting", "gensim"): count_gensim,
    ("loading", "w2v"): load_w2v,
    ("loading", "gensim"): load_gensim,
    ("evaluation", "w2v"): evaluate_w2v,
    ("evaluation", "gensim"): evaluate_gensim,
}


def main() -> None:
    """Import and prepare, then time the task alone."""
    asked = request()
    task = PREPARE[asked["task"], asked["library"]](asked)
    began = time.perf_counter()
    task()
    print(json.dumps({"seconds": time.perf_counter() - began}))


if __name__ == "__main__":
    main()
