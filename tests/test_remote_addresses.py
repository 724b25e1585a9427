"""Addresses: what they are, and the errors that name them and nothing that is secret."""

import io
import pickle
import sys
from pathlib import Path

import pytest
from remote_texts import VECTORS

import w2v
from w2v.errors import ConfigError, FormatError, W2VError
from w2v.places import NamedFile, check_apart, free_names
from w2v.remote.addresses import Address, is_address, located
from w2v.remote.errors import without_secrets


class TestAddress:
    def test_only_urls_are_addresses(self) -> None:
        assert is_address("s3://bucket/key") and is_address("memory://a")
        assert not any(map(is_address, ["a/b", "C:\\a", "s3:/bucket", "://a", "-", Path("s3://a")]))
        assert located("file:///tmp/a%20b.txt") == Path("/tmp/a b.txt")
        assert located("a/b.txt") == Path("a/b.txt") and not isinstance(located("a"), Address)

    def test_it_has_the_names_of_a_path(self) -> None:
        address = Address("https://host:80/a//b/x.txt.gz?sig=1")
        assert (address.name, address.suffix, address.stem) == ("x.txt.gz", ".gz", "x.txt")
        assert address.with_suffix("").url == "https://host:80/a//b/x.txt?sig=1"
        assert address.with_name("y").url == "https://host:80/a//b/y?sig=1"
        assert address.parent.url == "https://host:80/a//b?sig=1"
        assert (Address("s3://bucket/a") / "b").url == "s3://bucket/a/b"
        assert Address("s3://bucket").name == "bucket"
        assert address.absolute() is address and not address.is_symlink()

    def test_it_travels_and_compares(self) -> None:
        address = Address("s3://bucket/a", {"anon": True})
        copied = pickle.loads(pickle.dumps(address))
        assert copied == address and copied.options == {"anon": True}
        assert hash(copied) == hash(address) and address != Path("s3://bucket/a")

    @pytest.mark.parametrize(
        ("url", "shown"),
        [
            ("https://me:secret@host/a", "https://host/a"),
            ("https://token@host/a?X-Amz-Signature=secret", "https://host/a?…"),
            ("sftp://me:secret@host/a", "sftp://me@host/a"),
            ("abfs://container@account.net/a", "abfs://container@account.net/a"),
            ("s3://bucket/a@b:c/d", "s3://bucket/a@b:c/d"),
        ],
    )
    def test_secrets_are_not_shown(self, url: str, shown: str) -> None:
        assert without_secrets(url) == shown == str(Address(url))
        assert repr(Address(url)) == f"Address({shown!r})"
        assert Address(url).has_secrets == (url != shown)

    def test_no_function_of_the_system_takes_it_for_a_path(self, memory: str) -> None:
        address = Address(f"{memory}/a")
        for act in (open, Path.mkdir, Path.unlink, Path.touch, lambda path: list(path.iterdir())):
            with pytest.raises(io.UnsupportedOperation, match="is an address, and here w2v takes"):
                act(address)
        assert free_names([address])[0].name == "finished-a"

    @pytest.mark.parametrize(
        ("one", "other", "are_same"),
        [
            ("s3://b/a", "s3a://b/a", True), ("gs://b/a", "gcs://b/a", True),
            ("https://h/a?x=1", "https://h/a", True), ("s3://b/a", "s3://b/A", False),
        ],
    )  # fmt: skip
    def test_nothing_is_written_over_what_is_read(
        self, one: str, other: str, are_same: bool
    ) -> None:
        files = [NamedFile(Address(one), "read")], [NamedFile(Address(other), "the vectors")]
        if not are_same:
            check_apart(*files)
            return
        with pytest.raises(W2VError, match=r"^Cannot write .*: it is read"):
            check_apart(*files)


class TestErrors:
    """Each is a sentence that names the address, and nothing that is secret."""

    def test_on_the_web(self, web) -> None:
        secret = f"{web.put('a.bin', b'')}?sig=secret".replace("://", "://me:secret@")
        shown = f"{web.url}/a.bin?…"
        web.denied.add("a.bin")
        for read in (w2v.load, w2v.open_corpus, w2v.load_vocabulary, w2v.load_phrases):
            with pytest.raises(W2VError, match="access is denied; check the name and") as caught:
                read(secret)
            assert shown in str(caught.value) and "secret" not in str(caught.value)
        with pytest.raises(FormatError, match=r"^There is no vector file http://.*/b; check the"):
            w2v.load(f"{web.url}/b")
        web.http.server_close()
        web.denied.clear()

    def test_without_a_network(self) -> None:
        with pytest.raises(
            FormatError, match=r"^Cannot read the vector file http://127.0.0.1:9/a: "
        ):
            w2v.load("http://127.0.0.1:9/a")

    def test_a_kind_that_nobody_knows(self) -> None:
        said = "^Cannot read the vector file foo://a: foo is not an address that fsspec knows"
        with pytest.raises(FormatError, match=said):
            w2v.load("foo://a")
        with pytest.raises(W2VError, match=r"^Cannot write foo://a.bin: foo is not an address"):
            VECTORS.save("foo://a.bin")

    @pytest.mark.parametrize(
        ("url", "package"),
        [("memory://a", "fsspec"), ("http://h/a", "aiohttp"), ("s3://b/a", "s3fs"),
         ("gs://b/a", "gcsfs"), ("hf://u/r/a", "huggingface_hub")],
    )  # fmt: skip
    def test_without_the_extra(
        self, url: str, package: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for scheme in ("s3", "gs", "hf", "http"):
            known = sys.modules["fsspec.registry"]._registry
            monkeypatch.delitem(known, scheme, raising=False)
        for module in [*sys.modules]:
            if module.startswith("fsspec.implementations.http"):
                monkeypatch.delitem(sys.modules, module)
        monkeypatch.setitem(sys.modules, package, None)
        said = f": such addresses take {package}; install it, as in pip install 'w2v.remote.'"
        with pytest.raises(FormatError, match=said):
            w2v.load(url)

    def test_what_stays_on_this_machine(self, memory: str) -> None:
        for argument in ("checkpoint", "resume"):
            with pytest.raises(ConfigError, match="must be a directory of this machine, not the"):
                w2v.train("toy", **{argument: f"{memory}/a"})
