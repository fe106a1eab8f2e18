"""The JSON Schemas: they take every file that is shipped, refuse mistakes, and a new project's files name them."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from tests.command_line import called

from crmmigrate.messages import Message
from crmmigrate.model.document import Document
from crmmigrate.reports.untouched import refuse_changed
from crmmigrate.runner.file_kinds import KINDS, json_schema, kind_of

MAPPINGS = Path(__file__).parents[2] / "mappings"
_VALIDATORS = {name: jsonschema.Draft202012Validator(json_schema(name)) for name in KINDS}


def shipped() -> list[tuple[Path, str]]:
    files = [(path, kind_of(path)) for path in sorted(MAPPINGS.rglob("*.yaml"))]
    files += [(path, "import") for path in sorted((MAPPINGS / "imports").glob("*.yaml"))]
    return [(path, name) for path, name in files if name]


@pytest.mark.parametrize("name", KINDS)
def test_a_schema_is_one_and_takes_the_shipped_files_of_its_kind(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema(name))
    assert json_schema(name)["$id"] == f"urn:crmmigrate:{name}:1"
    files = [path for path, kind in shipped() if kind == name]
    files += sorted((MAPPINGS.parent / "samples").glob("*/migration.yaml")) if name == "migration" else []
    for path in files:
        errors = [error.message for error in _VALIDATORS[name].iter_errors(Document.load(path).value)]
        assert errors == [], path
    assert files or name == "calendar", "a kind of file of which none is shipped is not tested here"


@pytest.mark.parametrize(("name", "wrong"), [
    ("migration", {"version": 1, "sources": {"a": {"location": "a", "ownr": "b"}}}),
    ("migration", {"version": 1}),
    ("standard", {"version": 1, "objects": {"a": {"columns": {"b": {"standard": "ulr"}}}}}),
    ("standard", {"version": 1, "objects": {"a": {"columns": {"b": {"standard": "phone", "regoin": "CN"}}}}}),
    ("mapping", {"version": 1, "object": "a", "target": "t", "match": "x", "fields": {"x": {"from": "y", "do": ["trmi"]}}}),
    ("mapping", {"version": 1, "object": "a", "target": "t", "match": "x", "fields": {"x": {"form": "y"}}}),
    ("rule", {"version": 1, "code": "a.b", "title": {"en": "x"}, "sql": "SELECT 1", "owner": "o"}),
])  # fmt: skip
def test_a_schema_refuses_mistakes(name: str, wrong: object) -> None:
    assert not _VALIDATORS[name].is_valid(wrong)


def test_the_files_of_a_new_project_name_their_schema(tmp_path: Path) -> None:
    project = tmp_path / "project"
    assert called("init", project).returncode == 0
    refuse_changed(project / "schema.yaml", Message("move it away, or name another with -o"))  # it may be written over
    named = 0
    for path in sorted(project.rglob("*.yaml")):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        if kind := kind_of(path):
            way = first.removeprefix("# yaml-language-server: $schema=")
            assert json.loads((path.parent / way).read_text(encoding="utf-8")) == json_schema(kind), path
            named += 1
    assert named > 15
    assert called("mapping", "lint", project / "mappings").returncode == 0


def test_one_schema_is_printed_and_all_are_written(tmp_path: Path) -> None:
    assert json.loads(called("schema", "scope").stdout) == json_schema("scope")
    assert called("schema", "-o", tmp_path / "all").returncode == 0
    assert {path.name for path in (tmp_path / "all").iterdir()} == {f"{name}.v1.schema.json" for name in KINDS}


def test_a_project_may_come_with_the_sample_of_its_pack(tmp_path: Path) -> None:
    made = called("init", tmp_path / "reception", "--pack", "reception", "--sample", "0.01")
    assert made.returncode == 0, made.stderr
    assert any((tmp_path / "reception" / "in").iterdir())
    assert called("init", tmp_path / "none", "--sample", "0").returncode == 2
    assert not (tmp_path / "none").exists()
