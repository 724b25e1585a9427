"""The device that trains: the processor or a card, chosen once for a training.

What was asked for is checked before anything is read. `auto` is decided when the text is known. A
model and a checkpoint do not record the device.
"""

from dataclasses import dataclass, replace

from w2v.errors import Argument, ConfigError, OutOfMemoryError, Part
from w2v.kernels.cards import Card, NoCardsError, find_cards, free_memory, shortcoming
from w2v.training.config import TrainConfig
from w2v.training.events import DeviceChosen
from w2v.training.memory_estimate import card_shortage

LARGEST_ON_CARD = {"vector_size": 1_024, "window": 100, "negative": 64}
# Tokens. Below, a card trains for less time than its kernels take to load, and the thousands of
# words that it trains at once are a large part of the text.
WORTHWHILE_TOKENS = 5_000_000
_PROCESSOR = "cpu"


@dataclass(frozen=True)
class Device:
    """The choice of a device.

    Attributes
    ----------
    asked : str
        The setting: "auto", "cpu", "cuda" or "cuda:N".
    card : Card or None
        The card that trains; None for the processor.
    reason : str
        Why "auto" chose the processor, as a clause.
    """

    asked: str
    card: Card | None = None
    reason: str = ""

    @property
    def name(self) -> str:
        """Its name as a setting: "cpu", or "cuda:N"."""
        return _PROCESSOR if self.card is None else f"cuda:{self.card.number}"

    @property
    def event(self) -> DeviceChosen | None:
        """The event that reports the choice; None where nobody asked for anything but "cpu"."""
        if self.asked == _PROCESSOR:
            return None
        title = "the processor" if self.card is None else self.card.name
        return DeviceChosen(self.name, title, self.reason)


def choose_device(config: TrainConfig) -> Device:
    """Return the device that some settings ask for; "auto" takes the first card that will do.

    Raises
    ------
    ConfigError
        There is no such card, or it cannot train with these settings.
    """
    asked = config.device
    if asked == _PROCESSOR or config.cluster is not None:
        return Device(_PROCESSOR)
    unfit = _unfit(config)
    if asked != "auto":
        if unfit is not None:
            raise ConfigError(*unfit, ", or leave ", Argument("device", asked), " out.")
        return Device(asked, _find(asked))
    if unfit is not None:
        return Device(asked, reason=str(ConfigError(*unfit[:-1])))
    try:
        cards = find_cards()
    except NoCardsError as error:
        return Device(asked, reason=str(error))
    for card in cards:
        if shortcoming(card) is None:
            return Device(asked, card)
    return Device(asked, reason=shortcoming(cards[0]) or "")


def fit_device(device: Device, config: TrainConfig, vocabulary_size: int, tokens: int) -> Device:
    """Return the device for a text; "auto" leaves the card where the text does not suit it.

    Parameters
    ----------
    device : Device
        What `choose_device` returned.
    config : TrainConfig
    vocabulary_size : int
    tokens : int
        Tokens to train on in an epoch.

    Raises
    ------
    OutOfMemoryError
        The memory of the card that was asked for is too small.
    ConfigError
        It does not answer.
    """
    if device.card is None:
        return device
    is_asked = device.asked != "auto"
    if not is_asked and tokens < WORTHWHILE_TOKENS:
        few = f"a GPU is used from {WORTHWHILE_TOKENS:,} words on, and the text has {tokens:,}"
        return replace(device, card=None, reason=few)
    try:
        free, _ = free_memory(device.card)
    except NoCardsError as error:
        if is_asked:
            raise _no_card(device.asked, error) from error
        return replace(device, card=None, reason=str(error))
    shortage = card_shortage(vocabulary_size, config, free)
    if shortage is None:
        return device
    if is_asked:
        raise OutOfMemoryError(
            f"{device.name} ({device.card.name}) has too little memory: {shortage}; choose a"
            " smaller ", Argument("vector_size"), ", set ", Argument("min_count"), " or ",
            Argument("max_vocabulary"), " so that fewer words are left, or leave ",
            Argument("device", device.asked), " out.",
        )  # fmt: skip
    return replace(device, card=None, reason=f"{device.name} has too little memory: {shortage}")


def _unfit(config: TrainConfig) -> tuple[Part, ...] | None:
    """Return why no card trains with these settings, and the cure last; None where one can."""
    if config.deterministic:
        why = " is for the processor alone, because a GPU adds up in any order"
        return Argument("deterministic"), why, "; leave it out"
    unused = set() if config.has_noise else {"negative"}
    if config.sentence_windows:
        unused.add("window")
    for name, largest in LARGEST_ON_CARD.items():
        value = getattr(config, name)
        if name not in unused and value > largest:
            return Argument(name), f" is at most {largest:,} on a GPU, not {value:,}", "; lower it"
    return None


def _find(asked: str) -> Card:
    """Return the card that a setting names; raise ConfigError where there is none that will do."""
    try:
        cards = find_cards()
    except NoCardsError as error:
        raise _no_card(asked, error) from error
    _, _, number = asked.partition(":")
    wanted = int(number or 0)
    for card in cards:
        if card.number == wanted:
            fault = shortcoming(card)
            if fault is None:
                return card
            raise ConfigError(
                Argument("device", asked), f" cannot be used: {fault}; name another GPU, or leave ",
                Argument("device"), " out to train on the processor.",
            )  # fmt: skip
    names = " and ".join(f"cuda:{card.number} ({card.name})" for card in cards)
    raise ConfigError(Argument("device", asked), f" names no GPU of this machine; it has {names}.")


def _no_card(asked: str, error: NoCardsError) -> ConfigError:
    return ConfigError(
        Argument("device", asked), f" cannot be used: {error}; {error.cure}, or leave ",
        Argument("device"), " out to train on the processor.",
    )  # fmt: skip
