"""Readers of evaluation sets and of corpora: their files, and checks by naive twins."""

import importlib.util
import math
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

from column_files import arrow_stream, feather, json_lines, parquet, separated
from contents import COMPRESSORS, PAIRS, QUESTIONS, ROWS, SENTENCES, WORDS, choice, in_zip

import w2v
from w2v.characters import WHITE_SPACE
from w2v.compression import open_members
from w2v.limits import LONGEST_WORD
from w2v.text.corpus import open_corpus
from w2v.text.encoding import EncodedCorpus, encode_corpus
from w2v.text.sources import InvalidUtf8
from w2v.text.vocabulary import count_vocabulary
from w2v.vectors.evaluation_sets import AnalogySet, PairSet, read_evaluation_set


def check_evaluation_set(path: Path) -> object:
    found = read_evaluation_set(path)
    [text] = [stream.read().decode("utf-8-sig") for _, stream in open_members(path)]
    lines = [line.strip() for line in text.split("\n")]
    lines = [line for line in lines if line and not line.startswith("#")]
    _evaluate(path)
    if isinstance(found, AnalogySet):
        questions = [question for _, questions in found.sections for question in questions]
        assert questions == [tuple(line.split()) for line in lines if not line.startswith(":")]
        return questions
    assert isinstance(found, PairSet)
    assert len(lines) - len(found.pairs) in (0, 1)  # one may name the columns
    for first, second, score in found.pairs:
        assert first.strip() == first != ""
        assert second.strip() == second != ""
        assert math.isfinite(score)
    return list(found.pairs)


def _evaluate(path: Path) -> None:
    """Ask the questions of some vectors, which may know no answer."""
    try:
        w2v.evaluate(w2v.KeyedVectors(WORDS, ROWS), path)
    except w2v.W2VError as error:
        assert str(error)


def analogy_files() -> list[bytes]:
    lines = [" ".join(question) for question in QUESTIONS]
    plain = "\n".join([": family", lines[0], "", "# aside", ": gram1-more", *lines[1:]])
    return [compress(plain.encode()) for compress in COMPRESSORS.values()]


def pair_files() -> list[bytes]:
    plain = [
        "\n".join(separator.join(map(str, pair)) for pair in PAIRS).encode() for separator in "\t, "
    ]
    headed = b"# of the test\nWord 1,Word 2,Human (mean)\n" + plain[1]
    return [*plain, headed, *(compress(plain[0]) for compress in COMPRESSORS.values())]


# --- corpora ---------------------------------------------------------------------------------


def read_corpus(path: Path) -> EncodedCorpus:
    corpus = open_corpus(path)
    return encode_corpus(corpus, count_vocabulary(corpus, min_count=1))


def check_corpus(path: Path) -> object:
    """Count and encode; the words of each sentence are what str.split() gives, line by line."""
    invalid_utf8, block_size, workers = choice(path, _CORPUS_OPTIONS)
    expected = _naive_sentences(path, invalid_utf8)
    corpus = open_corpus(path, invalid_utf8=invalid_utf8)
    whole = corpus.blocks
    corpus.blocks = lambda: whole(block_size)  # type: ignore[method-assign,misc,assignment]
    try:
        vocabulary = count_vocabulary(corpus, min_count=1, workers=workers)
        encoded = encode_corpus(corpus, vocabulary, workers=workers)
    except w2v.W2VError:
        assert expected is None or len(set().union(*expected)) < 2, "a good text is refused"
        raise
    bounds = pairwise(encoded.sentence_offsets.tolist())
    ids = encoded.tokens.tolist()
    sentences = [[vocabulary.words[k] for k in ids[start:end]] for start, end in bounds]
    assert sentences == expected
    counts = Counter(word for sentence in sentences for word in sentence)
    by_count = sorted(counts.items(), key=lambda pair: -pair[1])  # stable: the first seen first
    assert list(zip(vocabulary.words, vocabulary.counts.tolist(), strict=True)) == by_count
    return sentences


_CORPUS_OPTIONS: list[tuple[InvalidUtf8, int, int]] = [
    ("error", 1 << 21, 1),
    ("replace", 1 << 21, 1),
    ("error", 7, 1),
    ("replace", 64, 2),
]


def _naive_sentences(path: Path, invalid_utf8: InvalidUtf8) -> list[list[str]] | None:
    """Return the sentences of a corpus, or None where it has to be refused."""
    errors = {"error": "strict", "replace": "replace"}[invalid_utf8]
    sentences: list[list[str]] = []
    try:
        for _, stream in open_members(path):
            data = stream.read()
            if b"\0" in data:
                return None
            data = _without_overlong(data)
            text = data.removeprefix(b"\xef\xbb\xbf").decode(errors=errors)
            lines = [line.split() for line in re.split(r"\r\n|\n|\r", text)]
            sentences += [
                [word for word in line if len(word.encode()) <= LONGEST_WORD] for line in lines
            ]
    except Exception:  # whatever a damaged archive makes the library raise
        return None
    return [sentence for sentence in sentences if sentence]


def _without_overlong(data: bytes) -> bytes:
    """Return a text without the words that are longer than any real word."""
    places = [0, *(place for found in WHITE_SPACE.finditer(data) for place in found.span())]
    parts = [data[start:end] for start, end in pairwise([*places, len(data)])]
    words, spaces = parts[::2], [*parts[1::2], b""]
    kept = [word if len(word) <= LONGEST_WORD else b"" for word in words]
    return b"".join(part for pair in zip(kept, spaces, strict=True) for part in pair)


def read_columns(path: Path) -> EncodedCorpus:
    corpus = open_corpus(path, column="body")
    return encode_corpus(corpus, count_vocabulary(corpus, min_count=1))


def check_columns(path: Path) -> object:
    """Read a column of a file that says by its content what it is, in blocks of two sizes."""
    found = []
    for size in (7, 1 << 21):
        corpus = open_corpus(path, column="body")
        text = b"".join(block.data for block in corpus.blocks(size)).decode()
        found.append([line.split() for line in text.splitlines() if line.split()])
    assert found[0] == found[1]
    return found[0]


def column_files() -> list[bytes]:
    texts = [" ".join(sentence) for sentence in SENTENCES]
    plain = [json_lines(texts), json_lines(SENTENCES), separated(texts)]
    packed = [compress(plain[0]) for compress in COMPRESSORS.values()]
    if importlib.util.find_spec("pyarrow") is None:
        return [*plain, *packed]
    of_arrow = [parquet(texts), parquet(SENTENCES), feather(texts), arrow_stream(SENTENCES)]
    return [*plain, *packed, *of_arrow]


def corpus_files() -> list[bytes]:
    text = "\n".join(" ".join(sentence) for sentence in SENTENCES).encode()
    spaced = text.replace(b" ", " \N{NO-BREAK SPACE}".encode()).replace(b"\n", b"\r\n\n")
    members = in_zip(*text.splitlines())
    packed = [compress(text) for compress in COMPRESSORS.values()]
    return [spaced, b"\xef\xbb\xbf" + text, members, *packed]
