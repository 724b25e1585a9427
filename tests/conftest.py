"""Shared fixtures: where the real corpora, evaluation sets and foreign vector files lie."""

import gc
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Shell, end_processes
from corpus_texts import TEXT, write
from examples import register_profiles

import w2v
from w2v.vectors.evaluation import evaluate_analogies, evaluate_pairs
from w2v.vectors.evaluation_sets import read_analogies, read_pairs

pytest_plugins = ["corpus_server", "map_visits", "parallel", "remote_servers", "report_runs"]
register_profiles()

_ROOT = Path(__file__).resolve().parent.parent


def pytest_collection_finish() -> None:
    """Spare the garbage collector what lives as long as the session: all tests, and their modules.

    It took 0.35 s to go through that each time, and the servers of corpus_server.py ask for it.
    """
    gc.collect()
    gc.freeze()


def pytest_runtest_teardown() -> None:
    """End what a failed test has started, so that nothing waits for it for ever."""
    end_processes()


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The directory of real data: $W2V_TEST_DATA, else ../shared beside the project.

    Where it is absent the test is skipped, but fails under CI, so that no skip goes unnoticed.
    """
    directory = Path(os.environ.get("W2V_TEST_DATA", _ROOT.parent / "shared"))
    if not (directory / "corpora").is_dir():
        reason = f"no test data in {directory}; set W2V_TEST_DATA to a directory that has it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return directory


@pytest.fixture(scope="session")
def scores(test_data: Path) -> Callable[[w2v.KeyedVectors], tuple[float, float]]:
    """Analogy accuracy over the 30,000 commonest words, and Spearman's rho on WordSim-353."""
    questions = read_analogies(test_data / "eval" / "questions-words.txt")
    pairs = read_pairs(test_data / "eval" / "wordsim353.tsv")

    def score(vectors: w2v.KeyedVectors) -> tuple[float, float]:
        accuracy = evaluate_analogies(vectors, questions, 30_000).total.accuracy
        return accuracy, evaluate_pairs(vectors, pairs).spearman

    return score


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A directory for checkpoints, which is not there yet."""
    return tmp_path / "checkpoints"


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A file with a few lines of text."""
    return write(tmp_path / "sample.txt", TEXT)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A user in an empty directory; files of tests may prepare one of their own."""
    return Shell(tmp_path, monkeypatch)


@pytest.fixture
def no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """Training must not begin: what is wrong has to be found before."""
    monkeypatch.setattr(w2v, "train", lambda *_, **__: pytest.fail("training has begun"))


@pytest.fixture(scope="session")
def toy_vectors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of vectors that were trained on toy."""
    path = tmp_path_factory.mktemp("vectors") / "toy.bin"
    w2v.train("toy", vector_size=50, workers=1).vectors.save(path)
    return path
