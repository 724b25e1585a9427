"""A gensim model in a file of w2v's own: a full model, with gensim's settings beside w2v's."""

import json
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from w2v.arguments import checked_path, shown
from w2v.compat import vector_files
from w2v.compat.extras import PREFIX, restore_extras, stored_extras
from w2v.compat.storage import (
    refuse_pickle,
    restored_attributes,
    restored_keys,
    stored_attributes,
    stored_keys,
)
from w2v.compat.word2vec_building import Building
from w2v.compat.word2vec_settings import WIDEST_WINDOW, logger
from w2v.errors import FormatError
from w2v.formats import full_model
from w2v.formats.detect import detect
from w2v.formats.full_model_checks import VECTORS_FORMAT
from w2v.formats.tensors import read_header
from w2v.training.config import TrainConfig
from w2v.training.events import Summary
from w2v.training.model import Settings, open_model, read_settings
from w2v.training.phrase_fields import named_settings
from w2v.training.stored_phrases import phrase_tensors, stored_phrases

_KEY = "gensim"  # of gensim's settings in the metadata
_KEPT = (
    "vector_size", "alpha", "min_alpha", "window", "shrink_windows", "min_count", "max_vocab_size",
    "max_final_vocab", "sorted_vocab", "sample", "null_word", "comment", "seed", "workers",
    "epochs", "batch_words", "sg", "hs", "negative", "ns_exponent", "cbow_mean", "compute_loss",
    "running_training_loss", "min_alpha_yet_reached", "corpus_count", "corpus_total_words",
    "train_count", "total_train_time", "effective_min_count",
)  # fmt: skip


# Attributes of a model that are not a user's own; these are kept otherwise, or made again.
_KEPT_ELSEWHERE = (*_KEPT, "hashfxn", "layer1_size", "load", "phrases", "syn1", "syn1neg", "wv")
_OF_VECTORS = "wv."  # before the names of tensors of what a user keeps on the vectors
_MADE_AGAIN = ("count", "code", "point")  # attributes that a model has of its own


class NotAModelError(FormatError, AttributeError):
    """The file holds no model to train. Also an AttributeError, as in gensim."""


