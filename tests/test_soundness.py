"""Nonsense ends training, finite or not; a sound training goes on with any text."""

import math
from pathlib import Path

import numpy as np
import pytest
from command_line import Shell
from test_loss import make_trainer
from variants import ALL_VARIANTS, VARIANTS

import w2v
from w2v.errors import CorpusError, DivergedError
from w2v.kernels.state import LOSS, PAIRS, SCORES, TOTALS_SIZE
from w2v.training import schedule, soundness
from w2v.training.checkpoint_reading import read_checkpoint
from w2v.training.config import TrainConfig
from w2v.training.loss_curve import curve_points
from w2v.training.place import Reporter
from w2v.training.soundness import LossMonitor
from w2v.training.weight_checks import LONGEST, NOT_FINITE, longest_row, matrix_fault

GENERATOR = np.random.default_rng(5)
UNTRAINED = 6 * math.log(2)  # with five noise words


def lines_of(ids, length=20, prefix="w"):
    words = [f"{prefix}{number}" for number in ids]
    return [words[start : start + length] for start in range(0, len(words), length)]


class TestNonsense:
    @pytest.mark.parametrize("alpha", [0.3, 1, 5, 10])
    @pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
    def test_of_a_rate_that_is_too_high(self, architecture, loss, alpha):
        events = []
        with pytest.raises(DivergedError) as caught:
            w2v.train(
                "toy", architecture=architecture, loss=loss, alpha=alpha, on_event=events.append
            )
        message = str(caught.value)
        assert message.startswith("The training diverged: in epoch ")
        assert f"; lower alpha, which was {alpha:g}." in message
        losses = [event.loss for event in events if isinstance(event, w2v.EpochEnded)]
        assert max(losses, default=0) < 10  # an epoch that was reported was sound

    def test_is_not_written(self, tmp_path: Path, monkeypatch):
        shell = Shell(tmp_path, monkeypatch)
        for alpha in (1, 100):
            result = shell(
                "train", "toy", "--loss", "hierarchical", "--alpha", alpha, "-o", "o.bin"
            )
            assert result.exit_code == 1
            assert not list(shell.directory.iterdir())

    @pytest.mark.parametrize("value", [1e4, 1e21, 1e38])
    @pytest.mark.parametrize("matrix", ["input", "output"])
    def test_of_vectors_that_are_too_long(self, matrix, value):
        """Also of a word that no loss is taken on."""
        trainer, _ = make_trainer(epochs=2)

        def spoil(event):
            if isinstance(event, w2v.Progress):
                trainer.settle()
                getattr(trainer.weights, matrix)[150, 3] = value

        with pytest.raises(DivergedError, match=r"a vector had the length .* below 1,000; lower"):
            trainer.run(spoil)

    def test_never_reaches_a_checkpoint(self, tmp_path: Path):
        def spoil(training):
            if isinstance(training.event, w2v.EpochEnded):
                training.place()
                training.trainer.weights.output[-1] = 2000

        with pytest.raises(DivergedError) as caught:
            w2v.train(
                "toy", callbacks=[spoil], epochs=3, checkpoint=tmp_path, checkpoint_every=0,
                vector_size=8,
            )  # fmt: skip
        last = read_checkpoint(tmp_path)
        assert str(caught.value).endswith(f" The last good checkpoint is {last.path}.")
        assert longest_row(last.model.output) < 100

    def test_ends_a_training_that_stops_early(self, monkeypatch):
        """After its first epoch, too, which is judged more mildly while others follow."""
        trainer, _ = make_trainer(epochs=3)

        def stop(event):
            if isinstance(event, w2v.EpochEnded):
                trainer.stopping = True

        monkeypatch.setattr(LossMonitor, "fault_at_stop", lambda _: "this was wrong")
        message = r"in epoch 1, at token ([\d,]+) of \1, .* this was wrong"
        with pytest.raises(DivergedError, match=message):
            trainer.run(stop)

    def test_says_what_else_may_be_the_cause(self):
        config = TrainConfig(window=40, epochs=1, min_alpha=1e-4)
        message = str(Reporter(config, 10, 10, 8).diverged(0, 5, "this was wrong"))
        assert message.endswith(
            "this was wrong; lower alpha, which was 0.05. Fewer workers (8) or a smaller window"
            " (40) may also help."
        )
        baskets = TrainConfig(window=40, epochs=1, min_alpha=1e-4, sentence_windows=True)
        message = str(Reporter(baskets, 10, 10, 1).diverged(0, 5, "this was wrong"))
        assert message.endswith("lower alpha, which was 0.05.")  # a window would be refused

    def test_names_no_workers_that_did_not_run(self):
        trainer, _ = make_trainer(workers=16, epochs=1)  # on a text of one chunk
        assert "workers" not in str(trainer._reporter.diverged(0, 5, "this was wrong"))


