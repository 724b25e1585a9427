"""Phrases are gensim's: the same words joined, with the same scores, whatever the text."""

import itertools
import time
from collections import Counter

import numpy as np
import pytest
from gensim.models import phrases as gensim_phrases
from hypothesis import assume, given
from hypothesis import strategies as st
from texts import SPACES, corpus_of, lines_of, real_text

import w2v
from w2v.kernels.jit import JIT_ENABLED
from w2v.kernels.phrases import join_phrases, next_cut
from w2v.kernels.prints import add_prints
from w2v.phrases.counting import count_phrases
from w2v.phrases.prints import SPACE, GrowingTable, fingerprints
from w2v.phrases.settings import ENGLISH
from w2v.phrases.text import PhraseText
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


def text_of(sentences, workers=1, memory_limit=None, connectors=()):
    corpus = w2v.open_corpus(sentences)
    return PhraseText(corpus, connectors, workers, memory_limit)


class TestFingerprints:
    def test_they_are_compositions_of_maps_modulo_a_prime(self):
        prime = 2**61 - 1
        maps = fingerprints([bytes([letter]) for letter in range(256)]).tolist()
        assert all(0 < number < prime for pair in maps for number in pair)
        for text in (b"", b"a", bytes(range(256)), "한국 new york".encode() * 9, b"\xff" * 99):
            factor, total = 1, 0
            for letter in text:
                factor = factor * maps[letter][0] % prime
                total = (total * maps[letter][0] + maps[letter][1]) % prime
            assert fingerprints([text]).tolist() == [[factor, total]]

    def test_texts_that_are_alike_differ(self):
        """Modulo 2^64, words of the Thue-Morse sequence collide, whatever their letters are."""
        one, other = b"a", b"b"
        while len(one) < (1 << 11 if JIT_ENABLED else 1 << 7):
            one, other = one + other, other + one
        texts = [one, other, one + b"_" + other, other + b"_" + one, b"ab" * 512 + b"cd" * 512]
        texts += [b"cd" * 512 + b"ab" * 512, *map(bytes, itertools.permutations(b"listen"))]
        sums = fingerprints(texts)[:, 1].tolist()
        assert len(set(sums)) == len(texts)
        # No bit of the sum is the same in all anagrams.
        anagrams = sums[-720:]
        assert all({total >> bit & 1 for total in anagrams} == {0, 1} for bit in range(61))


class TestParts:
    @pytest.mark.parametrize(("workers", "limit"), [(1, 10_000), (3, None), (2, 5_000)])
    def test_the_result_is_the_same_from_any_number_of_parts(self, workers, limit):
        rng = np.random.default_rng(5)
        names = [f"word{number}" for number in range(60)]
        sentences = [[names[k] for k in rng.integers(60, size=9)] for _ in range(200)]
        whole = count_phrases(text_of(sentences), "_", 2)
        other = count_phrases(text_of(sentences, workers, limit), "_", 2)
        for name in ("places", "counts", "word_counts"):
            assert np.array_equal(getattr(whole, name), getattr(other, name))
        pairs = Counter(pair for words in sentences for pair in itertools.pairwise(words))
        assert whole.distinct == other.distinct == len(pairs) + 60
        assert sorted(whole.counts) == sorted(count for count in pairs.values() if count >= 2)

    def test_a_table_grows(self):
        table = GrowingTable()
        texts = [f"{number}".encode() for number in range(100_000 if JIT_ENABLED else 40_000)]
        prints = fingerprints(texts)
        for first, stop in table.steps(len(texts)):
            add_prints(prints[first:stop], table.columns)
        assert len(table) == len(texts)
        assert len(table.columns.records) > 1 << 16

    def test_the_text_is_cut_where_no_phrase_reaches_across(self):
        """Joined in two parts, cut at any place, the text is that joined in one."""
        sentences = ["a b c of d a b a of b of", "c of of d b c d of c a b d"]
        phrases = ["a b", "b c", "c of d", "a of b", "c of of d"]
        connectors = {"of"}
        for first in range(25):
            texts = [text_of(map(str.split, sentences), connectors=connectors) for _ in range(2)]
            results = []
            for text, place in zip(texts, (0, first), strict=True):
                targets = text.entries([phrase.replace(" ", "_") for phrase in phrases])
                table = GrowingTable()
                add_prints(fingerprints([phrase.encode() for phrase in phrases]), table.columns)
                known = text.words, fingerprints([SPACE])[0], table.columns
                cut = next_cut(text.tokens, text.offsets, place, *known)
                assert cut >= min(place, len(text.tokens))
                ids, sizes = [], []
                for begin, end in ((0, cut), (cut, len(text.tokens))):
                    ends = text.ends(begin, end) - begin
                    kept = join_phrases(text.tokens[begin:end], ends, *known, targets)
                    ids += text.tokens[begin : begin + kept].tolist()
                    sizes += ends.tolist()
                results.append(text.table.words(np.array(ids)))
            assert results[0] == results[1]
        assert "c_of_of_d" in results[0]

    def test_fingerprints_of_parts_make_that_of_the_whole(self):
        texts = [b"new", b"_", b"york", b"new_york", b"n", b"ew_york", "한국".encode(), b""]
        prints = fingerprints(texts).tolist()

        def followed(first, second):
            factor, total = first[0] * second[0], first[1] * second[0] + second[1]
            return [factor % (2**61 - 1), total % (2**61 - 1)]

        assert followed(followed(prints[0], prints[1]), prints[2]) == prints[3]
        assert followed(prints[4], prints[5]) == prints[3]
        assert prints[7] == [1, 0]
        assert len({tuple(each) for each in prints}) == len(prints) - 0


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


