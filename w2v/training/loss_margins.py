"""How far above the loss of untrained vectors a sound training may be."""

from typing import NamedTuple


class Margins(NamedTuple):
    """Factors on the loss of untrained vectors; a sound training's loss stays below the product.

    Attributes
    ----------
    short : float
        For the loss on a few chunks.
    part : float
        For the loss on a PART of the text.
    last : float
        The same, in the last epoch; and for the first epoch as a whole if training stops after it.
    whole : float
        For the loss of a whole epoch.
    """

    short: float
    part: float
    last: float
    whole: float


# On random words, where nothing can be learned, an only or last epoch had up to 1.03 at a learning
# rate of 0.25, and the first of several up to 1.09. With sixteen workers on two cores hierarchical
# softmax once began with 1.15, and learned.
FRESH = Margins(2.0, 1.25, 1.1, 1.05)
# A model first predicts wrong words in a text that uses its words otherwise: CBOW with hierarchical
# softmax began with 1.24 on a text in which words had changed places. At a low rate it learns them
# slowly, so that later epochs may be as bad as the best one before.
CONTINUED = Margins(3.0, 2.0, 2.0, 1.05)
