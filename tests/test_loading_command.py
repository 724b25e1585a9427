"""The options of loading on the command line."""

from pathlib import Path

import pytest
from command_line import Shell
from vector_files import write_all


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_all(tmp_path_factory.mktemp("files"))


class TestCommandLine:
    @pytest.fixture
    def shell(self, directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
        shell = Shell(tmp_path, monkeypatch)
        monkeypatch.setenv("W2V_VECTORS", str(directory / "a.safetensors"))
        return shell

    def test_all_options_find_the_same(self, shell: Shell) -> None:
        expected = shell.succeed("similar", "京都", "-n", 3).stdout.split()[::2]
        for options in (["--dtype", "int8"], ["--dtype", "float16"], ["--mmap"]):
            assert (
                shell.succeed("similar", "京都", "-n", 3, *options).stdout.split()[::2] == expected
            )

    def test_words(self, shell: Shell) -> None:
        Path("list").write_bytes("\ufeffwörd1\r\n京都\n\ntwo words 5 ".encode())
        found = shell.succeed("similar", "京都", "--words", "list").stdout
        assert sorted(line.rsplit(maxsplit=1)[0] for line in found.splitlines()) == [
            "two words 5", "wörd1",
        ]  # fmt: skip
        found = shell.succeed("distance", "京都", "wörd1", "--words", "list", "--mmap").stdout
        assert "京都 – wörd1" in found

    def test_errors(self, shell: Shell, directory: Path) -> None:
        Path("binary").write_bytes(b"caf\xe9\n")
        Path("empty").write_bytes(b"\n \n")
        Path("others").write_bytes(b"nowhere\n")
        ask = ("similar", "京都")
        assert "not UTF-8" in shell.fail(*ask, "--words", "binary")
        assert "holds no words" in shell.fail(*ask, "--words", "empty")
        assert "None of the words to load ('nowhere')" in shell.fail(*ask, "--words", "others")
        assert "There is no list of words missing; check the name" in shell.fail(
            *ask, "--words", "missing"
        )
        assert "convert" in shell.fail(*ask, "--mmap", "-v", directory / "a.bin")
        assert "A mapped file keeps" in shell.fail(*ask, "--mmap", "--dtype", "int8")
        allowed = "float32, float16 or int8, not 'int4'."
        assert shell.fail(*ask, "--dtype", "int4") == f"--dtype must be {allowed}"
