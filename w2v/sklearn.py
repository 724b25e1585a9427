"""Texts as vectors for scikit-learn: the mean of the vectors of a text's words."""

import copy
from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from w2v.arguments import checked_choice, checked_number, not_allowed, shown
from w2v.errors import ConfigError
from w2v.matrices import Matrix
from w2v.vectors.keyed_vectors import KeyedVectors
from w2v.vectors.query_arguments import as_list, check_words
from w2v.vectors.types import Vector
from w2v.vectors.vectors_like import as_vectors

try:
    from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
    from sklearn.utils.validation import check_is_fitted
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "w2v.sklearn needs scikit-learn, which is not installed; install it:"
        " pip install scikit-learn."
    ) from error

Texts: TypeAlias = Iterable[str | Iterable[str]]

WEIGHTINGS = ("mean", "idf", "sif")


class _Bags(NamedTuple):
    """What texts consist of: their w words with a vector, and how often each text has them."""

    words: list[str]
    counts: Any  # csr_array, float32 (n, w)
    word_count: int  # of all words, those without a vector too


class MeanEmbedding(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """One vector for each text: the weighted mean of the vectors of its words.

    Words without a vector are left out; a text that has no other words becomes zeros. A word that
    stands twice counts twice.

    Parameters
    ----------
    vectors : KeyedVectors, str or PathLike
        The vectors; a file of them is loaded when `fit` is called. Also a model, or what else
        `w2v.build_index` takes. They are shared by copies that `sklearn.base.clone` makes.
    weighting : {"mean", "idf", "sif"}
        How much a word weighs. "mean": all words alike. "idf": a word that stands in few of the
        n texts of `fit`, ln((1 + n) / (1 + texts with it)) + 1, as TfidfVectorizer has it. "sif":
        smooth inverse frequency, a / (a + its share of all words in the texts of `fit`); from the
        vectors of texts their first principal component, not centred, is then removed.
    smoothing : float, above 0, at most 1
        The number a of "sif"; other weightings take no notice of it.
    tokenizer : callable, optional
        Makes a list of words of a text given as str, as `Model.words_of` does; None is `str.split`.
        Texts given as lists of words stay as they are.

    Attributes
    ----------
    vectors_ : KeyedVectors
        The vectors used.
    text_count_, word_count_ : int
        The number of texts that were given to `fit`, and of their words.
    frequencies_ : dict of str to int
        For each word with a vector in how many texts ("idf"), or how often ("sif"), it stands
        there; empty for "mean".
    component_ : float32 (d,) or None
        The direction that "sif" removes, of length 1; None for other weightings.

    References
    ----------
    Arora, Liang and Ma, A Simple but Tough-to-Beat Baseline for Sentence Embeddings, ICLR 2017,
    https://openreview.net/forum?id=SyK00v5xx.
    """

    def __init__(
        self,
        vectors: KeyedVectors | str | PathLike[str],
        *,
        weighting: str = "mean",
        smoothing: float = 1e-3,
        tokenizer: Callable[[str], Iterable[str]] | None = None,
    ) -> None:
        self.vectors = vectors
        self.weighting = weighting
        self.smoothing = smoothing
        self.tokenizer = tokenizer

    def fit(self, X: Texts, y: object = None) -> "MeanEmbedding":  # noqa: N803
        """Learn from texts what the weighting needs.

        Parameters
        ----------
        X : iterable of str or of lists of str
            The texts.
        y : object
            Not used.

        Returns
        -------
        MeanEmbedding
            This object.

        Raises
        ------
        ConfigError
            A parameter is out of range, X is not a list of texts, or no word of them has a
            vector.
        FormatError
            The file of vectors cannot be read.
        """
        self._fit(X)
        return self

    def fit_transform(self, X: Texts, y: object = None) -> Matrix:  # noqa: N803
        """Do `fit` and `transform` in one, with a single look at the texts.

        Returns
        -------
        float32 (n, d)
            A vector for each text.
        """
        return self._without_component(self._fit(X))

    def transform(self, X: Texts) -> Matrix:  # noqa: N803
        """Return a vector for each text.

        Parameters
        ----------
        X : iterable of str or of lists of str
            The texts.

        Returns
        -------
        float32 (n, d)
            The vectors.

        Raises
        ------
        ConfigError
            X is not a list of texts.
        """
        check_is_fitted(self)
        bags = _bags(X, self.tokenizer, self.vectors_)
        return self._without_component(self._means(bags))

    def _fit(self, texts: Texts) -> Matrix:
        """Set the attributes, and return the means that no component is removed from yet."""
        weighting = checked_choice("weighting", self.weighting, WEIGHTINGS)
        checked_number("smoothing", self.smoothing, 0, 1, above=True)
        if self.tokenizer is not None and not callable(self.tokenizer):
            allowed = "a function that makes a list of words of a text, or None"
            raise not_allowed("tokenizer", allowed, self.tokenizer)
        self.vectors_ = as_vectors("vectors", self.vectors)
        bags = _bags(texts, self.tokenizer, self.vectors_)
        if not bags.words:
            raise ConfigError(
                f"None of the {bags.word_count:,} words of the texts has a vector; make words of"
                " the texts as they were made for training, lower-case ones perhaps (tokenizer)."
            )
        self.text_count_, self.word_count_ = bags.counts.shape[0], bags.word_count
        self.frequencies_ = _frequencies(bags, weighting)
        means = self._means(bags)
        self.component_ = _first_component(means) if weighting == "sif" else None
        return means

    def _weights(self, words: list[str]) -> Vector:
        """Return the weight of each word (w,)."""
        seen = np.array([self.frequencies_.get(word, 0) for word in words], dtype=np.float64)
        if self.weighting == "idf":
            weights = np.log((1 + self.text_count_) / (1 + seen)) + 1
        elif self.weighting == "sif":
            weights = self.smoothing / (self.smoothing + seen / self.word_count_)
        else:
            weights = np.ones(len(words))
        rounded: Vector = weights.astype(np.float32)
        return rounded

    def _means(self, bags: _Bags) -> Matrix:
        """Return the weighted mean of each text (n, d); zeros for a text without words."""
        matrix, _ = self.vectors_.embedding_matrix(bags.words)
        counts = bags.counts
        weights = counts.data * self._weights(bags.words)[counts.indices]
        weighted = csr_array((weights, counts.indices, counts.indptr), shape=counts.shape)
        # SIF divides by the number of words; the others by the sum of their weights.
        divided_by = (counts if self.weighting == "sif" else weighted).sum(axis=1)
        means: Matrix = weighted @ matrix
        means /= np.where(divided_by == 0, 1, divided_by)[:, np.newaxis]
        return means

    def _without_component(self, means: Matrix) -> Matrix:
        if self.component_ is None:
            return means
        along = np.einsum("nd,d->n", means, self.component_)  # row by row, as BLAS is not
        rest: Matrix = means - np.outer(along, self.component_)
        return rest

    @property
    def _n_features_out(self) -> int:
        """The number of dimensions, for the names of features that scikit-learn makes."""
        return self.vectors_.vector_size

    def __sklearn_clone__(self) -> "MeanEmbedding":
        # Vectors do not change, and a grid search clones often: they are not copied.
        bare = copy.copy(self)
        bare.vectors = ""
        cloned: MeanEmbedding = BaseEstimator.__sklearn_clone__(bare)
        cloned.vectors = self.vectors
        return cloned

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = []
        return tags


def _bags(
    texts: Any, tokenizer: Callable[[str], Iterable[str]] | None, vectors: KeyedVectors
) -> _Bags:
    """Count the words of each text."""
    columns_of: dict[str, int] = {}  # -1 for a word without a vector
    words: list[str] = []
    columns: list[int] = []
    ends = [0]
    word_count = 0
    for text in _checked_texts(texts):
        text_words = _words_of(text, tokenizer)
        word_count += len(text_words)
        for word in text_words:
            column = columns_of.get(word)
            if column is None:
                column = columns_of[word] = len(words) if word in vectors else -1
                if column >= 0:
                    words.append(word)
            if column >= 0:
                columns.append(column)
        ends.append(len(columns))
    # In the order of the words sums are the same to the last bit, whatever texts stand beside.
    by_name = np.array(sorted(range(len(words)), key=words.__getitem__), dtype=np.intp)
    columns_by_name = np.argsort(by_name)[np.array(columns, dtype=np.intp)]
    ones = np.ones(len(columns), dtype=np.float32)
    counts = csr_array((ones, columns_by_name, ends), shape=(len(ends) - 1, len(words)))
    counts.sum_duplicates()
    return _Bags([words[column] for column in by_name], counts, word_count)


def _checked_texts(texts: Any) -> Iterable[Any]:
    """Return an iterable of texts; ConfigError for anything else, such as one text or a table."""
    is_table = isinstance(texts, Mapping) or hasattr(texts, "columns")  # it yields its columns
    if isinstance(texts, (str, bytes)) or is_table or not isinstance(texts, Iterable):
        allowed = "a list of texts, each a str or a list of words, or one column of a table"
        raise not_allowed("X", allowed, texts)
    return texts


def _words_of(text: Any, tokenizer: Callable[[str], Iterable[str]] | None) -> list[str]:
    if isinstance(text, str):
        words = text.split() if tokenizer is None else as_list(tokenizer(text))
    elif isinstance(text, Iterable) and not isinstance(text, (bytes, Mapping)):
        words = list(text)
    else:
        raise ConfigError(f"A text is a str or a list of words, not {shown(text)}.")
    check_words(words)
    return words


def _frequencies(bags: _Bags, weighting: str) -> dict[str, int]:
    """Return in how many texts, or for SIF how often, each word stands; none for the mean."""
    if weighting == "mean":
        return {}
    weights = bags.counts.data if weighting == "sif" else None
    seen = np.bincount(bags.counts.indices, weights, minlength=len(bags.words))
    return dict(zip(bags.words, seen.astype(np.int64).tolist(), strict=True))


def _first_component(rows: Matrix) -> Vector:
    """Return the direction in which rows (n, d) are longest, of length 1, by their d × d products.

    The mean is not taken away first, as in the authors' own code.
    """
    wide: NDArray[np.float64] = rows.astype(np.float64)
    _, directions = np.linalg.eigh(wide.T @ wide)
    return directions[:, -1].astype(np.float32)
