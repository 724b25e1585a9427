"""w2v: a word2vec engine. Text goes in; word vectors come out, in the file every tool reads."""
