"""Texts for the tests: real ones from files, and corpora cut into blocks of any size."""

import lzma
import re

from w2v.text.corpus import Corpus
from w2v.text.file_sources import TextSource

# What str.split() takes for white space, by the length in UTF-8; and letters that share bytes.
SPACES = " \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000"
LETTERS = "ab-éßÂÅà字한𐀀\u200b\u180e\ufeff"


def real_text(test_data, name):
    """One of the Wikipedia texts, such as wiki-de."""
    return lzma.decompress((test_data / "corpora" / f"{name}.txt.xz").read_bytes()).decode()


def corpus_of(text, block_size=None):
    """A corpus of this text; with a size, its blocks are cut anywhere."""
    corpus = Corpus([TextSource("the text", text.encode())], name="text")
    if block_size is not None:
        whole = corpus.blocks
        corpus.blocks = lambda: whole(block_size)
    return corpus


def evaluation_sets(directory):
    """The files of an analogy set and a similarity set for the words a to f, just written."""
    questions, pairs = directory / "questions", directory / "pairs"
    questions.write_text(": family\na b c d\na b d c\n")
    pairs.write_text("a b 3\nc d 1\ne f 2\n")
    return questions, pairs


def lines_of(text):
    """The words of each line, where \\n, \\r and \\r\\n end a line, empty lines left out."""
    return [line.split() for line in re.split(r"\r\n|\n|\r", text) if line.split()]
