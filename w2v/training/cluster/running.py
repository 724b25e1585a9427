"""One order while a worker carries it out: it trains its shards, and exchanges what they changed.

After each lap of a round there are two exchanges. Each worker owns one part of the rows. First it
sends every owner what its shards changed there. Then every owner joins what came, and sends the new
rows to all. A worker that has all new rows writes them, and only then. If another worker is lost
before the last lap is over, the round can be done again from the same weights.

This module loads no compiler: the thread that also sends and receives imports it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from w2v.training.cluster.inbox import CHANGED, FINISHED
from w2v.training.cluster.letters import Changed
from w2v.training.cluster.mailbox import Clock, Mailbox, Place, Stopped
from w2v.training.cluster.orders import Order, Report, Stretch
from w2v.training.cluster.post import Post

if TYPE_CHECKING:
    from w2v.kernels.state import Text
    from w2v.training.cluster.letters import Both
    from w2v.training.cluster.replica import Replica


class Run:
    """One order, while it runs.

    Parameters
    ----------
    order : Order
    replica : Replica
    text_at : callable
        Returns the text of the stretch that starts at a token.
    mailbox : Mailbox
    threads : ThreadPoolExecutor
        To train shards at the same time.
    slots : int
        How many threads those are.
    post : Post

    Attributes
    ----------
    last_finished : list of (Entries, Entries)
        The rows that the last round changed, once one is finished.
    """

    def __init__(
        self,
        order: Order,
        replica: Replica,
        text_at: Callable[[int], Text],
        mailbox: Mailbox,
        threads: ThreadPoolExecutor,
        slots: int,
        post: Post,
    ) -> None:
        self._order, self._replica, self._text_at = order, replica, text_at
        self._mailbox, self._post = mailbox, post
        self._threads, self._slots = threads, slots
        self._totals: list[NDArray[np.float64]] = []
        self._plans: list[Future[None]] = []  # of the next round
        self._training, self._waiting, self._all = Clock(), Clock(), Clock()
        self.last_finished: list[Both] = []

    def all_rounds(self) -> Report:
        """Do the rounds, until they are done or the order is called off."""
        order, post = self._order, self._post
        post.sent = post.received = 0
        first = order.rounds[0][0].shard
        self._replica.seat(first, max(map(len, order.rounds)))
        self._replica.use_copies(*post.meet(order.number, order.peers, order.place))
        self._plan(0)
        for number, begin in enumerate(order.begins):
            self._replica.begin(begin, order.schedule, order.joined)
            try:
                self._mailbox.check(order.number)
                with self._all:
                    totals = self._round(number)
            except Stopped:
                self._replica.call_off()
                break
            self._totals.append(totals)
        wait(self._plans)
        training, waiting = self._training.seconds, self._waiting.seconds
        return Report(
            np.array(self._totals), post.sent, post.received, training, waiting,
            max(0.0, self._all.seconds - training - waiting),
        )  # fmt: skip

    def _round(self, number: int) -> NDArray[np.float64]:
        """Do one round: train, exchange, and write what it changed; return the shards' totals."""
        order, replica, stretches = self._order, self._replica, self._stretches(number)
        own = len(stretches)
        totals = []
        for lap in range(order.laps):
            with self._training:
                for each in self._plans:
                    each.result()
                list(self._threads.map(partial(self._train, stretches, lap), range(own)))
            totals = [replica.totals(own)]
            is_last = lap == order.laps - 1
            letters = [] if order.changes_nothing else self._changed(own, lap)
            if is_last:
                self._plan(number + 1)
            if order.changes_nothing:
                continue
            place = Place(order.number, number, lap, CHANGED)
            mine = self._finished(self._exchange(place, letters)), totals[0]
            came = self._exchange(place._replace(stage=FINISHED), [mine] * len(order.peers))
            finished = [both for rows, _ in came for both in rows]
            totals = [each for _, each in came]
            if is_last:
                list(self._threads.map(replica.commit, finished))
                self.last_finished = finished
            else:
                list(self._threads.map(partial(replica.commit_lap, own), finished))
        return np.concatenate(totals)

    def _plan(self, number: int) -> None:
        """Begin to plan a round, if there is one, in what time others leave."""

        def plan(slot: int, stretches: Sequence[Stretch]) -> None:
            texts = ((self._text_at(start), start, stop) for _, start, stop in stretches)
            self._replica.plan(slot, texts, self._order.schedule)

        self._plans = [
            self._threads.submit(plan, slot, stretches)
            for slot, stretches in enumerate(self._stretches(number))
        ]

    def _stretches(self, number: int) -> list[tuple[Stretch, ...]]:
        """Return the stretches of each of this worker's shards in a round."""
        first = number * self._order.joined
        return list(zip(*self._order.rounds[first : first + self._order.joined], strict=True))

    def _train(self, stretches: list[tuple[Stretch, ...]], lap: int, slot: int) -> None:
        """Train a lap of one of this worker's shards."""
        bounds = [(start, stop) for _, start, stop in stretches[slot]]
        texts = (
            (self._text_at(bounds[place][0]), start, stop)
            for place, start, stop in self._replica.parts_of_lap(lap, bounds)
        )
        self._replica.train(slot, texts, lap, self._order.schedule)

    def _changed(self, own: int, lap: int) -> list[Changed]:
        """Return a letter to each worker: what was changed here in its part of the rows."""
        order, replica, first = self._order, self._replica, self._order.rounds[0][0].shard
        parts, paper = len(order.peers), self._post.paper(CHANGED)
        copies = replica.gather(first, own, lap, paper)

        def join(part: int) -> Changed:
            if part == order.place or self._post.is_neighbour(order.peers[part]):
                return Changed(copies, [])
            return Changed(
                None,
                [
                    replica.join(part, parts, start - first, stop - first, paper)
                    for start, stop in order.trees
                ],
            )

        return list(self._threads.map(join, range(parts)))

    def _finished(self, letters: list[Changed]) -> list[Both]:
        """Return the new rows of this worker's part, given the letters to it.

        Each thread makes some of them: a part of P is made of T neighbours of P · T parts.
        """
        order, slots = self._order, self._slots
        copies = [letter.copies for letter in letters if letter.copies is not None]
        came = [both for letter in letters for both in letter.entries]
        paper = self._post.paper(FINISHED)

        def finish(slot: int) -> Both:
            part, parts = order.place * slots + slot, len(order.peers) * slots
            return self._replica.finish(part, parts, copies, came, paper)

        return list(self._threads.map(finish, range(slots)))

    def _exchange(self, place: Place, letters: list[Any]) -> list[Any]:
        with self._waiting:
            return self._post.exchange(place, self._order.peers, self._order.place, letters)
