"""The JSON Schema of a standard.yaml, for completion and checks in editors."""

from __future__ import annotations

from typing import Any

from crmmigrate.model.json_schema import schema_of
from crmmigrate.model.standard import DataStandard


def json_schema(options: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """Return the JSON Schema of a standard.yaml.

    Args:
        options: name of each standard → the options it takes.
    """
    schema = schema_of(DataStandard, "crmmigrate data standard, version 1")
    column = schema["$defs"]["ColumnStandard"]
    properties = column["properties"]
    del properties["options"], column["additionalProperties"]
    properties["standard"] = {"enum": sorted(options)}
    properties["parts"] = {"anyOf": [properties["parts"], {"type": "array", "items": {"type": "string"}}]}
    own = sorted(properties)
    column["allOf"] = [
        {"if": {"properties": {"standard": {"const": name}}, "required": ["standard"]},
         "then": {"propertyNames": {"enum": sorted({*own, *taken})}}}
        for name, taken in sorted(options.items())
    ]  # fmt: skip
    return schema
