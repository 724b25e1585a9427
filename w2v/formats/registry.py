"""All formats of word vectors. To add one, write its module with a record, and list it here."""

from w2v.formats import (
    fasttext_binary,
    glove,
    index_file,
    model_vectors,
    npy,
    pickle_file,
    projector,
    vocabulary_file,
    word2vec_binary,
    word2vec_text,
)
from w2v.formats.record import Format

# A file has the first format that detects it; text, which matches most files, therefore comes late.
# Messages list the formats in this order and recommend the first.
FORMATS: tuple[Format, ...] = (
    word2vec_binary.FORMAT,
    model_vectors.FORMAT,
    fasttext_binary.FORMAT,
    npy.FORMAT,
    pickle_file.FORMAT,
    index_file.FORMAT,
    projector.FORMAT,
    vocabulary_file.FORMAT,
    word2vec_text.FORMAT,
    glove.FORMAT,
)
