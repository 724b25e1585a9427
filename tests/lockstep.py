"""Many workers in one thread: each trains a piece in turn, so that all are behind all the others.

What a machine of two cores shows by chance, and one of sixteen in a minute, shows here in a
second, always alike.
"""

import numpy as np

from w2v.kernels import chunk, hot_rows
from w2v.kernels.state import BLOCK, LOSS, PAIRS, TOTALS_SIZE
from w2v.kernels.windows import learning_rate
from w2v.training.engines import lock_free, merging
from w2v.training.engines.lock_free import CHUNK
from w2v.training.engines.tables import matrices_of, variant_of
from w2v.training.trainer import Trainer

PIECE = 16  # kept tokens


class LockStep:
    """A trainer whose workers, however many for its text, train pieces of their blocks in turn.

    Neighbouring blocks are trained at once, `chunk` tokens for each worker from one taking of the
    copies to the next. Windows must fit into one batch of skip-gram (kernels/skipgram.py), whose
    lists would lie over those of the next piece.
    """

    def __init__(self, corpus, vocabulary, config, monkeypatch, chunk=CHUNK):
        with monkeypatch.context() as patch:
            patch.setattr(lock_free, "useful_workers", lambda workers, _size: workers)
            self.trainer = Trainer(corpus, vocabulary, config)
        self._matrices = matrices_of(self.trainer.weights)
        self._variant = variant_of(config)
        self._chunk = chunk

    def run(self):
        """Train all epochs; return the mean loss of each."""
        return [self._run_epoch(epoch) for epoch in range(self.trainer.config.passes)]

    def _run_epoch(self, epoch):
        trainer, workers = self.trainer, self.trainer.engine.states
        schedule = trainer.schedules.epoch(epoch)
        for worker in workers:
            worker.totals[:] = 0
        size = len(trainer.text.tokens)
        for start in range(0, size, self._chunk * len(workers)):
            stop = min(size, start + self._chunk * len(workers))
            for worker, chunk_read in zip(workers, self._chunks(start, stop), strict=True):
                hot_rows.take_copies(worker.hot, self._matrices)
                hot_rows.plan_merges(
                    trainer.text, *chunk_read, self._variant, trainer.outputs, worker.hot
                )
            for blocks in self._blocks(start, stop):
                self._run_blocks(blocks, schedule)
            rate = learning_rate(stop - 1, schedule)
            for worker in workers:
                hot_rows.merge_all(rate, worker.hot, self._matrices)
        sums = sum((worker.totals for worker in workers), np.zeros(TOTALS_SIZE))
        return sums[LOSS] / sums[PAIRS]

    def _chunks(self, start, stop):
        """Each worker's chunk, as far as it is known when merges are planned."""
        return [(start, stop)] * len(self.trainer.engine.states)

    def _blocks(self, start, stop):
        """The blocks that are trained at once, one after another."""
        step = BLOCK * len(self.trainer.engine.states)
        return [range(first, min(stop, first + step), BLOCK) for first in range(start, stop, step)]

    def _run_blocks(self, blocks, schedule):
        trainer = self.trainer
        text, outputs = trainer.text, trainer.outputs
        listed = [
            chunk.list_block(
                text,
                block,
                min(len(text.tokens), block + BLOCK),
                schedule,
                self._variant,
                outputs,
                False,
                worker,
            )
            for block, worker in zip(blocks, trainer.engine.states, strict=False)
        ]
        longest = max(last - first for first, last, _ in listed)
        for done in range(0, longest, PIECE):
            for block, worker, (first, last, total) in zip(
                blocks, trainer.engine.states, listed, strict=False
            ):
                chunk.train_listed(
                    block, first + done, min(last, first + done + PIECE), total,
                    schedule, self._variant, outputs.negative, self._matrices, worker,
                )  # fmt: skip


class OwnChunks(LockStep):
    """Each worker trains a chunk of its own, as in production: for texts that have one for each."""

    def _chunks(self, start, stop):
        firsts = [start + k * self._chunk for k in range(len(self.trainer.engine.states))]
        return [(min(stop, first), min(stop, first + self._chunk)) for first in firsts]

    def _blocks(self, start, stop):
        return [
            range(start + done, stop, self._chunk)
            for done in range(0, min(self._chunk, stop - start), BLOCK)
        ]


def merge_rarely(counts, config, workers, _tokens):
    """Merges so far apart that hot rows go all their way, all changes added up.

    Two workers survive it, and four do not. For negative sampling.
    """
    size, rates = min(512, len(counts) // 2), merging.score_rates(counts, config)
    words = merging.CopyPlan(size, 4000 / workers, 0.0, np.zeros(size))
    return merging.no_copies()._replace(
        workers=workers, of_input=rates.of_input, of_output=rates.of_output, inputs=words,
        outputs=words,
    )  # fmt: skip
