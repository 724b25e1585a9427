"""Known test sets are found, verified and downloaded as known corpora are."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from corpus_server import COMPRESSORS, Answer, Server

import w2v
import w2v_cli.commands
from w2v_corpora.finding import find
from w2v_corpora.registry import EVALUATION_SETS, KnownFile

# Pooch leaves the connection of a failed download to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


PAIRS = b"king\tqueen\t9\nking\ttree\t2\nman\ttree\t1\n"
VECTORS = w2v.KeyedVectors(
    ["king", "queen", "man", "woman", "tree"],
    [[1, 1, 0], [1, 1, 1], [1, 0, 0], [1, 0, 1], [-1, 3, 0]],
)


@pytest.fixture
def pairs3(server: Server, monkeypatch: pytest.MonkeyPatch) -> KnownFile:
    """A small known test set that the server has."""
    server.answer = Answer(PAIRS)
    digest = hashlib.sha256(PAIRS).hexdigest()
    url = server.url.replace("mini8.zip", "pairs3.tsv")
    known = KnownFile("pairs3", "three pairs", "none", url, digest, len(PAIRS), f"sha256:{digest}")
    monkeypatch.setitem(EVALUATION_SETS, "pairs3", known)
    return known


class TestEvaluationSets:
    @pytest.mark.parametrize("name", EVALUATION_SETS)
    def test_the_known_sets_are_those_of_the_test_data(
        self, name: str, test_data: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("W2V_CORPORA", str(test_data / "eval"))
        known = EVALUATION_SETS[name]
        path = find(known)
        assert path == test_data / "eval" / known.file_name
        assert hashlib.sha256(path.read_bytes()).hexdigest() == known.sha256
        assert known.licence
        assert known.title

    def test_it_is_downloaded_once(self, cache: Path, pairs3: KnownFile, server: Server) -> None:
        for _ in range(2):
            scores = w2v.evaluate(VECTORS, "pairs3")
            assert isinstance(scores, w2v.SimilarityScores)
            assert scores.pairs_used == 3
        assert server.requests == 1
        assert (cache / "pairs3.tsv").read_bytes() == PAIRS
        assert VECTORS.evaluate_word_pairs("pairs3") == scores

    @pytest.mark.parametrize("name", ["pairs3", "pairs3.gz", "pairs3.tsv", "pairs3.tsv.xz"])
    def test_it_is_found_in_a_directory(
        self, own: Path, cache: Path, pairs3: KnownFile, server: Server, name: str
    ) -> None:
        (own / name).write_bytes(COMPRESSORS[Path(name).suffix.replace(".tsv", "")](PAIRS))
        assert w2v.evaluate(VECTORS, "pairs3").pairs_used == 3
        assert server.requests == 0

    def test_a_file_comes_before_a_name(
        self, tmp_path: Path, cache: Path, pairs3: KnownFile, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "pairs3").write_bytes(PAIRS[: PAIRS.rindex(b"man")])
        assert w2v.evaluate(VECTORS, "pairs3").pairs_used == 2

    def test_what_is_wrong_is_a_format_error(
        self, own: Path, cache: Path, pairs3: KnownFile, server: Server
    ) -> None:
        server.answer = Answer(b"sorry", status=404)
        with pytest.raises(w2v.FormatError) as caught:
            w2v.evaluate(VECTORS, "pairs3")
        assert str(caught.value) == (
            f"Cannot download pairs3 from {pairs3.url} (the server answered 404 Not Found); put"
            f" pairs3.tsv into {own} yourself."
        )
        (own / "pairs3.tsv").write_bytes(PAIRS.upper())
        with pytest.raises(
            w2v.FormatError, match="is not pairs3: it holds 36 bytes with the SHA256 eb06"
        ):
            w2v.evaluate(VECTORS, "pairs3")

    @pytest.mark.parametrize("name", ["question-words", "questions-words.txt"])
    def test_a_name_that_is_not_known_gets_the_known_ones(
        self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        with pytest.raises(w2v.FormatError) as caught:
            w2v.evaluate(VECTORS, name)
        assert str(caught.value) == (
            f"There is no evaluation set {name} and no known one of this name (known:"
            " questions-words, wordsim353, simlex999); did you mean questions-words?"
        )

    def test_the_command_says_where_it_comes_from(
        self, tmp_path: Path, cache: Path, pairs3: KnownFile, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        VECTORS.save("v.bin")
        result = CliRunner().invoke(w2v_cli.commands.cli, ["evaluate", "pairs3", "-v", "v.bin"])
        assert f"Downloading {pairs3.url} to {cache}\n" in result.output
        assert "pairs3: similarities\nSpearman 1.0000" in result.output

    def test_training_takes_and_resumes_with_it(
        self, own: Path, cache: Path, pairs3: KnownFile, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (own / "pairs3.tsv").write_bytes(PAIRS.replace(b"tree", b"dog "))
        monkeypatch.setitem(
            EVALUATION_SETS,
            "pairs3",
            replace(
                pairs3,
                checksum=f"sha256:{hashlib.sha256((own / 'pairs3.tsv').read_bytes()).hexdigest()}",
            ),
        )
        monkeypatch.chdir(own)
        small = ["--vector-size", "8", "--epochs", "1", "--workers", "1"]
        run = CliRunner()
        command = ["train", "toy", *small, "--evaluate", "pairs3", "--checkpoint", "c"]
        first = run.invoke(w2v_cli.commands.cli, command)
        assert "words: pairs3 " in first.output
        (own / "elsewhere").mkdir()
        monkeypatch.chdir(own / "elsewhere")
        again = run.invoke(w2v_cli.commands.cli, ["train", "--resume", str(own / "c")])
        assert "words: pairs3 " in again.output, again.output
