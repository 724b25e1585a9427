"""Words are handled together where there may be millions: as one by one, which is the oracle."""

import io
from array import array
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import w2v
from w2v.errors import FormatError
from w2v.formats import checks, packed_words, vocabulary_file, word2vec_binary
from w2v.formats.selection import Selection
from w2v.text.counting import add_names
from w2v.text.looking_up import look_up_entries
from w2v.text.sentence_faults import are_sound, word_fault
from w2v.text.word_table import WordTable
from w2v.training import weights
from w2v.training.huffman import node_children
from w2v.training.pretrained import nodes_in_common
from w2v.training.vocabularies import commonest, given_vocabulary
from w2v.training.weights import Weights
from w2v.vectors.evaluation_vocabulary import evaluation_vocabulary
from w2v.word_rows import are_among, rows_by_word, rows_of, words_at

ODD = [
    "",
    " ",
    "a b",
    "a\nb",
    "\n",
    "é",
    "語",
    "\U0001f600",
    "\0",
    "\ud800",
    "\u00a0",
    "a\r",
    "x" * 99,
]
odd_words = st.lists(st.sampled_from([*ODD, "cat", "dog", "the"]) | st.text(max_size=3), max_size=9)
plain_words = st.lists(st.text("abcé語", min_size=1, max_size=4), unique=True, max_size=30)


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed_words, "_WORDS_AT_ONCE", 4)
    monkeypatch.setattr(vocabulary_file, "_BLOCK", 16)
    monkeypatch.setattr(word2vec_binary, "_ROWS_AT_ONCE", 3)


def raised(work: Callable[[], object]) -> Any:
    """What some work returns, or the error that it raises."""
    try:
        return work()
    except (FormatError, UnicodeError) as error:
        return type(error), str(error)


@given(odd_words, odd_words)
def test_rows_of_words(words: list[str], others: list[str]) -> None:
    index = {word: row for row, word in enumerate(others)}
    assert rows_by_word(others) == index
    assert rows_of(words, index).tolist() == [index.get(word, -1) for word in words]
    assert are_among(words, set(others)).tolist() == [word in others for word in words]
    rows = np.arange(len(words))[::-2]
    assert words_at(words, rows) == [words[row] for row in rows]


distinct = st.lists(
    st.sampled_from([*ODD, "cat", "dog"]) | st.text(max_size=2), unique=True, max_size=9
)


@given(plain_words, st.lists(st.text("abcé語", min_size=1, max_size=4), max_size=60))
def test_words_are_searched_for_before_their_dict_is_made(
    words: list[str], asked: list[str]
) -> None:
    vectors = w2v.KeyedVectors(words, np.zeros((len(words), 1)), distinct=True)
    expected = [words.index(word) if word in words else -1 for word in asked]
    assert [vectors.get_index(word, -1) for word in asked] == expected
    assert ("key_to_index" in vars(vectors)) == (len(asked) > 16)
    assert vectors.key_to_index == rows_by_word(words)


@example(["a"], ["", "a b"])
@given(plain_words, distinct | plain_words)
def test_the_words_of_a_text_are_looked_up(words: list[str], vocabulary: list[str]) -> None:
    vocabulary = [word for word in vocabulary if word != "\ud800"]  # no vocabulary has half a pair
    table = WordTable()
    add_names(table, words)
    expected = [vocabulary.index(word) if word in vocabulary else -1 for word in words]
    assert look_up_entries(table, vocabulary).tolist() == expected


def test_tables_grow_while_words_are_looked_up() -> None:
    words = [f"word{k}" for k in range(150_000)]
    vocabulary = [*words[::-7], *(f"other{k}" for k in range(120_000))]
    table, index = WordTable(), rows_by_word(vocabulary)
    add_names(table, words)
    assert look_up_entries(table, vocabulary).tolist() == [index.get(word, -1) for word in words]


@given(odd_words)
def test_words_as_bytes(words: list[str]) -> None:
    def one_by_one() -> tuple[bytes, list[int]]:
        encoded = [word.encode() for word in words]
        return b"".join(encoded), np.cumsum([0, *map(len, encoded)]).tolist()

    def together() -> tuple[bytes, list[int]]:
        letters, offsets = packed_words.pack(words)
        assert (letters.dtype, offsets.dtype) == (np.uint8, np.int64)
        return letters.tobytes(), offsets.tolist()

    expected = raised(one_by_one)
    assert raised(together)[0] == expected[0]
    if expected[0] is not UnicodeEncodeError:
        assert together() == expected


