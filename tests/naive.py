"""The naive twins of the kernels: plain NumPy in float64, written to be obviously right.

The same draws as the kernels' (rng.py), the same order of updates, no tiles, no tables, no tricks.
"""

import functools
import itertools
from dataclasses import dataclass, field

import numpy as np

from w2v.kernels.state import BLOCK

MASK = 2**64 - 1
LOW = 2**32 - 1


def draw(key, index):
    """SplitMix64 in Python's own integers."""
    bits = (int(key) + (index + 1) * 0x9E3779B97F4A7C15) & MASK
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & MASK
    return bits ^ (bits >> 31)


def stream_key(seed, epoch):
    return draw(draw(seed, 0), epoch)


def sigmoid(logits):
    return 1 / (1 + np.exp(-np.asarray(logits, dtype=np.float64)))


@dataclass
class NaiveTrainer:
    """One worker, one epoch at a time, over a whole corpus.

    sentences: lists of word ids. keep: keep probability of each word. noise: None or a function
    from 64 random bits to a word. paths: None or, for each word, (points, codes). With both, the
    nodes' rows lie behind the words'. batch: context words that skip-gram with noise alone trains
    at once.
    """

    sentences: list
    keep: np.ndarray
    window: int
    negative: int
    noise: object
    paths: object
    cbow: bool
    alpha: float
    min_alpha: float
    epochs: int
    seed: int
    input: np.ndarray
    output: np.ndarray
    batch: int = 1  # context words that are trained at once
    pool: int = 1  # noise words that a block draws from
    mean: bool = True  # CBOW trains the mean of a window, else the sum
    shrinks_windows: bool = True
    first: int = 0  # tokens of the text before those of the sentences
    factors: np.ndarray | None = None  # by what the changes of input rows are multiplied
    loss: float = 0.0
    pairs: int = 0
    drawn: dict = field(default_factory=dict)  # what was drawn before, by what it depends on

    def train_epoch(self, epoch, start=0, stop=None):
        """Train one epoch, or only on the centre words from position `start` to `stop` − 1."""
        key = stream_key(self.seed, epoch)
        size = self.first + sum(len(sentence) for sentence in self.sentences)
        kept = self.kept_tokens(key)
        for index, (center, place, _) in enumerate(kept):
            if place < start or (stop is not None and place >= stop):
                continue
            progress = (epoch * size + place) / (self.epochs * size)
            rate = self.alpha - (self.alpha - self.min_alpha) * progress
            before = self.input.copy()
            contexts = [kept[neighbour][0] for neighbour in self.window_of(index, kept, key)]
            if contexts:
                self.train_center(center, contexts, self.drawn_at(place, key), rate)
            if self.factors is not None:
                self.input[:] = before + self.factors[:, np.newaxis] * (self.input - before)

    def kept_tokens(self, key):
        """All tokens that subsampling keeps: (word, position, sentence)."""
        if key in self.drawn:
            return self.drawn[key]
        kept = self.drawn[key] = []
        position = self.first
        for number, sentence in enumerate(self.sentences):
            for word in sentence:
                if (draw(key, position) >> 32) < round(self.keep[word] * 2**32):
                    kept.append((word, position, number))
                position += 1
        return kept

    def words_read(self, epoch, start, stop):
        """The kept words that training on the tokens from `start` to `stop` − 1 reads.

        Some lie beyond: as many as a window reaches, within the first and the last sentence.
        """
        ends = self.first + np.cumsum([len(sentence) for sentence in self.sentences])
        stop = min(stop, ends[-1])
        if start >= stop:
            return []
        first, last = np.searchsorted(ends, [start, stop - 1], side="right")
        before, within, after = [], [], []
        for word, place, sentence in self.kept_tokens(stream_key(self.seed, epoch)):
            if start <= place < stop:
                within.append(word)
            elif place < start and sentence == first:
                before.append(word)
            elif place >= stop and sentence == last:
                after.append(word)
        return before[-self.window :] + within + after[: self.window]

    def rows_read(self, epoch, start, stop):
        """The output rows that training on a block reads, or may draw."""
        words, rows = self.words_read(epoch, start, stop), set()
        if words and self.noise is not None:
            rows |= {*words, *self.pool_of(start, stream_key(self.seed, epoch))}
        if self.paths is not None:
            for word in set(words):
                rows |= set(self.path_targets(word, self.noise)[0])
        return sorted(rows)

    def drawn_at(self, place, key):
        """A function from the number of a batch of context words to its noise, or None."""
        if self.noise is None:
            return None
        return functools.partial(self.noise_words, place, key)

    def window_of(self, index, kept, key):
        _, place, sentence = kept[index]
        drawn = 1 + ((draw(key, place) & LOW) * self.window >> 32)
        reach = drawn if self.shrinks_windows else self.window
        near = range(max(0, index - reach), min(len(kept), index + reach + 1))
        return [k for k in near if k != index and kept[k][2] == sentence]

    def pool_of(self, block, key):
        """The words that the block which starts at this position draws its noise from."""
        name = block, key, self.pool
        if name not in self.drawn:
            self.drawn[name] = [self.noise(draw(draw(key, block), k)) for k in range(self.pool)]
        return self.drawn[name]

    def noise_words(self, place, key, number=0):
        """The noise of the centre word at a position: drawn from the pool that its block drew.

        Batch `number` of its context words has noise of its own.
        """
        block = place // BLOCK * BLOCK
        block_key, pool = draw(key, block), self.pool_of(block, key)
        drawn = place - block + number * BLOCK
        pairs = (self.negative + 1) // 2
        words = []
        for k in range(pairs):
            bits = draw(block_key, self.pool + drawn * pairs + k)
            words += [pool[half * self.pool >> 32] for half in (bits & LOW, bits >> 32)]
        return words[: self.negative]

    def train_center(self, center, contexts, drawn, rate):
        if self.cbow:
            for step in self.steps(center, drawn and drawn()):
                self.train_window(contexts, *step, rate)
            self.pairs += 1
            return
        self.pairs += len(contexts)
        if self.paths is None:
            for number, start in enumerate(range(0, len(contexts), self.batch)):
                words, labels, _ = self.noise_targets(center, drawn(number))
                for k in range(0, len(words), 8):
                    self.train_batch(
                        contexts[start : start + self.batch], words[k : k + 8], labels[k : k + 8],
                        rate,
                    )  # fmt: skip
            return
        steps = self.steps(center, drawn and drawn())
        for word in contexts:
            for rows, labels, nodes in steps:
                query = self.input[word].copy()
                error = self.train_row(query, self.output, rows, labels, rate, nodes)
                self.input[word] += error

    def train_batch(self, contexts, words, labels, rate):
        """Some context words against some output rows: all scores before, then word by word."""
        outputs = self.output[words]
        logits = self.input[contexts] @ outputs.T
        gradients = (np.array(labels) - sigmoid(logits)) * rate
        for word, gradient in zip(contexts, gradients, strict=True):
            np.add.at(self.output, words, np.outer(gradient, self.input[word]))
            self.input[word] += gradient @ outputs
        self.loss += sum(row_loss(row, labels) for row in logits)

    def train_window(self, contexts, rows, labels, nodes, rate):
        query = self.input[contexts].sum(axis=0)
        if self.mean:  # as in word2vec.c each word gets all of the error
            query /= len(contexts)
        error = self.train_row(query, self.output, rows, labels, rate, nodes)
        if not self.mean:  # as in gensim each word of a sum gets its part
            error /= len(contexts)
        np.add.at(self.input, contexts, error)

    def steps(self, center, noise):
        """The steps that train a vector against the centre word: one with all its output rows."""
        parts = [part(center, noise) for part in (self.noise_targets, self.path_targets)]
        return [tuple(list(itertools.chain(*column)) for column in zip(*parts, strict=True))]

    def noise_targets(self, center, noise):
        """The words for a centre word, with their labels, and that they are not nodes."""
        if noise is None:
            return [], [], []
        others = [word for word in noise if word != center]
        return [center, *others], [1] + [0] * len(others), [False] * (1 + len(others))

    def path_targets(self, center, noise):
        """The nodes for a centre word, as rows of the output matrix."""
        if self.paths is None:
            return [], [], []
        points, codes = self.paths[center]
        first = 0 if noise is None else len(self.input)
        return (
            [first + point for point in points], [1 - code for code in codes], [True] * len(points)
        )  # fmt: skip

    def train_row(self, query, matrix, rows, labels, rate, nodes=False):
        """Train some rows against one vector; return what the vector gets back."""
        logits = matrix[rows] @ query
        gradients = (np.array(labels) - sigmoid(logits)) * rate
        # word2vec.c leaves out saturated nodes, but not words.
        gradients[np.array(nodes) & (np.abs(logits) > 6)] = 0
        error = np.zeros_like(query)
        for row, gradient in zip(rows, gradients, strict=True):
            error += gradient * matrix[row]
            matrix[row] += gradient * query
        self.loss += row_loss(logits, labels)
        return error


