"""gensim's readers of text: the same sentences each time; training reads their files itself."""

import bz2
import gzip
import io
import warnings
from pathlib import Path

import numpy as np
import pytest
from gensim.models import word2vec
from gensim.test.utils import datapath

import w2v
from w2v.compat import LineSentence, PathLineSentences, Text8Corpus, Word2Vec
from w2v.text.corpus import open_corpus

LEE = datapath("lee_background.cor")


@pytest.mark.parametrize("arguments", [(), (7,), (10_000, 4), (7, 4), (10_000, 0)])
def test_lines_are_gensim_s(arguments):
    sentences = LineSentence(LEE, *arguments)
    assert list(sentences) == list(word2vec.LineSentence(LEE, *arguments))
    assert list(sentences) == list(sentences)


@pytest.mark.parametrize("length", [10, 999, 10_000])
def test_text8_is_gensim_s(length):
    sentences = Text8Corpus(LEE, length)
    assert list(sentences) == list(word2vec.Text8Corpus(LEE, length))
    assert list(sentences) == list(sentences)


@pytest.mark.parametrize("arguments", [(), (5,), (10_000, 2)])
def test_directories_are_gensim_s(arguments):
    directory = datapath("PathLineSentences")
    ours, theirs = (
        kind(directory, *arguments) for kind in (PathLineSentences, word2vec.PathLineSentences)
    )
    assert list(ours) == list(theirs)
    assert ours.input_files == theirs.input_files
    assert list(PathLineSentences(ours.input_files[0])) == list(LineSentence(ours.input_files[0]))


def test_compressed_files_and_open_ones(tmp_path):
    content = "a b c\n\nd é\n".encode()
    for name, packed in (("x.gz", gzip.compress(content)), ("x.bz2", bz2.compress(content))):
        (tmp_path / name).write_bytes(packed)
        assert list(LineSentence(tmp_path / name)) == [["a", "b", "c"], ["d", "é"]]
    for stream in (io.BytesIO(content), io.StringIO(content.decode())):
        sentences = LineSentence(stream)
        assert list(sentences) == list(sentences) == [["a", "b", "c"], ["d", "é"]]


def test_lines_go_on_from_block_to_block(tmp_path):
    words = [f"w{number % 1000}" for number in range(1_000_000)]  # three blocks
    (tmp_path / "long.txt").write_text("first\n" + " ".join(words) + "\nlast")
    assert list(LineSentence(tmp_path / "long.txt", 1 << 40)) == [["first"], words, ["last"]]


def trained(corpus):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one epoch is little
        model = w2v.train(corpus, vector_size=8, epochs=1, min_count=2, workers=1, seed=3)
    return model.vectors.vectors


def test_training_reads_the_file_itself(tmp_path):
    lines = LineSentence(LEE)
    assert open_corpus(lines).paths == open_corpus(LEE).paths
    expected = trained(LEE)
    np.testing.assert_array_equal(trained(lines), expected)
    np.testing.assert_array_equal(trained(list(lines)), expected)
    (tmp_path / "only.txt").write_bytes(Path(LEE).read_bytes())
    np.testing.assert_array_equal(trained(PathLineSentences(tmp_path)), expected)


@pytest.mark.parametrize("block_size", [1, 100, 1 << 20])
def test_text8_is_one_line(tmp_path, block_size):
    (tmp_path / "lines").write_text("a b\nc\n\nd e f\ng h\n" * 20)
    blocks = list(open_corpus(Text8Corpus(tmp_path / "lines")).blocks(block_size))
    text = b"".join(block.data for block in blocks)
    assert text.split() == (tmp_path / "lines").read_bytes().split()
    assert text.count(b"\n") == 1 and text.endswith(b"\n")


def test_training_on_text8_does_not_stop_at_lines(tmp_path):
    (tmp_path / "one line").write_text(" ".join(Path(LEE).read_text().split()))
    np.testing.assert_array_equal(trained(Text8Corpus(LEE)), trained(tmp_path / "one line"))


@pytest.mark.parametrize(
    "sentences",
    [LineSentence(LEE, 12), LineSentence(LEE, limit=90), Text8Corpus(LEE, 12),
     LineSentence(io.BytesIO(b"a b c d\n" * 9))],
)  # fmt: skip
def test_training_keeps_to_limits(sentences):
    np.testing.assert_array_equal(trained(sentences), trained(list(sentences)))


def test_errors_are_sentences(tmp_path):
    with pytest.raises(ValueError, match="no file and no directory"):
        PathLineSentences(tmp_path / "none")
    with pytest.raises(w2v.CorpusError, match="There is no file"):
        list(LineSentence(str(tmp_path / "none.txt")))
    for bad in ({"max_sentence_length": 0}, {"limit": -1}):
        with pytest.raises(w2v.ConfigError, match=f"{next(iter(bad))} must be a whole number"):
            LineSentence(LEE, **bad)


@pytest.mark.parametrize("kind", [LineSentence, Text8Corpus])
def test_a_subclass_with_sentences_of_its_own(kind, tmp_path):
    class Upper(kind):
        def __iter__(self):
            return ([word.upper() for word in words] for words in super().__iter__())

    path = tmp_path / "text.txt"
    path.write_text("the cat and the dog\n" * 30)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # there is little text
        model = Word2Vec(Upper(path), vector_size=4, workers=1)
    assert set(model.wv.index_to_key) == {"THE", "CAT", "AND", "DOG"}
