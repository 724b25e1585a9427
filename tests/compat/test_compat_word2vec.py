"""gensim's Word2Vec over our engine, against gensim itself."""

import logging
import warnings

import gensim
import numpy as np
import pytest
from gensim.test.utils import common_texts

import w2v
from w2v.compat import CallbackAny2Vec, KeyedVectors, LineSentence, Word2Vec
from w2v.compat.word2vec_training import LinearRates
from w2v.compat.word2vec_vocabulary import RULE_DEFAULT, RULE_DISCARD, RULE_KEEP
from w2v.training.huffman import huffman_paths

TEXTS = [[*sentence, "the"] for sentence in common_texts] + [["rare", "the"], ["once", "the"]]
MORE = [["computer", "artificial", "intelligence"], ["artificial", "trees"], ["human", "new"]]
SMALL = {"vector_size": 8, "min_count": 1, "workers": 1}


def both(*args, **kwargs):
    """The same model of ours and of gensim's."""
    return Word2Vec(*args, **kwargs), gensim.models.Word2Vec(*args, **kwargs)


def built(**kwargs):
    """A model of ours and one of gensim's with words, not trained yet."""
    models = both(**{**SMALL, **kwargs})
    for model in models:
        model.build_vocab(TEXTS)
    return models


def counts(model):
    return {word: model.wv.get_vecattr(word, "count") for word in model.wv.index_to_key}


@pytest.mark.parametrize(
    "settings",
    [
        {}, {"min_count": 2}, {"min_count": 0}, {"sorted_vocab": 0}, {"max_final_vocab": 4},
        {"max_final_vocab": 6, "min_count": 3}, {"max_final_vocab": 100}, {"max_vocab_size": 4},
        {"null_word": 1}, {"seed": 7},
    ],
)  # fmt: skip
def test_words_rows_and_first_vectors_are_gensim_s(settings):
    ours, theirs = built(**settings)
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    assert counts(ours) == counts(theirs)
    assert np.array_equal(ours.wv.vectors, theirs.wv.vectors)
    assert ours.effective_min_count == theirs.effective_min_count
    assert (ours.corpus_count, ours.corpus_total_words) == (
        theirs.corpus_count, theirs.corpus_total_words
    )  # fmt: skip


@pytest.mark.parametrize("sample", [1e-3, 0.02, 0, 5])
def test_subsampling_is_gensim_s(sample):
    reports = []
    for model in both(**SMALL, sample=sample):
        model.scan_vocab(TEXTS)
        reports.append(model.prepare_vocab(keep_raw_vocab=True))
    ours, theirs = reports
    assert {name: ours[name] for name in theirs} == theirs


def test_a_rule_chooses_words():
    def rule(word, count, min_count):
        return {"the": RULE_DISCARD, "once": RULE_KEEP}.get(word, RULE_DEFAULT)

    ours, theirs = both(TEXTS, trim_rule=rule, vector_size=8, min_count=2)
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    assert "once" in ours.wv
    assert "the" not in ours.wv


def test_counts_can_be_given():
    given = {"a": 5, "b": 3, "c": 1}
    for model in both(vector_size=8, min_count=2):
        model.build_vocab_from_freq(given, corpus_count=9)
        model.build_vocab_from_freq({"b": 1, "d": 4}, update=True)
        assert counts(model) == {"a": 5, "b": 4, "d": 4}
        assert model.corpus_count == 0


@pytest.mark.parametrize("settings", [{}, {"hs": 1, "negative": 0}, {"hs": 1}])
def test_more_words_leave_rows_and_weights_as_they_were(settings):
    model = Word2Vec(TEXTS, **SMALL, **settings, epochs=2)
    words, vectors = list(model.wv.index_to_key), model.wv.vectors.copy()
    model.build_vocab(MORE, update=True)
    assert model.wv.index_to_key[: len(words)] == words
    assert {"artificial", "intelligence", "new"} == set(model.wv.index_to_key[len(words) :])
    assert np.array_equal(model.wv.vectors[: len(words)], vectors)
    assert model.wv.get_vecattr("trees", "count") == 4
    model.train(MORE, total_examples=3, epochs=2)
    assert not np.array_equal(model.wv["artificial"], model.wv["intelligence"])
    assert len(model.syn1 if model.hs else model.syn1neg) == len(model.wv)


def test_a_tree_that_stays_keeps_its_nodes():
    model = Word2Vec(TEXTS, **SMALL, hs=1, negative=0)
    before = model.syn1.copy()
    model.build_vocab(TEXTS, update=True)  # all counts are doubled
    assert np.array_equal(model.syn1, before)
    assert np.abs(before).sum() > 0


