"""gensim's KeyedVectors: vectors of any keys that can be added to, changed and given attributes."""

import logging
from collections.abc import Iterable
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from w2v.arguments import checked_whole
from w2v.compat import attributes, changing, comparisons, evaluation, vector_files
from w2v.compat.lifecycle import add_lifecycle_event
from w2v.compat.missing_key import MissingKeyMessage
from w2v.compat.removed import removed_from_vectors
from w2v.compat.word2vec_files import FileOptions
from w2v.errors import ConfigError, MissingWordError
from w2v.limits import LARGEST_VECTOR
from w2v.vectors import keyed_vectors
from w2v.vectors.norms import row_norms
from w2v.word_forms import AS_IT_IS

_logger = logging.getLogger(__name__)

_MOST = 1 << 60


class KeyedVectors(keyed_vectors.KeyedVectors):
    """Vectors of d numbers for keys: words, numbers or other hashable things.

    Parameters
    ----------
    vector_size : int
        The number of dimensions d.
    count : int
        How many rows to make room for; `add_vector` fills them.
    dtype : {float32, float16, float64}
        The type of the numbers. Queries take float32 at full speed.
    mapfile_path : object
        Without effect, as in gensim.

    Attributes
    ----------
    index_to_key : list
        The keys; None for a row that is not filled yet.
    key_to_index : dict
        The row of each key. A whole number that is not a key stands for the row of this number.
    vectors : ndarray (V, d)
        The vectors. After changing rows in place, call `fill_norms(force=True)`.
    expandos : dict of str to ndarray (V,)
        Attributes of keys, which `set_vecattr` sets; "count" is how often a word was seen.
    vectors_lockf : float32 (1,) or (V,)
        By what training multiplies each change, 0 or more: of all rows, or of each. 0 freezes a
        row, and 1 trains it as usual.
    """

    def __init__(
        self,
        vector_size: int,
        count: int = 0,
        dtype: DTypeLike = np.float32,
        mapfile_path: object = None,
    ) -> None:
        size = checked_whole("vector_size", vector_size, 1, LARGEST_VECTOR)
        count = checked_whole("count", count, 0, _MOST)
        self.index_to_key: list[Any] = [None] * count
        self.key_to_index: dict[Any, int] = {}
        self._norms = None
        self.vectors = np.zeros((count, size), vector_files.checked_dtype("dtype", dtype))
        self.expandos: dict[str, NDArray[Any]] = {}
        self.vectors_lockf = np.ones(1, dtype=np.float32)
        self.next_index = 0
        self.mapfile_path = mapfile_path
        self.lifecycle_events: list[dict[str, Any]] | None = []
        self.defects = ()
        self.subwords = None
        self.form = AS_IT_IS

    @property
    def vectors(self) -> Any:
        """The vectors (V, d)."""
        return self._matrix

    @vectors.setter
    def vectors(self, matrix: NDArray[Any]) -> None:
        self._matrix = matrix
        self._norms = None

    @property
    def norms(self) -> Any:
        """The lengths of the vectors (V,), 1 for a zero vector; computed when they are asked for.

        Setting them to None has them computed again.
        """
        if self._norms is None:
            is_double = self._matrix.dtype == np.float64
            self._norms = (
                _double_norms(self._matrix)
                if is_double
                else row_norms(self._matrix.astype(np.float32, copy=False))
            )
        return self._norms

    @norms.setter
    def norms(self, norms: Any) -> None:
        self._norms = norms

    @property
    def counts(self) -> Any:
        """How often each word was seen, or None: the attribute "count"."""
        return self.expandos.get("count")

    @counts.setter
    def counts(self, counts: ArrayLike | None) -> None:
        if counts is not None:
            self.expandos["count"] = np.asarray(counts, dtype=np.int64)

    def __str__(self) -> str:
        return f"{type(self).__name__}<vector_size={self.vector_size}, {len(self)} keys>"

    def __getattr__(self, name: str) -> Any:
        raise removed_from_vectors(type(self).__name__, name)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_norms": None}

    def get_index(self, key: Any, default: int | None = None) -> int:
        """Return the row of a key, or a row itself; for a missing key the default, where given.

        Raises
        ------
        MissingWordError
            The key is missing and there is no default.
        """
        try:
            row = self._row(key) if isinstance(key, str) else self.key_to_index.get(key, -1)
        except TypeError:  # a list, which is not a key
            row = -1
        if row >= 0:
            return row
        if isinstance(key, (int, np.integer)) and 0 <= key < len(self.index_to_key):
            return int(key)
        if default is not None:
            return default
        raise MissingWordError(MissingKeyMessage(key, self.index_to_key, self.key_to_index))

    def has_index_for(self, key: Any) -> bool:
        """Return whether a key has a row, or is the number of one."""
        return self.get_index(key, -1) >= 0

    def fill_norms(self, force: bool = False) -> None:
        """Compute the lengths of the vectors, where they are not known or `force` is true."""
        if force:
            self._norms = None
        assert self.norms is not None

    def __getitem__(self, keys: Any) -> Any:
        """Return the vector (d,) of a key, or the vectors (n, d) of several, or of a slice."""
        if isinstance(keys, tuple) and keys in self.key_to_index:
            return self.vectors[self.key_to_index[keys]]
        return super().__getitem__(keys)

    add_vector = changing.add_vector
    add_vectors = changing.add_vectors
    __setitem__ = changing.set_item
    resize_vectors = changing.resize_vectors
    sort_by_descending_frequency = changing.sort_by_descending_frequency

    allocate_vecattrs = attributes.allocate_vecattrs
    set_vecattr = attributes.set_vecattr
    get_vecattr = attributes.get_vecattr  # of any name and type

    def unit_normalize_all(self) -> None:
        """Scale all vectors to length 1."""
        self.vectors = self.get_normed_vectors().astype(self.vectors.dtype, copy=False)

    def init_sims(self, replace: bool = False) -> None:
        """Compute the lengths of the vectors; with `replace`, scale all to length 1."""
        self.fill_norms()
        if replace:
            self.unit_normalize_all()

    def word_vec(self, *args: Any, **kwargs: Any) -> Any:
        """Return get_vector of the same arguments: its older name."""
        return self.get_vector(*args, **kwargs)

    rank_by_centrality = comparisons.rank_by_centrality
    doesnt_match = comparisons.doesnt_match
    n_similarity = comparisons.n_similarity

    def vectors_for_all(
        self, keys: Iterable[Any], allow_inference: bool = True, copy_vecattrs: bool = False
    ) -> "KeyedVectors":
        """Return new vectors of those keys that are there, each once, in the order given.

        Parameters
        ----------
        keys : iterable of keys
            The keys wanted.
        allow_inference : bool
            Without effect: only keys with a row have vectors.
        copy_vecattrs : bool
            Copy the attributes too. Otherwise "count" falls from V to 1, as in gensim.
        """
        found = [key for key in dict.fromkeys(keys) if self.has_index_for(key)]
        rows = [self.get_index(key) for key in found]
        chosen = vector_files.filled(KeyedVectors, found, self.vectors[rows])
        if copy_vecattrs:
            chosen.expandos = {name: values[rows] for name, values in self.expandos.items()}
        else:
            chosen.counts = vector_files.falling_counts(len(found))
        return chosen

    @classmethod
    def load_word2vec_format(
        cls,
        fname: str | PathLike[str],
        fvocab: str | PathLike[str] | None = None,
        binary: bool = False,
        encoding: str = "utf8",
        unicode_errors: str = "strict",
        limit: int | None = None,
        datatype: DTypeLike = np.float32,
        no_header: bool = False,
    ) -> "KeyedVectors":
        """Read word2vec's file; of words that are there twice, the first is kept.

        Parameters
        ----------
        fname : str or PathLike
            The file, compressed or not.
        fvocab : str or PathLike, optional
            A vocabulary file with the counts. Without one, "count" falls from V to 1.
        binary : bool
            Whether it is the binary format; else it is text.
        encoding, unicode_errors : str
            The encoding of the words, and what to do with what is invalid in it: "strict",
            "replace" or "ignore".
        limit : int, optional
            Read only so many vectors from the start; 0 and None read all.
        datatype : {float32, float16, float64}
            The type to hold the numbers in; they are read as float32.
        no_header : bool
            Whether the first line is a word already; it is seen in any case. For text only.

        Raises
        ------
        CutOffError
            The file ends too early; this is an EOFError too.
        FormatError
            It is missing, or an entry is malformed.
        UnicodeDecodeError
            A word is invalid in the encoding.
        """
        if no_header and binary:
            raise ConfigError("no_header is for text; a binary file needs its first line.")
        options = FileOptions(bool(binary), encoding, unicode_errors)
        return vector_files.load_word2vec_format(cls, fname, fvocab, options, limit, datatype)

    save_word2vec_format = vector_files.save_word2vec_format
    intersect_word2vec_format = vector_files.intersect_word2vec_format
    save = vector_files.save  # type: ignore[assignment]  # in one format, whatever the name

    @classmethod
    def load(cls, fname: str | PathLike[str], mmap: str | None = None) -> "KeyedVectors":
        """Read what `save` wrote, or any file that `w2v.load` reads; never a pickle of gensim's.

        Parameters
        ----------
        fname : str or PathLike
            The file.
        mmap : {"r"}, optional
            Map the vectors, read-only, so that only the pages in use are read.

        Raises
        ------
        FormatError
            The file is missing, damaged, a pickle or of an unknown format.
        """
        return vector_files.load(cls, fname, mmap)

    evaluate_word_analogies = evaluation.evaluate_word_analogies  # type: ignore[assignment]
    evaluate_word_pairs = evaluation.evaluate_word_pairs  # type: ignore[assignment]
    log_accuracy = staticmethod(evaluation.log_accuracy)
    log_evaluate_word_pairs = staticmethod(evaluation.log_evaluate_word_pairs)

    def similarity_unseen_docs(self, *_: Any, **__: Any) -> None:
        """Raise NotImplementedError, as in gensim."""
        raise NotImplementedError("Documents without a vector belong to Doc2Vec, not to vectors.")

    add_lifecycle_event = add_lifecycle_event


def _double_norms(matrix: NDArray[Any]) -> NDArray[Any]:
    norms: NDArray[Any] = np.linalg.norm(matrix, axis=1)
    norms[norms == 0] = 1
    return norms
