"""The pieces of a corpus, counted and encoded apart, make what the whole text makes."""

import bz2
import gzip
import pickle
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

import w2v
from w2v.errors import CorpusError
from w2v.kernels.words import new_word_buffers
from w2v.limits import LONGEST_WORD
from w2v.text import dividing
from w2v.text.corpus import open_corpus
from w2v.text.counted_pieces import (
    ChosenWords,
    count_chosen,
    count_piece,
    merge_tables,
    sum_of_chosen,
)
from w2v.text.dividing import divided, files_to_compare, seen
from w2v.text.encoded_pieces import encode_piece, sentence_offsets
from w2v.text.encoding import encode_corpus
from w2v.text.number_file import NumberFile
from w2v.text.piece_memory import memory_taken
from w2v.text.vocabulary import count_vocabulary
from w2v.text.word_table import WordTable
from w2v.word_forms import WordForm

MUCH = 10**12  # bytes
_SPACES = [" ", "\n", "\r\n", "\r", "\t", "\x1c", "\N{NO-BREAK SPACE}", "\u2003", "\n\n", " \n "]
_TEXTS = st.lists(
    st.one_of(st.sampled_from(_SPACES), st.sampled_from(["a", "bc", "é", "字", "x" * 8, "y" * 30])),
    min_size=1, max_size=60,
).map("".join)  # fmt: skip


@pytest.fixture
def small_pieces(monkeypatch):
    monkeypatch.setattr(dividing, "PIECE_BYTES", (200, 200))


def in_pieces(corpus, min_count=1, memory_limit=MUCH, table_limit=None, travels=False):
    """Count and encode a corpus piece by piece; return words, counts, and the text."""
    counted = [count_piece(piece, memory_limit, table_limit) for piece in divided(corpus)]
    if travels:
        counted = pickle.loads(pickle.dumps(counted))
    table = WordTable()
    table.merge(merge_tables([each.table for each in counted], table_limit), new_word_buffers())
    chosen = np.flatnonzero(table.most() >= min_count)
    counts, first_seen = table.counts()[chosen], table.first_seen[chosen]
    ids = np.full(len(table), -1, dtype=np.int32)
    ids[chosen] = np.arange(len(chosen))
    words = ChosenWords.of(table, ids)
    if table.bound:
        counts, first_seen = sum_of_chosen([count_chosen(each, words) for each in counted])
    kept = np.flatnonzero(counts >= min_count)
    kept = kept[np.lexsort((first_seen[kept], -counts[kept]))]
    ids[:] = -1
    ids[chosen[kept]] = np.arange(len(kept))
    words = ChosenWords.of(table, ids)
    pieces = [encode_piece(each, words, memory_limit) for each in counted]
    if travels:
        pieces = pickle.loads(pickle.dumps(pieces))
    tokens = np.concatenate([each.tokens[:] for each in pieces])
    offsets = sentence_offsets([(len(each.tokens), each.ends) for each in pieces], False)
    return table.words(chosen[kept]), counts[kept], tokens, offsets, table


def whole(corpus, min_count=1):
    vocabulary = count_vocabulary(corpus, min_count)
    encoded = encode_corpus(corpus, vocabulary)
    return vocabulary.words, vocabulary.counts, encoded.tokens[:], encoded.sentence_offsets[:]


def assert_same(found, expected):
    assert found[0] == expected[0]
    for own, other in zip(found[1:4], expected[1:4], strict=True):
        np.testing.assert_array_equal(own, other)


@examples(100, derandomize=True)
@given(_TEXTS, st.integers(1, 40), st.integers(1, 3))
def test_pieces_of_a_file_are_its_text(tmp_path_factory, text, size, min_count):
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_bytes(("w w w v v v " + text).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dividing, "PIECE_BYTES", (size, size))
        found = in_pieces(open_corpus(path), min_count)
    assert_same(found, whole(open_corpus(path), min_count))


