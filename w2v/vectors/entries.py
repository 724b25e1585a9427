"""The entries of a vector file as they stand there, for those who look at the file itself."""

from collections.abc import Callable, Iterator
from pathlib import Path

from w2v.formats import fasttext_binary, model_vectors, npy, word2vec_binary, word2vec_text
from w2v.formats.detect import VectorFormat
from w2v.formats.word_matrix import Block

BLOCKS: dict[VectorFormat, Callable[[Path], Iterator[Block]]] = {
    "word2vec_binary": word2vec_binary.blocks,
    "word2vec_text": word2vec_text.blocks,
    "fasttext_binary": fasttext_binary.blocks,
    "full_model": model_vectors.blocks,
    "npy": npy.blocks,
}
