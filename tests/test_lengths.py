"""Vectors of senseless lengths: reported, and compared as rightly as any others."""

import json
from pathlib import Path

import numpy as np
import pytest
from command_line import Shell

import w2v
from w2v.finite import beyond_training
from w2v.vectors.norms import row_lengths

WORDS = ["a", "b", "c", "d", "e"]
ROWS = np.random.default_rng(0).normal(size=(5, 8)).astype(np.float32)
ROWS[1] = -ROWS[0]
# float32 holds no squares of the numbers beyond 1e19 and below 1e-22.
SCALES = [1e-42, 1e-38, 1e-30, 1e-22, 1e-19, 1.0, 1e18, 1e21, 1e30, 1e38 / 4]


@pytest.fixture(params=SCALES)
def scaled(request) -> w2v.KeyedVectors:
    return w2v.KeyedVectors(WORDS, ROWS * np.float32(request.param))


@pytest.fixture
def plain() -> w2v.KeyedVectors:
    return w2v.KeyedVectors(WORDS, ROWS.copy())


def test_every_query_answers_as_for_lengths_of_about_one(scaled, plain) -> None:
    close = {"abs": 3e-3 if scaled["a"].max() < 1e-40 else 1e-6}  # few bits are left of those
    assert scaled.similarity("a", "b") == pytest.approx(-1, **close)
    for query in (
        lambda v: v.most_similar("a", topn=None),
        lambda v: v.distances("a"),
        lambda v: v.distances("a", ["b", "c"]),
        lambda v: v.cosine_similarities(v["a"], v.vectors),
        lambda v: v.get_normed_vectors().ravel(),
        lambda v: v.get_vector("c", norm=True),
        lambda v: [score for _, score in v.most_similar_batch(["a"], topn=4)[0]],
    ):
        assert query(scaled) == pytest.approx(query(plain), **close)
    assert scaled.most_similar("a", topn=4)[-1][0] == "b"
    lengths = np.linalg.norm(scaled.get_normed_vectors(), axis=1)
    assert lengths == pytest.approx(np.ones(5), abs=1e-6)


def test_the_euclidean_distance_is_that_of_float64(scaled) -> None:
    expected = np.linalg.norm(scaled["a"].astype(np.float64) - scaled["c"].astype(np.float64))
    assert scaled.euclidean_distance("a", "c") == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("dtype", ["float16", "int8"])
def test_compact_vectors_too(tmp_path: Path, dtype: str, plain) -> None:
    w2v.KeyedVectors(WORDS, ROWS * np.float32(1e21)).save(tmp_path / "v.bin")
    found = w2v.load(tmp_path / "v.bin", dtype=dtype)
    expected = plain.most_similar("a", topn=None)
    assert found.most_similar("a", topn=None) == pytest.approx(expected, abs=0.02)


def test_lengths_stay_in_their_own_precision_where_that_suffices() -> None:
    np.testing.assert_array_equal(row_lengths(ROWS), np.linalg.norm(ROWS, axis=1))
    assert row_lengths(ROWS).dtype == np.float32


def test_which_lengths_no_training_gives() -> None:
    # Bytes in 10,000 dimensions have lengths up to 12,700.
    lengths = [0, 1e-30, 1e-17, 0.001, 1, 12_700, 1.1e5, 1e30, np.nan]
    expected = [False, True, False, False, False, False, True, True, False]
    assert beyond_training(np.array(lengths)).tolist() == expected


class TestOnTheCommandLine:
    @pytest.fixture
    def spoiled(self, shell: Shell) -> Path:
        rows = ROWS.copy()
        rows[2] *= np.float32(1e21)
        rows[4] *= np.float32(1e-21)
        rows[3] = 0
        w2v.KeyedVectors(WORDS, rows).save("bad.bin")
        return Path("bad.bin").resolve()

    def test_check_lists_them(self, shell: Shell, spoiled: Path) -> None:
        result = shell("check", spoiled)
        assert result.exit_code == 1
        lines = result.stdout.splitlines()
        assert len(lines) == 4
        assert lines[0].startswith("entry 3 ('c', byte offset ")
        length = np.linalg.norm(ROWS[2].astype(float)) * 1e21
        assert lines[0].endswith(f"has a vector of the length {length:.3g}")
        assert "zeros" in lines[1]
        assert "e-21" in lines[2]
        assert "rows of senseless length 2" in lines[3]

    def test_info_counts_them(self, shell: Shell, spoiled: Path) -> None:
        assert "bad lengths  2 that no training gives: see 'w2v check'" in (
            shell.succeed("info", spoiled).stdout
        )
        about = json.loads(shell.succeed("info", spoiled, "--json").stdout)
        assert about["senseless_lengths"] == 2

    def test_convert_scales_them_to_one(self, shell: Shell, spoiled: Path) -> None:
        shell.succeed("convert", spoiled, "unit.bin", "--normalize")
        lengths = np.linalg.norm(w2v.load("unit.bin").vectors, axis=1)
        assert lengths == pytest.approx(np.array([1, 1, 1, 0, 1]), abs=1e-6)


def test_no_real_file_has_any(test_data: Path) -> None:
    found = 0
    for path in sorted((test_data / "vectors").rglob("*")):
        if path.is_file():
            try:
                about = w2v.describe_file(path)
            except w2v.W2VError:
                continue
            found += 1
            assert about.senseless_lengths == 0, path
    assert found > 3
