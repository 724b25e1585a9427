"""Training goes on from a model, with new text and new words, or starts from any vectors."""

from collections import Counter
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from checkpoints import killed_after
from hypothesis import given
from hypothesis import strategies as st
from variants import ALL_VARIANTS

import w2v
from w2v.errors import ConfigError, CorpusError
from w2v.text.known_vocabulary import extend_vocabulary, use_vocabulary
from w2v.training.defaults import default_min_alpha
from w2v.training.huffman import huffman_paths, node_children
from w2v_corpora import toy

LINES = [line.decode().split() for line in toy.text().splitlines()]
FIRST, MORE = LINES[:6000], [[*line, "newish"] for line in LINES[6000:9000]]
QUICK = {"vector_size": 10, "epochs": 2, "workers": 1, "sample": 0.01}
STILL = {"alpha": 1e-15, "min_alpha": 0, "epochs": 1}  # moves nothing that float32 can tell


@pytest.fixture(scope="module", params=ALL_VARIANTS, ids="-".join)
def model(request):
    architecture, loss = request.param
    return w2v.train(FIRST, architecture=architecture, loss=loss, **QUICK)


def counted(sentences):
    return Counter(chain(*sentences))


class TestTheVocabulary:
    @given(
        st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1), min_size=1),
        st.dictionaries(st.sampled_from("abcdexyz"), st.integers(1, 5), min_size=2),
        st.one_of(st.none(), st.integers(1, 3)),
        st.one_of(st.none(), st.integers(2, 7)),
    )
    def test_equals_a_plain_count(self, sentences, earlier, min_count, most):
        words = sorted(earlier, key=lambda word: -earlier[word])
        counts = np.array([earlier[word] for word in words])
        corpus, new = w2v.open_corpus(sentences), counted(sentences)
        added = [w for w in new if w not in earlier and min_count and new[w] >= min_count]
        added.sort(key=lambda word: -new[word])
        if most is not None:
            added = added[: max(0, most - len(words))]
        if not set(new) & {*words, *added}:
            with pytest.raises(CorpusError, match="No word of the sentences is in the vocabulary"):
                extend_vocabulary(corpus, words, counts, min_count, most)
            return
        found = extend_vocabulary(corpus, words, counts, min_count, most)
        total = {word: earlier.get(word, 0) + new[word] for word in [*words, *added]}
        assert found.words == sorted(total, key=lambda word: -total[word])  # stable
        assert found.counts.tolist() == [total[word] for word in found.words]
        assert found.tokens == sum(new[word] for word in total)
        assert found.earlier_tokens == sum(earlier.values())
        assert found.corpus_words == new.total()
        again = use_vocabulary(corpus, found.words, found.counts)
        assert again == found  # drafts apart

    def test_is_resorted_from_total_counts(self, model):
        more = w2v.train(MORE, continue_from=model, new_words=True, **STILL)
        known = set(model.vectors.index_to_key)
        earlier = Counter({word: n for word, n in counted(FIRST).items() if word in known})
        total = earlier + counted(MORE)
        assert more.vectors.index_to_key[:50] != model.vectors.index_to_key[:50]
        added = {word for word, count in counted(MORE).items() if count >= 5}
        assert set(more.vectors.index_to_key) == {*model.vectors.index_to_key, *added}
        assert "newish" in added
        for word, count in zip(more.vectors.index_to_key, more.vectors.counts, strict=True):
            assert count == total[word]
        assert np.all(np.diff(more.vectors.counts) <= 0)
        ledger = more.summary.ledger
        assert ledger["read"] == counted(MORE).total()

    def test_without_new_words_they_are_left_out(self, model):
        more = w2v.train(MORE, continue_from=model, **STILL)
        assert "newish" not in more.vectors
        assert more.summary.ledger["out_of_vocabulary"] >= 3000

    def test_a_text_of_strange_words_only_is_refused(self, model):
        with pytest.raises(CorpusError, match="add new ones with new_words, and a min_count"):
            w2v.train([["xyzzy", "plugh"]] * 9, continue_from=model)


