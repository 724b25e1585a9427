"""Each setting is described once; messages carry the names of the settings they are about."""

import ast
import dataclasses
import inspect
import pickle
import typing
from pathlib import Path
from types import NoneType
from typing import Any

import click
import click.testing
import pytest
from test_architecture import FOLDERS, MODULES

import w2v
from w2v import compat
from w2v.errors import Argument, W2VWarning
from w2v.sklearn import MeanEmbedding
from w2v.training.settings import Choice, Flag, Number, OnlyWith, WholeNumber
from w2v.training.settings_table import descriptions
from w2v.training.without_effect import is_given
from w2v_cli.commands import cli
from w2v_cli.train_options import setting_options
from w2v_cli.wording import in_options

SETTINGS = w2v.TrainConfig.settings()
TYPES = {
    "whole number": int, "number": float, "flag": bool, "text": str, "device": str,
    "cluster": Any,
}  # fmt: skip
ERRORS = {name for name in w2v.__all__ if name.endswith("Error")} | {"W2VWarning"}
WRONG = [object(), "x", -1, 10**30, float("nan"), [1], b"cbow", 5 + 0j]
TRAIN = cli.commands["train"]


def arguments_of_the_library(*more: type) -> set[str]:
    """Return the names of the arguments of all public functions, methods and classes.

    more: further public classes.
    """
    found: set[str] = set()
    ours = [getattr(w2v, name) for name in w2v.__all__]
    for public in [*ours, MeanEmbedding, *more]:
        methods = [method for _, method in inspect.getmembers(public, inspect.isroutine)]
        for function in [public, *(methods if inspect.isclass(public) else [])]:
            try:
                found |= set(inspect.signature(function).parameters)
            except (TypeError, ValueError):  # it is of Python's own
                continue
    return found


class TestTable:
    @pytest.mark.parametrize("field", dataclasses.fields(w2v.TrainConfig), ids=lambda f: f.name)
    def test_the_type_of_a_field_is_the_one_described(self, field: Any) -> None:
        setting = SETTINGS[field.name]
        types = set(typing.get_args(field.type)) or {field.type}
        if setting.kind == "choice":
            assert tuple(typing.get_args(field.type)) == setting.choices
            return
        assert types - {NoneType} == {TYPES[setting.kind]}
        assert (NoneType in types) == (setting.default is None) == bool(setting.unset)

    def test_every_default_is_allowed_and_of_the_type(self) -> None:
        config = w2v.TrainConfig()
        for name, setting in SETTINGS.items():
            if setting.default is not None:
                assert getattr(config, name) == setting.default
                checked = setting.checked(name, setting.default, config)
                assert (checked, type(checked)) == (setting.default, type(setting.default))

    def test_the_docstring_has_every_setting(self) -> None:
        text = " ".join((w2v.TrainConfig.__doc__ or "").split())
        for name, setting in SETTINGS.items():
            assert f" {name} : {setting.type_text}, " in text
            assert setting.summary in text
            assert setting.details in text
            assert "{" not in setting.summary
        lines = (w2v.TrainConfig.__doc__ or "").splitlines()  # whatever Python took away in front
        sections = [lines.index(title) for title in ("Parameters", "Raises")]
        assert sections == sorted(sections)

    def test_names_of_other_tools_are_not_ambiguous(self) -> None:
        others = [other for setting in SETTINGS.values() for other in setting.elsewhere.split()]
        assert len(set(others)) == len(others)
        assert all(w2v.TrainConfig.meant(name) in (None, name) for name in SETTINGS)

    def test_what_a_setting_depends_on_is_a_setting(self) -> None:
        for setting in SETTINGS.values():
            if setting.only_with is not None:
                other = SETTINGS[setting.only_with.setting]
                assert set(setting.only_with.values) < set(other.choices or (True, False))

    def test_the_command_line_has_an_option_for_each(self) -> None:
        options = {option.name: option for option in TRAIN.params}
        given = TRAIN.make_context("train", ["toy"]).params
        for name, setting in SETTINGS.items():
            option = options[name]
            assert isinstance(option, click.Option)
            assert given[name] is None
            assert option.opts == [f"--{name.replace('_', '-')}"]
            assert (option.help or "").startswith(setting.summary)
            if setting.kind != "flag":
                assert (option.help or "").endswith(f"[default: {setting.default_text}]")


