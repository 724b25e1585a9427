"""w2v.compat's Phrases count, score, join, add and freeze as gensim's do."""

import copy
import pickle

import pytest
from gensim.models import phrases as original
from hypothesis import given
from hypothesis import strategies as st
from texts import lines_of, real_text

import w2v
from w2v.compat import ENGLISH_CONNECTOR_WORDS, FrozenPhrases, Phraser, Phrases
from w2v.compat import phrases as own
from w2v.compat.phrase_counts import PhraseCounts

SENTENCES = [["new", "york", "city"], ["the", "bank", "of", "america"], ["new", "york"]] * 4
CLASSES = (Phrases, original.Phrases)
SETTINGS = [
    {"min_count": 2, "threshold": 1},
    {"min_count": 1, "threshold": 0.3, "scoring": "npmi", "delimiter": "~"},
    {"min_count": 1, "threshold": 0.1, "connector_words": original.ENGLISH_CONNECTOR_WORDS},
    {"min_count": 1, "threshold": 0.1, "delimiter": " "},
]


def together(worda_count, wordb_count, bigram_count, len_vocab, min_count, corpus_word_count):
    return bigram_count


def assert_alike(model, other, sentences):
    assert_same_phrases(model, other, sentences)  # before anybody has looked at the counts
    assert model.vocab == other.vocab
    assert_same_phrases(model, other, sentences)


def assert_same_phrases(model, other, sentences):
    assert (model.corpus_word_count, str(model)) == (other.corpus_word_count, str(other))
    assert model.export_phrases() == other.export_phrases()
    assert model.find_phrases(sentences) == other.find_phrases(sentences)
    assert list(model[sentences]) == list(other[sentences])
    frozen, other_frozen = model.freeze(), other.freeze()
    assert frozen.phrasegrams == other_frozen.phrasegrams
    assert str(frozen) == str(other_frozen)
    assert list(frozen[sentences]) == list(other_frozen[sentences])
    assert [list(frozen.analyze_sentence(each)) for each in sentences[:50]] == [
        list(other_frozen.analyze_sentence(each)) for each in sentences[:50]
    ]


@pytest.mark.parametrize("settings", SETTINGS, ids=", ".join)
def test_in_two_rounds(settings):
    first, other = Phrases(SENTENCES, **settings), original.Phrases(SENTENCES, **settings)
    assert_alike(first, other, SENTENCES)
    joined = list(first[SENTENCES])
    assert_alike(
        Phrases(first[SENTENCES], **settings), original.Phrases(joined, **settings), joined
    )


@pytest.mark.parametrize("name", ["wiki8-sentences", "wiki-ko"])
def test_on_real_text(test_data, name):
    sentences = lines_of(real_text(test_data, name)[:60_000])
    settings = {"min_count": 2, "threshold": 2.0, "connector_words": ENGLISH_CONNECTOR_WORDS}
    model, other = Phrases(**settings), original.Phrases(**settings)
    for part in (sentences[:100], sentences[100:]):
        model.add_vocab(iter(part))
        other.add_vocab(part)
    assert len(model.export_phrases()) > 5
    assert_alike(model, other, sentences)


words = st.sampled_from(["a", "b", "a_b", "of", "_", "c", "", "_a", "new york", " ", "\0", "of\n"])


@given(
    st.lists(st.lists(words, max_size=8), max_size=8),
    st.sampled_from(["_", " ", "a", "\u2003_"]),
    st.booleans(),
    st.sampled_from([1, 1.5, 2]),
)
def test_on_any_sentences(sentences, delimiter, is_generator, min_count):
    settings = {"min_count": min_count, "threshold": 0.2, "connector_words": {"of", "of\n", ""}}
    settings["delimiter"] = delimiter
    given_once = iter(sentences) if is_generator else sentences
    assert_alike(
        Phrases(given_once, **settings), original.Phrases(sentences, **settings), sentences
    )


def test_rare_pairs_become_strings_only_for_those_who_look(monkeypatch):
    def spelled(counts):
        raise AssertionError("all pairs were spelled")

    sentences = [*SENTENCES, ["rare", "pair"], ["a_b", "c"]]
    settings = {"min_count": 2, "threshold": 0.1}
    model, other = Phrases(iter(sentences), **settings), original.Phrases(sentences, **settings)
    with monkeypatch.context() as patched:
        patched.setattr(PhraseCounts, "all", spelled)
        assert_same_phrases(model, other, sentences)
    assert model.vocab["rare_pair"] == 1
    assert_alike(model, other, sentences)
    for copied in (copy.deepcopy(model), pickle.loads(pickle.dumps(Phrases(sentences)))):
        assert copied.vocab == other.vocab