def zipf_text(words, distinct=300, seed=5):
    generator = np.random.default_rng(seed)
    ids = generator.zipf(1.3, words).clip(max=distinct).tolist()
    ends = generator.choice([" ", "\n", "\t"], words, p=[0.9, 0.07, 0.03])
    return "".join(f"W{each}é{end}" for each, end in zip(ids, ends, strict=True))


@pytest.fixture
def folder(tmp_path):
    """Files of every kind, some larger than a piece."""
    folder = tmp_path / "texts"
    folder.mkdir()
    for number in range(20):
        (folder / f"{number:02}.txt").write_text(zipf_text(5 + 3 * number, seed=number))
    (folder / "21.txt").write_text(zipf_text(800))
    (folder / "22.txt.gz").write_bytes(gzip.compress(zipf_text(300, seed=3).encode()))
    (folder / "23.jsonl").write_text('{"text": "W1é W2é\\nW3é"}\n{"text": null}\n' * 40)
    (folder / "24.txt").write_bytes(b"\xef\xbb\xbfW1\xc3\xa9 W2\xc3\xa9")
    return folder


class TestManyFiles:
    @pytest.mark.parametrize("form", [WordForm(), WordForm("words", True)])
    def test_of_every_kind(self, folder, small_pieces, form):
        def opened():
            return open_corpus(folder).in_words(form)

        assert len(divided(opened())) > 20
        assert_same(in_pieces(opened(), 2), whole(opened(), 2))

    def test_named_from_another_directory(self, folder, small_pieces, monkeypatch):
        monkeypatch.chdir(folder)
        corpus = open_corpus("*.txt")
        expected, pieces = whole(corpus), divided(corpus)
        monkeypatch.chdir("/")
        counted = [count_piece(each, MUCH, None) for each in pieces]
        assert sum(each.account.words for each in counted) == expected[1].sum()

    def test_that_were_changed_are_an_error(self, folder, small_pieces):
        pieces = divided(open_corpus(folder))
        for name in ("07.txt", "21.txt", "22.txt.gz"):
            with (folder / name).open("ab") as file:
                file.write(b" more")
        errors = 0
        for piece in pieces:
            try:
                count_piece(piece, MUCH, None)
            except CorpusError as error:
                assert "was changed or replaced while it was read" in str(error)
                errors += 1
        assert errors > 3

    def test_are_compared_by_sizes_and_samples(self, folder):
        files = files_to_compare(divided(open_corpus(folder)))
        before = seen(files)
        assert seen(files) == before
        (folder / "21.txt").write_text(zipf_text(800, seed=6)[: len(zipf_text(800))])
        assert seen(files) != before
        (folder / "21.txt").unlink()
        with pytest.raises(OSError, match="No such file"):
            seen(files)


def test_what_is_no_file_is_not_divided(tmp_path):
    (tmp_path / "a.txt").write_text("a b")
    assert divided(open_corpus([["a", "b"]])) is None
    assert divided(open_corpus("toy")) is None
    assert divided(open_corpus(tmp_path / "a.txt", [["a"]])) is None
    assert len(divided(open_corpus(tmp_path / "a.txt"))) == 1


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress])
def test_a_compressed_file_is_one_piece(tmp_path, small_pieces, compress):
    path = tmp_path / "text"
    path.write_bytes(compress(zipf_text(1_000).encode()))
    assert len(divided(open_corpus(path))) == 1
    assert_same(in_pieces(open_corpus(path)), whole(open_corpus(path)))


def test_a_column_is_one_piece(tmp_path, small_pieces):
    path = tmp_path / "text.csv"
    path.write_text("text,n\n" + "a b,1\n" * 200)
    assert len(divided(open_corpus(path))) == 1
    assert_same(in_pieces(open_corpus(path)), whole(open_corpus(path)))


