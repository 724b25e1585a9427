"""What is reported while a text is counted and the kernels are compiled."""

import bz2
import gzip
import io
import json
import lzma
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import w2v
from w2v.kernels.jit import JIT_ENABLED
from w2v.text import counting
from w2v.training.compiling import CompilationWatch

_WORDS = np.random.default_rng(1).integers(0, 10**9, 250_000)
TEXT = b"".join(b"%d a b\n" % word for word in _WORDS)  # 3.5 MB


def compressed_by_zip(data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b.txt", data[: len(data) // 2])
        archive.writestr("a.txt", data[len(data) // 2 :])
    return stream.getvalue()


class TestCounting:
    @pytest.mark.parametrize(
        "compress", [bytes, gzip.compress, bz2.compress, lzma.compress, compressed_by_zip]
    )
    def test_the_share_is_of_the_file_as_it_lies_there(
        self, compress: Callable[[bytes], bytes], tmp_path: Path
    ) -> None:
        path = tmp_path / "text"
        path.write_bytes(compress(TEXT))
        corpus = w2v.open_corpus(path)
        size = path.stat().st_size
        for _ in range(2):
            read = [corpus.bytes_read for _ in corpus.blocks(1 << 17)]
            assert read == sorted(read)
            assert read[0] < size  # the last reading is forgotten
            assert size <= corpus.bytes_read <= size + (1 << 20)  # of an archive some twice
        assert corpus.size == size

    def test_several_files_and_known_texts(self, tmp_path: Path) -> None:
        for name in ("a.txt", "b.txt"):
            (tmp_path / name).write_bytes(TEXT)
        corpus = w2v.open_corpus(tmp_path / "*.txt", "toy")
        assert corpus.size == 2 * len(TEXT) + len(w2v_toy())
        for _ in corpus.blocks():
            pass
        assert corpus.bytes_read == corpus.size

    def test_sentences_have_no_size(self) -> None:
        corpus = w2v.open_corpus([["a", "few"], ["words"]])
        assert corpus.size is None
        for _ in corpus.blocks():
            pass
        assert corpus.bytes_read == len("a few\nwords\n")

    def test_it_is_told_while_it_goes_on(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "text.bz2"
        path.write_bytes(bz2.compress(TEXT, 1))
        monkeypatch.setattr(counting, "_PERIOD", 0.01)
        seen: list[w2v.Event] = []
        w2v.train(path, on_event=seen.append, vector_size=4, epochs=1, workers=1)
        told = [event for event in seen if isinstance(event, w2v.Counting)]
        assert len(told) > 2
        assert told[0].size == path.stat().st_size
        shares = [event.done for event in told]
        assert shares == sorted(shares, key=lambda share: share or 0)
        assert 0 < (shares[0] or 0) < (shares[-1] or 0) <= 1
        assert told[-1].seconds > 0


def w2v_toy() -> bytes:
    from w2v_corpora import toy

    return toy.text()


COLD = """
import json
import w2v

seen = []
sentences = [["a", "b", "c"], ["d", "e"]] * 50
for _ in range(2):
    w2v.train(sentences, vector_size=4, epochs=1, workers=1, on_event=seen.append)
print(json.dumps([event.event for event in seen]))
"""


@pytest.mark.skipif(not JIT_ENABLED, reason="about the compiler")
class TestCompiling:
    def kinds(self, cache: Path) -> list[str]:
        ran = subprocess.run(
            [sys.executable, "-c", COLD],
            capture_output=True, text=True, check=True,
            env={"PATH": "/usr/bin", "NUMBA_CACHE_DIR": str(cache)},
        )  # fmt: skip
        found: list[str] = json.loads(ran.stdout)
        return [kind for kind in found if kind not in ("counting", "progress")]

    @pytest.mark.long
    def test_it_is_told_once_on_a_machine(self, tmp_path: Path) -> None:
        usual = ["vocabulary", "encoded", "prepared", "epoch", "summary"]
        assert self.kinds(tmp_path) == ["compiling", *usual, *usual]
        assert self.kinds(tmp_path) == [*usual, *usual]

    def test_only_our_kernels_and_only_the_first(self) -> None:
        import numba

        from w2v.kernels.jit import jit

        seen: list[w2v.Event] = []
        watch = CompilationWatch(seen.append)

        def twice(number: int) -> int:
            return 2 * number

        theirs = numba.njit(twice)
        twice.__module__ = "w2v.kernels.twice"
        ours, more = jit(twice), jit(twice)
        with watch.watching():
            numba.njit(lambda number: number)(1)
            assert seen == []
            assert ours(2) == 4
            assert seen == [w2v.Compiling()]
            ours(2)
            more(2)
        assert theirs(1) == 2
        watch.look()
        assert seen == [w2v.Compiling()]

    def test_another_thread_compiles(self) -> None:
        seen: list[w2v.Event] = []
        watch = CompilationWatch(seen.append)
        watch._thread = -1
        watch._begin()
        assert seen == []
        watch.look()
        watch.look()
        assert seen == [w2v.Compiling()]