@given(st.lists(st.binary(max_size=4) | st.sampled_from([b"\xe8\xaa", b"\x9e", b"\n"]), max_size=9))
def test_bytes_as_words(raw: list[bytes]) -> None:
    with suppress(UnicodeDecodeError):
        expected = [word.decode() for word in raw]
        assert packed_words.decode(raw) == expected
        return
    with pytest.raises(UnicodeDecodeError):
        packed_words.decode(raw)


@given(odd_words)
def test_words_that_a_file_can_hold(words: list[str]) -> None:
    """The first bad word is the one that the error is about."""
    path, matrix = Path("x.bin"), np.zeros((len(words), 1), np.float32)
    problems = []
    for row, word in enumerate(words):
        if not word or not checks.is_encodable(word) or word in words[:row]:
            problems.append(word)
    found = raised(lambda: checks.check_words_and_matrix(path, words, matrix))
    assert (found is None) == (not problems)
    if problems:
        assert repr(problems[0]) in found[1]
    else:
        holding = [word for word in words if " " in word or "\n" in word]
        found = raised(lambda: checks.check_word2vec_words(path, words, matrix))
        assert (found is None) == (not holding)
        assert not holding or repr(holding[0]) in found[1]


@given(plain_words, st.integers(1, 5))
def test_entries_of_a_binary_file(words: list[str], vector_size: int) -> None:
    matrix = np.random.default_rng(1).normal(size=(len(words), vector_size)).astype("<f4")
    expected = b"".join(
        word.encode() + b" " + row.tobytes() for word, row in zip(words, matrix, strict=True)
    )
    if words:
        assert word2vec_binary._entries(words, matrix).tobytes() == expected


def lines_one_by_one(content: bytes, limit: int | None) -> tuple[list[bytes], list[int] | None]:
    """The lines of a vocabulary file, each read by itself."""
    words: list[bytes] = []
    counts: array[int] | None = None
    stream = io.BytesIO(content)
    while limit is None or len(words) < limit:
        line = stream.readline()
        if not words:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line:
            break
        word, count = vocabulary_file._parts(line)
        if not words:
            counts = None if count is None else array("q")
        if counts is None:
            words.append(line.rstrip(b"\r\n"))
            continue
        if count is None:
            raise FormatError(f"line {len(words) + 1}")
        words.append(word)
        counts.append(count)
    return words, None if counts is None else counts.tolist()


ODD_LINES = [
    b"", b"a", b"a 1 ", b" a 1", b"a  1", b"a\t1", b"a b 1", b"a 1\r", b"1", b" 1", b"a -1",
    b"a 1.5", b"a \xc2\xb2", b"a 1234567890123456789", b"\xef\xbb\xbfa 1", b"a 1 2", b"a 007",
    b"a\r1", b"a 1\x0b",
]  # fmt: skip
lines = st.lists(st.sampled_from([b"cat 3", b"the 12", b"\xc3\xa9 5"] * 8 + ODD_LINES), max_size=12)


@given(lines, st.sampled_from([b"", b"\n"]), st.none() | st.integers(0, 9))
def test_lines_of_a_vocabulary_file(
    tmp_path_factory: pytest.TempPathFactory, given: list[bytes], end: bytes, limit: int | None
) -> None:
    path = tmp_path_factory.getbasetemp() / "words.vocab"
    content = b"\n".join(given) + end
    path.write_bytes(content)
    seen: list[bytes] = []

    def together() -> tuple[list[bytes], list[int] | None]:
        found = vocabulary_file.read(path, limit, seen.append)
        assert b"".join(seen) == content
        return found.words, None if found.counts is None else found.counts.tolist()

    expected, found = raised(lambda: lines_one_by_one(content, limit)), raised(together)
    if expected[0] is FormatError:
        assert found[0] is FormatError
        assert f"{expected[1]}:" in found[1]
    else:
        assert found == expected


@given(plain_words)
def test_a_vocabulary_file_is_written(words: list[str]) -> None:
    counts = np.arange(len(words))
    expected = "".join(f"{word} {count}\n" for word, count in zip(words, counts, strict=True))
    assert vocabulary_file.lines(words, counts) == expected.encode()
    assert vocabulary_file.lines(words, None) == "".join(f"{word}\n" for word in words).encode()


@given(st.lists(st.sampled_from([*ODD, "cat", "dog", 5, b"cat", None]) | st.text(max_size=2)))
def test_sound_words(words: list[Any]) -> None:
    assert are_sound(words) == (not any(map(word_fault, words)))