def test_what_is_left_out_is_counted_once(tmp_path, monkeypatch):
    """An overlong word among many pieces, and bytes that are no UTF-8."""
    monkeypatch.setattr(dividing, "PIECE_BYTES", (1_000, 1_000))
    path = tmp_path / "text"
    long = b"x" * (LONGEST_WORD + 9)
    path.write_bytes(b"a b\xff c\n" * 300 + long + b" d\n" + b"a\xfe " * 300 + long + b" e")
    corpus = open_corpus(path, invalid_utf8="replace")
    assert_same(in_pieces(corpus), whole(corpus))
    accounts = [count_piece(each, MUCH, None).account for each in divided(corpus)]
    assert sum(each.replaced for each in accounts) == corpus.replaced == 600
    assert sum(each.left_out for each in accounts) == corpus.left_out == 2
    places = [each.first_left_out for each in accounts if each.left_out]
    assert places[0] == corpus.first_left_out
    assert "byte 2,100 of " in places[0]


def test_errors_name_the_byte_of_the_file(tmp_path, small_pieces):
    path = tmp_path / "text"
    path.write_bytes(b"a b c\n" * 200 + b"\xff " + b"a b c\n" * 200)
    with pytest.raises(CorpusError) as expected:
        whole(open_corpus(path))
    assert "at byte 1200 " in str(expected.value)
    with pytest.raises(CorpusError) as found:
        in_pieces(open_corpus(path))
    assert str(found.value) == str(expected.value)


@pytest.mark.parametrize("memory_limit", [0, MUCH])
def test_pieces_in_files_travel(folder, small_pieces, memory_limit):
    before = memory_taken()
    found = in_pieces(open_corpus(folder), 2, memory_limit, travels=True)
    assert_same(found, whole(open_corpus(folder), 2))
    assert memory_taken() == before


def test_pieces_beyond_the_limit_are_in_files(folder):
    [piece, *_] = [count_piece(each, 0, None) for each in divided(open_corpus(folder))]
    words = ChosenWords.of(WordTable(), np.zeros(0, dtype=np.int32))
    assert isinstance(encode_piece(piece, words, 0).tokens, NumberFile)
    assert isinstance(encode_piece(piece, words, MUCH).tokens, np.ndarray)


class TestFullTables:
    """Tables that drop rare words, in pieces and where they are merged."""

    @pytest.fixture
    def path(self, tmp_path, monkeypatch):
        monkeypatch.setattr(dividing, "PIECE_BYTES", (60_000, 60_000))
        generator = np.random.default_rng(1)
        weights = 1.0 / np.arange(1, 30_001)
        ids = generator.choice(30_000, 40_000, p=weights / weights.sum()).tolist()
        path = tmp_path / "text"
        path.write_text("".join(f"w{k}{'x' * (k % 9)}\n" for k in ids))
        return path

    @pytest.mark.parametrize("travels", [False, True])
    def test_keep_common_words_exactly(self, path, travels):
        *found, table = in_pieces(open_corpus(path), 60, 0, table_limit=1, travels=travels)
        assert 0 < table.bound < 60
        assert_same(found, whole(open_corpus(path), 60))

    def test_bound_every_count(self, path):
        corpus = open_corpus(path)
        counted = [count_piece(each, MUCH, 1) for each in divided(corpus)]
        assert len(counted) > 4
        table = WordTable()
        table.merge(merge_tables([each.table for each in counted], 1), new_word_buffers())
        words = table.words(np.arange(len(table)))
        true = Counter(Path(path).read_text().split())
        known = dict(zip(words, zip(table.counts(), table.most(), strict=True), strict=True))
        assert len(known) < len(true)
        assert all(least <= true[word] <= most for word, (least, most) in known.items())
        assert all(count <= table.bound for word, count in true.items() if word not in known)

    def test_give_room_to_no_more_words_than_fit(self, path):
        tables = [count_piece(each, MUCH, None).table for each in divided(open_corpus(path))]
        all_words, some = merge_tables(tables, None), merge_tables(tables, 300_000)
        assert len(some.counts) < len(all_words.counts) / 2
        assert all_words.bound == 0 < some.bound


def test_a_text_of_no_words_is_no_words(tmp_path):
    (tmp_path / "a").write_text(" \n ")
    [piece] = divided(open_corpus(tmp_path / "a"))
    assert count_piece(piece, MUCH, None).account.words == 0
    with pytest.raises(w2v.CorpusError, match="holds no words"):
        count_vocabulary(open_corpus(tmp_path / "a"))
