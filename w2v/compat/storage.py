"""The files of KeyedVectors: w2v's safetensors, with what only gensim's vectors have beside it.

Every part of w2v reads the words, vectors and counts of such a file. Keys that are not text are
written as text there, and once more as JSON.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.compat.extras import PREFIX
from w2v.errors import FormatError
from w2v.formats import pickle_file
from w2v.formats.detect import detect
from w2v.formats.full_model import write_vectors
from w2v.formats.record import Sample
from w2v.formats.tensors import read_header, read_tensor
from w2v.opening import beginning, open_single
from w2v.vectors.loading import load
from w2v.vectors.subwords import Subwords
from w2v.word_forms import AS_IT_IS, WordForm

_logger = logging.getLogger(__name__)

_ATTRIBUTE = "vecattr."  # the beginning of a tensor's name
_WIDE = {"b": "|u1", "i": "<i8", "u": "<u8", "f": "<f8"}  # types that tensors have, by kind
_WHOLE = "iu"  # the kinds of counts


@dataclass
class StoredVectors:
    """What a file of KeyedVectors holds.

    Attributes
    ----------
    keys : list
        V keys.
    matrix : ndarray (V, d)
        Their vectors.
    attributes : dict of str to ndarray (V,)
        Attributes of the keys.
    lock_factors : float32 (1,) or (V,)
        How much of each update training applies.
    subwords : Subwords or None
        Of a fastText model, what makes the vectors of unseen words; it is read, never written.
    form : WordForm
        What training made of the words of its text.
    extras : dict of str to ndarray
        What `stored_extras` made of a user's attributes.
    """

    keys: list[Any]
    matrix: NDArray[Any]
    attributes: dict[str, NDArray[Any]] = field(default_factory=dict)
    lock_factors: NDArray[np.float32] = field(default_factory=lambda: np.ones(1, np.float32))
    subwords: Subwords | None = None
    form: WordForm = AS_IT_IS
    extras: dict[str, NDArray[Any]] = field(default_factory=dict)


def write(path: Path, stored: StoredVectors) -> None:
    """Write vectors atomically; FormatError for a key or a number that the file cannot hold."""
    words, about = stored_keys(path, stored.keys)
    tensors, attributes = stored_attributes(stored.attributes)
    tensors.update(stored.extras)
    about.update(attributes, dtype=stored.matrix.dtype.name)
    if stored.form != AS_IT_IS:
        about["config"] = json.dumps(asdict(stored.form))
    if stored.matrix.dtype == np.float64:
        tensors["vectors_float64"] = stored.matrix
    if len(stored.lock_factors) > 1:
        tensors["vectors_lockf"] = np.asarray(stored.lock_factors, "<f4")
    counts = stored.attributes.get("count")
    if counts is not None:
        counts = counts.astype(np.int64) if counts.dtype.kind in _WHOLE else None
    matrix = stored.matrix.astype(np.float32, copy=False)
    write_vectors(path, words, matrix, counts, extra=tensors, metadata=about)


def read(path: Path, mmap: bool) -> StoredVectors:
    """Read vectors from any file that `w2v.load` reads; with `mmap`, map those of safetensors.

    Raises
    ------
    FormatError
        The file is missing, damaged, a pickle or of an unknown format.
    ConfigError
        It cannot be mapped.
    """
    refuse_pickle(path)
    vectors = load(path, mmap=mmap)
    found = StoredVectors(vectors.index_to_key, vectors.vectors)
    found.subwords, found.form = vectors.subwords, vectors.form
    if vectors.counts is not None:
        found.attributes["count"] = vectors.counts
    if detect(path).name != "safetensors":
        return found
    with open_single(path) as stream:
        places, about = read_header(path, stream)
        beside = {
            name: read_tensor(path, stream, place)
            for name, place in places.items()
            if name.startswith(("vec", PREFIX)) and name != "vectors"
        }
    found.extras = beside
    found.keys = restored_keys(path, found.keys, about)
    found.attributes.update(restored_attributes(path, beside, about))
    found.lock_factors = beside.get("vectors_lockf", found.lock_factors)
    dtype = about.get("dtype", "float32")
    if dtype in ("float16", "float64"):
        found.matrix = beside.get("vectors_float64", found.matrix).astype(dtype)
    return found


def refuse_pickle(path: Path, advice: str = "") -> None:
    """Raise FormatError for a pickle, with advice; by default, how to get vectors out of it."""
    sample = Sample(path, beginning(path, 16), is_whole=False)
    if pickle_file.FORMAT.detect is None or not pickle_file.FORMAT.detect(sample):
        return
    if not advice:
        advice = _way_to_vectors(path)
    raise FormatError(
        f"{path} is a Python pickle, as gensim's save writes it, which is never read, because"
        f" reading one can run any code; {advice}."
    )


def _way_to_vectors(path: Path) -> str:
    advice = (
        "in gensim, call save_word2vec_format on its vectors (a model's are model.wv), whose file"
        " load_word2vec_format and 'w2v convert' read"
    )
    for end in (".vectors", ".wv.vectors"):
        if path.with_name(f"{path.name}{end}.npy").exists():
            advice += (
                f", or write its words, one a line, to {path}{end}.vocab and run 'w2v convert"
                f" {path}{end}.npy {path.stem}.safetensors'"
            )
    return advice


def stored_keys(path: Path, keys: Iterable[Any]) -> tuple[list[str], dict[str, str]]:
    """Return keys as text, and as metadata from which `restored_keys` gets them back.

    Raises FormatError for a key that is neither text nor a number, nor a tuple of these.
    """
    listed = list(keys)
    if all(isinstance(key, str) for key in listed):
        return listed, {}
    plain = [key.item() if isinstance(key, np.generic) else key for key in listed]
    try:
        return [str(key) for key in plain], {"keys": json.dumps(plain)}
    except (TypeError, ValueError):
        odd = next(key for key in plain if not isinstance(key, (str, int, float, tuple)))
        raise FormatError(
            f"Cannot write {path}: a key is text, a number or a tuple of these, not {odd!r}."
        ) from None


def restored_keys(path: Path, words: list[str], about: Mapping[str, str]) -> list[Any]:
    """Return the keys that `stored_keys` took; FormatError where the metadata is damaged."""
    if "keys" not in about:
        return words
    keys = [_as_tuple(key) for key in _json(path, about["keys"], list)]
    if [str(key) for key in keys] != words:
        raise FormatError(f"{path} is damaged: its keys do not fit its words; fetch it again.")
    return keys


def _as_tuple(key: Any) -> Any:
    return tuple(map(_as_tuple, key)) if isinstance(key, list) else key


def stored_attributes(
    attributes: Mapping[str, NDArray[Any]],
) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """Return attributes as tensors, and as metadata what tensors cannot hold.

    Those that JSON cannot hold either are left out, with a word in the log.
    """
    tensors: dict[str, NDArray[Any]] = {}
    types, objects = {}, {}
    for name, values in attributes.items():
        if values.dtype.kind in _WIDE:
            tensors[_ATTRIBUTE + name] = values.astype(_WIDE[values.dtype.kind])
            types[name] = values.dtype.name
            continue
        try:
            json.dumps(values.tolist())
            objects[name] = values.tolist()
        except (TypeError, ValueError):
            _logger.warning("the attribute %r is not saved: it holds other objects", name)
    return tensors, {"vecattrs": json.dumps(types), "vecattr_objects": json.dumps(objects)}


def restored_attributes(
    path: Path, tensors: Mapping[str, NDArray[Any]], about: Mapping[str, str]
) -> dict[str, NDArray[Any]]:
    """Return the attributes that `stored_attributes` took; FormatError where they are damaged."""
    types = _json(path, about.get("vecattrs", "{}"), dict)
    found = {
        name: tensors[_ATTRIBUTE + name].astype(kind)
        for name, kind in types.items()
        if _ATTRIBUTE + name in tensors and kind in np.sctypeDict
    }
    for name, values in _json(path, about.get("vecattr_objects", "{}"), dict).items():
        found[name] = np.empty(len(values), dtype=object)
        found[name][:] = values
    return found


def _json(path: Path, text: str, kind: type) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, kind):
        raise FormatError(f"{path} is damaged: its metadata cannot be read; fetch it again.")
    return value
