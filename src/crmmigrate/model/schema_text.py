"""Write a schema.yaml as people would: a line a column, only what differs from the rule."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from crmmigrate.model.rewriting import written
from crmmigrate.model.schema import TargetColumn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crmmigrate.model.schema import TargetSchema, TargetTable

_WIDEST = 120


def schema_text(schema: TargetSchema, head: Sequence[str] = ()) -> str:
    """Return the YAML of a schema; `read_target_schema` reads the same from it.

    Args:
        schema: what it says.
        head: lines of comment at the top.
    """
    return "\n".join([*(f"# {line}".rstrip() for line in head), *_lines(schema), ""])


def _lines(schema: TargetSchema) -> Iterator[str]:
    yield f"version: {schema.version}"
    yield "tables:" if schema.tables else "tables: {}"
    for name, table in schema.tables.items():
        yield from _table(name, table)
    if not schema.picklists:
        return
    yield "picklists:"
    for name, codes in schema.picklists.items():
        line = f"  {written(name)}: {written(codes)}"
        if len(line) <= _WIDEST:
            yield line
            continue
        yield f"  {written(name)}:"
        yield from (f"    {written(str(code))}: {written(title)}" for code, title in codes.items())


def _table(name: str, table: TargetTable) -> Iterator[str]:
    yield f"  {written(name)}:"
    if table.title:
        yield f"    title: {written(table.title)}"
    if table.unique:
        yield f"    unique: {written([list(columns) for columns in table.unique])}"
    if table.checks:
        yield "    checks:"
        yield from (f"      {written(check)}: {written(text)}" for check, text in table.checks.items())
    yield "    columns:" if table.columns else "    columns: {}"
    for column, spec in table.columns.items():
        yield f"      {written(column)}: {_column(spec)}"


def _column(spec: TargetColumn) -> str:
    said: dict[str, Any] = {
        f.name: getattr(spec, f.name) for f in fields(spec) if getattr(spec, f.name) != f.default
    }  # fmt: skip
    if spec.picklist or spec.type == "text":
        said = {"length": spec.length} | said if spec.length == TargetColumn.length and not said else said
    return str(said["type"]) if list(said) == ["type"] else written(said)
