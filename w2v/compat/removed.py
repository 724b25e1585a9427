"""The names that gensim 4 has no more, and what its users write instead."""

_OF_VECTORS = {
    "vocab": "key_to_index for the rows and get_vecattr(key, 'count') for the counts",
    "index2word": "index_to_key",
    "index2entity": "index_to_key",
    "syn0": "vectors",
    "syn0norm": "get_normed_vectors()",
    "vectors_norm": "get_normed_vectors()",
    "wv": "these vectors themselves",
    "accuracy": "evaluate_word_analogies()",
    "wmd_distance": "wmdistance()",
    "add": "add_vectors()",
    "similarity_matrix": "get_normed_vectors() and its product with itself",
}


def removed_from_vectors(kind: str, name: str) -> AttributeError:
    """Return the error for an attribute that vectors do not have.

    Parameters
    ----------
    kind : str
        The name of the class.
    name : str
        The attribute.
    """
    if name in _OF_VECTORS:
        return AttributeError(
            f"gensim 4 has no {kind}.{name} any more, nor has w2v; use {_OF_VECTORS[name]}."
        )
    return AttributeError(f"{kind!r} object has no attribute {name!r}")
