"""The naive twins of the kernels: plain NumPy in float64, written to be obviously right.

The same draws as the kernels' (rng.py), the same order of updates, no tiles, no tables, no tricks.
"""

from dataclasses import dataclass

import numpy as np

MASK = 2**64 - 1


def draw(key, index):
    """SplitMix64 in Python's own integers."""
    bits = (int(key) + (index + 1) * 0x9E3779B97F4A7C15) & MASK
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & MASK
    return bits ^ (bits >> 31)


def stream_key(seed, epoch):
    return draw(draw(seed, 0), epoch)


def sigmoid(logits):
    return 1 / (1 + np.exp(-np.clip(logits, -6, 6)))


@dataclass
class NaiveTrainer:
    """One worker, one epoch at a time, over a whole corpus.

    sentences: lists of word ids. keep: keep probability of each word. noise: None or a function
    from 64 random bits to a word. paths: None or, for each word, (points, codes).
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
    loss: float = 0.0
    pairs: int = 0

    def train_epoch(self, epoch):
        key = stream_key(self.seed, epoch)
        size = sum(len(sentence) for sentence in self.sentences)
        position = 0
        for sentence in self.sentences:
            kept = []
            for word in sentence:
                if (draw(key, position) >> 32) < round(self.keep[word] * 2**32):
                    kept.append((word, position))
                position += 1
            for index, (center, place) in enumerate(kept):
                progress = (epoch * size + place) / (self.epochs * size)
                rate = self.alpha - (self.alpha - self.min_alpha) * progress
                low_bits = draw(key, place) & 0xFFFFFFFF
                reach = 1 + (low_bits * self.window >> 32)
                around = kept[max(0, index - reach) : index] + kept[index + 1 : index + reach + 1]
                contexts = [word for word, _ in around]
                if contexts:
                    rows, labels = self.targets(center, draw(key, place))
                    for group in self.groups(contexts):
                        self.step(group, rows, labels, rate)

    def groups(self, contexts):
        """The window at once; in hierarchical skip-gram two words after two."""
        if self.cbow or self.paths is None:
            return [contexts]
        return [contexts[first : first + 2] for first in range(0, len(contexts), 2)]

    def targets(self, center, noise_key):
        """The output rows for a centre word, with their labels."""
        if self.paths is not None:
            points, codes = self.paths[center]
            return list(points), [1 - code for code in codes]
        noise = [self.noise(draw(noise_key, k)) for k in range(1, self.negative + 1)]
        noise = [word for word in noise if word != center]
        return [center, *noise], [1] + [0] * len(noise)

    def step(self, contexts, rows, labels, rate):
        """All gradients from the values before the step; then every row gets its updates."""
        inputs = self.input[contexts]
        if self.cbow:
            inputs = inputs.mean(axis=0, keepdims=True)
        outputs = self.output[rows]
        logits = inputs @ outputs.T
        gradients = (np.array(labels) - sigmoid(logits)) * rate
        if self.paths is not None:  # word2vec.c leaves out saturated nodes, but not noise
            gradients[np.abs(logits) > 6] = 0
        errors = gradients @ outputs
        for number, word in enumerate(contexts):
            self.input[word] += errors[0 if self.cbow else number]
        for number, row in enumerate(rows):
            self.output[row] += gradients[:, number] @ inputs
        signs = 2 * np.array(labels) - 1
        self.loss += np.logaddexp(0, -signs * logits).sum()
        self.pairs += len(inputs)


def step_loss(input_matrix, output_matrix, contexts, rows, labels, cbow):
    """The loss of one step, of which its updates are the gradient: −Σ log σ(± logit)."""
    inputs = input_matrix[contexts]
    if cbow:
        inputs = inputs.mean(axis=0, keepdims=True)
    logits = inputs @ output_matrix[rows].T
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
