"""A cluster behind TLS: the command trains with a certificate, and nobody else is let in."""

import os
import subprocess
import sys

import pytest
from clusters import distributed
from counted_texts import (
    QUICK,
    small_pieces,  # noqa: F401 (a fixture)
    write_texts,
)

import w2v

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_texts(tmp_path_factory.mktemp("texts"))


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """An authority, and a certificate of it for everybody on this machine."""
    pytest.importorskip("cryptography")
    import datetime
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    folder = tmp_path_factory.mktemp("tls")
    now = datetime.datetime.now(datetime.timezone.utc)

    def certificate(name, issuer, issuer_key, key, is_authority):
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=2))
            .add_extension(x509.BasicConstraints(is_authority, None), True)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
                False,
            )
            .sign(issuer_key, hashes.SHA256())
        )

    def write(name, *parts):
        (folder / name).write_bytes(b"".join(parts))
        return str(folder / name)

    def pem(key):
        return key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )  # fmt: skip

    authority, own, stranger = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    encoding = serialization.Encoding.PEM
    ours = certificate("w2v", "our authority", authority, own, False)
    theirs = certificate("w2v", "stranger", stranger, stranger, False)
    return {
        "ca": write("ca.pem", certificate(
            "our authority", "our authority", authority, authority, True).public_bytes(encoding)),
        "cert": write("cert.pem", ours.public_bytes(encoding)),
        "key": write("key.pem", pem(own)),
        "stranger": write("stranger.pem", theirs.public_bytes(encoding), pem(stranger)),
    }  # fmt: skip


class TestTls:
    @pytest.fixture(scope="class")
    def address(self, certificates):
        files = {"tls_ca_file": certificates["ca"]}
        for role in ("client", "scheduler", "worker"):
            files[f"tls_{role}_cert"] = certificates["cert"]
            files[f"tls_{role}_key"] = certificates["key"]
        security = distributed.Security(require_encryption=True, **files)
        with distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, memory_limit=0, dashboard_address=":0",
            security=security, host="tls://127.0.0.1",
        ) as cluster:  # fmt: skip
            yield cluster.scheduler_address

    def test_the_command_trains_with_a_certificate(
        self, address, certificates, folder, tmp_path, tls
    ):
        assert address.startswith("tls://127.0.0.1:")
        command = [
            sys.executable, "-W", "ignore", "-m", "w2v", "train", str(folder), "--epochs", "1",
            "--vector-size", "8", "--shards", "4", "--quiet", "--cluster", address,
            "-o", str(tmp_path / "there.bin"),
        ]  # fmt: skip
        ran = subprocess.run(
            command, check=False, capture_output=True, text=True, env={**os.environ, **tls}
        )
        said = [line for line in ran.stderr.splitlines() if not line.startswith("Warning: ")]
        assert (ran.returncode, said) == (0, [])
        here = w2v.train(folder, deterministic=True, epochs=1, vector_size=8, shards=4)
        here.vectors.save(tmp_path / "here.bin")
        assert (tmp_path / "there.bin").read_bytes() == (tmp_path / "here.bin").read_bytes()

    @pytest.fixture
    def tls(self, certificates):
        """The settings of Dask as environment variables."""
        prefix = "DASK_DISTRIBUTED__COMM__TLS"
        return {
            f"{prefix}__CA_FILE": certificates["ca"],
            f"{prefix}__CLIENT__CERT": certificates["cert"],
            f"{prefix}__CLIENT__KEY": certificates["key"],
        }

    @pytest.mark.parametrize("kind", ["none", "of a stranger"])
    def test_nobody_else_is_let_in(self, address, certificates, kind, monkeypatch):
        import dask

        from w2v.training.cluster import connecting

        monkeypatch.setattr(connecting, "_CONNECT_SECONDS", 2.0)
        prefix = "distributed.comm.tls"
        given = {f"{prefix}.ca-file": certificates["ca"]}
        if kind != "none":
            given[f"{prefix}.client.cert"] = certificates["stranger"]
        refused = pytest.raises(w2v.ConfigError, match=r"tls://127.* does not answer: ")
        with dask.config.set(given), refused:
            w2v.train([["a", "b"] * 9], cluster=address, **QUICK)
