"""The answer to one analogy by gensim, as a user's script would have it: FILE KING MAN WOMAN."""

import sys

from gensim.models import KeyedVectors

path, first, second, third = sys.argv[1:]
vectors = KeyedVectors.load_word2vec_format(path, binary=True)
for word, similarity in vectors.most_similar(positive=[first, third], negative=[second]):
    print(word, similarity)
