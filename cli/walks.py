"""The command `walks`: a graph in, a text of walks to train on out."""

import time

import click

import w2v
from w2v_cli import interrupt
from w2v_cli.output import say, shown_name
from w2v_cli.values import FILE, NUMBER, WHOLE_NUMBER


@click.command(
    short_help="Write walks in a graph, as a text to train on.",
    epilog="""\b
Example:
  w2v walks edges.txt -o walks.txt
  w2v train walks.txt --epochs 1
""",
)
@click.argument("edges", type=FILE, metavar="EDGES")
@click.option(
    "-o", "--output", type=FILE, metavar="OUT", required=True,
    help="File to write, a walk on each line; compressed where its name ends in .gz, .bz2, .xz,"
    " .zst or .zip.",
)  # fmt: skip
@click.option(
    "--walks-per-node", type=WHOLE_NUMBER, default=10, show_default=True, metavar="N",
    help="Walks that start at each node, 1 to 1,000,000.",
)  # fmt: skip
@click.option(
    "--walk-length", type=WHOLE_NUMBER, default=80, show_default=True, metavar="N",
    help="Nodes of a walk, 1 to 1,000,000.",
)  # fmt: skip
@click.option(
    "--p", type=NUMBER, default=1.0, show_default=True, metavar="X",
    help="A larger value makes steps back to the last node rarer; 0.000001 to 1,000,000.",
)  # fmt: skip
@click.option(
    "--q", type=NUMBER, default=1.0, show_default=True, metavar="X",
    help="A larger value makes steps to nodes that have no edge from the last node rarer; 0.000001"
    " to 1,000,000.",
)  # fmt: skip
@click.option("--directed", is_flag=True, help="Follow each edge from its first node only.")
@click.option("--unweighted", is_flag=True, help="Ignore the weights of edges.")
@click.option(
    "--seed", type=WHOLE_NUMBER, default=1, show_default=True, metavar="N",
    help="Seed of all random choices, 0 to 2^63 − 1.",
)  # fmt: skip
def walks(
    edges: str, output: str, walks_per_node: int, walk_length: int, p: float, q: float,
    directed: bool, unweighted: bool, seed: int,
) -> None:  # fmt: skip
    """Walk along the edges of a graph, as node2vec does (with p = q = 1 as DeepWalk).

    EDGES is a file with an edge on each line: two nodes, and perhaps a weight, separated by white
    space. Lines that begin with # or % are left out.
    """
    interrupt.state.outcome = "nothing was written"
    say(f"Reading {shown_name(edges)}", err=True)
    started = time.perf_counter()
    made = w2v.walks(
        edges, walks_per_node=walks_per_node, walk_length=walk_length, p=p, q=q,
        directed=directed, weighted=not unweighted, seed=seed,
    )  # fmt: skip
    made.save(output)
    seconds = time.perf_counter() - started
    nodes = len(made.nodes)
    say(
        f"Wrote {shown_name(output)}: {len(made):,} walks in {nodes:,} nodes, in {seconds:.1f} s",
        err=True,
    )
