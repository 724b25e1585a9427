"""Words and their vectors in one class. Its names and results follow gensim's KeyedVectors."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike

from w2v.arguments import numbers, truth
from w2v.errors import ConfigError, MissingWordError
from w2v.formats.defects import Defect
from w2v.matrices import CompactMatrix, Matrix
from w2v.vectors import comparisons, file_evaluation, key_vectors, neighbours, word_counts
from w2v.vectors.batch_search import most_similar_batch
from w2v.vectors.chosen_words import chosen_words
from w2v.vectors.dot_products import products
from w2v.vectors.embedding_matrix import embedding_matrix
from w2v.vectors.mapping import word_map
from w2v.vectors.missing_word import MissingWordMessage
from w2v.vectors.multiplicative_analogies import most_similar_cosmul
from w2v.vectors.norms import normed_rows, row_norms
from w2v.vectors.number_words import are_numbers
from w2v.vectors.preview import preview_html
from w2v.vectors.query_arguments import as_list, check_shapes, check_slice, check_words
from w2v.vectors.saving import save
from w2v.vectors.subwords import Subwords
from w2v.vectors.types import Vector, Word
from w2v.vectors.word_movers_distance import wmdistance
from w2v.word_forms import AS_IT_IS, WordForm
from w2v.word_rows import searched_row

_SEARCHES = 16  # each passes three million words in 0.04 s; to make their dict takes 0.7 s


class KeyedVectors:
    """V distinct words, the commonest first, and a vector of d numbers for each.

    Wherever a method takes a word, it takes the number of its row too. But where all words are
    whole numbers, as those of a corpus of numbers, an int is the word itself. A missing word raises
    MissingWordError, a KeyError, which names it and near spellings; with subwords, words without
    a row have vectors too. Iterating gives the V words. `==` is true of the same object alone:
    compare words and numbers by `index_to_key` and `vectors`.

    Parameters
    ----------
    words : sequence of str (V,)
        The words, each once.
    vectors : array-like (V, d)
        A row for each word; a float32 array is not copied.
    counts : array-like of int (V,), optional
        How often each word was seen in training.
    defects : tuple of Defect
        What `w2v.load` left out of a damaged file; kept under this name.
    distinct : bool
        Whether the words are known to be distinct, so that this need not be checked.

    Attributes
    ----------
    index_to_key : list of str (V,)
        The words.
    key_to_index : dict of str to int
        The row of each word.
    vectors : float32 (V, d)
        The vectors, which must not be changed after the first query; or a CompactMatrix, which
        holds them in less memory and gives float32 rows.
    counts : int64 (V,) or None
        How often each word was seen.
    subwords : Subwords or None
        The n-grams of a fastText model, which make the vectors of unseen words.
    form : WordForm
        What training made of the words of its text, such as lower case. A word that is missing is
        looked for in this form.

    Raises
    ------
    ConfigError
        The lengths differ, a word is not text, or a word is there twice.
    """

    _searches = 0  # for words, before their dict is made

    def __init__(
        self,
        words: Sequence[str],
        vectors: ArrayLike,
        counts: ArrayLike | None = None,
        defects: tuple[Defect, ...] = (),
        distinct: bool = False,
    ) -> None:
        self.index_to_key: list[str] = as_list(words)
        # A compact matrix is typed as the array that it acts for: an index gives float32 rows.
        self.vectors: Matrix = (
            cast(Matrix, vectors)
            if isinstance(vectors, CompactMatrix)
            else np.ascontiguousarray(numbers("vectors", vectors, np.float32))
        )
        self.counts = None if counts is None else numbers("counts", counts, np.int64)
        self.defects = defects
        size = len(self.index_to_key)
        check_shapes(size, self.vectors, self.counts)
        distinct = truth("distinct", distinct)
        if not distinct:
            check_words(self.index_to_key)
        if not distinct and len(self.key_to_index) < size:
            raise ConfigError(f"The {size} words are not distinct; give each word once.")
        self.subwords: Subwords | None = None
        self.form: WordForm = AS_IT_IS
        self._norms: Vector | None = None

    @cached_property
    def key_to_index(self) -> dict[str, int]:
        """The row of each word; made when it is first asked for."""
        return dict(zip(self.index_to_key, range(len(self)), strict=True))

    @property
    def vector_size(self) -> int:
        """The number of dimensions d."""
        return int(self.vectors.shape[1])

    @property
    def norms(self) -> Vector:
        """The lengths of the vectors, float32 (V,), 1 for a zero vector; computed once."""
        if self._norms is None:
            self._norms = row_norms(self.vectors)
        return self._norms

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} words, vector_size={self.vector_size})"

    def __len__(self) -> int:
        return len(self.index_to_key)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the V words, the commonest first."""
        return iter(self.index_to_key)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self.index_to_key)

    def __getstate__(self) -> dict[str, Any]:
        # What follows from the rest is computed again when it is asked for.
        state = {name: value for name, value in vars(self).items() if name != "key_to_index"}
        return {**state, "_norms": None}

    def __contains__(self, word: object) -> bool:
        """Return whether there is a vector: with subwords for every word that has an n-gram."""
        return self._is_unseen(word) or self.has_index_for(word)

    def __getitem__(self, word_or_words: Word | slice | Iterable[Word]) -> Vector:
        """Return the vector (d,) of a word, or the vectors (n, d) of several.

        Several are an iterable of words, or a slice of the rows, as in vectors[0:3].
        """
        if isinstance(word_or_words, (str, int, np.integer)):
            return self.get_vector(word_or_words)
        if isinstance(word_or_words, slice):
            check_slice(word_or_words, len(self))
            rows = self.vectors[word_or_words]
            rows.setflags(write=False)
            return rows
        words = as_list(word_or_words)
        if any(map(self._is_unseen, words)):
            return np.stack([self.get_vector(word) for word in words])
        return self.vectors[np.array([self.get_index(word) for word in words], dtype=np.intp)]

    @cached_property
    def _holds_numbers(self) -> bool:
        """Whether an int is a word, not the number of a row."""
        return are_numbers(self.index_to_key)

    def _asked(self, key: Any) -> Any:
        """Return a key as it is, or a number that is a word as this word."""
        is_number = isinstance(key, (int, np.integer))
        return str(int(key)) if is_number and self._holds_numbers else key

    def has_index_for(self, key: object) -> bool:
        """Return whether a word is one of the V words, or a number the row of one."""
        return self.get_index(cast(Word, key), -1) >= 0

    def _row(self, word: str) -> int:
        """Return the row of a word as it is or in the form of training, or -1."""
        row = self._exact_row(word)
        if row < 0 and self.form != AS_IT_IS:
            row = self._exact_row(self.form.of(word))
        return row

    def _exact_row(self, word: str) -> int:
        """Return the row of a word as it is, or -1; the first few words are searched for."""
        if "key_to_index" in vars(self) or self._searches >= _SEARCHES:
            return self.key_to_index.get(word, -1)
        self._searches += 1
        return searched_row(self.index_to_key, word)

    def get_index(self, key: Word, default: int | None = None) -> int:
        """Return the row of a word; for a missing word the default, where one is given.

        Raises
        ------
        MissingWordError
            The word is missing and there is no default.
        """
        key = self._asked(key)
        row = self._row(key) if isinstance(key, str) else key
        if isinstance(row, (int, np.integer)) and 0 <= row < len(self):
            return int(row)
        if default is not None:
            return default
        raise MissingWordError(MissingWordMessage(key, self.index_to_key, self.key_to_index))

    def get_normed_vectors(self) -> Matrix:
        """Return a float32 copy of all vectors scaled to length 1, (V, d)."""
        return normed_rows(self.vectors, self.norms)

    # These functions take the vectors as their first argument, which makes them methods here.
    _repr_html_ = preview_html
    products = products
    get_count = word_counts.get_count
    get_vecattr = word_counts.get_vecattr
    _is_unseen = key_vectors.is_unseen
    get_vector = key_vectors.get_vector
    get_mean_vector = key_vectors.get_mean_vector
    embedding_matrix = embedding_matrix

    similarity = comparisons.similarity
    distance = comparisons.distance
    euclidean_distance = comparisons.euclidean_distance
    cosine_similarities = staticmethod(comparisons.cosine_similarities)
    distances = comparisons.distances
    closer_than = words_closer_than = comparisons.closer_than
    rank = comparisons.rank
    n_similarity = comparisons.n_similarity
    most_similar_to_given = comparisons.most_similar_to_given
    rank_by_centrality = comparisons.rank_by_centrality
    doesnt_match = comparisons.doesnt_match
    wmdistance = wmdistance

    most_similar = neighbours.most_similar
    most_similar_batch = most_similar_batch
    most_similar_cosmul = most_similar_cosmul
    similar_by_key = neighbours.similar_by_key
    similar_by_word = neighbours.similar_by_word
    similar_by_vector = neighbours.similar_by_vector
    relative_cosine_similarity = neighbours.relative_cosine_similarity

    map = word_map
    save = save

    evaluate_word_analogies = file_evaluation.evaluate_word_analogies
    evaluate_word_pairs = file_evaluation.evaluate_word_pairs

    def vectors_for_all(self, keys: Iterable[Word], allow_inference: bool = True) -> "KeyedVectors":
        """Return new vectors of those words that are there, each once, in the order given.

        Parameters
        ----------
        keys : iterable of words
            The words wanted. Counts come along where they are known; a word without a row has
            the count 0.
        allow_inference : bool
            Take words without a row too, where their n-grams make a vector.
        """
        is_inferred = truth("allow_inference", allow_inference)
        chosen = KeyedVectors(*chosen_words(self, keys, is_inferred))
        chosen.form = self.form
        return chosen
