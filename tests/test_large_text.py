"""A text in files is trained as one in memory is, also beyond 2^31 tokens."""

import errno
import itertools
import os
import tempfile
from dataclasses import replace

import numpy as np
import pytest
from deterministic_runs import use_shape
from hypothesis import given
from hypothesis import strategies as st
from test_kernels import TOLERANCE, make_trainers, zipf_corpus
from variants import ALL_VARIANTS

from w2v.errors import CorpusError
from w2v.kernels.jit import JIT_ENABLED
from w2v.kernels.state import BLOCK, Text
from w2v.text.draft import DraftFiles
from w2v.text.encoding import EncodedCorpus
from w2v.text.held_out import hold_out
from w2v.text.number_file import FilePart, NumberFile, OffsetFile
from w2v.text.vocabulary import Vocabulary
from w2v.training import trainer as trainer_module
from w2v.training.config import TrainConfig
from w2v.training.engines import stretches
from w2v.training.engines.round_shape import RoundShape
from w2v.training.events import EpochEnded
from w2v.training.trainer import Trainer

compiled = pytest.mark.skipif(not JIT_ENABLED, reason="much text is slow without the compiler")


def stored(corpus):
    """The same corpus in files."""
    tokens, offsets = NumberFile(np.int32), OffsetFile()
    for first in range(0, len(corpus.tokens), 1000):
        tokens.append(corpus.tokens[first : first + 1000])
    for first in range(0, len(corpus.sentence_offsets), 7):
        offsets.append(corpus.sentence_offsets[first : first + 7])
    return EncodedCorpus(tokens, offsets)


def trainer_of(corpus, held_out=None, **settings):
    counts = np.bincount(corpus.tokens[:]).astype(np.int64)
    words = [f"w{k}" for k in range(len(counts))]
    vocabulary = Vocabulary(words, counts, len(corpus.tokens), len(counts))
    settings = {"vector_size": 12, "epochs": 2, "workers": 1, "min_count": 1, **settings}
    return Trainer(corpus, vocabulary, TrainConfig(**settings), held_out)


def outcome(trainer):
    history = [replace(epoch, seconds=0) for epoch in trainer.run()]
    return trainer.weights.input.tobytes(), trainer.weights.output.tobytes(), history


@compiled
class TestStretches:
    @pytest.mark.parametrize("longest", [3, 60, 30_000])
    @pytest.mark.parametrize("is_deterministic", [False, True])
    @pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
    def test_the_same_bytes_as_in_memory(
        self, architecture, loss, is_deterministic, longest, monkeypatch
    ):
        """However little is read at first on either side."""
        monkeypatch.setattr(stretches, "_MARGIN", 0)
        use_shape(RoundShape(4, BLOCK), monkeypatch)
        corpus = EncodedCorpus(*zipf_corpus(500, 70_000, longest))
        held = EncodedCorpus(*zipf_corpus(500, 5_000, 20, seed=2))
        settings = {
            "architecture": architecture, "loss": loss, "deterministic": is_deterministic,
            "sample": 1e-3, "workers": 2 if is_deterministic else 1, "epochs": 1,
        }  # fmt: skip
        expected = outcome(trainer_of(corpus, held, **settings))
        assert outcome(trainer_of(stored(corpus), stored(held), **settings)) == expected

    @pytest.mark.parametrize("longest", [1, 5, 300, 5000])
    def test_no_more_than_needed_is_read(self, longest):
        corpus = EncodedCorpus(*zipf_corpus(50, 5_000, longest))
        trainer = trainer_of(stored(corpus), window=3, sample=0)
        schedule = trainer.schedules.epoch(0)
        for start, stop in [(0, 1), (0, 2048), (2048, 4096), (4096, 5000), (0, 5000), (0, 0)]:
            part = stretches.stretch(trainer.text, start, stop, schedule)
            assert part.offset <= start
            assert part.offset + len(part.tokens) >= stop
            assert len(part.tokens) <= stop - start + 2 * (2 + 8 * 3)
            borders = part.sentence_offsets
            assert (borders[0], borders[-1]) == (part.offset, part.offset + len(part.tokens))
            inside = set(borders[1:-1].tolist())
            assert inside == {
                k for k in corpus.sentence_offsets.tolist() if borders[0] < k < borders[-1]
            }

    def test_a_text_in_memory_is_given_as_it_is(self):
        trainer = trainer_of(EncodedCorpus(*zipf_corpus(50, 5_000, 30)))
        schedule = trainer.schedules.epoch(0)
        assert stretches.stretch(trainer.text, 10, 20, schedule) is trainer.text
        assert stretches.mapped(trainer.text) is trainer.text

    def test_a_mapped_text_is_the_same(self):
        corpus = EncodedCorpus(*zipf_corpus(50, 5_000, 30))
        text = stretches.mapped(trainer_of(stored(corpus)).text)
        assert isinstance(text, Text)
        np.testing.assert_array_equal(text.tokens, corpus.tokens)
        np.testing.assert_array_equal(text.sentence_offsets, corpus.sentence_offsets)

    def test_threads_read_at_the_same_time(self):
        corpus = EncodedCorpus(*zipf_corpus(500, 1_500_000, 30))
        trainer = trainer_of(stored(corpus), workers=4, epochs=1)
        assert trainer.engine.concurrent_workers == 4
        [epoch] = trainer.run()
        assert epoch.trained + epoch.subsampled == 1_500_000


