"""Text and vectors on a real server of S3, which runs on 127.0.0.1."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from remote_texts import ENDS, TEXT, VECTORS

import w2v
from w2v.errors import CorpusError, FormatError, W2VError


@pytest.mark.parametrize("end", ENDS)
def test_every_format_is_the_same_there(bucket, tmp_path: Path, end: str) -> None:
    VECTORS.save(tmp_path / f"x.{end}")
    VECTORS.save(f"{bucket.url}/deep/x.{end}")
    assert {name: bucket.content(name) for name in bucket.names()} == {
        f"deep/{path.name}": path.read_bytes() for path in tmp_path.iterdir()
    }
    loaded = w2v.load(f"{bucket.url}/deep/x.{end}")
    assert loaded.index_to_key == VECTORS.index_to_key
    assert np.array_equal(loaded.vectors, VECTORS.vectors)


def test_a_corpus_in_parts(bucket, tmp_path: Path) -> None:
    bucket.put("text/part-1.txt.gz", gzip.compress(TEXT))
    bucket.put("text/part-2.txt", TEXT)
    (tmp_path / "a.txt").write_bytes(TEXT + TEXT)
    expected = w2v.count_words(tmp_path / "a.txt")
    for named in ("text/part-*", "text", "text/", "*/*.txt*"):
        corpus = w2v.open_corpus(f"{bucket.url}/{named}")
        assert len(corpus.paths) == 2 and w2v.count_words(corpus) == expected
        assert corpus.size == len(gzip.compress(TEXT)) + len(TEXT)
        again = corpus.origin
        assert again is not None and again.sources == [f"{bucket.url}/{named}"]


def test_a_part_that_changes_is_refused(bucket) -> None:
    bucket.put("a.txt", TEXT)
    for named in ("a.txt", "*.txt"):  # what a listing says of it is enough
        corpus = w2v.open_corpus(f"{bucket.url}/{named}")
        bucket.put("a.txt", TEXT + named.encode())
        with pytest.raises(CorpusError, match=r"a\.txt: it was changed since it was opened"):
            list(corpus.blocks())


def test_an_upload_that_fails_changes_nothing(bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    import s3fs

    for end in ("bin", "npy"):
        VECTORS.save(f"{bucket.url}/x.{end}")
    before = {name: bucket.content(name) for name in bucket.names()}
    call = s3fs.S3FileSystem._call_s3

    async def break_off(self, method: str, *given: object, **options: object) -> object:
        if method == "put_object" and "vocab" in str(options.get("Key")):
            raise ConnectionError
        if method == "put_object" and "x.bin" in str(options.get("Key")):
            raise PermissionError
        return await call(self, method, *given, **options)

    monkeypatch.setattr(s3fs.S3FileSystem, "_call_s3", break_off)
    for end, said in (("bin", "access is denied"), ("npy", "there is no connection, or it broke")):
        with pytest.raises(W2VError, match=f"Cannot write s3://.*: {said}"):
            w2v.KeyedVectors(["a"], np.ones((1, 2), np.float32)).save(f"{bucket.url}/x.{end}")
    assert {name: bucket.content(name) for name in bucket.names()} == before


def test_what_is_not_there(bucket) -> None:
    with pytest.raises(FormatError, match=r"^There is no vector file s3://.*/none; check the name"):
        w2v.load(f"{bucket.url}/none")
    with pytest.raises(FormatError, match=r"^Cannot read .* s3://nowhere/a: there is no bucket of"):
        w2v.load("s3://nowhere/a")
    with pytest.raises(W2VError, match=r"^Cannot write s3://nowhere/a\.bin: there is no bucket of"):
        w2v.train("toy", epochs=1, vector_size=4).vectors.save("s3://nowhere/a.bin")
    with pytest.raises(CorpusError, match=r"^Nothing matches s3://.*/\*\.txt\.$"):
        w2v.open_corpus(f"{bucket.url}/*.txt")


def test_options_say_where_the_server_is(bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    import fsspec

    VECTORS.save(f"{bucket.url}/x.bin")
    monkeypatch.delitem(fsspec.config.conf, "s3")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    assert len(w2v.load(f"{bucket.url}/x.bin", storage_options=bucket.options)) == 3
    given = {"endpoint_url": bucket.options["endpoint_url"]}
    with pytest.raises(FormatError, match=r"x\.bin: there are no credentials; give them where fss"):
        w2v.load(f"{bucket.url}/x.bin", storage_options=given)


def test_commands(bucket, shell) -> None:
    text = bucket.put("a.txt.gz", gzip.compress(TEXT))
    small = ("--vector-size", "8", "--epochs", "1", "--workers", "1", "--min-count", "1")
    shell("train", text, "-o", f"{bucket.url}/out/a.bin", *small)
    assert "two" in shell("similar", "one").stdout
    shell("convert", f"{bucket.url}/out/a.bin", f"{bucket.url}/out/a.npy")
    assert bucket.names() == ["a.txt.gz", "out/a.bin", "out/a.npy", "out/a.vocab"]
    assert "s3://nowhere/a" in shell.fail("train", text, "-o", "s3://nowhere/a.bin")
