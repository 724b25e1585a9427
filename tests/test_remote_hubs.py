"""Text and vectors on servers of 127.0.0.1 that answer as Google's storage and the Hub do."""

import numpy as np
import pytest
from remote_texts import TEXT, VECTORS, content, large_vectors, saved

import w2v
from w2v.errors import CorpusError, FormatError, W2VError


@pytest.mark.parametrize("end", ["bin", "txt.gz", "npy", "safetensors"])
def test_vectors_at_google(google, end: str) -> None:
    url = f"gs://bucket/deep/x.{end}"
    for _ in range(2):  # the second replaces the first
        VECTORS.save(url, storage_options=google)
    found = w2v.load(url, storage_options=google)
    assert found.index_to_key == VECTORS.index_to_key
    assert np.array_equal(found.vectors, VECTORS.vectors)
    assert w2v.load(url, words=["one"], storage_options=google).index_to_key == ["one"]


def test_texts_at_google(google) -> None:
    import fsspec

    system = fsspec.filesystem("gs", **google)
    for name in ("text/a.txt", "text/b.txt"):
        system.pipe_file(f"bucket/{name}", TEXT)
    for named, times in (("text/a.txt", 1), ("text", 2), ("text/*.txt", 2)):
        corpus = w2v.open_corpus(f"gs://bucket/{named}", storage_options=google)
        assert b"".join(block.data for block in corpus.blocks()) == TEXT * times
    with pytest.raises(CorpusError, match=r"^There is no text gs://bucket/none; check the name"):
        w2v.open_corpus("gs://bucket/none", storage_options=google)
    with pytest.raises(W2VError, match=r"^Cannot write gs://nowhere/x\.bin: there is no such"):
        VECTORS.save("gs://nowhere/x.bin", storage_options=google)


def test_reading_at_the_hub(hub) -> None:
    options = {"endpoint": hub.url, "token": False}
    hub.put("text/a.txt", TEXT)
    hub.put("text/b.txt", TEXT)
    for named, times in (("text/a.txt", 1), ("text", 2), ("text/*.txt", 2)):
        corpus = w2v.open_corpus(f"hf://user/name/{named}", storage_options=options)
        assert b"".join(block.data for block in corpus.blocks()) == TEXT * times
    vectors = large_vectors()
    url, held = "hf://user/name/x.safetensors", content(saved(vectors, "memory://x.safetensors"))
    hub.put("x.safetensors", held)
    hub.sent = 0
    found = w2v.load(url, words=["word39999"], storage_options=options)
    assert np.array_equal(found["word39999"], vectors["word39999"])
    assert hub.sent < 0.1 * len(held)
    for missing in ("hf://user/name/none", "hf://user/none/x"):
        with pytest.raises(FormatError, match=f"^There is no vector file {missing}; check the na"):
            w2v.load(missing, storage_options=options)
