"""The names of w2v.compat, and how light they are."""

import subprocess
import sys

import pytest

import w2v.compat


def test_every_name_is_there():
    assert set(w2v.compat.__all__) <= set(dir(w2v.compat))
    for name in w2v.compat.__all__:
        assert getattr(w2v.compat, name) is not None
    with pytest.raises(AttributeError, match=r"'w2v\.compat' has no attribute 'Doc2Vec'"):
        w2v.compat.Doc2Vec  # noqa: B018


def test_vectors_load_nothing_heavy():
    heavy = {"numba", "llvmlite", "scipy", "gensim", "safetensors", "sklearn"}
    script = (
        "import sys\nfrom w2v.compat import KeyedVectors\nKeyedVectors(3)\n"
        f"print(sorted({heavy!r} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