class TestSoundTrainings:
    """Those that come nearest to the bounds."""

    @pytest.mark.parametrize("alpha", [0.025, 0.1])
    @pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
    def test_on_words_in_no_order(self, architecture, loss, alpha):
        """Where there is nothing to learn, untrained vectors have the least loss there is."""
        text = lines_of(GENERATOR.integers(300, size=40_000))
        variant = {"architecture": architecture, "loss": loss, "alpha": alpha, "epochs": 3}
        if loss == "negative":
            variant["negative"] = 1
        w2v.train(text, workers=1, sample=0, vector_size=20, **variant)

    @pytest.mark.filterwarnings("ignore:Too little was trained:UserWarning")
    @pytest.mark.parametrize("words", [10, 30, 100, 1000])
    @pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
    def test_on_tiny_texts(self, architecture, loss, words, monkeypatch):
        """Of ten words subsampling may leave none, which is reported as it is."""
        text = lines_of(GENERATOR.zipf(1.4, words) % 100, 10)
        variant = {"architecture": architecture, "loss": loss, "min_count": 1, "vector_size": 20}
        for share in (1, 32):
            monkeypatch.setattr(schedule, "LOSS_INTERVAL", share)
            for sample in (0, 1e-3):
                try:
                    w2v.train(text, workers=1, sample=sample, epochs=30, **variant)
                except CorpusError as error:
                    assert str(error).startswith("Nothing was trained: ")
                    assert sample > 0 and words < 100

    @pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
    def test_where_the_language_changes(self, architecture, loss):
        """The rarer language's words have longer paths, and come all at once."""
        text = lines_of(GENERATOR.zipf(1.3, 200_000) % 2000)
        text += lines_of(GENERATOR.zipf(1.3, 20_000) % 2000, prefix="v")
        w2v.train(text, architecture=architecture, loss=loss, workers=1, epochs=2, vector_size=20)

    @pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
    def test_that_go_on_with_words_used_otherwise(self, architecture, loss, monkeypatch):
        monkeypatch.setattr(schedule, "LOSS_INTERVAL", 1)
        settings = {"architecture": architecture, "loss": loss, "vector_size": 20, "epochs": 5}
        model = w2v.train("toy", **settings)
        words = model.vectors.index_to_key
        text = lines_of(GENERATOR.permutation(len(words))[:400], 10)
        other = [[words[int(number[1:])] for number in line] for line in text]
        with pytest.warns(
            UserWarning, match="Too little was trained to learn much: 3[0-9]{2} of 400"
        ):
            w2v.train(other, continue_from=model, epochs=3, workers=1)

    def test_that_start_from_long_vectors(self):
        words = w2v.train("toy", epochs=1, vector_size=8).vectors.index_to_key
        rows = np.full((len(words), 8), 1e-3, dtype=np.float32)
        rows[-1] = 1000.0  # of a rare word; longer than training makes them
        model = w2v.train(
            "toy", init_from=w2v.KeyedVectors(words, rows), freeze=True, epochs=1, alpha=1e-6,
            workers=1,
        )  # fmt: skip
        assert longest_row(model.vectors.vectors) > LONGEST


class TestUntrainedLoss:
    @pytest.mark.parametrize("sample", [0, 1e-2])
    @pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
    def test_is_that_of_vectors_that_learn_nothing(self, architecture, loss, sample):
        """Of the very pairs that the loss is taken on: output rows are 0 at first."""
        trainer, _ = make_trainer(
            architecture=architecture, loss=loss, sample=sample, alpha=1e-9, epochs=1
        )
        trainer.run()
        _, curves = trainer.monitor.state()
        found = curve_points(curves["running"])[-1]
        assert found.pairs > 0
        assert found.loss == pytest.approx(found.untrained, rel=1e-5)
        if loss == "negative":  # noise that is the centre word itself is left out
            assert found.untrained / found.pairs == pytest.approx(UNTRAINED, rel=0.06)