class TestTraining:
    SMALL = {"vector_size": 8, "epochs": 9, "min_count": 1, "workers": 1, "sample": 0}  # noqa: RUF012

    def test_training_with_phrases_is_training_on_the_joined_text(self, tmp_path):
        text = tmp_path / "text"
        text.write_text("\n".join(map(" ".join, NEW_YORK)))
        settings = {"rounds": 2, "threshold": 1.0, "min_count": 1, "connector_words": "of the"}
        joined = w2v.join_phrases(text, **settings)
        joined.save(tmp_path / "joined")
        given = {f"phrase_{name}": value for name, value in settings.items()}
        models = [
            w2v.train(text, phrases=True, **given, **self.SMALL),
            w2v.train(joined, **self.SMALL),
            w2v.train(tmp_path / "joined", **self.SMALL),
        ]
        for model in models:
            assert model.vectors.index_to_key == models[0].vectors.index_to_key
            assert np.array_equal(model.vectors.vectors, models[0].vectors.vectors)
        assert "bank_of_america" in models[0].vectors
        assert models[0].config.phrases
        models[0].save(tmp_path / "model.safetensors")
        kept = w2v.load_model(tmp_path / "model.safetensors").config.as_dict()
        assert {name: kept[name] for name in given} == given

    def test_a_checkpoint_goes_on_with_phrases(self, tmp_path):
        text, directory = tmp_path / "text", tmp_path / "checkpoints"
        text.write_text("\n".join(map(" ".join, NEW_YORK)))
        settings = {**self.SMALL, "phrases": True, "phrase_threshold": 0.5}
        whole = w2v.train(text, checkpoint=directory, checkpoint_every=0, **settings)
        again = w2v.train(resume=directory)
        assert again.config.phrase_threshold == 0.5
        assert "new_york" in again.vectors
        assert np.array_equal(again.vectors.vectors, whole.vectors.vectors)

    def test_what_was_replaced_and_left_out_is_reported(self, tmp_path):
        (tmp_path / "text").write_bytes(b"a b \xff c\n" * 9 + b"x" * 70_000 + b" a b\n")
        events = []
        with pytest.warns(UserWarning, match="Left out 1 word of more than"):
            w2v.train(
                tmp_path / "text", phrases=True, invalid_utf8="replace", on_event=events.append,
                **self.SMALL,
            )  # fmt: skip
        [counted] = [event for event in events if isinstance(event, w2v.VocabularyCounted)]
        assert (counted.replaced, counted.left_out, counted.corpus_words) == (9, 1, 38)

    def test_words_are_found_before_phrases(self):
        texts = ["In New York, they saw it.", "New York! A new thing; a York."] * 30
        settings = {"phrases": True, "phrase_threshold": 0.1, "tokenizer": "words", "lower": True}
        model = w2v.train(texts, **settings, **self.SMALL)
        assert "new_york" in model.vectors
        joined = w2v.join_phrases(texts, threshold=0.1, tokenizer="words", lower=True)
        again = w2v.train(joined, **self.SMALL)
        assert again.vectors.index_to_key == model.vectors.index_to_key
        with pytest.raises(w2v.ConfigError, match="lower has no effect on a text whose phrases"):
            w2v.train(joined, lower=True)

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"phrase_rounds": 2}, "phrase_rounds has no effect without phrases; give phrases too"),
            ({"phrases": True, "phrase_threshold": -0.5}, "phrase_threshold must be a number ab"),
            ({"phrases": True, "phrase_delimiter": ""}, "phrase_delimiter must be one or more"),
            ({"phrases": 1}, "phrases must be True or False"),
        ],
    )
    def test_bad_settings(self, settings, message):
        with pytest.raises(w2v.ConfigError, match=message):
            w2v.train(NEW_YORK, **settings)


class TestModels:
    SMALL = TestTraining.SMALL
    FOUND = {"phrases": True, "phrase_threshold": 0.5}  # noqa: RUF012
    MORE = [["new", "york", "is", "new"], ["york", "saw", "it"]] * 50

    @pytest.fixture
    def model(self):
        return w2v.train(NEW_YORK, **self.FOUND, **self.SMALL)

    def test_a_model_keeps_its_phrases(self, model, tmp_path):
        assert "new_york" in model.phrases.scores
        model.save(tmp_path / "model.safetensors")
        again = w2v.load_model(tmp_path / "model.safetensors").phrases
        assert again.scores == model.phrases.scores
        assert again.settings == model.phrases.settings
        assert again.join(["in", "new", "york"]) == ["in", "new_york"]
        assert w2v.train(NEW_YORK, **self.SMALL).phrases is None

    @pytest.mark.parametrize("is_file", [False, True])
    def test_further_training_joins_the_phrases_of_the_model(self, model, tmp_path, is_file):
        path = tmp_path / "model.safetensors"
        model.save(path)
        more = w2v.train(self.MORE, continue_from=path if is_file else model, workers=1)
        counts = dict(zip(more.vectors.index_to_key, more.vectors.counts, strict=True))
        before = dict(zip(model.vectors.index_to_key, model.vectors.counts, strict=True))
        changed = {word: counts[word] - before[word] for word in counts}
        assert {word: more for word, more in changed.items() if more} == {
            "new_york": 50, "new": 50, "saw": 50, "it": 50
        }  # fmt: skip
        assert more.phrases.scores == model.phrases.scores
        with pytest.raises(w2v.ConfigError, match=r"phrase_threshold is 0\.5 in the model"):
            w2v.train(self.MORE, continue_from=model, phrase_threshold=2.0)
        plain = w2v.train(NEW_YORK, phrases=True, **self.SMALL)
        with pytest.raises(w2v.ConfigError, match="phrase_threshold is its default in the model"):
            w2v.train(self.MORE, continue_from=plain, phrase_threshold=2.0)
        with pytest.raises(w2v.ConfigError, match="phrases is True in the model"):
            w2v.train(self.MORE, continue_from=plain, phrases=False)

    def test_damaged_phrases_are_refused(self, model, tmp_path):
        path = tmp_path / "model.safetensors"
        model.save(path)
        path.write_bytes(
            path.read_bytes().replace(b'"kind": "w2v phrases"', b'"kind": "w2v phrasse"')
        )
        with pytest.raises(w2v.FormatError, match="is damaged: its phrases cannot be read"):
            w2v.load_model(path)

    def test_a_checkpoint_keeps_them(self, model, tmp_path):
        text, directory = tmp_path / "text", tmp_path / "checkpoints"
        text.write_text("\n".join(map(" ".join, NEW_YORK)))
        joined = w2v.join_phrases(text, threshold=0.5)
        whole = w2v.train(joined, checkpoint=directory, checkpoint_every=0, **self.SMALL)
        assert w2v.read_checkpoint(directory).model.phrases.scores == whole.phrases.scores
        again = w2v.train(resume=directory)  # the text that was joined is found again
        assert again.phrases.scores == whole.phrases.scores
        assert np.array_equal(again.vectors.vectors, whole.vectors.vectors)

    def test_a_joined_corpus_is_recorded(self, tmp_path):
        texts = ["In New York, they saw it.", "New York! A new thing; a York of them."] * 30
        how = {"threshold": 0.1, "rounds": 2, "connector_words": ["of"]}
        joined = w2v.join_phrases(texts, tokenizer="words", lower=True, **how)
        model = w2v.train(joined, **self.SMALL)
        config = model.config
        assert (config.tokenizer, config.lower, config.phrases) == ("words", True, True)
        assert (config.phrase_threshold, config.phrase_rounds) == (0.1, 2)
        assert config.phrase_connector_words == "of"
        assert model.phrases.scores == joined.phrases.scores
        model.save(tmp_path / "model.safetensors")
        vectors = w2v.load(tmp_path / "model.safetensors")
        assert vectors.form == joined.form  # so a query for New_York finds it
        for setting in ({"lower": True}, {"phrases": True}, {"phrase_rounds": 2, "phrases": True}):
            with pytest.raises(w2v.ConfigError, match="has no effect on a text whose phrases"):
                w2v.train(joined, **setting)
        more = w2v.train(texts, continue_from=model, workers=1)
        assert more.vectors.index_to_key == model.vectors.index_to_key
        assert list(more.vectors.counts) == [2 * count for count in model.vectors.counts]

    def test_a_model_with_a_tokenizer_goes_on_with_lists_and_joined_texts(self):
        texts = ["In New York, they saw it.", "New York! A new thing; a York of them."] * 30
        form = {"tokenizer": "words", "lower": True}
        model = w2v.train(texts, phrases=True, phrase_threshold=0.1, **form, **self.SMALL)
        lists = [["IN", "new", "york", "they", "saw", "it"]] * 60
        texts = ["In New York they saw: it!"] * 60
        joined = w2v.join_phrases(texts, phrases=model.phrases, **form)
        words = model.phrases.join(["in", "new", "york", "they", "saw", "it"])
        kept = sum(word in model.vectors for word in words)
        assert 2 <= kept < 6
        for corpus in (lists, iter(lists), w2v.open_corpus(lists), joined, texts, iter(texts)):
            more = w2v.train(corpus, continue_from=model, workers=1)
            assert more.vectors.counts.sum() == model.vectors.counts.sum() + 60 * kept
            assert more.config.tokenizer == "words"

    def test_phrases_that_a_given_vocabulary_lacks_are_left_apart(self):
        settings = {"phrases": True, "phrase_threshold": 0.5, "phrase_rounds": 2, **self.SMALL}
        plain = w2v.count_words(NEW_YORK, min_count=1)
        with pytest.warns(UserWarning, match="No phrase of the sentences is in the vocabulary"):
            model = w2v.train(NEW_YORK, vocabulary=plain, **settings)
        assert model.summary.tokens == sum(plain.values())  # no word was lost
        counts = w2v.count_words(w2v.join_phrases(NEW_YORK, threshold=0.5, rounds=2), min_count=1)
        model = w2v.train(NEW_YORK, vocabulary=counts, **settings)
        assert model.summary.tokens == sum(counts.values())
        assert "new_york" in model.vectors
        some = {**plain, "new_york": 12}
        del some["york"]  # it stands after "new" only
        model = w2v.train(NEW_YORK, vocabulary=some, **settings)
        assert set(model.phrases.scores) == {"new_york"}
        assert model.summary.tokens == sum(plain.values()) - 12


class TestProgress:
    SMALL = TestTraining.SMALL

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
        monkeypatch.setattr(
            "w2v.phrases.counting.count_candidates", lambda *given: passed.append(given[3])
        )
        with pytest.raises(KeyboardInterrupt):
            count_phrases(text, "_", 1)
        assert len(passed) < len(text.tokens) // 64

    def test_the_text_is_held_once(self):
        sentences = [["new", "york", f"w{k % 50}"] * 20 for k in range(2_000)]
        corpus = w2v.join_phrases(sentences, threshold=0.1)
        vocabulary = count_vocabulary(corpus, 1)
        [block] = vocabulary.drafts[0].blocks
        encoded = encode_corpus(corpus, vocabulary)
        assert np.shares_memory(encoded.tokens, block.entries)
        assert encoded.sentence_offsets[-1] == len(encoded.tokens) == vocabulary.tokens
