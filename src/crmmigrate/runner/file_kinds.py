"""The kinds of YAML files that people write, and the JSON Schema of each, for completion and checks in editors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.dedupe import DedupeRules
from crmmigrate.model.document import VERSION
from crmmigrate.model.import_profile import ImportProfile
from crmmigrate.model.json_schema import schema_of
from crmmigrate.model.mapping import SUFFIX, Mapping
from crmmigrate.model.project import Project
from crmmigrate.model.rule import CALENDAR, Rule
from crmmigrate.model.schema import TargetSchema
from crmmigrate.model.scope import ScopeRules
from crmmigrate.model.standard import DataStandard
from crmmigrate.model.work_calendar import OwnDays

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class FileKind:
    """One kind of file.

    Args:
        title: for people.
        pattern: the names that such files have.
        read_as: the dataclass that is built from one.
    """

    title: Message
    pattern: str
    read_as: type


KINDS = {
    "migration": FileKind(Message("a migration: sources, objects, rules and target"), "migration.yaml", Project),
    "standard": FileKind(Message("a data standard: what values must look like"), "standard*.yaml", DataStandard),
    "scope": FileKind(Message("a scope: which records are to be migrated"), "scope*.yaml", ScopeRules),
    "dedupe": FileKind(Message("how duplicates of an object are found and merged"), "dedupe*.yaml", DedupeRules),
    "mapping": FileKind(Message("how records become rows of a table of the target"), f"*{SUFFIX}", Mapping),
    "rule": FileKind(Message("a rule of the business, in SQL, with its tests"), "rules/*.yaml", Rule),
    "calendar": FileKind(Message("a company's own days off and working days"), f"rules/{CALENDAR}", OwnDays),
    "schema": FileKind(Message("the tables of the target"), "schema*.yaml", TargetSchema),
    "import": FileKind(Message("the limits of a CRM's import files"), "imports/*.yaml", ImportProfile),
}


def json_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of the files of one kind."""
    kind = KINDS[name]
    schema = schema_of(kind.read_as, name, f"crmmigrate: {kind.title.text('en')}, version {VERSION}")
    if name == "standard":
        _name_standards(schema["$defs"]["ColumnStandard"])
    if name == "mapping":
        _name_steps(schema["$defs"])
    return schema


def schema_file(name: str) -> str:
    """Return the name of the file in which a project keeps the schema."""
    return f"{name}.v{VERSION}.schema.json"


def kind_of(path: Path) -> str:
    """Return which kind of file `path`, inside a project, is by its name; empty where it is none."""
    if path.parent.name == "rules":
        return "calendar" if path.name == CALENDAR else "rule"
    fitting = (name for name, kind in KINDS.items() if "/" not in kind.pattern and path.match(kind.pattern))
    return next(fitting, "")


def _name_standards(column: dict[str, Any]) -> None:
    """Name the standards there are, and let a column take the options of its own only."""
    from crmmigrate.standards import NAMES, load

    properties = column["properties"]
    del properties["options"], column["additionalProperties"]
    properties["standard"] = {"enum": sorted(NAMES), "description": properties["standard"]["description"]}
    listed = {"type": "array", "items": {"type": "string"}}
    given = properties["parts"]
    properties["parts"] = {"description": given.pop("description"), "anyOf": [given, listed]}
    own = sorted(properties)
    column["allOf"] = [
        {"if": {"properties": {"standard": {"const": name}}, "required": ["standard"]},
         "then": {"propertyNames": {"enum": sorted({*own, *load(name).options})}}}
        for name in sorted(NAMES)
    ]  # fmt: skip


def _name_steps(definitions: dict[str, Any]) -> None:
    """A step is written as a word, or as a word with its options; the dataclass knows its spread form only."""
    from crmmigrate import standards, transforms

    words = {"enum": sorted({*standards.NAMES, *transforms.NAMES})}
    options = {"type": "object", "propertyNames": words, "minProperties": 1, "maxProperties": 1}
    definitions["Step"] = {"anyOf": [words, options]}
