"""Chooses the start of a training: random numbers, an earlier model, vectors or a checkpoint."""

from w2v.arguments import checked_path
from w2v.training.checkpoint import Checkpoint
from w2v.training.continuing import FromModel, FromVectors
from w2v.training.fresh import Fresh
from w2v.training.model import Model
from w2v.training.request import Request
from w2v.training.resuming import FromCheckpoint
from w2v.training.vocabularies import given_vocabulary
from w2v.vectors.vectors_like import as_vectors


def choose_initial(request: Request, checkpoint: Checkpoint | None) -> Fresh:
    """Return the start of a training.

    Parameters
    ----------
    request : Request
        The arguments of `w2v.train`.
    checkpoint : Checkpoint or None
        The checkpoint to resume from, if any.

    Raises
    ------
    ConfigError
        An argument is of a wrong kind.
    FormatError
        A file cannot be read.
    """
    model, vectors = request.continue_from, request.init_from
    if checkpoint is not None:
        return FromCheckpoint(checkpoint)
    if model is not None:
        if not isinstance(model, Model):
            model = checked_path("continue_from", model, "a Model or ")
        return FromModel(model, request.new_words)
    if vectors is not None:
        given = given_vocabulary(request.vocabulary)
        return FromVectors(as_vectors("init_from", vectors), request.freeze, given)
    return Fresh(given_vocabulary(request.vocabulary))
