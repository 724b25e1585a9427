"""Training on a text whose phrases are joined: found in it, or known from an earlier model."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from w2v.errors import Argument, ConfigError
from w2v.phrases.joined_corpus import JoinedCorpus
from w2v.phrases.phrases import Phrases
from w2v.text.corpus import Corpus, Origin
from w2v.training.config import TrainConfig
from w2v.training.phrase_fields import named_settings
from w2v.training.warn import warn_caller


def settings_of(corpus: object, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings with which a corpus was joined already; none for any other corpus.

    Parameters
    ----------
    corpus : object
        The corpus that a user gave.
    given : mapping of str to object
        The arguments that differ from their defaults.

    Raises
    ------
    ConfigError
        One of these settings was given too.
    """
    if not isinstance(corpus, JoinedCorpus):
        return {}
    settings = {**asdict(corpus.form), **named_settings(corpus.settings)}
    for name in settings:
        if name in given:
            raise ConfigError(
                Argument(name),
                " has no effect on a text whose phrases are joined; give it to join_phrases.",
            )
    return settings


def check_continued(corpus: Corpus, config: TrainConfig, known: Phrases | None) -> None:
    """Raise ConfigError where a joined text does not suit the model that is trained further.

    The model's settings and phrases stay as they are, and a resumed training joins these again.

    Parameters
    ----------
    corpus : Corpus
        The corpus; one that is not joined suits every model.
    config : TrainConfig
        The settings of the model.
    known : Phrases or None
        Its phrases.
    """
    if not isinstance(corpus, JoinedCorpus):
        return
    if not config.phrases:
        raise ConfigError(
            "The model to continue was trained without phrases, so a text whose phrases are joined"
            " does not suit it; give the text itself, or train a new model."
        )
    form, names = asdict(config.word_form), ["tokenizer", "lower"]
    if corpus.has_lists:  # which need no tokenizer
        names.remove("tokenizer")
    for name in names:
        value = getattr(corpus.form, name)
        if value != form[name]:
            raise ConfigError(
                Argument(name), f" is {form[name]!r} in the model to continue, and was {value!r}"
                " when the phrases of this text were joined; give the text itself.",
            )  # fmt: skip
    if known is not None and not _are_the_same(corpus.known, known):
        raise ConfigError(
            "The phrases of this joined text are not those of the model to continue; give the text"
            " itself, in which the model's phrases are joined."
        )


def _are_the_same(first: Phrases | None, second: Phrases) -> bool:
    if first is None or first.settings != second.settings:
        return False
    return [each.known for each in first.rounds] == [each.known for each in second.rounds]


def joined(
    corpus: Corpus, config: TrainConfig, known: Phrases | None, among: Collection[str] | None
) -> Corpus:
    """Return a corpus to train on, with its phrases joined where the settings ask for them.

    Parameters
    ----------
    corpus : Corpus
        The corpus; one that is joined already stays as it is.
    config : TrainConfig
        The settings.
    known : Phrases or None
        The phrases to join; None finds them.
    among : collection of str or None
        The words of a vocabulary that was given: phrases that it lacks are left apart.
    """
    if isinstance(corpus, JoinedCorpus) or not config.phrases:
        return corpus
    return JoinedCorpus(corpus, config.phrase_settings(), known, config.threads, among)


def origin_of(corpus: Corpus) -> Origin | None:
    """Return where a resumed training finds a corpus again; it joins the same phrases again."""
    return corpus.unjoined.origin if isinstance(corpus, JoinedCorpus) else corpus.origin


def phrases_of(corpus: Corpus, among: Collection[str] | None) -> Phrases | None:
    """Return the phrases that were joined in a corpus that has been read, if any.

    Warns where a vocabulary was given that has none of them.
    """
    if not isinstance(corpus, JoinedCorpus):
        return None
    if among is not None and not len(corpus.phrases):
        warn_caller(
            f"No phrase of {corpus} is in the vocabulary, so none was joined; make the vocabulary"
            " from the joined text, which 'w2v phrases' and w2v.join_phrases give."
        )
    return corpus.phrases
