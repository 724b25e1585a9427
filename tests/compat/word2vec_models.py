"""Small models of ours and of gensim's, and the texts they are made of."""

import gensim
from gensim.test.utils import common_texts

from w2v.compat import Word2Vec

TEXTS = [[*sentence, "the"] for sentence in common_texts] + [["rare", "the"], ["once", "the"]]
MORE = [["computer", "artificial", "intelligence"], ["artificial", "trees"], ["human", "new"]]
SMALL = {"vector_size": 8, "min_count": 1, "workers": 1}


def both(*args, **kwargs):
    """The same model of ours and of gensim's."""
    return Word2Vec(*args, **kwargs), gensim.models.Word2Vec(*args, **kwargs)


def built(**kwargs):
    """A model of ours and one of gensim's with words, not trained yet."""
    models = both(**{**SMALL, **kwargs})
    for model in models:
        model.build_vocab(TEXTS)
    return models


def counts(model):
    return {word: model.wv.get_vecattr(word, "count") for word in model.wv.index_to_key}
