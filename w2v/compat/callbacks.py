"""The base class of callbacks for `Word2Vec`, with the methods of gensim's."""

from typing import Any


class CallbackAny2Vec:
    """Is called at the beginning and the end of a training and of each of its epochs.

    Inherit from it and override what you need. At each call the model has the vectors and the loss
    of that moment. What a callback changes in them, or in the learning rate (`model.alpha`,
    `model.min_alpha`), is trained on.
    """

    def on_train_begin(self, model: Any) -> None:
        """Do something before the first epoch; `model` is the `Word2Vec`."""

    def on_train_end(self, model: Any) -> None:
        """Do something after the last epoch; `model` is the `Word2Vec`."""

    def on_epoch_begin(self, model: Any) -> None:
        """Do something before an epoch; `model` is the `Word2Vec`."""

    def on_epoch_end(self, model: Any) -> None:
        """Do something after an epoch; `model` is the `Word2Vec`."""