def row_loss(logits, labels):
    """The loss whose gradient is the updates of one row's step: −Σ log σ(± logit)."""
    return np.logaddexp(0, -(2 * np.array(labels) - 1) * logits).sum()


def huffman_code_length(counts):
    """Total length of an optimal prefix code, by joining the two smallest again and again."""
    import heapq

    heap = list(counts)
    heapq.heapify(heap)
    total = 0
    while len(heap) > 1:
        joined = heapq.heappop(heap) + heapq.heappop(heap)
        total += joined
        heapq.heappush(heap, joined)
    return total


def huffman_paths(counts):
    """(points, codes) of each word, by joining the two rarest nodes until one is left.

    Two queues, both sorted: words from the rarest on, and inner nodes in the order of their making.
    Of equal counts the inner node comes first.
    """
    size = len(counts)
    weights = [int(count) for count in counts]
    parents, codes = {}, {}
    words, inner = list(range(size)), []
    for node in range(size, 2 * size - 1):
        weights.append(0)
        for code in (0, 1):
            is_word = words and (not inner or weights[words[-1]] < weights[inner[0]])
            child = words.pop() if is_word else inner.pop(0)
            weights[node] += weights[child]
            parents[child], codes[child] = node, code
        inner.append(node)
    paths = []
    for word in range(size):
        climbed, node = [], word
        while node in parents:
            climbed.append((parents[node] - size, codes[node]))
            node = parents[node]
        paths.append(([point for point, _ in climbed[::-1]], [code for _, code in climbed[::-1]]))
    return paths