@pytest.mark.parametrize("settings", [{"sorted_vocab": 0}, {"sorted_vocab": 1}])
def test_the_order_of_rows_changes_no_vector_by_more_than_its_start(settings):
    # Words that share contexts come together in either order of rows.
    texts = [["a", "x", "b"], ["c", "y", "d"]] * 300 + [["e"] * 3] * 400
    model = Word2Vec(
        texts, vector_size=8, min_count=1, workers=1, epochs=20, sg=1, alpha=0.1, sample=0,
        **settings,
    )  # fmt: skip
    assert model.wv.index_to_key[0] == ("e" if settings["sorted_vocab"] else "a")
    assert model.wv.similarity("a", "b") > 0.3 > model.wv.similarity("a", "d")


def test_trainings_follow_each_other():
    model = Word2Vec(**SMALL)
    model.build_vocab(TEXTS)
    first = model.wv.vectors.copy()
    trained, words = model.train(TEXTS, total_examples=model.corpus_count, epochs=3)
    second = model.wv.vectors.copy()
    model.train(TEXTS, total_words=model.corpus_total_words, epochs=1)
    assert words == 3 * sum(map(len, TEXTS))
    assert 0 < trained < words  # subsampling
    assert not np.array_equal(first, second)
    assert not np.array_equal(second, model.wv.vectors)
    assert model.train_count == 2


def test_seeds():
    one, same, other = (Word2Vec(TEXTS, **SMALL, seed=seed).wv.vectors for seed in (3, 3, 4))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    drawn, again = (Word2Vec(TEXTS, **SMALL, seed=None).wv.vectors for _ in range(2))
    assert not np.array_equal(drawn, again)


