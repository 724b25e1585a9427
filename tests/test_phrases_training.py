"""Training with phrases: as on the joined text, and a model keeps them."""

import numpy as np
import pytest
from test_phrases import NEW_YORK

import w2v


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

    def test_a_joined_text_continues_a_model_with_the_same_phrases_only(self, model, tmp_path):
        text, directory = tmp_path / "text", tmp_path / "checkpoints"
        text.write_text("\n".join(map(" ".join, self.MORE)))
        plain = w2v.train(NEW_YORK, **self.SMALL)
        joined = w2v.join_phrases(text, threshold=0.5)
        with pytest.raises(w2v.ConfigError, match="was trained without phrases"):
            w2v.train(joined, continue_from=plain, new_words=True, checkpoint=directory)
        with pytest.raises(w2v.ConfigError, match="not those of the model to continue"):
            w2v.train(joined, continue_from=model)
        other = w2v.join_phrases(text, threshold=0.5, delimiter="+")
        with pytest.raises(w2v.ConfigError, match="not those of the model to continue"):
            w2v.train(other, continue_from=model, new_words=True)
        lower = w2v.join_phrases(text, phrases=model.phrases, lower=True)
        with pytest.raises(w2v.ConfigError, match="lower is False in the model to continue, and"):
            w2v.train(lower, continue_from=model)
        words = w2v.join_phrases(text, phrases=model.phrases, tokenizer="words")
        with pytest.raises(w2v.ConfigError, match="tokenizer is 'whitespace' in the model"):
            w2v.train(words, continue_from=model)

    def test_a_continued_training_on_a_joined_text_is_resumed(self, model, tmp_path):
        text, directory = tmp_path / "text", tmp_path / "checkpoints"
        text.write_text("\n".join(map(" ".join, self.MORE)))
        joined = w2v.join_phrases(text, phrases=model.phrases)
        whole = w2v.train(
            joined, continue_from=model, workers=1, checkpoint=directory, checkpoint_every=0
        )
        again = w2v.train(resume=directory, workers=1)
        for each in (whole, again):
            assert each.config.phrases
            assert each.phrases.scores == model.phrases.scores
        assert np.array_equal(again.vectors.vectors, whole.vectors.vectors)
        more = w2v.train(text, continue_from=whole, workers=1)
        assert more.phrases.scores == model.phrases.scores

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
