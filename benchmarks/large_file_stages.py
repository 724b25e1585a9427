"""The files of the vectors of a large vocabulary: writing and reading them, stage by stage."""

from typing import Any

import w2v
from large_inputs import Asked, Stages, Task, file_of, megabytes, vectors_of, words_of, written

stage = Stages()


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
