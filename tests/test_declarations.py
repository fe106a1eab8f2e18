"""What is declared on the shelves and stages: names are file names, options are those of the function, codes have titles."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path

import pytest
from tests.test_architecture import dotted

import crmmigrate
from crmmigrate import standards, transforms
from crmmigrate.cli.root import ALIASES, COMMANDS, root
from crmmigrate.errors import CrmMigrateError
from crmmigrate.messages import Message
from crmmigrate.model.issue import CODES
from crmmigrate.stages import BESIDE, ORDER, load_stage

SOURCE = Path(crmmigrate.__file__).parent
CODE = re.compile(r"[a-z][a-z_]*\.[a-z0-9]+(-[a-z0-9]+)*\Z")
STAGES = (*ORDER, *BESIDE)


@cache
def everything() -> None:
    """Import every module and load every standard, so that every code is declared."""
    for module in pkgutil.walk_packages(crmmigrate.__path__, "crmmigrate."):
        importlib.import_module(module.name)
    for name in standards.NAMES:
        standards.load(name)


def takes(make: object) -> set[str]:
    """Return the names of the options a maker takes."""
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {name for name, option in inspect.signature(make).parameters.items() if option.kind in kinds}  # type: ignore[arg-type]


@pytest.mark.parametrize("name", standards.NAMES)
def test_a_standard_is_what_its_file_is_called(name: str) -> None:
    standard = standards.load(name)
    assert standard.name == name
    assert standard.title.text()
    assert set(standard.beside) <= set(standard.options)
    given_by_rows = {argument for argument, _ in standard.beside.values()}
    assert takes(standard.make) == set(standard.options) | given_by_rows
    assert not given_by_rows & set(standard.options)
    assert all(CODE.match(code) for code in standard.codes)


@pytest.mark.parametrize("name", transforms.NAMES)
def test_a_transform_is_what_its_file_is_called(name: str) -> None:
    step = transforms.find(name)
    assert step.name == name
    assert step.title.text()
    assert set(step.required) <= set(step.options)
    assert takes(step.make) == set(step.options)


def test_every_file_in_stages_is_a_stage() -> None:
    files = {path.stem for path in (SOURCE / "stages").glob("[!_]*.py")}
    assert files == set(STAGES)


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_is_declared_once_for_command_line_and_project(name: str) -> None:
    stage = load_stage(name)
    assert stage.name.rstrip("_") == name
    assert stage.title.text()
    assert is_dataclass(stage.options)
    assert name not in ORDER or callable(stage.options.from_project)
    for declared in fields(stage.options):
        if "flag" in declared.metadata:
            assert re.fullmatch(r"--[a-z][a-z-]*", declared.metadata["flag"])
            assert isinstance(declared.metadata["help"], Message)


def test_every_stage_has_a_command() -> None:
    """But consolidate, which makes objects of all the tables of a project and has nothing to do on a single one."""
    assert set(STAGES) - {"consolidate"} <= set(COMMANDS)
    assert set(ALIASES.values()) <= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_what_all_commands_take(name: str) -> None:
    command = root.get_command(root.make_context("crmmigrate", [], resilient_parsing=True), name)
    assert command is not None
    for each in getattr(command, "commands", {"": command}).values():
        flags = {flag for param in each.params for flag in param.opts}
        assert {"--work", "--format", "--lang"} <= flags


def test_every_code_of_an_issue_has_a_title_and_a_form() -> None:
    everything()
    assert [code for code in CODES if not CODE.match(code)] == []
    assert [code for code, title in CODES.items() if not title.text()] == []


def flags() -> Iterator[tuple[str, str]]:
    """Yield the codes written out where a `Flag` or an `Issue` is made, with their places."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or dotted(node.func) not in {"Flag", "Issue"}:
                continue
            codes = [*node.args[:1]] if dotted(node.func) == "Flag" else [*node.args[4:5]]
            codes += [keyword.value for keyword in node.keywords if keyword.arg == "code"]
            for code in codes:
                if isinstance(code, ast.Constant):
                    yield f"{path.relative_to(SOURCE).as_posix()}:{node.lineno}", str(code.value)


def test_no_issue_is_raised_without_a_title() -> None:
    everything()
    assert [f"{place}: {code}" for place, code in flags() if code not in CODES] == []


def test_every_error_has_an_exit_code_of_the_documentation() -> None:
    def below(kind: type[CrmMigrateError]) -> Iterator[type[CrmMigrateError]]:
        yield kind
        for child in kind.__subclasses__():
            yield from below(child)

    everything()
    documented = set(re.findall(r"(\d+) [a-z]", (SOURCE.parent.parent / "docs/architecture.md").read_text(encoding="utf-8")
                                .partition("## Exit codes")[2]))  # fmt: skip
    assert {str(kind.exit_code) for kind in below(CrmMigrateError)} <= documented