def alias_table(probabilities):
    """Thresholds of 32 bits above aliases, in Python's own numbers (Vose, 1991)."""
    size = len(probabilities)
    shares = (np.asarray(probabilities) * size).tolist()
    aliases = list(range(size))
    poor = [word for word, share in enumerate(shares) if share < 1]
    rich = [word for word, share in enumerate(shares) if share >= 1]
    while poor and rich:
        word = poor.pop()
        aliases[word] = rich[-1]
        shares[rich[-1]] -= 1 - shares[word]
        if shares[rich[-1]] < 1:
            poor.append(rich.pop())
    thresholds = [round(min(max(share, 0), 1 - 2.0**-32) * 2**32) for share in shares]
    return [threshold << 32 | alias for threshold, alias in zip(thresholds, aliases, strict=True)]


class Counter(NaiveTrainer):
    """Counts the scores with each row, and trains nothing."""

    def train_center(self, center, contexts, drawn, rate):
        steps = [contexts] if self.cbow or self.paths else self.batches(contexts)
        for number, some in enumerate(steps):
            rows = self.steps(center, drawn and drawn(number))[0][0]
            np.add.at(self.input[:, 0], some, len(rows))
            np.add.at(self.output[:, 0], rows, 1 if self.cbow else len(some))

    def batches(self, contexts):
        return [contexts[k : k + self.batch] for k in range(0, len(contexts), self.batch)]
