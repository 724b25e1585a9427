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
        for _, worker in zip(blocks, trainer.engine.states, strict=False):
            stop = min(len(text.tokens), blocks[-1] + BLOCK)
            hot_rows.plan_merges(text, blocks[0], stop, self._variant, outputs, worker.hot)
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


def merge_rarely(counts, config, workers, _tokens):
    """Merges so far apart that hot rows go all their way, all changes added up.

    Two workers survive it, and four do not.
    """
    size = min(512, len(counts) // 2)
    nothing = merging.no_copies()
    words = merging.CopyPlan(size, 4000 / workers, 0.0, np.zeros(size))
    rates = merging.score_rates(counts, config)
    return nothing._replace(
        workers=workers,
        of_input=rates.of_input,
        of_output=rates.of_output,
        inputs=words,
        outputs=words if config.has_noise else nothing.outputs,
        nodes=words._replace(limit=1.0) if config.has_paths else nothing.nodes,
    )
