"""Questions to the vectors of a large vocabulary, stage by stage."""

import subprocess
import sys

import w2v
from large_inputs import Asked, Stages, Task, file_of, megabytes, words_of

stage = Stages()


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