COMMON_AND_RARE = [
    *SENTENCES, ["a", "b"], *[["a", "b_c"], ["c"]] * 5, *[["rare", "pair"]] * 2,
]  # fmt: skip


@pytest.mark.parametrize(
    "changed", [{"min_count": 1}, {"threshold": -9.0}, {"min_count": 4}, {"scoring": together}]
)
def test_settings_changed_after_counting(changed):
    """What was too rare for a phrase may be one then."""
    models = [kind(COMMON_AND_RARE, min_count=3, threshold=0.01) for kind in CLASSES]
    assert_same_phrases(*models, COMMON_AND_RARE)
    before = models[0].export_phrases()
    for model in models:
        vars(model).update(changed)
    assert_same_phrases(*models, COMMON_AND_RARE)
    assert models[0].export_phrases() != before


def test_a_word_that_only_a_rare_pair_spells():
    models = [kind(COMMON_AND_RARE, min_count=3, threshold=0.01) for kind in CLASSES]
    assert list(models[0][["a_b", "c"]]) == list(models[1][["a_b", "c"]]) == ["a_b_c"]


def test_what_is_no_word_is_refused():
    for sentences in ([["a", None]], [["a", b"b"]], iter([["a", None]])):
        with pytest.raises(w2v.CorpusError):
            Phrases(sentences)


def test_a_scorer_of_one_s_own(tmp_path):
    model = Phrases(SENTENCES, min_count=1, threshold=5, scoring=together)
    assert model.find_phrases(SENTENCES) == {"new_york": 8}
    model.save(tmp_path / "phrases")
    assert Phrases.load(tmp_path / "phrases").scoring is together
    text = (tmp_path / "phrases").read_text().replace("together", "apart")
    (tmp_path / "phrases").write_text(text)
    with pytest.raises(w2v.FormatError, match="import the module that defines it first"):
        Phrases.load(tmp_path / "phrases")
    with pytest.raises(ValueError, match="lacks the parameters worda_count"):
        Phrases(scoring=lambda count: 1)


@pytest.mark.parametrize("frozen", [False, True])
def test_saved_and_loaded(tmp_path, frozen):
    model = Phrases(SENTENCES, min_count=1, threshold=0.4, scoring="npmi", connector_words=["of"])
    saved = model.freeze() if frozen else model
    saved.save(tmp_path / "phrases.gz")
    again = type(saved).load(tmp_path / "phrases.gz")
    assert again.find_phrases(SENTENCES) == saved.find_phrases(SENTENCES) != {}
    for name in ("delimiter", "threshold", "min_count", "connector_words", "scoring"):
        assert getattr(again, name) == getattr(saved, name)
    other = Phrases if frozen else FrozenPhrases
    with pytest.raises(w2v.FormatError, match="load it with that class"):
        other.load(tmp_path / "phrases.gz")


def test_a_pickle_and_damage_are_refused(tmp_path):
    original.Phrases(SENTENCES).save(str(tmp_path / "pickle"))
    with pytest.raises(w2v.FormatError, match=r"is a Python pickle.*count the sentences again"):
        Phrases.load(tmp_path / "pickle")
    path = tmp_path / "phrases"
    Phrases(SENTENCES).save(path)
    whole = path.read_text()
    for damaged, message in [
        (whole[: whole.rindex("\n", 0, -1) + 1], "is damaged: it has"),
        (whole.replace("\t", " ", 1), "line 2 is not a number and a text"),
        (whole.replace('"threshold": 10.0', '"threshold": "x"'), r"settings in .* cannot be used"),
        (whole.replace("delimiter", "delimit"), r"settings in .* cannot be used"),
        ("2 3\n", "is not a file of phrases that w2v.compat wrote"),
    ]:
        path.write_text(damaged)
        with pytest.raises(w2v.FormatError, match=message):
            Phrases.load(path)


def test_names_and_bad_arguments():
    assert Phraser is FrozenPhrases
    assert own.original_scorer(3, 4, 2, 10, 1, 99) == original.original_scorer(3, 4, 2, 10, 1, 99)
    assert own.npmi_scorer(3, 4, 2, 10, 1, 99) == original.npmi_scorer(3, 4, 2, 10, 1, 99)
    for given_arguments in (
        {"min_count": 0}, {"threshold": 0}, {"scoring": "npmi", "threshold": 2},
        {"scoring": "pmi"}, {"delimiter": ""}, {"scoring": 5},
    ):  # fmt: skip
        with pytest.raises(ValueError, match="must be"):
            Phrases(SENTENCES, **given_arguments)
    model = Phrases(SENTENCES, max_vocab_size=5)
    assert len(model.vocab) <= 5
