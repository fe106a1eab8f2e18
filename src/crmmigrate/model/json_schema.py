"""JSON Schemas of the files people write, made from the dataclasses that read them: for completion and checks in editors.

Source: JSON Schema, draft 2020-12.
"""

from __future__ import annotations

import inspect
import re
import types
import typing
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin

from crmmigrate.model.document import MADE_BY_READING, VERSION

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}
_ARGUMENT = re.compile(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)


def schema_of(kind: type, name: str, title: str) -> dict[str, Any]:
    """Return the JSON Schema of a file.

    Args:
        kind: the dataclass that `Document.read` builds from it.
        name: of the kind of file; the schema's `$id` holds it with the version of the format.
        title: of the schema.
    """
    definitions: dict[str, Any] = {}
    return {
        "$schema": DIALECT, "$id": f"urn:crmmigrate:{name}:{VERSION}", "title": title,
        **_schema(kind, definitions), "$defs": definitions,
    }  # fmt: skip


def about(kind: type) -> str:
    """Return what the docstring of a dataclass says before its arguments."""
    return " ".join((inspect.getdoc(kind) or "").partition("\nArgs:")[0].split())


def meanings(kind: type) -> dict[str, str]:
    """Return what the docstring of a dataclass says of each of its fields."""
    arguments = (inspect.getdoc(kind) or "").partition("\nArgs:\n")[2]
    return {name: " ".join(text.split()) for name, text in _ARGUMENT.findall(arguments)}


def fields_of(kind: type) -> dict[str, Field[Any]]:
    """Return the fields that a file may give, by their names there."""
    used = (f for f in fields(kind) if f.init and f.name not in MADE_BY_READING)
    return {str(f.metadata.get("name", f.name)): f for f in used}


def needed(declared: Field[Any]) -> bool:
    """Return whether a file must give the field."""
    return declared.default is MISSING and declared.default_factory is MISSING


def _schema(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        kinds = [_schema(one, definitions) for one in get_args(kind)]
        return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    if origin is Literal:
        return {"enum": list(get_args(kind))}
    if origin in (list, tuple):  # one value may stand without brackets
        inner = _schema(get_args(kind)[0], definitions)
        return {"anyOf": [{"type": "array", "items": inner}, inner]}
    if origin is dict:
        return {"type": ["object", "null"], "additionalProperties": _schema(get_args(kind)[1], definitions)}
    if is_dataclass(kind):
        return _reference(typing.cast("type", kind), definitions)
    if kind is type(None):
        return {"type": "null"}
    if kind is str:  # a number is text where text is meant
        return {"type": ["string", "number"]}
    return {"type": _PLAIN[kind]} if kind in _PLAIN else {}


def _reference(kind: type, definitions: dict[str, Any]) -> dict[str, Any]:
    name = kind.__name__
    if name not in definitions:
        definitions[name] = {}
        hints = typing.get_type_hints(kind)
        named, told = fields_of(kind), meanings(kind)
        whole: dict[str, Any] = {
            "type": "object",
            "description": about(kind),
            "properties": {
                key: _described(_written(f, _schema(hints[f.name], definitions)), told.get(f.name))
                for key, f in named.items()
            },
            "additionalProperties": False,
        }
        if required := [key for key, f in named.items() if needed(f)]:
            whole["required"] = required
        short = next((f for f in named.values() if f.metadata.get("short")), None)
        definitions[name] = whole if short is None else {"anyOf": [_schema(hints[short.name], definitions), whole]}
    return {"$ref": f"#/$defs/{name}"}


def _written(declared: Field[Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a field with the other way in which its value may be written: 5% for 0.05."""
    pattern = declared.metadata.get("pattern")
    return {"anyOf": [*schema.get("anyOf", [schema]), {"type": "string", "pattern": pattern}]} if pattern else schema


def _described(schema: dict[str, Any], meaning: str | None) -> dict[str, Any]:
    return {**schema, "description": meaning} if meaning else schema
