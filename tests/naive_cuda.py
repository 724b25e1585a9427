"""The naive twin of the kernels for a card: as tests/naive.py, with their noise and their order."""

from dataclasses import dataclass

import numpy as np
from naive import LOW, NaiveTrainer, draw, row_loss, sigmoid

OF_OUTPUTS, OF_INPUTS = 1 << 10, 1 << 20


@dataclass
class NaiveCardTrainer(NaiveTrainer):
    """One warp. tile: the output rows that are trained at once. pulls: None, or for each row of
    both matrices how hard other warps pull at it: it takes one change in pull times rate.
    """

    tile: int = 8
    pulls: object = None

    def window_of(self, index, kept, key):
        self.own_key = draw(key, kept[index][1])  # the centre word's stream
        return super().window_of(index, kept, key)

    def noise_words(self, place, key, number=0):
        """Every centre word draws noise of its own, not from a pool."""
        own = draw(key, place)
        return [self.noise(draw(own, k)) for k in range(self.negative)]

    def takes(self, pull, rate, number):
        others = np.float32(rate) * pull
        return others <= 1 or np.float32(draw(self.own_key, number) & LOW) * others < 2.0**32

    def taken(self, rows, places, rate):
        """1 for each output row that takes its change, else 0; places: those in the full list."""
        if self.pulls is None:
            return np.ones(len(rows))
        chosen = [
            self.takes(self.pulls[1][row], rate, OF_OUTPUTS + place)
            for row, place in zip(rows, places, strict=True)
        ]
        return np.array(chosen, dtype=float)

    def add_to_input(self, word, error, rate, number):
        if self.pulls is None or self.takes(self.pulls[0][word], rate, OF_INPUTS + number):
            self.input[word] += error

    def places(self, center, noise, count):
        """The place of each output row in a list that has all noise, also the centre word."""
        if noise is None:
            return list(range(count))
        places = [0] + [k + 1 for k, word in enumerate(noise) if word != center]
        return places + list(range(len(noise) + 1, len(noise) + 1 + count - len(places)))

    def train_center(self, center, contexts, drawn, rate):
        noise = drawn and drawn()
        ((rows, labels, nodes),) = self.steps(center, noise)
        places = self.places(center, noise, len(rows))
        if self.cbow:
            self.train_mean(contexts, rows, labels, nodes, places, rate)
            self.pairs += 1
            return
        for first in range(0, places[-1] + 1, self.tile):
            chosen = [k for k, place in enumerate(places) if first <= place < first + self.tile]
            part = [[column[k] for k in chosen] for column in (rows, labels, nodes, places)]
            self.train_tile(contexts, *part, first, rate)
        self.pairs += len(contexts)

    def train_tile(self, contexts, rows, labels, nodes, places, first, rate):
        """All context words in turn against copies of output rows; the changes are added then.

        A context word is read while the one before it is trained.
        """
        before = self.output[rows]
        copies = before.copy()
        ahead = self.input[contexts[0]].copy()
        for number, word in enumerate(contexts):
            query = ahead
            if number + 1 < len(contexts):
                ahead = self.input[contexts[number + 1]].copy()
            error, changes = self.step(copies, query, labels, nodes, rate)
            self.add_to_input(word, error, rate, (first << 12) + number)
            copies += changes
        taken = self.taken(rows, places, rate)
        np.add.at(self.output, rows, (copies - before) * taken[:, np.newaxis])

    def train_mean(self, contexts, rows, labels, nodes, places, rate):
        """CBOW: a tile's rows are read before any changes, also one that is noise twice."""
        query = self.input[contexts].sum(axis=0)
        if self.mean:
            query /= len(contexts)
        error = np.zeros_like(query)
        for first in range(0, places[-1] + 1, self.tile):
            chosen = [k for k, place in enumerate(places) if first <= place < first + self.tile]
            some, own_labels, own_nodes, own_places = (
                [column[k] for k in chosen] for column in (rows, labels, nodes, places)
            )
            part, changes = self.step(self.output[some], query, own_labels, own_nodes, rate)
            error += part
            taken = self.taken(some, own_places, rate)
            np.add.at(self.output, some, changes * taken[:, np.newaxis])
        if not self.mean:
            error /= len(contexts)
        for number, word in enumerate(contexts):
            self.add_to_input(word, error, rate, number)

    def step(self, rows, query, labels, nodes, rate):
        """Return what the query gets, and what each row gets."""
        if not len(rows):
            return np.zeros_like(query), rows
        logits = rows @ query
        gradients = (np.array(labels) - sigmoid(logits)) * rate
        gradients[np.array(nodes) & (np.abs(logits) > 6)] = 0
        self.loss += row_loss(logits, labels)
        return gradients @ rows, np.outer(gradients, query)


def make_trainers(tokens, offsets, kind=NaiveCardTrainer, **settings):
    """The trainer of a card and the twin, with the same weights, on the same corpus."""
    import test_kernels

    from w2v.kernels.cuda.training import tile_size
    from w2v.training.engines.tables import levels_of, most_outputs

    trainer, twin = test_kernels.make_trainers(
        tokens, offsets, kind=kind, device="cuda:0", **settings
    )
    trainer.engine.weights_in(trainer.weights)
    most = most_outputs(trainer.config, levels_of(trainer.outputs))
    twin.tile, _ = tile_size(trainer.engine.card.width, most)
    return trainer, twin


def pull_at_rows(trainer, twin, pull):
    """Pull at all rows, at the first ones hardest, in the trainer and its twin."""
    trainer.compile()  # which sets the pulls of one warp: none
    inputs, outputs = (
        (pull / (1 + np.arange(len(matrix)))).astype(np.float32)
        for matrix in (twin.input, twin.output)
    )
    trainer.engine.card.set_pulls(inputs, outputs)
    twin.pulls = inputs, outputs