class TestContinuing:
    def test_starts_where_the_model_ended(self, model):
        more = w2v.train(MORE, continue_from=model, new_words=True, **STILL)
        for word in model.vectors.index_to_key:
            np.testing.assert_array_equal(more.vectors[word], model.vectors[word])
        assert np.abs(more.vectors["newish"]).max() <= 1 / 10
        if model.config.loss == "negative":
            for word in model.vectors.index_to_key:
                row, before = (each.vectors.key_to_index[word] for each in (more, model))
                np.testing.assert_allclose(more.output[row], model.output[before], atol=1e-7)

    def test_learns(self, model):
        before = w2v.train(MORE, **{**QUICK, **STILL}, **variant_of(model)).summary.loss
        fresh = w2v.train(MORE, **QUICK, **variant_of(model))
        more = w2v.train(MORE, continue_from=model, new_words=True, workers=1)
        assert more.history[0].loss < fresh.history[0].loss < before
        assert more.vectors.similarity("newish", "the") > -1
        assert len(more.history) == 2  # the model's epochs

    def test_settings_are_the_models_where_none_are_given(self, model):
        more = w2v.train(MORE, continue_from=model, alpha=0.03, workers=1)
        chosen = default_min_alpha(0.03, more.summary.tokens, 2)  # by the text, as the model's was
        expected = {**model.config.as_dict(), "alpha": 0.03, "min_alpha": chosen}
        assert more.config.as_dict() == expected

    def test_what_was_left_to_the_text_is_chosen_anew(self):
        short = w2v.train(FIRST[:800], vector_size=4, workers=1)
        more = w2v.train(FIRST, continue_from=short, workers=1)
        fresh = w2v.train(FIRST, vector_size=4, workers=1)
        assert short.config.epochs > fresh.config.epochs
        assert abs(more.config.epochs - fresh.config.epochs) <= 1  # fewer words have vectors
        given = w2v.train(FIRST[:800], vector_size=4, workers=1, epochs=3, sample=0.01)
        more = w2v.train(FIRST, continue_from=given, workers=1)
        assert (more.config.epochs, more.config.sample) == (3, 0.01)

    def test_counts_that_were_given_do_not_choose_for_the_next_text(self):
        counts = {word: 10_000 for sentence in FIRST[:800] for word in sentence}
        short = w2v.train(FIRST[:800], vocabulary=counts, vector_size=4, workers=1)
        more = w2v.train(FIRST, continue_from=short, workers=1)
        assert more.config.epochs < short.config.epochs

    @pytest.mark.parametrize("setting", [{"vector_size": 11}, {"architecture": None}])
    def test_what_a_model_cannot_change_is_refused(self, model, setting):
        if "architecture" in setting:
            other = {"cbow": "skipgram", "skipgram": "cbow"}
            setting = {"architecture": other[model.config.architecture]}
        (name,) = setting
        with pytest.raises(ConfigError, match=f"^{name} is .* in the model to continue and cannot"):
            w2v.train(MORE, continue_from=model, **setting)

    def test_can_itself_be_killed_and_resumed(self, model, tmp_path):
        whole = w2v.train(MORE, continue_from=model, new_words=True, workers=1)
        directory = tmp_path / "checkpoints"
        killed_after(
            1, corpus=MORE, continue_from=model, new_words=True, workers=1, checkpoint=directory
        )
        resumed = w2v.train(MORE, resume=directory)
        np.testing.assert_array_equal(resumed.vectors.vectors, whole.vectors.vectors)
        np.testing.assert_array_equal(resumed.output, whole.output)
        np.testing.assert_array_equal(resumed.vectors.counts, whole.vectors.counts)
        with pytest.raises(CorpusError, match="not the one"):
            w2v.train(FIRST, resume=directory)

    @pytest.mark.parametrize(
        ("starts", "said"),
        [
            ({"new_words": True}, "new_words has no effect without continue_from"),
            ({"freeze": True}, "freeze has no effect without init_from"),
            ({"init_from": "a", "continue_from": "b"}, "from continue_from and init_from at once"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, starts, said):
        with pytest.raises(ConfigError, match=said):
            w2v.train("toy", **starts)


def variant_of(model):
    return {"architecture": model.config.architecture, "loss": model.config.loss}


class TestTheTree:
    def test_children_are_those_of_the_paths(self):
        counts = np.sort(np.random.default_rng(0).integers(1, 100, 50))[::-1]
        paths, children = huffman_paths(counts), node_children(counts)
        for word in range(50):
            place, node = paths.offsets[word + 1] - 1, word
            while place >= paths.offsets[word]:
                assert children[paths.points[place], paths.codes[place]] == node
                node, place = 50 + paths.points[place], place - 1
            assert node == 2 * 50 - 2

    def test_a_node_keeps_its_vector_where_it_parts_the_same_words(self):
        """The probability of a word that is only below such nodes stays the same, too."""
        model = w2v.train(FIRST, loss="hierarchical", **QUICK)
        more = w2v.train(MORE, continue_from=model, **STILL)
        old, new = sides_of(model), sides_of(more)
        kept = turned = 0
        for (first, second), row in new.items():
            if (first, second) in old:
                expected = model.output[old[first, second]]
                kept += 1
            elif (second, first) in old:
                expected = -model.output[old[second, first]]
                turned += 1
            else:
                expected = np.zeros(10, np.float32)
            np.testing.assert_allclose(more.output[row], expected, atol=1e-7)
        assert 10 < kept + turned < len(new)

    def test_its_sign_is_turned_where_the_sides_change_places(self):
        first, more = [["a", "b", "a"]] * 50, [["b", "b", "a"]] * 100
        model = w2v.train(first, loss="hierarchical", **{**QUICK, "sample": 0})
        turned = w2v.train(more, continue_from=model, **STILL)
        assert turned.vectors.index_to_key == ["b", "a"]
        assert np.abs(model.output[0]).max() > 0.001
        np.testing.assert_allclose(turned.output[0], -model.output[0], atol=1e-7)

    def test_with_the_same_proportions_all_is_kept(self):
        model = w2v.train(FIRST, loss="hierarchical", **QUICK)
        more = w2v.train(FIRST, continue_from=model, **STILL)
        np.testing.assert_allclose(more.output, model.output, atol=1e-7)


def sides_of(model):
    """The sets of words on the two sides of each inner node, and its row."""
    counts, words = model.vectors.counts, model.vectors.index_to_key
    paths, sides = huffman_paths(counts), {}
    for word in range(len(words)):
        for place in range(paths.offsets[word], paths.offsets[word + 1]):
            pair = sides.setdefault(int(paths.points[place]), (set(), set()))
            pair[paths.codes[place]].add(words[word])
    return {(frozenset(a), frozenset(b)): row for row, (a, b) in sides.items()}


class TestCommandLine:
    @pytest.fixture
    def texts(self, shell):
        for name, lines in (("first.txt", FIRST), ("more.txt", MORE)):
            Path(name).write_text("\n".join(map(" ".join, lines)))

    def test_continue_and_new_words(self, shell, texts):
        shell.succeed("train", "first.txt", "-o", "model.safetensors", "--vector-size", 10)
        result = shell.succeed(
            "train", "more.txt", "--continue", "model.safetensors", "--new-words", "-o", "more.bin"
        )
        words, more = (len(w2v.load(path)) for path in ("model.safetensors", "more.bin"))
        assert words < more
        assert f"\n{words:,} of {more:,} words have vectors to start from\n" in result.stderr
        assert "newish" in w2v.load("more.bin")
        shell.succeed("train", "more.txt", "--continue", "model.safetensors", "-o", "less.bin")
        assert "newish" not in w2v.load("less.bin")

    def test_init_from_and_freeze(self, shell, texts):
        shell.succeed("train", "first.txt", "-o", "first.vec", "--vector-size", 10)
        result = shell.succeed("train", "more.txt", "--init-from", "first.vec", "--freeze")
        assert ", and keep them\n" in result.stderr
        np.testing.assert_array_equal(w2v.load("more.bin")["cat"], w2v.load("first.vec")["cat"])

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("--continue", "none"), "none"),
            (("--continue", "first.vec"), "first.vec"),
            (("--new-words",), "--new-words has no effect without --continue"),
            (("--freeze",), "--freeze has no effect without --init-from"),
            (("--init-from", "first.vec", "--vector-size", 3), "--vector-size must be 10"),
            (
                ("--init-from", "first.vec", "--continue", "x"),
                "from --continue and --init-from at once",
            ),
        ],
    )
    def test_mistakes(self, shell, texts, arguments, said):
        shell.succeed("train", "first.txt", "-o", "first.vec", "--vector-size", 10, "--epochs", 1)
        before = shell.files()
        assert said in shell.fail("train", "more.txt", *arguments)
        assert shell.files() == before