class TestAnotherTable:
    """Settings of every kind work without more than their description."""

    @dataclasses.dataclass
    class Table:
        share: float = Number(default=0.75, low=-1, high=1, help="A share, {range}.").field()
        mean: bool = Flag(
            default=True, help="Take the mean.", only_with=OnlyWith("loss", ("negative",), "")
        ).field()
        many: int = WholeNumber(default=3, low=0, high=9, help="How many.").field()
        way: str = Choice(default="a", choices=("a", "b"), help="Which way.").field()

    @pytest.fixture
    def command(self) -> click.Command:
        command = click.Command("show", callback=lambda **given: click.echo(repr(given)))
        for option in setting_options(descriptions(self.Table)):
            command = option(command)
        return command

    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            ([], {}),
            (["--share", "0.5", "--many", "0"], {"share": 0.5, "many": 0}),
            (["--no-mean", "--way", "b"], {"mean": False, "way": "b"}),
            (["--mean"], {"mean": True}),
        ],
    )
    def test_on_the_command_line(
        self, command: click.Command, arguments: list[str], expected: dict[str, Any]
    ) -> None:
        result = click.testing.CliRunner().invoke(command, arguments)
        given = ast.literal_eval(result.output)
        assert {name: value for name, value in given.items() if value is not None} == expected

    def test_in_messages(self, command: click.Command) -> None:
        for argument, text in [
            (Argument("mean"), "--mean"), (Argument("mean", False), "--no-mean"),
            (Argument("mean", True), "--mean"), (Argument("share", 0), "--share 0"),
            (Argument("way", "it's"), "--way 'it'\"'\"'s'"), (Argument("other", 1), "other=1"),
        ]:  # fmt: skip
            assert in_options(w2v.ConfigError("use ", argument, "."), command) == f"use {text}."

    def test_a_setting_that_is_false_is_given_all_the_same(self) -> None:
        assert is_given("deterministic", False)
        assert not is_given("freeze", False)


class TestMessages:
    @pytest.mark.parametrize("name", SETTINGS)
    def test_every_error_about_a_setting_carries_its_name(self, name: str) -> None:
        refused = 0
        for value in WRONG:
            try:
                w2v.TrainConfig(**{name: value})
            except w2v.ConfigError as error:
                refused += 1
                assert error.setting == name
                assert str(error).startswith(f"{name} must be ")
                flag = f"--{name.replace('_', '-')}"
                assert in_options(error, TRAIN) == str(error).replace(name, flag, 1)
        assert refused >= len(WRONG) - 2

    def test_the_arguments_that_messages_name_exist(self) -> None:
        known = arguments_of_the_library(compat.KeyedVectors, compat.Word2Vec)
        named = set(literal_arguments())
        assert len(named) > 20
        assert named <= known

    def test_no_message_begins_with_the_bare_name_of_an_argument(self) -> None:
        """It has to be an Argument, or else the command line could not name its option."""
        known = arguments_of_the_library() | {"{name}"}
        calls = 0
        for module, call in error_calls():
            if module == "w2v.word_lists":  # whose {name} is a stream's
                continue
            calls += 1
            first = call.args[0] if call.args else None
            start = ast.unparse(first).removeprefix("f")[1:] if first else ""
            if isinstance(first, (ast.Constant, ast.JoinedStr)):
                word = start.split()[0].rstrip(",.:;") if start.split() else ""
                assert word not in known, f"{module}, line {call.lineno}: {start}"
        assert calls > 150

    def test_the_command_line_searches_no_message(self) -> None:
        for path in FOLDERS["w2v_cli"].glob("*.py"):
            assert "import re\n" not in path.read_text()

    def test_a_message_without_a_setting(self) -> None:
        assert w2v.ConfigError("All is wrong.").setting is None
        assert w2v.W2VError().setting is None
        assert in_options(ValueError("min_count must be"), TRAIN) == "min_count must be"

    def test_what_a_file_holds_is_no_setting(self) -> None:
        error = w2v.FormatError("min_count must \x1b be: ", ("use ", Argument("min_count", 3)), ".")
        assert str(error) == r"min_count must \x1b be: use min_count=3."
        assert in_options(error, TRAIN) == r"min_count must \x1b be: use --min-count 3."

    @pytest.mark.parametrize("kind", [w2v.ConfigError, w2v.MissingWordError, W2VWarning])
    def test_messages_travel(self, kind: Any) -> None:
        message = kind("use ", Argument("sample", 0), ".")
        again = pickle.loads(pickle.dumps(message))
        assert (str(again), again.setting) == ("use sample=0.", "sample")


def error_calls() -> typing.Iterator[tuple[str, ast.Call]]:
    """Yield (module, call) wherever the library makes an error or a warning."""
    for module, path in MODULES.items():
        if module.startswith("w2v."):
            for node in ast.walk(ast.parse(Path(path).read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ERRORS:
                    yield module, node


def literal_arguments() -> typing.Iterator[str]:
    """Yield the names of all arguments that the library's messages name literally."""
    for path in MODULES.values():
        for node in ast.walk(ast.parse(Path(path).read_text())):
            function = getattr(node, "func", None)
            if getattr(function, "id", "") in ("Argument", "not_allowed"):
                assert isinstance(node, ast.Call)
                if isinstance(node.args[0], ast.Constant):
                    yield str(node.args[0].value)
