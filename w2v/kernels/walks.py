"""Random walks in a graph: those of node2vec (Grover and Leskovec, 2016), DeepWalk's among them.

A step of node2vec depends on two nodes, so a table for every pair would need memory for edges times
neighbours. Steps are drawn by rejection instead, as in KnightKing (Yang et al., 2019): a neighbour
is proposed by its weight alone, and accepted by where it lies. That needs memory for edges only.
"""

from typing import NamedTuple

import numpy as np

from w2v.kernels.alias import pair_columns
from w2v.kernels.jit import Float64s, Floats, Int32s, Int64s, jit
from w2v.kernels.rng import below, draw, high_bits, low_bits

_UNIT_32 = 2.0**-32
_UNIT_53 = 2.0**-53
_ELEVEN = np.uint64(11)
_ROUNDS = 4  # of mixing, for the order of the nodes
_ATTEMPTS = 64  # to draw a step by rejection, before all neighbours are looked at


class Graph(NamedTuple):
    """The edges of a graph, those of a node side by side (compressed sparse rows).

    Where all edges weigh the same, `weights`, `shares` and `aliases` are empty.
    """

    offsets: Int64s  # (nodes + 1,), where the edges of each node begin
    targets: Int32s  # (edges,), where each edge leads to; rising within a node
    weights: Float64s  # (edges,), above 0
    shares: Floats  # (edges,), the alias table of each node: the part of a column that is its own
    aliases: Int32s  # (edges,), and the place, among those of the node, of the other edge in it
    totals: Float64s  # (nodes,), the sum of the weights of each node's edges


@jit
def fill_aliases(graph: Graph, shares: Float64s, waiting: Int32s) -> None:
    """Write `graph.totals`, and `graph.aliases` with `shares` for them.

    Parameters
    ----------
    shares : float64 (edges,)
        Room for the shares.
    waiting : int32 (most neighbours of a node,)
        Room for a stack.
    """
    for node in range(len(graph.totals)):
        begin, end = graph.offsets[node], graph.offsets[node + 1]
        total = 0.0
        for edge in range(begin, end):
            total += graph.weights[edge]
        graph.totals[node] = total
        for edge in range(begin, end):
            shares[edge] = graph.weights[edge] / total * (end - begin)
            graph.aliases[edge] = edge - begin  # of a column that is left over
        pair_columns(shares[begin:end], graph.aliases[begin:end], waiting)


@jit
def walk(
    graph: Graph, first: int, length: int, returning: float, away: float, half_bits: int,
    keys: np.ndarray, tokens: Int32s, ends: Int64s,
) -> int:  # fmt: skip
    """Make len(ends) walks, from number `first` on; return the number of nodes in them.

    Parameters
    ----------
    length : int
        Nodes of a walk, 1 or more; one that reaches a node without edges is shorter.
    returning, away : float
        1/p and 1/q: how much likelier than a step to a common neighbour a step back to the node
        before is, and a step to a node that is not its neighbour. Both 1 is DeepWalk.
    half_bits : int
        Half the bits of the number of nodes, rounded up.
    keys : uint64 (2,)
        The keys of the steps and of the order of the nodes.
    tokens : int32 (len(ends) · length,)
        Room for the nodes; written.
    ends : int64 (walks,)
        How many nodes come before the end of each walk; written.
    """
    used = 0
    for k in range(len(ends)):
        number = first + k
        node = start_of(number, len(graph.totals), half_bits, keys[1])
        used = _one_walk(
            graph, node, length, returning, away, draw(keys[0], number), tokens, used
        )  # fmt: skip
        ends[k] = used
    return used


