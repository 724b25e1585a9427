"""gensim 4's names, arguments and methods over this engine, so that one import moves code over.

from w2v.compat import Word2Vec
model = Word2Vec(sentences, vector_size=100, window=5, min_count=5, workers=4)
model.wv.most_similar("king")
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from w2v.compat.callbacks import CallbackAny2Vec
    from w2v.compat.keyed_vectors import KeyedVectors
    from w2v.compat.phrases import ENGLISH_CONNECTOR_WORDS, FrozenPhrases, Phraser, Phrases
    from w2v.compat.sentences import LineSentence, PathLineSentences, Text8Corpus
    from w2v.compat.word2vec import Word2Vec
    from w2v.compat.word2vec_vocabulary import RULE_DEFAULT, RULE_DISCARD, RULE_KEEP

__all__ = [
    "ENGLISH_CONNECTOR_WORDS",
    "RULE_DEFAULT",
    "RULE_DISCARD",
    "RULE_KEEP",
    "CallbackAny2Vec",
    "FrozenPhrases",
    "KeyedVectors",
    "LineSentence",
    "PathLineSentences",
    "Phraser",
    "Phrases",
    "Text8Corpus",
    "Word2Vec",
]

# Only Word2Vec needs Numba, so each name is imported when it is first used.
_LAZY = {
    "CallbackAny2Vec": "w2v.compat.callbacks",
    "ENGLISH_CONNECTOR_WORDS": "w2v.compat.phrases",
    "FrozenPhrases": "w2v.compat.phrases",
    "KeyedVectors": "w2v.compat.keyed_vectors",
    "LineSentence": "w2v.compat.sentences",
    "PathLineSentences": "w2v.compat.sentences",
    "Phraser": "w2v.compat.phrases",
    "Phrases": "w2v.compat.phrases",
    "RULE_DEFAULT": "w2v.compat.word2vec_vocabulary",
    "RULE_DISCARD": "w2v.compat.word2vec_vocabulary",
    "RULE_KEEP": "w2v.compat.word2vec_vocabulary",
    "Text8Corpus": "w2v.compat.sentences",
    "Word2Vec": "w2v.compat.word2vec",
}


def __getattr__(name: str) -> Any:
    """Import a name when it is first used."""
    if name not in _LAZY:
        raise AttributeError(f"module 'w2v.compat' has no attribute {name!r}")
    return getattr(importlib.import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