def test_an_overlong_word_is_not_sound() -> None:
    assert are_sound(["cat", "x" * (checks.LONGEST_WORD // 4)])
    assert not are_sound(["cat", "x" * (checks.LONGEST_WORD + 1)])


@given(plain_words, st.data())
def test_the_commonest_words(words: list[str], data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(0, 5), min_size=len(words), max_size=len(words)))
    vocabulary = dict(zip(words, sizes, strict=True))
    assert given_vocabulary(vocabulary) == vocabulary
    kept = sorted(((w, c) for w, c in vocabulary.items() if c >= 2), key=lambda pair: -pair[1])[:7]
    if len(kept) >= 2:
        found, counts = commonest(vocabulary, 2, 7)
        assert list(zip(found, counts.tolist(), strict=True)) == kept


@given(plain_words, st.lists(st.sampled_from("abcé語"), unique=True, min_size=1))
def test_words_are_selected_until_all_are_found(words: list[str], wanted: list[str]) -> None:
    selection = Selection(wanted, "error", "error")
    found: list[str] = []
    for start in range(0, len(words), 5):
        block = words[start : start + 5]
        expected = []
        for place, word in enumerate(block):
            if len(found) < len(wanted) and word in wanted:
                found.append(word)
                expected.append(place)
        chosen = selection.choose([word.encode() for word in block])
        assert chosen is not None
        assert chosen.tolist() == expected
        assert selection.is_complete == (len(found) == len(wanted))


@pytest.mark.parametrize("case_insensitive", [False, True])
def test_the_words_of_an_evaluation(case_insensitive: bool) -> None:
    words = ["the", "The", "THE", "cat", "ß", "SS", "Cat"]
    vectors = w2v.KeyedVectors(words, np.zeros((7, 1)))
    folded = [word.upper() if case_insensitive else word for word in words]
    found = evaluation_vocabulary(vectors, None, case_insensitive)
    assert found.spelling.tolist() == [folded.index(word) for word in folded]
    assert found.rows == {word: folded.index(word) for word in folded}


@pytest.mark.parametrize("seed", range(6))
def test_nodes_that_two_trees_share(seed: int) -> None:
    generator = np.random.default_rng(seed)
    old = [f"word{k}" for k in range(200)]
    new = [*old[seed:], *(f"new{k}" for k in range(5 * seed))]
    old_counts = generator.integers(1, 99, len(old))
    new_counts = np.concatenate((old_counts[seed:], generator.integers(1, 9, 5 * seed)))
    new_counts[generator.integers(0, len(new_counts), seed)] += 50
    place = generator.permutation(len(new))
    new, new_counts = [new[k] for k in place], new_counts[place]

    def sides_of(words: list[str], counts: Any) -> list[tuple[frozenset[str], frozenset[str]]]:
        order = np.argsort(-counts, kind="stable")
        below = [frozenset([words[row]]) for row in order]
        sides = []
        for first, second in node_children(counts[order]).tolist():
            sides.append((below[first], below[second]))
            below.append(below[first] | below[second])
        return sides

    nodes = {sides: node for node, sides in enumerate(sides_of(old, old_counts))}
    expected = set()
    for node, (first, second) in enumerate(sides_of(new, new_counts)):
        for sides, sign in (((first, second), 1), ((second, first), -1)):
            if sides in nodes:
                expected.add((nodes[sides], node, sign))
    assert len(expected) > 10
    found = nodes_in_common(old, old_counts, new, new_counts)
    assert set(zip(*(array.tolist() for array in found), strict=True)) == expected
    assert len(found[0]) == len(expected)


@pytest.mark.parametrize("vector_size", [1, 7, 16])
@pytest.mark.parametrize("cores", [1, 3])
def test_first_values_are_those_of_one_generator(
    monkeypatch: pytest.MonkeyPatch, vector_size: int, cores: int
) -> None:
    monkeypatch.setattr(weights, "_ROWS_AT_ONCE", 4)
    monkeypatch.setattr(weights, "_ROWS_A_THREAD", 8)
    monkeypatch.setattr(weights, "available_cores", lambda: cores)
    drawn = np.random.default_rng(5).random((50, vector_size), dtype=np.float32)
    expected = (drawn - 0.5) * (2 / vector_size)
    found = Weights.fresh(50, vector_size, 5).input
    np.testing.assert_array_equal(found[:, :vector_size], expected)
    assert not found[:, vector_size:].any()
