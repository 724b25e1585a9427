"""Short texts with a right answer: prefixes of real ones, and made ones with planted groups."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inputs import WORDS_A_LINE
from settings import whole
from w2v import open_corpus

Lines = list[list[str]]
_GROUPS, _GROUP_SIZE = 12, 15  # of the planted texts
_INSIDE = 0.8  # share of a node's links, and of a basket's items, that stay within its group
_LOOSE = 0.15  # the same for texts of millions of words, where more makes every answer right
_WALK = 40
_FILLER = "filler"  # the word in half of all places
_FEW = 10  # words, in two groups


@dataclass(frozen=True)
class ShortText:
    """A text in lines of words. group: the planted group of each word, if there are any."""

    name: str
    lines: Lines
    group: dict[str, int] = field(default_factory=dict)
    min_count: int | None = None

    @property
    def words(self) -> int:
        """The number of its words."""
        return sum(map(len, self.lines))


def short_text(name: str) -> ShortText:
    """Return a text by its name: "lee", CORPUS@WORDS, or a planted one as in "walks@10k"."""
    source, _, size = name.partition("@")
    words = whole(size) if size else 10**9
    if source in PLANTED:
        lines = PLANTED[source](words)
        names = {word for line in lines for word in line} - {_FILLER}
        group_size = _FEW // 2 if source == "ten" else _GROUP_SIZE
        return ShortText(name, lines, {word: int(word) // group_size for word in names}, 1)
    lines = _lee() if source == "lee" else _read(source)
    short = None if words > 10_000 else 2  # with five hardly any word would be left
    return ShortText(name.rpartition("/")[2], _prefix(lines, words), min_count=short)


def _read(corpus: str) -> Any:
    """Yield the lines of a corpus; long ones are cut into lines of 1,000 words."""
    rest = ""
    for block in open_corpus(corpus).blocks():
        *whole_lines, rest = (rest + block.data.decode()).split("\n")
        for line in whole_lines:
            yield line.split()
        words = rest.split(" ")
        while len(words) > WORDS_A_LINE:
            yield words[:WORDS_A_LINE]
            words = words[WORDS_A_LINE:]
        rest = " ".join(words)
    yield rest.split()


def _lee() -> Any:
    """Yield gensim's three hundred lines of news."""
    from gensim.test.utils import datapath  # noqa: PLC0415

    with open(datapath("lee_background.cor"), encoding="utf-8") as file:  # noqa: PTH123
        for line in file:
            yield line.lower().split()


def _prefix(lines: Any, words: int) -> Lines:
    taken: Lines = []
    left = words
    for line in lines:
        if left <= 0:
            break
        if line:
            taken.append(line[:left])
            left -= len(line)
    return taken


def _walks(words: int) -> Lines:
    """Return random walks on a graph with planted communities, as node2vec makes them."""
    draws = random.Random(1)
    links = [_links(node, draws) for node in range(_GROUPS * _GROUP_SIZE)]
    lines: Lines = []
    while len(lines) * _WALK < words:
        node = len(lines) % len(links)
        walk = [node]
        while len(walk) < _WALK:
            node = draws.choice(links[node])
            walk.append(node)
        lines.append([str(node) for node in walk])
    return lines


def _links(node: int, draws: random.Random) -> list[int]:
    """Return the ten nodes that a node leads to."""
    return [_other(node, draws) for _ in range(10)]


def _other(node: int, draws: random.Random) -> int:
    """Return a node that is mostly of the same group."""
    group = node // _GROUP_SIZE if draws.random() < _INSIDE else draws.randrange(_GROUPS)
    return group * _GROUP_SIZE + draws.randrange(_GROUP_SIZE)


def _baskets(words: int) -> Lines:
    """Return baskets of two to eight items; some items are bought far more often."""
    draws = random.Random(1)
    shares = list(accumulate(1 / (rank + 1) for rank in range(_GROUP_SIZE)))
    lines: Lines = []
    total = 0
    while total < words:
        group = draws.randrange(_GROUPS)
        size = draws.randint(2, 8)
        items = draws.choices(range(_GROUP_SIZE), cum_weights=shares, k=size)
        line = [
            item + _GROUP_SIZE * (group if draws.random() < _INSIDE else draws.randrange(_GROUPS))
            for item in items
        ]
        lines.append([str(item) for item in line])
        total += size
    return lines


