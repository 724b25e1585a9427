"""The file of an approximate index: written, loaded and refused, by the library and by commands."""

import errno
import json
import os
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from command_line import Shell

import w2v
from w2v.formats import index_file

pytest.importorskip("usearch", reason="the approximate index needs the extra `ann`")


@pytest.fixture
def few():
    """Forty words, so few that every search looks at all of them."""
    rows = np.random.default_rng(2).normal(size=(40, 8)).astype(np.float32)
    return w2v.KeyedVectors([f"w{number}" for number in range(40)], rows)


@pytest.fixture
def saved(few, tmp_path):
    """The index of `few` in a file."""
    path = tmp_path / "few.bin.index"
    w2v.build_index(few).save(path)
    return path


class TestFile:
    def test_what_was_saved_is_loaded(self, few, saved):
        loaded = w2v.load_index(saved, few)
        assert loaded.vectors is few
        assert (loaded.ef, loaded.recall) == (16, 1)
        built = few.most_similar("w7", indexer=w2v.build_index(few))
        assert few.most_similar("w7", indexer=loaded) == built
        assert few.most_similar_batch(["w7"] * 300, indexer=loaded)[299] == built
        loaded.save(saved.with_name("again"))
        assert saved.with_name("again").read_bytes() == saved.read_bytes()

    def test_what_is_no_vectors_has_no_index(self, saved):
        for thing in ("few.bin", np.eye(3), None):
            with pytest.raises(w2v.ConfigError, match=f"not {type(thing).__name__}"):
                w2v.build_index(thing)
            with pytest.raises(w2v.ConfigError, match="This needs vectors, such as"):
                w2v.load_index(saved, thing)

    def test_a_file_that_is_no_index_is_not_written_over(self, few, tmp_path):
        few.save(tmp_path / "few.bin")
        with pytest.raises(w2v.W2VError, match="the file exists and is not an index; name another"):
            w2v.build_index(few).save(tmp_path / "few.bin")
        assert w2v.load(tmp_path / "few.bin").index_to_key == few.index_to_key

    def test_it_lies_beside_the_vectors(self):
        assert w2v.index_path("data/wiki8.bin") == Path("data/wiki8.bin.index")

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"words": slice(0, 39)}, "another number of words (40, not 39)"),
            ({"columns": slice(0, 7)}, "its vectors have another size (8, not 7)"),
            ({"number": 1}, "words or numbers were changed"),
            ({"rename": "w0"}, "words or numbers were changed"),
            ({"swap": True}, "words or numbers were changed"),
        ],
    )
    def test_an_index_of_other_vectors_is_refused(self, few, saved, change, message):
        words, rows = list(few.index_to_key), few.vectors.copy()
        if "number" in change:
            rows[20, 3] = np.nextafter(rows[20, 3], np.float32(9))
        if "rename" in change:
            words[0] = "another"
        if "swap" in change:
            rows[[4, 9]] = rows[[9, 4]]
        kept = change.get("words", slice(None)), change.get("columns", slice(None))
        changed = w2v.KeyedVectors(words[kept[0]], rows[kept])
        with pytest.raises(w2v.FormatError) as caught:
            w2v.load_index(saved, changed)
        assert message in str(caught.value)
        assert str(caught.value).endswith("build it again.")

    def test_a_damaged_or_foreign_file_is_refused(self, few, saved):
        good = saved.read_bytes()
        for cut in [0, 1, 11, 12, 50, 77, 200, len(good) // 2, len(good) - 1]:
            saved.write_bytes(good[:cut])
            with pytest.raises(w2v.FormatError, match=r"is damaged|is not an index of w2v"):
                w2v.load_index(saved, few)
        for position in range(0, len(good), 97):
            damaged = bytearray(good)
            damaged[position] ^= 0x10
            saved.write_bytes(damaged)
            with pytest.raises(w2v.FormatError, match=r"is damaged|is not an index of w2v"):
                w2v.load_index(saved, few)
        saved.write_bytes(good + b"x")
        with pytest.raises(w2v.FormatError, match="is damaged"):
            w2v.load_index(saved, few)
        few.save(saved, binary=True)
        with pytest.raises(w2v.FormatError, match="is not an index of w2v; build one"):
            w2v.load_index(saved, few)
        with pytest.raises(w2v.FormatError, match="There is no index"):
            w2v.load_index(saved.with_name("nothing"), few)
        with pytest.raises(w2v.FormatError, match="is a directory"):
            w2v.load_index(saved.parent, few)

    @pytest.mark.parametrize(
        "line", [b"{\n", b"[]\n", b"{}\n", b'{"words": {"a": [1]}}\n', b"[" * 50_000 + b"\n"]
    )
    def test_facts_that_are_none_are_refused(self, few, saved, line):
        _, content = index_file.read(saved)
        rest = line + bytes(content)
        saved.write_bytes(b"w2v-index 1\n%08x\n" % zlib.crc32(rest) + rest)
        with pytest.raises(w2v.FormatError, match=r"is damaged|does not belong to these vectors"):
            w2v.load_index(saved, few)

    @pytest.mark.parametrize("change", [{"ef": 0}, {"ef": "many"}, {"ef": None}, {"recall": None}])
    def test_an_ef_that_is_none_is_refused(self, few, saved, change):
        facts, content = index_file.read(saved)
        index_file.write(saved, {**facts, **change}, bytes(content))
        with pytest.raises(w2v.FormatError, match="is damaged: its ef is"):
            w2v.load_index(saved, few)

    def test_a_file_made_to_do_harm_never_ends_the_process(self, few, saved, tmp_path):
        """Every byte of the graph is changed, with a right checksum; a process of its own loads it.

        usearch itself would follow some of these numbers out of its memory.
        """
        few.save(tmp_path / "few.bin")
        w2v.build_index(few, connectivity=4).save(saved)
        script = """
import os
import sys
from pathlib import Path
import numpy as np
import w2v
from w2v.formats import index_file

vectors = w2v.load(sys.argv[1])
path = Path(sys.argv[2])
os.fsync = lambda handle: None  # thousands would take their time
facts, content = index_file.read(path)
good = bytes(content)
refused = 0
draw = np.random.default_rng(1)
for position in range(len(good)):
    harm = bytearray(good)
    harm[position] ^= int(draw.integers(1, 256))
    index_file.write(path, facts, bytes(harm))
    try:
        vectors.most_similar("w1", indexer=w2v.load_index(path, vectors))
    except w2v.FormatError:
        refused += 1
for cut in range(0, len(good), 61):
    index_file.write(path, facts, good[:cut])
    try:
        w2v.load_index(path, vectors)
    except w2v.FormatError:
        refused += 1
print(refused / len(good))
"""
        command = [sys.executable, "-c", script, str(tmp_path / "few.bin"), str(saved)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        assert float(ran.stdout) > 0.2  # the rest are numbers of vectors, and room that is not used

    def test_a_full_disk_leaves_the_old_file(self, few, saved, monkeypatch):
        def full(_):
            raise OSError(errno.ENOSPC, "No space left on device")

        old = saved.read_bytes()
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(w2v.W2VError, match=r"Cannot write .*: No space left"):
            w2v.build_index(few, connectivity=4).save(saved)
        assert saved.read_bytes() == old
        assert list(saved.parent.iterdir()) == [saved]


class TestWithout:
    def test_without_the_library_it_says_how_to_get_it(self, few, saved, monkeypatch):
        monkeypatch.setitem(sys.modules, "usearch.index", None)
        for ask in (lambda: w2v.build_index(few), lambda: w2v.load_index(saved, few)):
            with pytest.raises(w2v.W2VError, match=r"pip install usearch\.$"):
                ask()

    def test_the_names_alone_do_not_import_it(self):
        script = """
import json, sys, w2v
w2v.build_index, w2v.load_index, w2v.VectorIndex
print(json.dumps([name for name in sys.modules if name.startswith("usearch")]))
"""
        ran = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        )
        assert json.loads(ran.stdout) == []


class TestCommands:
    @pytest.fixture
    def shell(self, few, tmp_path, monkeypatch):
        """A user with few.bin in the working directory."""
        shell = Shell(tmp_path, monkeypatch)
        few.save("few.bin")
        return shell

    def test_index_and_ask(self, shell):
        result = shell.succeed("index", "-v", "few.bin")
        assert result.stdout == ""
        assert "Wrote few.bin.index: 0.0 MB, built in " in result.stderr
        assert shell.files() == ["few.bin", "few.bin.index"]
        for query in (["similar", "w1", "w2"], ["analogy", "w1", "w2", "w3"]):
            asked = [*query, "-v", "few.bin", "-n", "4"]
            assert shell.succeed(*asked, "--approximate").stdout == shell.succeed(*asked).stdout

    def test_facts_for_programs(self, shell):
        result = shell.succeed("index", "-v", "few.bin", "--connectivity", 4, "--json")
        size = Path("few.bin.index").stat().st_size
        told = json.loads(result.stdout)
        assert told.pop("seconds") < 10
        expected = {"file": "few.bin.index", "words": 40, "bytes": size, "ef": 16, "recall": 1}
        assert told == expected

    def test_the_vectors_trained_last_are_indexed(self, shell, monkeypatch):
        monkeypatch.setenv("W2V_VECTORS", "few.bin")
        shell.succeed("index", "--workers", 1)
        assert "few.bin.index" in shell.files()
        shell.succeed("similar", "w1", "--approximate")

    def test_without_an_index_it_names_the_command(self, shell):
        message = shell.fail("similar", "w1", "-v", "few.bin", "--approximate")
        assert message == (
            "There is no index few.bin.index; build it with 'w2v index', or ask without"
            " --approximate."
        )

    def test_an_index_of_other_vectors(self, shell, few):
        shell.succeed("index", "-v", "few.bin")
        message = shell.fail(
            "analogy", *["w1", "w2", "w3", "--approximate", "-v", "few.bin", "--limit", "9"]
        )
        assert "another number of words (40, not 9)" in message
        w2v.KeyedVectors(few.index_to_key, few.vectors + 1).save("few.bin")
        message = shell.fail("similar", "w1", "-v", "few.bin", "--approximate")
        assert "words or numbers were changed since it was built" in message

    def test_settings_out_of_range(self, shell):
        for name, value in [("--connectivity", 1), ("--ef-construction", 0), ("--workers", 0)]:
            message = shell.fail("index", "-v", "few.bin", name, value)
            assert message.startswith(f"{name} must be ")
        assert shell.files() == ["few.bin"]

    def test_an_index_of_other_numbers_says_how_they_are_held(self, shell):
        shell.succeed("index", "-v", "few.bin")
        message = shell.fail("similar", "w1", "--approximate", "-v", "few.bin", "--dtype", "int8")
        assert "held in another way (float32, not int8); load them with the dtype" in message
        message = shell.fail("similar", "w1", "--approximate", "-v", "few.bin", "--limit", 9)
        assert "(40, not 9); load the words that it was built of" in message

    def test_where_it_cannot_be_written_is_said_first(self, shell):
        Path("few.bin.index").mkdir()
        result = shell("index", "-v", "few.bin")
        assert result.exit_code == 1
        assert "Cannot write few.bin.index: it is a directory" in result.stderr
        assert "Reading" not in result.stderr

    def test_without_the_extra(self, shell, monkeypatch):
        monkeypatch.setitem(sys.modules, "usearch.index", None)
        message = shell.fail("index", "-v", "few.bin")
        assert message.endswith("which is not installed; install it: pip install usearch.")
