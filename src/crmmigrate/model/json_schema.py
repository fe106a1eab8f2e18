"""JSON Schemas of the files people write, made from the dataclasses that read them: for completion and checks in editors.

Source: JSON Schema, draft 2020-12.
"""

from __future__ import annotations

import types
import typing
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}
_MADE_BY_READING = ("path", "folder")


def schema_of(kind: type, title: str) -> dict[str, Any]:
    """Return the JSON Schema of a file.

    Args:
        kind: the dataclass that `Document.read` builds from it.
        title: of the schema.
    """
    definitions: dict[str, Any] = {}
    return {"$schema": DIALECT, "title": title, **_schema(kind, definitions), "$defs": definitions}


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
        used = [f for f in fields(kind) if f.init and f.name not in _MADE_BY_READING]
        named = {str(f.metadata.get("name", f.name)): f for f in used}
        needed = [
            key for key, f in named.items() if f.default is MISSING and f.default_factory is MISSING
        ]  # fmt: skip
        whole: dict[str, Any] = {
            "type": "object",
            "properties": {key: _schema(hints[f.name], definitions) for key, f in named.items()},
            "additionalProperties": False,
        }
        if needed:
            whole["required"] = needed
        short = next((f for f in used if f.metadata.get("short")), None)
        definitions[name] = whole if short is None else {"anyOf": [_schema(hints[short.name], definitions), whole]}
    return {"$ref": f"#/$defs/{name}"}