FAR = 2**31 + 20 * BLOCK


@pytest.fixture(scope="module")
def far_corpus():
    """A corpus of more than 2^31 tokens; all but the last are a hole in a file."""
    tokens, offsets = zipf_corpus(60, 2 * BLOCK + 100, 40)
    ids, borders = NumberFile(np.int32), OffsetFile()
    ids.resize(FAR)
    ids.append(tokens)
    borders.append(np.append(0, offsets + FAR))
    counts = np.bincount(tokens).astype(np.int64)
    counts[0] += FAR
    assert os.fstat(ids._file.fileno()).st_blocks * 512 < 10**6
    return tokens, offsets, EncodedCorpus(ids, borders), counts


@pytest.mark.parametrize("is_deterministic", [False, True])
@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
def test_beyond_two_billion_tokens_the_twin_agrees(
    far_corpus, architecture, loss, is_deterministic, monkeypatch
):
    """Draws, learning rates and sums are those of positions that no 32 bits hold."""
    tokens, offsets, corpus, counts = far_corpus
    monkeypatch.setattr(trainer_module, "word_counts", lambda *_: counts)  # it would read the hole
    use_shape(RoundShape(1, BLOCK), monkeypatch)
    trainer, twin = make_trainers(
        tokens, offsets, corpus=corpus, architecture=architecture, loss=loss,
        epochs=2, vector_size=10, deterministic=is_deterministic, alpha=0.05, min_alpha=0.01,
    )  # fmt: skip
    before = twin.input.copy()
    place = trainer.settle()
    state, curves = trainer.monitor.state()
    here = np.array([[FAR, 0.0, 0.0, 0.0]])
    curves = {**curves, "running": here, "recent": np.repeat(here, 2, axis=0)}
    trainer.go_on_from(replace(place, position=FAR), replace(state, epochs=1), curves)
    reported = []

    def stop_after_an_epoch(event):
        reported.append(event)
        trainer.stopping = isinstance(event, EpochEnded)

    trainer.run(stop_after_an_epoch)
    twin.train_epoch(0, FAR)
    dimensions = twin.input.shape[1]
    assert np.abs(twin.input - before).max() > 100 * TOLERANCE
    assert np.abs(trainer.weights.input[:, :dimensions] - twin.input).max() < TOLERANCE
    assert np.abs(trainer.weights.output[:, :dimensions] - twin.output).max() < TOLERANCE
    [ended] = trainer.history
    assert ended.trained + ended.subsampled == len(tokens)
    assert 0.99 * 0.5 < reported[0].done <= 0.5
    assert reported[0].words > 2**31