def test_a_file_is_read_like_its_sentences(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text("".join(" ".join(sentence) + "\n\n" for sentence in TEXTS))
    by_list = Word2Vec(TEXTS, **SMALL)
    for model in (Word2Vec(corpus_file=path, **SMALL), Word2Vec(LineSentence(path), **SMALL)):
        assert model.wv.index_to_key == by_list.wv.index_to_key
        assert np.array_equal(model.wv.vectors, by_list.wv.vectors)
        assert model.corpus_count == by_list.corpus_count


def test_a_file_that_changed_is_read_again(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text("a b c\n" * 9)
    model = Word2Vec(**SMALL)
    model.build_vocab(corpus_file=path)
    path.write_text("a b c d\n" * 20)
    _, words = model.train(corpus_file=path, total_words=model.corpus_total_words, epochs=1)
    assert words == 80


def test_a_long_line_counts_as_in_gensim(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text("a b c\n" + "a b " * 12_000 + "\n")
    for model in both(**SMALL):
        model.build_vocab(corpus_file=str(path))
        assert model.corpus_count == 4


@pytest.mark.parametrize("kind", [int, lambda number: ("node", number)])
def test_any_hashable_is_a_word(kind, tmp_path):
    texts = [[kind(number) for number in (1, 2, 3, 2)], [kind(number) for number in (2, 4)]]
    ours, theirs = both(texts, **SMALL)
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    ours.save(tmp_path / "model")
    loaded = Word2Vec.load(tmp_path / "model")
    assert loaded.wv.index_to_key == ours.wv.index_to_key
    assert loaded.wv[kind(2)].tolist() == ours.wv[kind(2)].tolist()


class Recorder(CallbackAny2Vec):
    """Writes down what it is called for."""

    def __init__(self):
        self.calls, self.losses, self.vectors = [], [], []

    def on_train_begin(self, model):
        self.calls.append("train begins")

    def on_train_end(self, model):
        self.calls.append("train ends")

    def on_epoch_begin(self, model):
        self.calls.append("epoch begins")

    def on_epoch_end(self, model):
        self.calls.append("epoch ends")
        self.losses.append(model.get_latest_training_loss())
        self.vectors.append(model.wv.vectors.copy())


def test_callbacks_see_each_epoch():
    recorder = Recorder()
    settings = {**SMALL, "epochs": 2, "sample": 0}
    model = Word2Vec(TEXTS, **settings, compute_loss=True, callbacks=[recorder])
    epoch = ["epoch begins", "epoch ends"]
    assert recorder.calls == ["train begins", *epoch, *epoch, "train ends"]
    assert 0 < recorder.losses[0] < recorder.losses[1] == model.get_latest_training_loss()
    assert not np.array_equal(*recorder.vectors)
    assert np.array_equal(recorder.vectors[-1], model.wv.vectors)
    assert np.array_equal(Word2Vec(TEXTS, **settings).wv.vectors, model.wv.vectors)


def test_what_a_callback_changes_is_trained_on():
    class Resets(CallbackAny2Vec):
        def on_epoch_end(self, model):
            model.wv.vectors[:] = 0
            model.alpha = model.min_alpha = 1e-9

    model = Word2Vec(TEXTS, **SMALL, epochs=2, callbacks=[Resets()])
    model.train(TEXTS, total_examples=1, epochs=2, callbacks=[Resets()])
    assert np.abs(model.wv.vectors).max() == 0


def test_an_error_of_a_callback_passes_through():
    class Fails(CallbackAny2Vec):
        def on_epoch_end(self, model):
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        Word2Vec(TEXTS, **SMALL, callbacks=[Fails()])


def test_rates_are_those_of_gensim_on_average():
    # gensim's rate of each batch is that of its first word: ten batches an epoch, three epochs.
    first, last, epochs, batches = 0.05, 0.01, 3, 10
    rates = LinearRates(lambda: (first, last), epochs, 1 / batches, 1.0)
    for epoch in range(epochs):
        begins, ends = rates(epoch)
        line = begins + (ends - begins) * (np.arange(batches) + 0.5) / batches
        done = (epoch + np.arange(batches) / batches) / epochs
        assert np.allclose(line, first - (first - last) * done)


def test_a_rate_may_rise_and_may_be_announced():
    assert LinearRates(lambda: (0.01, 0.05), 1, 0.0, 1.0)(0) == (0.01, 0.05)
    assert LinearRates(lambda: (0.04, 0.02), 1, 0.0, 0.5)(0) == pytest.approx((0.04, 0.03))
    model = Word2Vec(TEXTS, **SMALL)
    model.train(TEXTS, total_examples=9, epochs=2, start_alpha=0.01, end_alpha=0.1)
    assert (model.alpha, model.min_alpha) == (0.01, 0.1)


@pytest.mark.parametrize("cbow_mean", [0, 1])
def test_predictions_are_gensim_s(cbow_mean):
    ours, theirs = both(TEXTS, **SMALL, cbow_mean=cbow_mean)
    theirs.wv.vectors, theirs.syn1neg = 30 * ours.wv.vectors, 30 * ours.syn1neg + 0.1
    ours.wv.vectors, ours.syn1neg = theirs.wv.vectors.copy(), theirs.syn1neg.copy()
    words = ["computer", "trees", "nowhere"]
    mine, other = (model.predict_output_word(words, topn=4) for model in (ours, theirs))
    assert [word for word, _ in mine] == [word for word, _ in other]
    assert np.allclose([share for _, share in mine], [share for _, share in other], atol=1e-5)
    assert ours.predict_output_word(["nowhere"]) is None


@pytest.mark.parametrize("sg", [0, 1])
@pytest.mark.parametrize("cbow_mean", [0, 1])
def test_scores_are_gensim_s(sg, cbow_mean):
    texts = [list("abcdefg"[: size + 1]) for size in range(7) for _ in range(2**size)]
    ours, theirs = both(texts, **SMALL, hs=1, negative=0, sg=sg, cbow_mean=cbow_mean)
    generator = np.random.default_rng(1)
    theirs.wv.vectors = generator.normal(size=(7, 8)).astype(np.float32)
    theirs.syn1 = generator.normal(size=(7, 8)).astype(np.float32)
    ours.wv.vectors, ours.syn1 = theirs.wv.vectors, theirs.syn1
    same = [np.array_equal(*(m.wv.get_vecattr(w, "code") for m in (ours, theirs))) for w in "abcd"]
    assert all(same)
    asked = [list("abcab"), list("gfz"), ["a"], list("bcd")]
    # gensim takes 83 entries a unit of a table that has 83.3: it is two per cent off.
    assert np.allclose(ours.score(asked, 3), theirs.score(asked, 3), rtol=0.03)


def test_the_loss_is_that_of_all_pairs():
    model = Word2Vec(TEXTS, **SMALL, sg=1, hs=1, negative=0, sample=0, window=1, epochs=1,
                     shrink_windows=False, alpha=1e-6, compute_loss=True)  # fmt: skip
    codes = {word: len(model.wv.get_vecattr(word, "code")) for word in model.wv.index_to_key}
    expected = sum(
        codes[word] * np.log(2) * ((place > 0) + (place + 1 < len(sentence)))
        for sentence in TEXTS
        for place, word in enumerate(sentence)
    )
    assert model.get_latest_training_loss() == pytest.approx(expected, rel=1e-3)
    assert Word2Vec(TEXTS, **SMALL).get_latest_training_loss() == 0


def test_both_losses_train_both_matrices():
    model = Word2Vec(TEXTS, **SMALL, hs=1, negative=5, sample=0)
    assert model.syn1.shape == model.syn1neg.shape == model.wv.vectors.shape
    assert np.abs(model.syn1[:-1]).sum(axis=1).min() > 0
    assert np.abs(model.syn1neg).sum(axis=1).min() > 0
    assert model.predict_output_word(["the"], topn=1)
    assert len(model.score(TEXTS)) == len(TEXTS)


@pytest.mark.parametrize("sorted_vocab", [0, 1])
@pytest.mark.parametrize("lockf", [[1, 1, 0, 0.5], [0.5], [2.0]])
def test_locked_vectors_move_less(lockf, sorted_vocab):
    """Arithmetic: tests/test_frozen_rows.py."""
    changes = []
    for locks in (np.ones(1), np.array(lockf)):
        model = Word2Vec(**SMALL, sample=0, alpha=0.005, sorted_vocab=sorted_vocab)
        model.build_vocab(TEXTS)
        model.wv.vectors_lockf = np.resize(locks, len(model.wv)) if len(locks) > 1 else locks
        before = model.wv.vectors.copy()
        model.train(TEXTS, total_examples=model.corpus_count, epochs=9)
        changes.append(np.linalg.norm(model.wv.vectors - before, axis=1))
    usual, locked = changes
    np.testing.assert_allclose(locked / usual, np.resize(lockf, len(usual)), rtol=0.1)


@pytest.mark.parametrize("lockf", [[-1], [np.nan], [1, 0.5, np.inf]])
def test_locks_that_make_no_sense(lockf):
    model = Word2Vec(**SMALL)
    model.build_vocab(TEXTS)
    model.wv.vectors_lockf = np.resize(lockf, len(model.wv)).astype(np.float32)
    with pytest.raises(w2v.ConfigError, match="vectors_lockf must hold finite numbers, 0 or more"):
        model.train(TEXTS, total_examples=model.corpus_count, epochs=1)


@pytest.mark.parametrize(
    "settings", [{}, {"hs": 1, "negative": 0}, {"hs": 1}, {"sorted_vocab": 0, "hs": 1}]
)
def test_a_saved_model_is_trained_further_alike(tmp_path, settings):
    model = Word2Vec(TEXTS, **SMALL, **settings)
    path = tmp_path / "my.model"
    model.save(path)
    loaded = Word2Vec.load(path, mmap="r")
    assert vars(loaded).keys() - {"_counted"} <= vars(model).keys()
    assert np.array_equal(loaded.wv.vectors, model.wv.vectors)
    for each in (model, loaded):
        each.train(TEXTS, total_examples=each.corpus_count, epochs=2)
    assert np.array_equal(loaded.wv.vectors, model.wv.vectors)


def test_w2v_and_word2vec_read_each_other_s_models(tmp_path):
    path = tmp_path / "model.safetensors"
    Word2Vec(TEXTS, **SMALL, sg=1).save(path)
    assert w2v.load_model(path).config.architecture == "skipgram"
    assert len(w2v.load(path)) == 15
    native = w2v.train(TEXTS, vector_size=8, min_count=1, epochs=9, sample=0, loss="hierarchical")
    native.save(path)
    model = Word2Vec.load(path)
    assert (model.hs, model.negative, model.sg, model.epochs) == (1, 0, 1, 9)
    assert np.array_equal(model.wv.vectors, native.vectors.vectors)
    model.train(TEXTS, total_examples=9, epochs=1)


def test_what_cannot_be_loaded(tmp_path):
    path = tmp_path / "model"
    gensim.models.Word2Vec(TEXTS, **SMALL).save(str(path))
    with pytest.raises(w2v.FormatError, match=r"never read.*save_word2vec_format.*w2v convert"):
        Word2Vec.load(path)
    model = Word2Vec(TEXTS, **SMALL)
    model.wv.save(path)
    with pytest.raises(AttributeError, match=r"KeyedVectors\.load"):
        Word2Vec.load(path)
    with pytest.raises(AttributeError, match="class"):
        model.load(path)
    with pytest.raises(w2v.FormatError):
        Word2Vec.load(tmp_path / "nothing")


def test_words_that_no_file_holds(tmp_path):
    model = Word2Vec([[frozenset({1}), "a"]] * 3, **SMALL)
    with pytest.raises(w2v.FormatError, match="frozenset"):
        model.save(tmp_path / "model")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Word2Vec(TEXTS, size=8), TypeError, "vector_size"),
        (lambda: Word2Vec(TEXTS, iter=8), TypeError, "epochs"),
        (lambda: Word2Vec(TEXTS, sizes=8), TypeError, "sizes"),
        (lambda: Word2Vec(**SMALL).build_vocab(sentences=TEXTS), TypeError, "corpus_iterable"),
        (lambda: Word2Vec(TEXTS, **SMALL).index2word, AttributeError, r"wv\.index_to_key"),
        (lambda: Word2Vec(TEXTS, **SMALL).most_similar("the"), AttributeError, r"wv\.most_similar"),
        (lambda: Word2Vec(TEXTS, **SMALL, hs=0, negative=0), ValueError, "hs=1"),
        (lambda: Word2Vec(TEXTS, **SMALL, alpha=-1), ValueError, "below 0"),
        (lambda: Word2Vec(TEXTS, **SMALL, vector_size=0), TypeError, "vector_size"),
        (lambda: Word2Vec(TEXTS, min_count=99), RuntimeError, "build_vocab"),
        (lambda: Word2Vec(sentence for sentence in TEXTS), TypeError, "generator"),
        (lambda: Word2Vec(5), TypeError, "iterable"),
        (lambda: Word2Vec([5]), TypeError, "Sentence 1 is 5"),
        (lambda: Word2Vec(corpus_file="/nowhere"), TypeError, "nowhere"),
        (lambda: Word2Vec(TEXTS, "file"), TypeError, "one corpus"),
        (lambda: Word2Vec(TEXTS, **SMALL).score(TEXTS), RuntimeError, "hs=1"),
        (lambda: Word2Vec(TEXTS, **SMALL).train(TEXTS, epochs=2), ValueError, "total_examples"),
        (lambda: Word2Vec(TEXTS, **SMALL).train(TEXTS, total_words=2), ValueError, "epochs"),
        (lambda: Word2Vec().build_vocab(TEXTS, update=True), RuntimeError, "without update"),
    ],
)  # fmt: skip
def test_errors_say_what_to_do(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_vectors_alone_are_not_trained():
    model = Word2Vec(**SMALL)
    model.wv = Word2Vec(TEXTS, **SMALL).wv
    with pytest.raises(RuntimeError, match="build_vocab"):
        model.train(TEXTS, total_examples=9, epochs=1)
    with pytest.raises(RuntimeError, match="output vectors"):
        model.predict_output_word(["the"])


def test_a_corpus_of_other_words_trains_nothing(caplog):
    model = Word2Vec(TEXTS, **SMALL)
    before = model.wv.vectors.copy()
    with caplog.at_level(logging.WARNING):
        assert model.train([["other", "words"]], total_examples=1, epochs=2) == (0, 4)
    assert "nothing is trained" in caplog.text
    assert np.array_equal(model.wv.vectors, before)


def test_a_model_begins_with_the_words_of_another():
    model, other = Word2Vec(TEXTS, **SMALL, hs=1, negative=0), Word2Vec(MORE, **SMALL)
    model.reset_from(other)
    assert model.wv.index_to_key == other.wv.index_to_key
    model.train(MORE, total_examples=3, epochs=1)


@pytest.mark.parametrize("settings", [{}, {"hs": 1}, {"hs": 1, "negative": 0}])
def test_models_that_could_not_be_read_are_not_written(settings, tmp_path):
    path = tmp_path / "model"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # there is little text
        model = Word2Vec([["a", "b", "c"]] * 9, min_count=1, vector_size=4, **settings)
        empty = Word2Vec([["a", "", "c"]] * 9, min_count=1, vector_size=4, **settings)
    model.save(path)
    before = path.read_bytes()
    with pytest.raises(w2v.FormatError, match="a word is empty; leave empty words out"):
        empty.save(path)
    model.wv["koala"] = model.wv["a"]
    with pytest.raises(w2v.FormatError, match="'koala' was added to the vectors of a model of 3"):
        model.save(path)
    assert path.read_bytes() == before
    assert len(Word2Vec.load(path).wv) == 3


@pytest.mark.filterwarnings("ignore")
def test_more_words_come_by_their_own_min_count():
    text = [["the", "cat", "sat"]] * 9
    for model in both(text, min_count=5, vector_size=8, workers=1):
        model.build_vocab([["zebra", "cat"]] * 2, update=True, min_count=2)
        assert "zebra" in model.wv
        assert (model.min_count, model.effective_min_count) == (5, 2)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("text", ["a b c\n\nb c\n" * 40, "a b c " * 12_000, "a b\nb c"])
def test_sentences_are_counted_alike_whatever_bounds_the_words(text, tmp_path, caplog):
    path = tmp_path / "text"
    path.write_text(text)
    theirs = gensim.models.Word2Vec(corpus_file=str(path), min_count=1, vector_size=4)
    for bound in (None, 1_000):
        model = Word2Vec(corpus_file=path, min_count=1, vector_size=4, max_vocab_size=bound)
        assert model.corpus_count == theirs.corpus_count
    assert "were announced" not in caplog.text


@pytest.mark.filterwarnings("ignore")
def test_callbacks_change_what_is_trained():
    class Change(CallbackAny2Vec):
        def on_epoch_begin(self, model):
            if not hasattr(self, "begun"):
                self.begun = model.wv.vectors[:] = 0.25

        def on_epoch_end(self, model):
            self.seen = model.wv.most_similar("a", topn=1)
            model.wv.vectors = model.wv.vectors * 2  # another array
            self.last = model.wv.vectors.copy()

    class Lock(CallbackAny2Vec):
        def on_epoch_end(self, model):
            model.wv.vectors_lockf[:] = 0
            self.last = model.wv.vectors.copy()

    change, lock = Change(), Lock()
    settings = {"min_count": 1, "vector_size": 4, "epochs": 3, "workers": 1}
    model = Word2Vec([["a", "b", "c"]] * 50, callbacks=[change], **settings)
    assert np.abs(model.wv.vectors).min() > 0.5  # 0.25, doubled three times and a little trained
    np.testing.assert_array_equal(model.wv.vectors, change.last)
    model = Word2Vec([["a", "b", "c"]] * 50, callbacks=[lock], **settings)
    first = lock.last
    model.train([["a", "b", "c"]] * 50, total_examples=50, epochs=1)
    np.testing.assert_array_equal(model.wv.vectors, first)


@pytest.mark.filterwarnings("ignore")
def test_paths_are_those_that_are_trained_where_counts_are_0():
    model = Word2Vec(hs=1, negative=0, min_count=0, sorted_vocab=0, vector_size=4)
    model.build_vocab_from_freq({"a": 0, "b": 1, "c": 0, "d": 3, "e": 1})
    counts = model.wv.expandos["count"]
    order = np.argsort(-counts, kind="stable")
    paths = huffman_paths(np.maximum(counts[order], 1))
    points = np.split(paths.points, paths.offsets[1:-1])
    for row, expected in zip(order, points, strict=True):
        assert model.wv.expandos["point"][row].tolist() == expected.tolist()


@pytest.mark.filterwarnings("ignore")
def test_files_keep_words_of_any_type_and_attributes(tmp_path):
    path = tmp_path / "model"
    model = Word2Vec([["the", 7, ("a", 1)]] * 9, min_count=1, vector_size=4, workers=1)
    model.wv.set_vecattr(7, "colour", "red")
    model.wv.set_vecattr("the", "weight", 0.5)
    model.save(path)
    again = Word2Vec.load(path)
    assert again.wv.index_to_key == model.wv.index_to_key
    for vectors in (again.wv, KeyedVectors.load(path)):
        assert vectors.get_vecattr(7, "colour") == "red"
        assert vectors.get_vecattr("the", "weight") == 0.5
        np.testing.assert_array_equal(vectors[("a", 1)], model.wv[("a", 1)])
    np.testing.assert_array_equal(w2v.load(path)["the"], model.wv["the"])


@pytest.mark.filterwarnings("ignore")
def test_a_model_of_w2v_keeps_its_form_of_words(tmp_path):
    path, copy = tmp_path / "model.safetensors", tmp_path / "copy"
    text = ["The cat, and the dog."] * 50
    w2v.train(text, tokenizer="words", lower=True, vector_size=4, workers=1).save(path)
    Word2Vec.load(path).save(copy)
    for model in (Word2Vec.load(path), Word2Vec.load(copy)):
        np.testing.assert_array_equal(model.wv["The"], model.wv["the"])
    assert w2v.load_model(copy).config.lower
