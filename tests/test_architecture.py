"""The arrows of the design: who imports whom, how light a query is, how long a file gets."""

import ast
import importlib
import inspect
import json
import re
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import w2v

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {"w2v": ROOT / "w2v", "w2v_cli": ROOT / "cli", "w2v_corpora": ROOT / "corpora"}
MODULES = {
    ".".join([package, *path.relative_to(folder).with_suffix("").parts]): path
    for package, folder in FOLDERS.items()
    for path in sorted(folder.rglob("*.py"))
}

# What every part may import.
BOTTOM = {
    "w2v.arguments", "w2v.characters", "w2v.compression", "w2v.drawing", "w2v.errors", "w2v.files",
    "w2v.finite", "w2v.json_values", "w2v.limits", "w2v.locks", "w2v.machine", "w2v.matrices",
    "w2v.memory", "w2v.opening", "w2v.places", "w2v.remote", "w2v.tables", "w2v.temporaries",
    "w2v.word_forms", "w2v.word_lists", "w2v.word_rows",
}  # fmt: skip
# Of each part: the parts it may import beside itself, and the libraries.
ALLOWED = {
    "w2v.__main__": ({"w2v_cli"}, set()),  # `python -m w2v` hands over to the command line
    "w2v.characters": (set(), set()),
    "w2v.json_values": (set(), set()),
    "w2v.limits": (set(), set()),
    "w2v.drawing": (set(), {"matplotlib"}),
    "w2v.errors": ({"w2v.characters"}, set()),
    "w2v.remote": ({"w2v.errors", "w2v.temporaries"}, {"aiohttp", "fsspec"}),
    "w2v.arguments": ({"w2v.errors", "w2v.remote"}, {"numpy"}),
    "w2v.word_forms": (set(), set()),
    "w2v.word_rows": (set(), {"numpy"}),
    "w2v.tables": ({"w2v.characters"}, set()),
    "w2v.word_lists": ({"w2v.errors", "w2v.limits", "w2v.places"}, set()),
    "w2v.places": ({"w2v.errors", "w2v.remote"}, set()),
    "w2v.locks": (set(), set()),
    "w2v.temporaries": ({"w2v.locks"}, set()),
    "w2v.files": (
        {"w2v.errors", "w2v.locks", "w2v.places", "w2v.remote", "w2v.temporaries"},
        set(),
    ),
    "w2v.opening": (
        {"w2v.compression", "w2v.errors", "w2v.files", "w2v.places", "w2v.remote"},
        set(),
    ),
    "w2v.machine": (set(), set()),
    "w2v.memory": ({"w2v.errors"}, {"numpy"}),
    "w2v.matrices": ({"w2v.arguments"}, {"numpy"}),
    "w2v.finite": ({"w2v.matrices"}, {"numpy"}),
    "w2v.compression": (set(), {"backports", "compression"}),
    "w2v.kernels": (set(), {"numpy", "numba", "llvmlite"}),
    "w2v.formats": (BOTTOM, {"numpy", "safetensors"}),
    "w2v.maps": (BOTTOM, {"numpy", "scipy", "matplotlib", "PIL", "openTSNE", "umap"}),
    "w2v.vectors": (
        BOTTOM | {"w2v.formats", "w2v.maps", "w2v_corpora"},
        {"numpy", "scipy", "usearch"},
    ),
    "w2v.text": (BOTTOM | {"w2v.kernels", "w2v_corpora"}, {"numpy", "pyarrow"}),
    "w2v.graphs": (BOTTOM | {"w2v.text", "w2v.kernels"}, {"numpy"}),
    "w2v.phrases": (BOTTOM | {"w2v.text", "w2v.kernels"}, {"numpy"}),
    "w2v.training": (
        BOTTOM | {"w2v.text", "w2v.phrases", "w2v.kernels", "w2v.vectors", "w2v.formats"},
        {"numpy", "IPython", "dask", "distributed"},  # in a notebook alone; with a cluster
    ),
    "w2v.compat": (
        BOTTOM | {"w2v.text", "w2v.phrases", "w2v.vectors", "w2v.formats", "w2v.training"},
        {"numpy", "scipy"},
    ),
    "w2v.reports": (
        BOTTOM | {"w2v.text", "w2v.training", "w2v.vectors"},
        {"matplotlib", "numpy"},
    ),
    "w2v.sklearn": (
        {"w2v.arguments", "w2v.errors", "w2v.matrices", "w2v.vectors"},
        {"numpy", "scipy", "sklearn"},
    ),
    "w2v.diagnosis": ({"w2v.machine", "w2v.kernels", "w2v_corpora"}, {"numba", "llvmlite"}),
    "w2v_corpora": ({"w2v.errors", "w2v.compression"}, {"platformdirs", "pooch", "requests"}),
    "w2v_cli": ({"w2v", *BOTTOM}, {"click", "rich", "platformdirs"}),
}