class TestNumberFiles:
    @given(
        st.lists(st.lists(st.integers(0, 2**31 - 1), max_size=30), max_size=8),
        st.integers(-5, 100),
        st.integers(-5, 100),
    )
    def test_slices_are_those_of_an_array(self, parts, start, stop):
        file, places = NumberFile(np.int32), []
        for part in parts:
            places.append(file.append(np.array(part, dtype=np.int32)))
        whole = np.array([*itertools.chain(*parts)], dtype=np.int32)
        assert places == np.cumsum([0, *map(len, parts)])[:-1].tolist()
        assert (len(file), file.nbytes) == (len(whole), whole.nbytes)
        for some in (slice(start, stop), slice(start, None), slice(None)):
            np.testing.assert_array_equal(file[some], whole[some])
        np.testing.assert_array_equal(np.concatenate([whole[:0], *file.pieces(3)]), whole)
        part = FilePart(file, 1, max(0, len(whole) - 1))
        np.testing.assert_array_equal(part[start:stop], whole[1:][start:stop])

    @given(
        st.lists(st.integers(0, 3), max_size=60), st.integers(1, 9), st.integers(-2, 99),
        st.integers(0, 60),
    )  # fmt: skip
    def test_a_range_of_rising_numbers_is_found(self, steps, at_once, low, width):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("w2v.text.number_file._PAGE", 4)
            values, file = np.cumsum([0, *steps]), OffsetFile()
            for first in range(0, len(values), at_once):
                file.append(values[first : first + at_once])
            found = file.between(low, low + width).tolist()
        assert found == [k for k in values.tolist() if low <= k <= low + width]

    def test_numbers_are_replaced_and_cut_off(self):
        file = NumberFile(np.int64)
        file.append(np.arange(10))
        file[2:4] = np.array([-1, -2])
        file.resize(5)
        file.resize(7)
        assert file[:].tolist() == [0, 1, -1, -2, 4, 0, 0]
        file.mapped()[0] = 9
        assert file[:1].tolist() == [9]

    def test_without_reads_at_a_place(self, monkeypatch):
        """As on Windows."""
        monkeypatch.setattr("w2v.text.number_file._HAS_POSITIONS", False)
        file = NumberFile(np.int32)
        file.append(np.arange(10))
        file[3:4] = np.array([7])
        assert file[2:5].tolist() == [2, 7, 4]

    def test_the_file_is_closed_with_its_last_use(self):
        file = NumberFile(np.int32)
        handle = file._file
        part = FilePart(file, 0, 0)
        del file
        assert not handle.closed
        del part
        assert handle.closed

    def test_a_file_that_was_cut_short_is_an_error(self, tmp_path, monkeypatch):
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        file = NumberFile(np.int32)
        file.append(np.arange(10))
        file._file.truncate(20)
        with pytest.raises(CorpusError, match=r"Cannot keep 40 bytes of token ids in .*byte 20;"):
            file[:]


class TestDraftFiles:
    def test_are_few_and_go_away_one_by_one(self, monkeypatch):
        """A process may have some hundreds open, and every worker has its own."""
        monkeypatch.setattr("w2v.text.draft.SLAB", 40)
        files, whole = DraftFiles(), np.arange(100_000, dtype=np.int32)
        kept = [files.keep(some, some[:1].astype(np.int64)) for some in np.split(whole, 10_000)]
        assert len({id(ends.file) for _, ends in kept}) == 1
        handles = list(dict.fromkeys(entries.file._file for entries, _ in kept))
        assert 3 < len(handles) < 25
        for first, (entries, ends) in enumerate(kept):
            np.testing.assert_array_equal(entries[:], whole[10 * first : 10 * first + 10])
            assert ends[:].tolist() == [10 * first]
        del files, entries
        kept = kept[5_000:]
        assert handles[0].closed and not handles[-1].closed

    def test_too_many_open_files_are_an_error_with_its_cure(self, monkeypatch):
        def refuse(**_):
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

        monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
        with pytest.raises(CorpusError, match=r"Too many open files; raise .* ulimit -n, or give"):
            NumberFile(np.int32)


class TestHoldingOut:
    @given(
        st.lists(st.sampled_from([1, 2, 7, 999, 1000, 1001, 2500]), min_size=3, max_size=40),
        st.floats(0.01, 0.6),
        st.integers(0, 99),
        st.sampled_from([2, 5, 10**6]),
    )
    def test_the_same_sentences_as_in_memory(self, lengths, share, seed, piece):
        offsets = np.cumsum([0, *lengths])

        def corpus():
            return EncodedCorpus(np.arange(offsets[-1], dtype=np.int32), offsets)

        with pytest.MonkeyPatch.context() as patch:
            for module in ("encoding", "held_out"):
                patch.setattr(f"w2v.text.{module}.PIECE", piece)
            parts = hold_out(corpus(), share, seed)
            parts_of_files = hold_out(stored(corpus()), share, seed)
        for part, other in zip(parts, parts_of_files, strict=True):
            assert isinstance(other.tokens, NumberFile)
            np.testing.assert_array_equal(part.tokens, other.tokens[:])
            np.testing.assert_array_equal(part.sentence_offsets, other.sentence_offsets[:])
        units = sum(-(-length // 1000) for length in lengths)
        held = parts[1].sentence_offsets
        assert len(held) - 1 == max(1, round(share * units))
        assert sum(len(part.tokens) for part in parts) == offsets[-1]

    def test_pieces_choose_every_unit_alike(self, monkeypatch):
        monkeypatch.setattr("w2v.text.encoding.PIECE", 3)
        times = np.zeros(10)
        for seed in range(500):
            corpus = EncodedCorpus(np.arange(10, dtype=np.int32), np.arange(11))
            times[hold_out(corpus, 0.3, seed)[1].tokens] += 1
        assert times.sum() == 1500
        assert np.abs(times - 150).max() < 5 * np.sqrt(150 * 0.7)
