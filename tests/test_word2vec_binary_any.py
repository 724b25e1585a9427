"""The binary format of word2vec: any vectors come back, and any bytes are read or refused."""

import gzip
import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from test_word2vec_binary import written

from w2v.errors import FormatError, W2VError
from w2v.formats import word2vec_binary, word2vec_text

words_in_files = st.text(
    st.characters(blacklist_characters=" \n", blacklist_categories=["Cs"]), min_size=1
)
finite = st.floats(width=32, allow_nan=False, allow_infinity=False)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], np.ndarray]:
    words = draw(st.lists(words_in_files, min_size=1, max_size=8, unique=True))
    size = draw(st.integers(1, 9))
    return words, draw(arrays(np.float32, (len(words), size), elements=finite))


@examples(150)
@given(tables())
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, table) -> None:
    path = tmp_path_factory.mktemp("binary") / "a.bin"
    word2vec_binary.write(path, *table)
    found = word2vec_binary.read(path)
    assert found.words == table[0]
    assert found.matrix.tobytes() == table[1].tobytes()


@examples(300)
@given(
    st.binary(max_size=60) | st.builds(bytes.__add__, st.just(b"3 2\n"), st.binary(max_size=60)),
    st.sampled_from(["error", "skip"]),
)
def test_any_bytes_load_or_raise_our_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, on_defect: str
) -> None:
    path = written(tmp_path_factory.mktemp("any"), content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for module in (word2vec_binary, word2vec_text):
            try:
                module.read(path, on_defect=on_defect)
            except W2VError as error:
                assert str(error)


def test_a_compressed_file_gets_no_memory_for_what_its_header_promises(tmp_path: Path) -> None:
    path = tmp_path / "vectors.gz"
    path.write_bytes(gzip.compress(b"1000000000 100\n\1 \0\0\0\0"))
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match=r"entry 1 of 1000000000 .* is cut off"):
            word2vec_binary.read(path)
        assert tracemalloc.get_traced_memory()[1] < 40 << 20
    finally:
        tracemalloc.stop()
