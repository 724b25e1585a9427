"""The command that writes walks in a graph."""

import gzip

import pytest
from command_line import Shell

import w2v

EDGES = "# a ring\na b 2\nb c\nc d 0.5\nd a\n"


@pytest.fixture
def edges(shell: Shell):
    path = shell.directory / "edges.txt"
    path.write_text(EDGES)
    return path


def test_walks_are_those_of_python(shell: Shell, edges) -> None:
    settings = ("--p", 0.5, "--q", 2, "--walks-per-node", 3, "--walk-length", 7, "--seed", 5)
    result = shell.succeed("walks", "edges.txt", "-o", "walks.txt.gz", *settings)
    assert result.stdout == ""
    assert "Wrote walks.txt.gz: 12 walks in 4 nodes, in " in result.stderr
    walks = w2v.walks(edges, p=0.5, q=2, walks_per_node=3, walk_length=7, seed=5)
    lines = gzip.decompress((shell.directory / "walks.txt.gz").read_bytes()).decode().splitlines()
    assert [line.split() for line in lines] == list(walks)


@pytest.mark.parametrize(
    ("flag", "setting"), [("--directed", {"directed": True}), ("--unweighted", {"weighted": False})]
)
def test_flags(shell: Shell, edges, flag: str, setting) -> None:
    shell.succeed("walks", "edges.txt", "-o", "walks.txt", flag)
    lines = (shell.directory / "walks.txt").read_text().splitlines()
    assert [line.split() for line in lines] == list(w2v.walks(edges, **setting))
    assert [line.split() for line in lines] != list(w2v.walks(edges))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere.txt", "-o", "walks.txt"), "nowhere.txt"),
        (("edges.txt", "-o", "walks.txt", "--p", 0), "--p must be a number from 1e-06 to"),
        (("edges.txt", "-o", "walks.txt", "--walk-length", 0), "--walk-length must be a whole"),
        (("edges.txt", "-o", "edges.txt"), "Cannot write edges.txt: it is the file of edges"),
        (("bad.txt", "-o", "walks.txt"), "Line 1 of bad.txt is ['a,b']"),
    ],
)
def test_bad_input(shell: Shell, edges, arguments, message: str) -> None:
    (shell.directory / "bad.txt").write_text("a,b\n")
    assert message in shell.fail("walks", *arguments)
    assert edges.read_text() == EDGES
    assert not (shell.directory / "walks.txt").exists()
