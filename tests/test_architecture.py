"""The house of docs/architecture.md: directions of import, what each room may do, and sizes that stay readable."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import crmmigrate

SOURCE = Path(crmmigrate.__file__).parent
ROOT = Path(__file__).parent.parent
LONGEST_FUNCTION = 60
LONGEST_MODULE = 400


@cache
def modules() -> tuple[tuple[str, str, ast.Module], ...]:
    """Return name, text and tree of every module."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found.append((path.relative_to(SOURCE).as_posix(), text, ast.parse(text)))
    return tuple(found)


@cache
def nodes() -> tuple[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.Call], ...]:
    """Return the functions and calls of every module, with its name."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.Call
    return tuple((name, node) for name, _, tree in modules() for node in ast.walk(tree) if isinstance(node, kinds))


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for name, node in nodes():
        if not isinstance(node, ast.Call):
            yield f"{name}:{node.lineno} {node.name}", node


def test_rooms_import_only_lower_rooms() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert " 0 broken" in answer.stdout


def test_no_function_is_longer_than_a_page() -> None:
    long = [place for place, node in functions() if (node.end_lineno or node.lineno) - node.lineno >= LONGEST_FUNCTION]
    assert long == []


def test_no_module_is_longer_than_a_chapter() -> None:
    assert [name for name, text, _ in modules() if text.count("\n") > LONGEST_MODULE] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "util", "common", "base", "helpers", "helper", "misc", "tools", "core"}
    assert [name for name, _, _ in modules() if empty & set(Path(name).with_suffix("").parts)] == []


def dotted(function: ast.expr) -> str:
    """Return the name by which a function is called, `yaml.load`; `.load` where it is of something that has no name."""
    if isinstance(function, ast.Attribute):
        return f"{dotted(function.value)}.{function.attr}"
    return function.id if isinstance(function, ast.Name) else ""


def calls_of(names: set[str]) -> list[str]:
    """Return the places, by module, where one of `names` is called."""
    return [
        f"{name}:{node.lineno}" for name, node in nodes() if isinstance(node, ast.Call) and dotted(node.func) in names
    ]


def test_only_the_command_line_prints_and_exits() -> None:
    found = calls_of({"print", "sys.exit", "exit", "quit", "input"})
    assert [place for place in found if not place.startswith("cli/")] == []


def test_nothing_is_evaluated() -> None:
    """No text of a user ever becomes code."""
    assert calls_of({"eval", "exec", "compile", "pickle.loads", "pickle.load", "yaml.load", "os.system"}) == []


def test_every_public_function_and_class_says_what_it_is() -> None:
    silent = [
        f"{name}:{node.lineno} {node.name}"
        for name, _, tree in modules()
        if not Path(name).name.startswith("_") or name.endswith("__init__.py")
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []
