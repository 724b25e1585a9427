"""Phrases are gensim's: the same words joined, with the same scores, whatever the text."""

import time

import numpy as np
import pytest
from gensim.models import phrases as gensim_phrases
from hypothesis import assume, given
from hypothesis import strategies as st
from test_phrases_parts import text_of
from texts import SPACES, corpus_of, lines_of, real_text

import w2v
from w2v.kernels.jit import JIT_ENABLED
from w2v.phrases.counting import count_phrases
from w2v.phrases.settings import ENGLISH
from w2v.phrases.work import Work
from w2v.text.encoding import encode_corpus
from w2v.text.vocabulary import count_vocabulary

NEW_YORK = [
    ["they", "saw", "new", "york"],
    ["new", "york", "city", "saw", "it"],
    ["the", "bank", "of", "america"],
    ["it", "saw", "a", "new", "bank", "of", "glass"],
] * 6
SETTINGS = [
    {},
    {"scoring": "npmi", "threshold": 0.3},
    {"connector_words": "english", "threshold": 3.0},
    {"connector_words": "english", "scoring": "npmi", "threshold": -0.2, "min_count": 2},
    {"min_count": 1, "threshold": 0.1, "delimiter": "+-"},
]


def by_gensim(sentences, rounds, **settings):
    """What gensim joins: the sentences, and for each round the model that joined them."""
    if settings.get("connector_words") == "english":
        settings["connector_words"] = gensim_phrases.ENGLISH_CONNECTOR_WORDS
    settings["scoring"] = {"npmi": "npmi"}.get(settings.get("scoring"), "default")
    models = []
    for _ in range(rounds):
        model = gensim_phrases.Phrases(sentences, **settings)
        models.append((model, model.find_phrases(sentences)))
        sentences = [model[sentence] for sentence in sentences]
    return sentences, models


def assert_as_gensim(text, rounds, **settings):
    sentences = lines_of(text)
    expected, models = by_gensim(sentences, rounds, **settings)
    joined = w2v.join_phrases(corpus_of(text), rounds=rounds, **settings)
    lines = b"".join(block.data for block in joined.blocks()).decode().splitlines()
    assert [line.split(" ") for line in lines] == expected
    assert [joined.phrases.join(sentence) for sentence in sentences[:100]] == expected[:100]
    assert joined.words == tuple(sum(map(len, each)) for each in (sentences, expected))
    for found, (model, scores) in zip(joined.phrases.rounds, models, strict=True):
        own = {
            model.delimiter.join(words): (score, count)
            for words, score, count in zip(found.words, found.scores, found.counts, strict=True)
        }
        assert scores.items() <= {phrase: score for phrase, (score, _) in own.items()}.items()
        assert all(model.vocab[phrase] == count for phrase, (_, count) in own.items())
    return joined.phrases, models


class TestAsGensim:
    def test_english_connectors_are_the_same(self):
        assert gensim_phrases.ENGLISH_CONNECTOR_WORDS == ENGLISH

    @pytest.mark.skipif(not JIT_ENABLED, reason="slow without compiler")
    @pytest.mark.parametrize("settings", SETTINGS, ids=str)
    @pytest.mark.parametrize(
        "name", ["wiki8-sentences", "wiki-de", "wiki-ko", "wiki-zh", "text8-prefix"]
    )
    def test_on_real_text(self, test_data, name, settings):
        phrases, [(first, _), _] = assert_as_gensim(
            real_text(test_data, name)[:300_000], 2, **settings
        )
        assert len(phrases) >= (1 if name == "wiki-zh" else 10)
        # All that gensim exports, also what joining from left to right never reaches.
        exported = {
            first.delimiter.join(words): score
            for words, score in zip(phrases.rounds[0].words, phrases.rounds[0].scores, strict=True)
        }
        plain = {p: s for p, s in exported.items() if p.count(first.delimiter) == 1}
        others = first.export_phrases()
        assert plain == {p: s for p, s in others.items() if p.count(first.delimiter) == 1}

    @pytest.mark.parametrize("rounds", [1, 2, 3])
    @pytest.mark.parametrize("settings", SETTINGS, ids=str)
    def test_on_sentences(self, rounds, settings):
        assert_as_gensim("\n".join(map(" ".join, NEW_YORK)), rounds, **settings)

    # Words that hold the delimiter or a part of it spell phrases of other words.
    words = st.sampled_from(["a", "b", "c", "a_", "_", "__b", "a_b", "b_c", "a_b_c", "ä", "한국"])

    @given(
        sentences=st.lists(st.lists(words, min_size=1, max_size=12), min_size=1, max_size=12),
        connectors=st.sets(words, max_size=3),
        delimiter=st.sampled_from(["_", "__", "b", "__b", "한"]),
        scoring=st.sampled_from([("original", 0.1), ("original", 1.0), ("npmi", -0.5)]),
        min_count=st.integers(1, 3),
        rounds=st.integers(1, 3),
    )
    def test_on_any_text(self, sentences, connectors, delimiter, scoring, min_count, rounds):
        settings = {
            "connector_words": connectors, "delimiter": delimiter, "scoring": scoring[0],
            "threshold": scoring[1], "min_count": min_count,
        }  # fmt: skip
        sentences = [words for words in sentences if words]
        try:
            expected, _ = by_gensim(sentences, rounds, **settings)
        except ZeroDivisionError:  # gensim's, where a phrase is seen as often as there are words
            assume(False)
        phrases = w2v.find_phrases(sentences, rounds=rounds, **settings)
        assert [phrases.join(sentence) for sentence in sentences] == expected
        joined = w2v.join_phrases(sentences, phrases=phrases)
        lines = b"".join(block.data for block in joined.blocks()).decode().split("\n")
        assert [line.split(" ") for line in lines[:-1]] == expected

    def test_bytes_are_words_whatever_they_spell(self):
        text = "\n".join(f"x{space}é한{space}𐀀 \ufeff" for space in SPACES if space not in "\n\r")
        assert_as_gensim(text.replace("\x1c", " "), 2, min_count=1, threshold=0.1)


class TestFindPhrases:
    def test_scores_and_repr(self):
        phrases = w2v.find_phrases(NEW_YORK, threshold=1, min_count=1, rounds=2)
        assert repr(phrases) == f"<Phrases: {len(phrases)} in 2 rounds>"
        assert list(phrases.rounds[0].scores) == sorted(phrases.rounds[0].scores, reverse=True)
        assert phrases.scores["new_york"] > 1
        assert phrases.join(["he", "left", "new", "york", "today"])[2] == "new_york"
        assert phrases.join([]) == []

    def test_a_line_without_end_is_one_sentence(self, tmp_path):
        path = tmp_path / "text"
        path.write_text(" ".join(word for words in NEW_YORK for word in words))
        joined = w2v.join_phrases(path, threshold=1, min_count=1)
        joined.save(tmp_path / "joined")
        text = (tmp_path / "joined").read_text()
        assert text.count("\n") == 1
        assert "new_york" in text.split(" ")

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"rounds": 4}, "rounds must be a whole number from 1 to 3, not 4"),
            ({"scoring": "pmi"}, "scoring must be 'original' or 'npmi', not 'pmi'"),
            ({"threshold": 0}, "threshold must be a number above 0"),
            ({"scoring": "npmi", "threshold": 2}, "threshold must be a number from -1 to 1"),
            ({"min_count": 0}, "min_count must be a whole number from 1"),
            ({"delimiter": ""}, "delimiter must be one or more characters without white space"),
            ({"delimiter": "a b"}, "delimiter must be one or more characters without white space"),
            (
                {"delimiter": "\ud800"},
                "delimiter must be one or more characters without white space",
            ),
            ({"connector_words": 5}, "connector_words must be 'english' or a list of words"),
            ({"connector_words": ["of the"]}, "One of connector_words is 'of the', which is not"),
            ({"workers": 0}, "workers must be a whole number from 1"),
            ({"invalid_utf8": "replace"}, "invalid_utf8 has no effect on a corpus that is open"),
        ],
    )
    def test_bad_settings(self, settings, message):
        with pytest.raises(w2v.ConfigError, match=message):
            w2v.find_phrases(NEW_YORK, **settings)

    def test_bad_arguments(self):
        phrases = w2v.find_phrases(NEW_YORK)
        with pytest.raises(w2v.ConfigError, match="Unknown setting 'round': the settings of"):
            w2v.join_phrases(NEW_YORK, round=3)
        with pytest.raises(w2v.ConfigError, match="rounds has no effect with phrases, which"):
            w2v.join_phrases(NEW_YORK, phrases=phrases, rounds=3)
        with pytest.raises(w2v.ConfigError, match="phrases must be phrases from find_phrases"):
            w2v.join_phrases(NEW_YORK, phrases=True)
        with pytest.raises(w2v.ConfigError, match="sentence must be a list of words, not 'new"):
            phrases.join("new york")
        with pytest.raises(w2v.CorpusError, match="holds no words"):
            w2v.find_phrases([[]])


class TestFile:
    def test_the_same_phrases_come_back(self, tmp_path):
        phrases = w2v.find_phrases(
            NEW_YORK,
            rounds=2,
            threshold=1,
            min_count=1,
            connector_words=["of", "한"],
            delimiter="·",
        )
        phrases.save(tmp_path / "phrases.tsv.gz")
        again = w2v.load_phrases(tmp_path / "phrases.tsv.gz")
        assert again.settings == phrases.settings
        assert again.scores == phrases.scores
        assert "bank·of·america" in again.scores
        for one, other in zip(again.rounds, phrases.rounds, strict=True):
            assert one.words == other.words
            assert np.array_equal(one.counts, other.counts)

    def test_a_row_has_count_score_and_words(self, tmp_path):
        text = [*[["bank", "of", "america"]] * 6, ["bank"], ["america"]]
        w2v.find_phrases(text, threshold=0.01, connector_words=["of"]).save(tmp_path / "phrases")
        header, row = (tmp_path / "phrases").read_text().splitlines()
        assert header.startswith('{"kind": "w2v phrases", "version": 1, "delimiter": "_"')
        # (6 − 5) / (7 · 7) · 3, for bank, america and the candidate are different
        assert row == f"6\t{1 / 49 * 3!r}\tbank of america"

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda text: "2 3\nking 1 2 3\n", "is not a file of phrases"),
            (lambda text: "[]\n" + text, "is not a file of phrases"),
            (lambda text: text.replace('"version": 1', '"version": 2'), "of version 2, and"),
            (lambda text: text.replace('"threshold": 1.0', '"threshold": "x"'), "is damaged: its"),
            (lambda text: text.replace("\t", " ", 1), "line 2 is not a count, a score and"),
            (lambda text: text.rstrip("\n").rpartition("\n")[0] + "\n", "is damaged: line"),
            (lambda text: text + "1\t2.0\ta b\n", "goes on after the"),
        ],
    )
    def test_damage(self, tmp_path, change, message):
        path = tmp_path / "phrases"
        w2v.find_phrases(NEW_YORK, threshold=1, min_count=1).save(path)
        path.write_text(change(path.read_text()))
        with pytest.raises(w2v.FormatError, match=message):
            w2v.load_phrases(path)
        with pytest.raises(w2v.FormatError, match="file of phrases"):
            w2v.load_phrases(tmp_path / "nowhere")


class TestProgress:
    SMALL = {"vector_size": 8, "epochs": 9, "min_count": 1, "workers": 1, "sample": 0}  # noqa: RUF012

    def test_finding_phrases_is_reported(self, monkeypatch):
        monkeypatch.setattr("w2v.text.counting._PERIOD", 0.0)
        monkeypatch.setattr("w2v.phrases.work._MOST_WORDS", 512)
        add = w2v.phrases.counting.count_candidates
        monkeypatch.setattr(
            "w2v.phrases.counting.count_candidates", lambda *given: time.sleep(0.002) or add(*given)
        )
        sentences = [[f"w{(k * k + j) % 97}" for j in range(40)] for k in range(250)]
        events = []
        w2v.train(
            sentences, phrases=True, phrase_rounds=2, on_event=events.append,
            **{**self.SMALL, "epochs": 1},
        )  # fmt: skip
        found = [event for event in events if isinstance(event, w2v.FindingPhrases)]
        assert {event.round for event in found} == {1, 2}
        assert all(0 <= event.done <= 1 and event.rounds == 2 for event in found)
        shares = [event.done for event in found if event.round == 1]
        assert shares == sorted(shares)
        assert len(set(shares)) > 2
        assert w2v.progress_title(found[0]) == "Finding phrases 1/2"
        assert w2v.progress_text(found[0]).endswith(" %")

    def test_an_interrupt_ends_finding_at_the_next_step(self, monkeypatch):
        monkeypatch.setattr("w2v.text.counting._PERIOD", 0.0)
        monkeypatch.setattr("w2v.phrases.work._MOST_WORDS", 64)
        text = text_of([[f"w{k}" for k in range(50)]] * 400)

        def interrupt():
            raise KeyboardInterrupt

        text.work = Work(interrupt)
        passed = []

        def pass_when_interrupted(*given):
            passed.append(given[3])
            while not text.work._is_over:
                time.sleep(0.001)

        monkeypatch.setattr("w2v.phrases.counting.count_candidates", pass_when_interrupted)
        with pytest.raises(KeyboardInterrupt):
            count_phrases(text, "_", 1)
        assert len(passed) <= 1

    def test_the_text_is_held_once(self):
        sentences = [["new", "york", f"w{k % 50}"] * 20 for k in range(2_000)]
        corpus = w2v.join_phrases(sentences, threshold=0.1)
        vocabulary = count_vocabulary(corpus, 1)
        [block] = vocabulary.drafts[0].blocks
        encoded = encode_corpus(corpus, vocabulary)
        assert np.shares_memory(encoded.tokens, block.entries)
        assert encoded.sentence_offsets[-1] == len(encoded.tokens) == vocabulary.tokens