def _pairs_of(words: int) -> Lines:
    """Return baskets of two items of one group, or of any two."""
    draws = np.random.default_rng(1)
    group = draws.integers(_GROUPS, size=(words // 2, 1))
    other = draws.integers(_GROUPS, size=(words // 2, 2))
    group = np.where(draws.random((words // 2, 2)) < _LOOSE, group, other)
    return _named(group * _GROUP_SIZE + draws.integers(_GROUP_SIZE, size=(words // 2, 2)))


def _half(words: int) -> Lines:
    """Return lines of one group, in which one word has half of all places."""
    draws = np.random.default_rng(1)
    shape = words // _WALK, _WALK
    group = draws.integers(_GROUPS, size=(shape[0], 1))
    other = draws.integers(_GROUPS, size=shape)
    group = np.where(draws.random(shape) < _LOOSE, group, other)
    items = group * _GROUP_SIZE + draws.integers(_GROUP_SIZE, size=shape)
    return _named(np.where(draws.random(shape) < 0.5, -1, items))


def _ten(words: int) -> Lines:
    """Return lines of ten words, which stand beside those of their own half more often."""
    draws = np.random.default_rng(1)
    shape = words // _WALK, _WALK
    half = draws.integers(2, size=(shape[0], 1)) ^ (draws.random(shape) > (1 + _LOOSE) / 2)
    return _named(half * (_FEW // 2) + draws.integers(_FEW // 2, size=shape))


def _named(items: NDArray[np.int64]) -> Lines:
    """Return the numbers as words, −1 as the filler."""
    names = [*map(str, range(_GROUPS * _GROUP_SIZE)), _FILLER]
    return [[names[item] for item in line] for line in items.tolist()]


PLANTED: dict[str, Callable[[int], Lines]] = {
    "walks": _walks, "baskets": _baskets, "pairs": _pairs_of, "half": _half, "ten": _ten,
}  # fmt: skip


def purity(text: ShortText, words: list[str], neighbours: NDArray[np.intp]) -> float:
    """Return the share of the nearest words that are of the same planted group."""
    groups = np.array([text.group[word] for word in words])
    return float((groups[neighbours] == groups[: len(neighbours), None]).mean())


def nearest(vectors: NDArray[np.float32], queries: int, number: int) -> NDArray[np.intp]:
    """Return the nearest other rows of the first `queries` rows, (queries, number)."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units = vectors / np.maximum(lengths, 1e-30)
    scores = units[:queries] @ units.T
    np.fill_diagonal(scores, -2)
    return np.argpartition(-scores, number - 1, axis=1)[:, :number]


def counted_vectors(lines: Lines, words: list[str], window: int, size: int) -> NDArray[np.float32]:
    """Return vectors of words by counting: PPMI, weighted as word2vec's windows, and its SVD.

    The positive pointwise mutual information of word and context, contexts ∝ count^0.75, and the
    left singular vectors times the roots of the singular values (Levy et al., 2015).
    """
    from scipy.sparse.linalg import svds  # noqa: PLC0415

    shared = _pairs(lines, words, window)
    size = min(size, len(words) - 2)
    left, values, _ = svds(_positive(shared), k=size, v0=np.ones(len(words)))
    return np.asarray(left * np.sqrt(values), dtype=np.float32)


def _pairs(lines: Lines, words: list[str], window: int) -> Any:
    """Return the counts of pairs; one at distance k counts (window − k + 1) / window."""
    from scipy.sparse import coo_matrix, csr_matrix  # noqa: PLC0415

    index = {word: row for row, word in enumerate(words)}
    ids = [[index[word] for word in line if word in index] for line in lines]
    flat = np.array([row for line in ids for row in line], dtype=np.int64)
    line_of = np.repeat(np.arange(len(ids)), [len(line) for line in ids])
    total = csr_matrix((len(words), len(words)))
    for step in range(1, window + 1):
        inside = line_of[:-step] == line_of[step:]
        first, second = flat[:-step][inside], flat[step:][inside]
        weights = np.full(len(first), (window - step + 1) / window)
        total = total + coo_matrix((weights, (first, second)), shape=total.shape).tocsr()
    return total + total.T


def _positive(pairs: Any) -> Any:
    found = pairs.tocoo()
    of_word = np.asarray(pairs.sum(axis=1)).ravel()
    of_context = of_word**0.75 / (of_word**0.75).sum()
    expected = of_word[found.row] * of_context[found.col]
    found.data = np.maximum(0.0, np.log(found.data / expected))
    found.eliminate_zeros()
    return found.tocsr()


def overlap(first: NDArray[np.intp], second: NDArray[np.intp]) -> float:
    """Return the mean share of the nearest words that two searches have in common."""
    common = [len(np.intersect1d(*pair)) / len(pair[0]) for pair in zip(first, second, strict=True)]
    return float(np.mean(common))