def part_of(module):
    """w2v.text of w2v.text.corpus; w2v of w2v/__init__.py; w2v_cli of w2v_cli.train."""
    names = module.removesuffix(".__init__").split(".")
    return ".".join(names[:2] if names[0] == "w2v" else names[:1])


def imports_of(path, modules=MODULES):
    """The full names of all that a file imports, inside functions and for type checks too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            for alias in node.names:
                inside = f"{node.module}.{alias.name}"
                package = inside in modules or f"{inside}.__init__" in modules
                yield inside if package else node.module


def sources_of(part):
    return {module: path for module, path in MODULES.items() if part_of(module) == part}


@pytest.mark.parametrize("part", ALLOWED)
def test_imports_run_one_way(part):
    parts, libraries = ALLOWED[part]
    sources = sources_of(part)
    assert sources
    for module, path in sources.items():
        for imported in imports_of(path):
            top = imported.partition(".")[0]
            if top in FOLDERS:
                assert part_of(imported) in {part, *parts}, f"{module} imports {imported}"
            elif top not in sys.stdlib_module_names:
                assert top in {"__future__", *libraries}, f"{module} imports {imported}"


def modules_used_by(path, modules):
    """The modules that a file imports anywhere, or names in a string, as for importlib."""
    strings = {
        node.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value
    }
    names = {*imports_of(path, modules), *strings}
    return {module for module in modules if module.removesuffix(".__init__") in names}


def circle_in(modules):
    """A circle of imports among files, as the modules in their order; empty where there is none."""
    uses = {module: modules_used_by(path, modules) for module, path in modules.items()}
    try:
        TopologicalSorter(uses).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_no_imports_form_a_circle():
    assert circle_in(MODULES) == []


@pytest.mark.parametrize(
    "line",
    [
        "import pack.b", "from pack.b import thing", "from pack import b",
        "def late():\n    from pack import b",
        "if TYPE_CHECKING:\n    from pack.b import thing",
        "importlib.import_module('pack.b')",
    ],
)  # fmt: skip
def test_a_circle_is_found_however_it_is_hidden(tmp_path, line):
    modules = {f"pack.{name}": tmp_path / f"{name}.py" for name in ("__init__", "a", "b", "c")}
    contents = ["", line, "from pack.c import thing", "import json"]
    for path, content in zip(modules.values(), contents, strict=True):
        path.write_text(content)
    assert circle_in(modules) == []
    modules["pack.c"].write_text("from pack.a import thing")
    assert set(circle_in(modules)) == {"pack.a", "pack.b", "pack.c"}


def test_keyed_vectors_is_one_class():
    assert w2v.KeyedVectors.__mro__ == (w2v.KeyedVectors, object)


def documented_functions():
    """The functions of the ground floor, formats/ and vectors/, and the methods of classes."""
    for name in MODULES:
        if name in BOTTOM or name.startswith(("w2v.formats.", "w2v.vectors.")):
            module = importlib.import_module(name.removesuffix(".__init__"))
            for thing in vars(module).values():
                if getattr(thing, "__module__", "") == module.__name__:
                    yield from [thing, *vars(thing).values()] if inspect.isclass(thing) else [thing]


def test_documented_parameters_are_those_of_the_signature():
    sections = 0
    for function in documented_functions():
        about = inspect.getdoc(function) or ""
        if "Parameters\n----------\n" not in about or not callable(function):
            continue
        section = about.partition("Parameters\n----------\n")[2].partition("\n\n")[0]
        lines = [line for line in section.splitlines() if not line.startswith(" ")]
        listed = [
            each.lstrip("*") for line in lines for each in line.partition(" :")[0].split(", ")
        ]
        parameters = list(inspect.signature(function).parameters)
        queried = parameters[1:] if parameters[0] in ("self", "vectors") else parameters
        assert listed in (parameters, queried), function
        sections += 1
    assert sections > 30


def test_every_file_belongs_to_a_part():
    parts = {part_of(module) for module in MODULES}
    assert parts == {"w2v", *ALLOWED}
    assert list(sources_of("w2v")) == ["w2v.__init__"]


def test_the_command_line_uses_public_names():
    used = {
        node.attr
        for path in FOLDERS["w2v_cli"].glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "w2v"
    }
    assert {"train", "load", "W2VError"} <= used
    assert used <= set(w2v.__all__) | {"__version__"}


def test_every_public_name_is_there():
    assert len(set(w2v.__all__)) == len(w2v.__all__)
    assert set(w2v.__all__) <= set(dir(w2v))
    for name in w2v.__all__:
        assert getattr(w2v, name).__name__ == name
    with pytest.raises(AttributeError, match="module 'w2v' has no attribute 'trian'"):
        w2v.trian  # noqa: B018


QUERY = """
import sys
import w2v
vectors = w2v.load(sys.argv[1])
vectors.most_similar(positive=["b"], negative=["c"], topn=2)
vectors.doesnt_match(["a", "b", "c"])
vectors.similarity("a", "b")
"""
COMMAND_QUERY = """
import sys
from w2v_cli.commands import cli
cli(["analogy", "a", "b", "c", "-v", sys.argv[1], "-n", "1", "--json"], standalone_mode=False)
"""
SHOW_MODULES = """
import json
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@pytest.mark.parametrize(
    ("script", "heavy"),
    [
        (QUERY, ["numba", "llvmlite", "rich", "scipy", "click", "safetensors", "pooch"]),
        (COMMAND_QUERY, ["numba", "llvmlite", "rich", "scipy", "safetensors", "pooch"]),
    ],
    ids=["library", "command"],
)
def test_a_query_stays_light(tmp_path, script, heavy):
    path = tmp_path / "vectors.txt"
    path.write_text("4 2\na 1 2\nb 2 1\nc -1 1\nd 3 1\n")
    command = [sys.executable, "-c", script + SHOW_MODULES, str(path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    loaded = set(json.loads(ran.stdout.splitlines()[-1]))
    assert {"w2v", "numpy"} <= loaded
    assert not loaded & {
        *heavy, "gensim", "matplotlib", "torch", "pandas", "requests", "sklearn", "usearch",
        "aiohttp", "fsspec",
    }  # fmt: skip


@pytest.mark.parametrize("module", MODULES)
def test_no_file_is_long(module):
    lines = MODULES[module].read_text().splitlines()
    assert len(lines) <= 300


def test_every_package_is_installed() -> None:
    """A package that pyproject.toml does not list is missing from the wheel, and only there."""
    listed = (ROOT / "pyproject.toml").read_text()
    packages = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in (ROOT / "w2v").rglob("__init__.py")
    }
    assert {name for name in packages if f'"{name}"' not in listed} == set()


def test_every_source_file_is_in_the_tour() -> None:
    tour = (ROOT / "docs" / "design" / "house.md").read_text(encoding="utf-8")
    for folder in ("w2v", "corpora"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path.name != "__init__.py" and path.parent.name != "formats":
                assert path.name in tour, path


def test_every_public_name_is_in_the_reference() -> None:
    """Each once, on a page of docs/reference/."""
    pages = (ROOT / "docs" / "reference").glob("*.md")
    found = re.findall(
        r"^\.\. auto(?:class|function|exception):: w2v\.(\w+)$",
        "\n".join(page.read_text(encoding="utf-8") for page in pages),
        re.MULTILINE,
    )
    assert sorted(found) == sorted(w2v.__all__)