def write(path: str | os.PathLike[str], model: Building) -> None:
    """Write a model atomically.

    Parameters
    ----------
    path : path-like
        The file.
    model : Building
        The model, with words.

    Raises
    ------
    W2VError
        The file cannot be written, or a word cannot be kept.
    """
    target = checked_path("fname", path)
    words = model.wv.index_to_key
    if not words:
        raise FormatError(f"Cannot write {target}: the model has no words; call build_vocab first.")
    counts = np.asarray(model.wv.expandos["count"], dtype=np.int64)
    output = _joined_outputs(model)
    _check_readable(target, words, counts, len(output) // (2 if model.hs and model.negative else 1))
    stored_words, about = stored_keys(target, words)
    expandos = model.wv.expandos.items()
    tensors, attributes = stored_attributes(
        {name: values for name, values in expandos if name not in _MADE_AGAIN}
    )
    settings = {name: _plain(getattr(model, name)) for name in _KEPT}
    config = model.engine_settings(model.epochs or 1, 1, int(counts.sum()))
    of_phrases = {} if model.phrases is None else named_settings(model.phrases.settings)
    config = replace(config, **asdict(model.wv.form), **of_phrases)
    tensors.update(phrase_tensors(model.phrases), **stored_extras(model, _KEPT_ELSEWHERE))
    of_vectors = stored_extras(model.wv, vector_files.KEPT_ELSEWHERE)
    tensors.update({_OF_VECTORS + name: tensor for name, tensor in of_vectors.items()})
    tensors["vectors_lockf"] = np.asarray(model.wv.vectors_lockf, dtype="<f4")
    full_model.write(
        target,
        full_model.FullModel(
            words=stored_words,
            counts=counts,
            vectors=np.asarray(model.wv.vectors, dtype=np.float32),
            output=output,
            metadata={
                "config": json.dumps(config.as_dict()),
                "history": "[]",
                "summary": json.dumps(_summary(model, config, int(counts.sum())).stored()),
                _KEY: json.dumps(settings),
                **about,
                **attributes,
            },
            extra=tensors,
        ),
    )


def _check_readable(
    target: Path, words: list[Any], counts: NDArray[np.int64], trained: int
) -> None:
    """Raise FormatError for a model that could not be read again; `trained` is its output rows."""
    problem = ""
    if len(words) > trained:
        problem = (
            f"{shown(words[trained])} was added to the vectors of a model of {trained:,} words;"
            " save model.wv, or add words by build_vocab(update=True)"
        )
    elif "" in words:
        problem = "a word is empty; leave empty words out of the sentences"
    elif counts.min() < 1:
        problem = f"{shown(words[int(counts.argmin())])} was never seen; save model.wv"
    if problem:
        raise FormatError(f"Cannot write {target}: {problem}.")


def _joined_outputs(model: Building) -> NDArray[np.float32]:
    """Return the output rows: those of words first, then those of the tree's nodes."""
    if model.hs and model.negative:
        return np.concatenate([model.syn1neg, model.syn1])
    return model.syn1neg if model.negative else model.syn1


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _summary(model: Building, config: TrainConfig, tokens: int) -> Summary:
    seconds, words = model.total_train_time, model.corpus_total_words or tokens
    return Summary(
        tokens=tokens, corpus_words=words, vocabulary=len(model.wv.index_to_key),
        epochs=config.passes, done=float(model.train_count > 0), train_seconds=seconds,
        compile_seconds=0.0, words_per_second=words * config.passes / seconds if seconds else 0.0,
        loss=model.running_training_loss, held_out_loss=None, scores={}, ledger={},
        config=config.as_dict(),
    )  # fmt: skip


def read(path: str | os.PathLike[str], model: Building) -> None:
    """Read a file into a fresh model.

    Parameters
    ----------
    path : path-like
        The file: of `write`, or a full model of w2v.
    model : Building
        Gets the settings, words and weights.

    Raises
    ------
    FormatError
        The file is missing, damaged, or no model.
    """
    source = checked_path("fname", path)
    _check_kind(source)
    stored = open_model(source)
    settings = read_settings(stored)
    given = json.loads(stored.metadata[_KEY]) if _KEY in stored.metadata else _as_gensim(settings)
    for name in _KEPT:
        if name in given:
            setattr(model, name, given[name])
    model.layer1_size = model.vector_size
    words = restored_keys(source, stored.words, stored.metadata)
    tensors = {
        name: stored.tensor(name)
        for name in stored.places
        if name.startswith(("vec", PREFIX, _OF_VECTORS)) and name != "vectors"
    }
    wv = type(model.wv)(model.vector_size)
    wv.index_to_key, wv.key_to_index = words, {word: row for row, word in enumerate(words)}
    wv.expandos = restored_attributes(source, tensors, stored.metadata)
    wv.expandos["count"] = stored.counts
    wv.vectors = stored.matrix("vectors")
    wv.vectors_lockf = tensors.get("vectors_lockf", wv.vectors_lockf)
    wv.form = settings.config.word_form
    model.wv = wv
    restore_extras(source, tensors, model, _KEPT_ELSEWHERE)
    of_vectors = {
        name.removeprefix(_OF_VECTORS): tensor
        for name, tensor in tensors.items()
        if name.startswith(_OF_VECTORS)
    }
    restore_extras(source, of_vectors, wv, vector_files.KEPT_ELSEWHERE)
    model.phrases = stored_phrases(stored)
    if model.phrases is not None:
        logger.warning(
            "The words of this model are joined phrases, too: join them in further text, as in"
            " [model.phrases.join(sentence) for sentence in sentences]."
        )
    _read_outputs(stored, model)


def _read_outputs(stored: full_model.StoredModel, model: Building) -> None:
    output, size = stored.matrix("output"), len(stored.words)
    if model.negative:
        model.syn1neg = output[:size]
    if model.hs:
        model.syn1 = output[-size:]
        model.create_binary_tree()


def _as_gensim(settings: Settings) -> dict[str, Any]:
    """Return the settings of a model of w2v by gensim's names."""
    config, kept = settings.config, asdict(settings.config)
    same = {name: kept[name] for name in _KEPT if name in kept}
    if config.sentence_windows:  # windows of the widest kind that do not shrink are the same
        same.update(window=WIDEST_WINDOW, shrink_windows=False)
    return {
        **same, "sg": int(config.architecture == "skipgram"), "hs": int(config.has_paths),
        "negative": config.negative * config.has_noise, "cbow_mean": int(config.cbow_mean),
        "max_final_vocab": config.max_vocabulary, "min_alpha_yet_reached": config.alpha,
        "corpus_total_words": settings.summary.corpus_words, "train_count": 1,
        "effective_min_count": config.min_count,
    }  # fmt: skip


def _check_kind(path: Path) -> None:
    """Raise an error that says what to do where a file is a pickle or holds vectors alone."""
    if not path.is_file():
        return  # open_model reports what is missing
    refuse_pickle(path)
    if detect(path).name != "safetensors" or _holds_vectors_alone(path):
        raise NotAModelError(
            f"{path} holds word vectors alone, not a model that can be trained; read it with"
            " KeyedVectors.load."
        )


def _holds_vectors_alone(path: Path) -> bool:
    with path.open("rb") as stream:
        _, metadata = read_header(path, stream)
    return metadata.get("format") == VECTORS_FORMAT


def load_of_instance(*arguments: Any, **named: Any) -> NoReturn:
    """Raise AttributeError: `load` belongs to the class."""
    raise AttributeError("Word2Vec.load makes a new model; call it on the class, not on a model.")
