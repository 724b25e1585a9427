"""The events of a training that begins: where, from what, and with what."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from w2v.training.text_events import Event


@dataclass(frozen=True)
class DeviceChosen(Event):
    """The device that trains was chosen; reported unless the processor was asked for.

    Attributes
    ----------
    device : str
        "cpu", or "cuda:N".
    name : str
        The product's name; "the processor" for that.
    reason : str
        Why device="auto" took the processor; else "".
    """

    event: ClassVar[str] = "device"
    device: str
    name: str
    reason: str


@dataclass(frozen=True)
class Started(Event):
    """Training starts from an earlier model, or from given vectors.

    Attributes
    ----------
    taken : int
        Words whose vectors were taken over.
    words : int
        Words of the vocabulary.
    frozen : bool
        Whether the vectors that were taken over stay as they are.
    """

    event: ClassVar[str] = "started"
    taken: int
    words: int
    frozen: bool


@dataclass(frozen=True)
class Resumed(Event):
    """Training is resumed from a checkpoint.

    Attributes
    ----------
    path : str
        The file.
    words : int
        Words of the corpus that were passed before.
    passed_over : tuple of str
        Why newer checkpoints could not be used, a sentence each.
    """

    event: ClassVar[str] = "resumed"
    path: str
    words: int
    passed_over: tuple[str, ...]


@dataclass(frozen=True)
class Prepared(Event):
    """The text is read and everything is ready; training begins, or goes on.

    Attributes
    ----------
    corpus : str
        The names of the corpus, as messages show them.
    time : str
        The date and time, in UTC, such as "2026-01-31 08:30:00".
    versions : dict of str to str
        The versions of w2v, Python, NumPy and Numba, and the machine.
    config : dict
        The settings, with those that the text decides.
    """

    event: ClassVar[str] = "prepared"
    corpus: str
    time: str
    versions: dict[str, str] = field(hash=False)
    config: dict[str, Any] = field(hash=False, repr=False)