@jit
def start_of(number: int, nodes: int, half_bits: int, key: np.uint64) -> int:
    """Return where a walk starts: each pass over the nodes has them in an order of its own.

    The order is a Feistel network, applied until it gives a node, and needs no table.
    """
    pass_key = draw(key, number // nodes)
    mask = (1 << half_bits) - 1
    place = number % nodes
    while True:
        left, right = place >> half_bits, place & mask
        for mixing in range(_ROUNDS):
            bits = np.int64(high_bits(draw(pass_key, right * _ROUNDS + mixing)))
            left, right = right, left ^ (bits & mask)
        place = (left << half_bits) | right
        if place < nodes:
            return place


@jit
def _one_walk(
    graph: Graph, node: int, length: int, returning: float, away: float, key: np.uint64,
    tokens: Int32s, used: int,
) -> int:  # fmt: skip
    """Write the nodes of a walk to tokens[used:]; return the place after them."""
    tokens[used] = node
    used += 1
    previous, drawn = -1, 0
    is_second_order = returning != 1 or away != 1
    for _ in range(1, length):
        if graph.offsets[node] == graph.offsets[node + 1]:
            break
        if is_second_order and previous >= 0:
            following, drawn = _second_order(
                graph, previous, node, returning, away, key, drawn
            )  # fmt: skip
        else:
            following = _propose(graph, node, draw(key, drawn))
            drawn += 1
        previous, node = node, following
        tokens[used] = node
        used += 1
    return used


@jit
def _propose(graph: Graph, node: int, bits: np.uint64) -> int:
    """Return a neighbour of a node, drawn by the weights of its edges alone."""
    begin = graph.offsets[node]
    column = below(high_bits(bits), graph.offsets[node + 1] - begin)
    if len(graph.shares) > 0 and low_bits(bits) * _UNIT_32 >= graph.shares[begin + column]:
        column = graph.aliases[begin + column]
    return np.int64(graph.targets[begin + column])


@jit
def _second_order(
    graph: Graph,
    previous: int,
    node: int,
    returning: float,
    away: float,
    key: np.uint64,
    drawn: int,
) -> tuple[int, int]:
    """Return the node after `previous` and `node`, and how many draws of the walk are used."""
    # Acceptance reaches to `most`. A step back may be likelier than that, and would make all others
    # rare: the part beyond `most` is drawn as a step of its own, without a proposal.
    most, least = max(1.0, away), min(1.0, away)
    beyond = 0.0
    if returning > most:
        edge = _find(graph, node, previous)
        if edge >= 0:
            beyond = (returning - most) * _weight(graph, edge) / graph.totals[node]
    for _ in range(_ATTEMPTS):
        height = _uniform(draw(key, drawn)) * (most + beyond)
        if height >= most:
            return previous, drawn + 1
        following = _propose(graph, node, draw(key, drawn + 1))
        drawn += 2
        if following == previous:
            if height < returning:
                return following, drawn
        elif height < least or height < _factor(graph, previous, following, returning, away):
            return following, drawn
    return _exact(graph, previous, node, returning, away, draw(key, drawn)), drawn + 1


@jit
def _exact(
    graph: Graph, previous: int, node: int, returning: float, away: float, bits: np.uint64
) -> int:
    """Return the node after `previous` and `node`, by a look at all neighbours.

    Attempts before it do not matter: each would have accepted with these same probabilities.
    """
    begin, end = graph.offsets[node], graph.offsets[node + 1]
    total = 0.0
    for edge in range(begin, end):
        factor = _factor(graph, previous, np.int64(graph.targets[edge]), returning, away)
        total += factor * _weight(graph, edge)
    height = _uniform(bits) * total
    for edge in range(begin, end - 1):
        factor = _factor(graph, previous, np.int64(graph.targets[edge]), returning, away)
        height -= factor * _weight(graph, edge)
        if height < 0:
            return np.int64(graph.targets[edge])
    return np.int64(graph.targets[end - 1])


@jit
def _factor(graph: Graph, previous: int, following: int, returning: float, away: float) -> float:
    """Return node2vec's bias α of a step to `following`, after one from `previous`."""
    if following == previous:
        return returning
    return 1.0 if _find(graph, previous, following) >= 0 else away


@jit
def _find(graph: Graph, node: int, target: int) -> int:
    """Return the edge from a node to another; −1 where there is none."""
    low, high = graph.offsets[node], graph.offsets[node + 1]
    end = high
    while low < high:
        middle = (low + high) // 2
        if graph.targets[middle] < target:
            low = middle + 1
        else:
            high = middle
    return low if low < end and graph.targets[low] == target else -1


@jit
def _weight(graph: Graph, edge: int) -> float:
    return graph.weights[edge] if len(graph.weights) > 0 else 1.0


@jit
def _uniform(bits: np.uint64) -> float:
    """Return a number from 0 to 1, without 1, from 64 random bits."""
    return np.float64(bits >> _ELEVEN) * _UNIT_53
