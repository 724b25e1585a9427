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
    """A trainer whose workers, however many for its text, train pieces of their blocks in turn."""

    def __init__(self, corpus, vocabulary, config, monkeypatch):
        with monkeypatch.context() as patch:
            patch.setattr(lock_free, "useful_workers", lambda workers, _size: workers)
            self.trainer = Trainer(corpus, vocabulary, config)
        self._matrices = matrices_of(self.trainer.weights)
        self._variant = variant_of(config)

    def run(self):
        """Train all epochs; return the mean loss of each."""
        return [self._run_epoch(epoch) for epoch in range(self.trainer.config.passes)]

    def _run_epoch(self, epoch):
        trainer, workers = self.trainer, self.trainer.engine.states
        schedule = trainer.schedules.epoch(epoch)
        for worker in workers:
            worker.totals[:] = 0
        size, step = len(trainer.text.tokens), BLOCK * len(workers)
        for chunk_start in range(0, size, CHUNK * len(workers)):
            chunk_stop = min(size, chunk_start + CHUNK * len(workers))
            for worker in workers:
                hot_rows.take_copies(worker.hot, self._matrices)
            for start in range(chunk_start, chunk_stop, step):
                self._run_blocks(range(start, min(size, start + step), BLOCK), schedule)
            rate = learning_rate(chunk_stop - 1, schedule)
            for worker in workers:
                hot_rows.merge_all(rate, worker.hot, self._matrices)
        sums = sum((worker.totals for worker in workers), np.zeros(TOTALS_SIZE))
        return sums[LOSS] / sums[PAIRS]

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


def merge_by_rank(counts, config, workers, tokens):
    """The merge that two workers survived and four did not: by rank, all changes added up."""
    size = min(512, len(counts) // 2)
    nodes = np.minimum(1 << np.arange(13), size)
    words = np.minimum((1 << np.arange(13)) // 8, size)
    centers = {"skipgram": 32, "cbow": 64}[config.architecture]
    word_copies = merging.CopyPlan(size, words, 0.0)
    return merging.MergePlan(
        workers,
        max(1, centers // workers),
        word_copies,
        word_copies if config.has_noise else merging.CopyPlan(0, 0 * words, 0.0),
        merging.CopyPlan(size, nodes, 0.0)
        if config.has_paths
        else merging.CopyPlan(0, 0 * nodes, 0.0),
    )
