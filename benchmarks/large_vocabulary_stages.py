"""Large vocabularies that meet: files, given words, and models trained further, stage by stage."""

from typing import Any

import numpy as np

import w2v
from large_inputs import LEAST, Asked, Stages, Task, counts_of, file_of, words_of
from large_text_stages import after_counting, to_first_step

stage = Stages()


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
    from w2v.text.known_vocabulary import use_vocabulary  # noqa: PLC0415

    return after_counting(asked, use_vocabulary, half_new(asked), counts_of(asked))


@stage("text.txt", "words.txt")
def extend_vocabulary(asked: Asked) -> Task:
    """Merge a counted text with the vocabulary of a model."""
    from w2v.text.known_vocabulary import extend_vocabulary as extend  # noqa: PLC0415

    return after_counting(asked, extend, half_new(asked), counts_of(asked), LEAST)


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
