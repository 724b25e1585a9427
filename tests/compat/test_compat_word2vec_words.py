"""gensim's Word2Vec over our engine: its words, corpora and first weights."""

import gensim
import numpy as np
import pytest
from word2vec_models import MORE, SMALL, TEXTS, both, built, counts

from w2v.compat import LineSentence, Word2Vec
from w2v.compat.word2vec_vocabulary import RULE_DEFAULT, RULE_DISCARD, RULE_KEEP
from w2v.training.huffman import huffman_paths


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


@pytest.mark.filterwarnings("ignore")
def test_more_words_come_by_their_own_min_count():
    text = [["the", "cat", "sat"]] * 9
    for model in both(text, min_count=5, vector_size=8, workers=1):
        model.build_vocab([["zebra", "cat"]] * 2, update=True, min_count=2)
        assert "zebra" in model.wv
        assert (model.min_count, model.effective_min_count) == (5, 2)


def test_a_tree_that_stays_keeps_its_nodes():
    model = Word2Vec(TEXTS, **SMALL, hs=1, negative=0)
    before = model.syn1.copy()
    model.build_vocab(TEXTS, update=True)  # all counts are doubled
    assert np.array_equal(model.syn1, before)
    assert np.abs(before).sum() > 0


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


def test_a_model_begins_with_the_words_of_another():
    model, other = Word2Vec(TEXTS, **SMALL, hs=1, negative=0), Word2Vec(MORE, **SMALL)
    model.reset_from(other)
    assert model.wv.index_to_key == other.wv.index_to_key
    model.train(MORE, total_examples=3, epochs=1)


@pytest.mark.parametrize("kind", [int, lambda number: ("node", number)])
def test_any_hashable_is_a_word(kind, tmp_path):
    texts = [[kind(number) for number in (1, 2, 3, 2)], [kind(number) for number in (2, 4)]]
    ours, theirs = both(texts, **SMALL)
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    ours.save(tmp_path / "model")
    loaded = Word2Vec.load(tmp_path / "model")
    assert loaded.wv.index_to_key == ours.wv.index_to_key
    assert loaded.wv[kind(2)].tolist() == ours.wv[kind(2)].tolist()


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