class TestLossMonitor:
    TOKENS = 80_000

    def monitor(self, margins=soundness.FRESH, **settings):
        trainer, _ = make_trainer(
            np.zeros(self.TOKENS, np.int32), np.array([0, self.TOKENS]), **settings
        )
        return LossMonitor(self.TOKENS, trainer.config, margins)

    def fault(self, monitor, losses, epoch=0, pairs=20_000, parts=8):
        """The first fault of an epoch whose eighths have these losses, with its eighth."""
        sums = np.zeros(TOTALS_SIZE)
        for part in range(parts):
            sums[LOSS] += pairs * losses[part % len(losses)]
            sums[PAIRS] += pairs
            sums[SCORES] += 6 * pairs
            fault = monitor.fault(epoch, (part + 1) * self.TOKENS // 8, sums)
            if fault is not None:
                return part, fault
        return None

    @pytest.mark.parametrize("broken", [(0, 3), (0, 8), (1, 0), (1, 2), (1, 4)])
    def test_what_it_has_seen_can_be_handed_on(self, broken):
        """A rise that began before the training was killed ends it where it would have."""
        losses = [[3.5] * 8, [3.5, 3.5, 3.5, 6, 6, 6, 6, 6]]

        def faults(broken):
            monitor, faults = self.monitor(epochs=3), []
            for epoch, of_parts in enumerate(losses):
                sums = np.zeros(TOTALS_SIZE)
                for part, loss in enumerate(of_parts):
                    if (epoch, part) == broken:
                        before, monitor = monitor, self.monitor(soundness.CONTINUED, epochs=3)
                        monitor.go_on_from(*before.state())
                    sums[LOSS] += 20_000 * loss
                    sums[PAIRS] += 20_000
                    sums[SCORES] += 6 * 20_000
                    faults.append(monitor.fault(epoch, (part + 1) * self.TOKENS // 8, sums))
            return faults

        whole = faults(None)
        assert sum(fault is not None for fault in whole) > 0
        assert faults(broken) == whole

    @pytest.mark.parametrize(("epochs", "times"), [(1, 1.25), (2, 1.4)])
    def test_a_loss_above_that_of_untrained_vectors_over_a_part_ends_it(self, epochs, times):
        monitor = self.monitor(epochs=epochs)
        assert self.fault(monitor, [2.0, 2.0, times * UNTRAINED]) == (
            2,
            f"the mean loss of a pair had been {times * UNTRAINED:.4g} since token 20,000, where"
            " untrained vectors have 4.159",
        )
        less = [(times - 0.1) * UNTRAINED]
        assert self.fault(self.monitor(epochs=epochs), less, parts=7) is None
        assert self.fault(self.monitor(epochs=epochs), [times * UNTRAINED], pairs=100) is None
        continued = self.monitor(soundness.CONTINUED, epochs=epochs)
        assert self.fault(continued, [times * UNTRAINED]) is None

    @pytest.mark.parametrize(
        ("epochs", "faults"),
        [(1, [True]), (2, [False, True]), (4, [False, True, True, True])],
    )
    def test_the_loss_of_a_whole_epoch_has_to_be_nearer(self, epochs, faults):
        """Only the first of several may end above that of untrained vectors."""
        for settled in (1.04 * UNTRAINED, 1.09 * UNTRAINED):
            for number, fault in enumerate(faults):
                monitor = self.monitor(epochs=epochs)
                for epoch in range(number):
                    assert self.fault(monitor, [1.04 * UNTRAINED], epoch) is None
                found = self.fault(monitor, [settled], number)
                assert (found is not None) == (fault and settled > 1.06 * UNTRAINED)
                assert found is None or "since token 0, where untrained" in found[1]

    def test_so_has_that_of_the_first_if_training_stops_after_it(self):
        for times, faulty in ((1.09, False), (1.15, True)):
            monitor = self.monitor(epochs=3)
            assert self.fault(monitor, [times * UNTRAINED]) is None
            assert (monitor.fault_at_stop() is not None) == faulty
        assert self.monitor().fault_at_stop() is None  # nothing was trained

    def test_a_trained_model_may_be_wrong_for_an_epoch(self):
        for epochs in (1, 3):
            monitor = self.monitor(soundness.CONTINUED, epochs=epochs)
            assert self.fault(monitor, [1.9 * UNTRAINED]) is None
            assert monitor.fault_at_stop() is None
        for learns_slowly in (1.8, 1.81):
            assert self.fault(monitor, [learns_slowly * UNTRAINED], 1) is None
        monitor = self.monitor(soundness.CONTINUED, epochs=3)
        assert self.fault(monitor, [0.8 * UNTRAINED]) is None
        assert self.fault(monitor, [1.04 * UNTRAINED], 1) is None
        assert self.fault(monitor, [1.09 * UNTRAINED], 2) is not None

    def test_one_far_above_it_ends_it_within_a_part(self):
        sums = np.zeros(TOTALS_SIZE)
        sums[[LOSS, PAIRS, SCORES]] = 2.5 * 5000 * UNTRAINED, 5000, 6 * 5000
        assert self.monitor().fault(0, 3000, sums) is not None
        sums[LOSS] *= 0.5
        assert self.monitor().fault(0, 3000, sums) is None

    def test_few_pairs_are_enough_for_an_absurd_one(self):
        assert self.fault(self.monitor(), [1e9], pairs=1)[0] == 0
        assert self.fault(self.monitor(architecture="cbow"), [20.0], pairs=200)[0] == 0

    def test_a_checkpoint_is_judged_by_the_pairs_there_are(self):
        sums = np.zeros(TOTALS_SIZE)
        sums[[LOSS, PAIRS, SCORES]] = 300.0, 30.0, 180.0
        assert self.monitor().fault(0, 100, sums) is None
        sums[LOSS] = 3000.0
        assert self.monitor().fault(0, 100, sums, at_once=True) is not None

    @pytest.mark.parametrize("at_once", [False, True])
    @pytest.mark.parametrize("sound", [False, True])
    def test_a_part_of_few_pairs_is_judged_with_those_before_it(self, at_once, sound):
        """Other workers may have trained all pairs but a handful before a part began."""
        monitor = self.monitor(architecture="cbow")
        sums = np.zeros(TOTALS_SIZE)
        for position, pairs, mean in [(0.5, 10_000, 0.6), (0.75, 7, 3.0), (1, 1, 25.0)]:
            sums[LOSS] += pairs * (mean if sound or pairs > 7 else 2000 * mean)
            sums[[PAIRS, SCORES]] += pairs, 1.2 * pairs
            found = monitor.fault(0, int(position * self.TOKENS), sums, at_once)
            assert (found is None) == (sound or pairs > 7)

    @pytest.mark.parametrize("loss", [math.nan, math.inf])
    def test_a_loss_that_is_no_number_ends_it(self, loss):
        assert self.fault(self.monitor(), [1.0, loss]) == (1, NOT_FINITE)

    def test_a_loss_that_rises_above_that_of_the_same_tokens_ends_it(self):
        monitor = self.monitor()
        hard_and_easy = [3.0, 1.0, 1.0, 0.5, 1.0, 1.0, 3.0, 1.0]
        assert self.fault(monitor, hard_and_easy) is None
        better = [0.8 * loss for loss in hard_and_easy]
        assert self.fault(monitor, better, epoch=1) is None
        worse = [1.2 * loss for loss in hard_and_easy]
        assert self.fault(monitor, worse, epoch=2) is None
        risen = [2.4, 0.8, 2.6, 2.6, 2.6]
        assert self.fault(monitor, risen, epoch=3) == (
            4,
            "the mean loss of a pair had risen since token 20,000 of epoch 4, and was 2.6 where"
            " it had been 0.8 in epoch 2",
        )

    def test_one_that_rises_over_the_epochs_of_a_short_text_ends_it(self):
        monitor = self.monitor()
        found = [
            monitor.fault(epoch, self.TOKENS, np.array([loss * 9000, 9000, 0, 0, 0, 6 * 9000, 0]))
            for epoch, loss in enumerate([2, 1, 3.5, 3.6, 3.7])
        ]
        assert found[:4] == [None] * 4
        assert found[4] is not None
        assert "since token 0 of epoch 3, and was 3.7 where it had been 1 in epoch 2" in found[4]

    def test_one_that_falls_again_does_not(self):
        monitor = self.monitor()
        assert self.fault(monitor, [1.0]) is None
        assert self.fault(monitor, [3.0, 3.0, 1.0], epoch=1) is None

    def test_the_loss_of_few_pairs_may_rise(self):
        monitor = self.monitor()
        assert self.fault(monitor, [1.0], pairs=5) is None
        assert self.fault(monitor, [3.0], pairs=5, epoch=1) is None


class TestLengths:
    @pytest.mark.parametrize("value", [1e-30, 1.0, 1e10, 1e20, 1e38])
    def test_the_longest_row(self, value):
        matrix = np.zeros((2000, 3), dtype=np.float32)
        matrix[1999] = value
        assert longest_row(matrix) == pytest.approx(math.sqrt(3) * value, rel=1e-5, abs=1e-20)

    @pytest.mark.parametrize("value", [math.nan, math.inf])
    def test_what_is_not_finite_has_its_own_name(self, value):
        matrix = np.ones((2000, 3), dtype=np.float32)
        assert matrix_fault(matrix, 10.0) is None
        matrix[600, 2] = value
        assert matrix_fault(matrix, 10.0) == NOT_FINITE
