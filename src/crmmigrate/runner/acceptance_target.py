"""Rows of the target as key users are shown them: found by the crosswalk, in words of the mapping."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.valuemap import as_text, read_value_map

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from crmmigrate.model.mapping import FieldMapping
    from crmmigrate.model.mapping import Mapping as MappingFile
    from crmmigrate.model.schema import TargetSchema
    from crmmigrate.model.target import Target

Cells = dict[str, str | None]


def target_rows(target: Target, mapping: MappingFile, schema: TargetSchema, keys: Collection[str]) -> dict[str, Cells]:
    """Return key → the mapped columns of the row, of those rows of an object's table that are there.

    Raises:
        ConfigurationError: `uat.no-identity`: the schema does not say what names a row of the table.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    identity = identity_of(mapping, schema)
    wanted = pa.array(sorted(keys), pa.string())
    found: dict[str, Cells] = {}
    for batch in target.arrow_rows(mapping.target.table, list(dict.fromkeys([identity, *mapping.fields]))):
        chosen = batch.filter(pc.is_in(batch[identity], value_set=wanted))
        found.update((row[identity], {name: row[name] for name in mapping.fields}) for row in chosen.to_pylist())
    return found


def identity_of(mapping: MappingFile, schema: TargetSchema) -> str:
    """Return the column that names a row of the object's table.

    Raises:
        ConfigurationError: `uat.no-identity`.
    """
    table = schema.tables.get(mapping.target.table)
    if table is None or not table.identity:
        raise ConfigurationError(
            "uat.no-identity", Message("the schema does not say which column names a row"), mapping.target.table,
            Message("mark it there: {example}", example="id: {type: integer, identity: true}"),
        )  # fmt: skip
    return table.identity


def row_digest(cells: Mapping[str, str | None]) -> str:
    """Return a digest of a row; any change of a mapped column changes it."""
    text = "\x1e".join(f"{name}\x1f{'' if value is None else '=' + value}" for name, value in sorted(cells.items()))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def keys_of(target: Target, name: str) -> dict[str, str]:
    """Return record → key, of the rows of an object that really are in its table."""
    found: dict[str, str] = {}
    for frame in target.loaded(name):
        there = frame[frame["present"] == "true"]
        found.update(zip(there["_record"], there["key"], strict=True))
    return found


class Words:
    """Says what a value of the target means in the words of the business.

    Args:
        schema: picklists with their titles.
        labels: object → key in the target → what people call that record.
    """

    def __init__(self, schema: TargetSchema, labels: Mapping[str, Mapping[str, str]]) -> None:
        self.schema = schema
        self.labels = labels
        self._maps: dict[tuple[str, str], dict[str, str]] = {}

    def of(self, mapping: MappingFile, column: str, value: str | None) -> str:
        """Return a cell in words; a code stays behind its word."""
        if value is None:
            return ""
        spec = mapping.fields[column]
        if spec.lookup:
            return self.labels.get(spec.lookup.object, {}).get(value, value) if not spec.lookup.others else value
        if value in ("true", "false") and self._kind(mapping, column) == "boolean":
            return Message("yes").text() if value == "true" else Message("no").text()
        word = self._words(mapping, column, spec).get(value, "")
        return f"{word} ({value})" if word and word != value else value

    def _kind(self, mapping: MappingFile, column: str) -> str:
        table = self.schema.tables.get(mapping.target.table)
        known = table.columns.get(column) if table else None
        return known.type if known else ""

    def _words(self, mapping: MappingFile, column: str, spec: FieldMapping) -> dict[str, str]:
        """Return code → word: the picklist's title, else the first word of the value map that means it."""
        key = (mapping.object, column)
        if key not in self._maps:
            table = self.schema.tables.get(mapping.target.table)
            known = table.columns.get(column) if table else None
            titles = dict(self.schema.picklists.get(known.picklist, {})) if known and known.picklist else {}
            for word, code in _value_map(mapping, spec):
                if code and titles.get(code, code) == code:
                    titles[code] = word
            self._maps[key] = titles
        return self._maps[key]


def _value_map(mapping: MappingFile, spec: FieldMapping) -> Iterable[tuple[str, str | None]]:
    if isinstance(spec.values, str):
        return read_value_map(mapping.value_file(spec.values), mapping.file).items()
    values: dict[str, Any] = spec.values or {}
    return [(word, as_text(code)) for word, code in values.items()]


def title_of(mapping: MappingFile, schema: TargetSchema, column: str = "") -> str:
    """Return what people call the object's table, or a column of it: by its source column and, in brackets, its title."""
    table = schema.tables.get(mapping.target.table)
    if not column:
        return (table.title if table else "") or mapping.object
    reads = [name for name in mapping.fields[column].reads if not name.startswith("_")]
    known = table.columns.get(column) if table else None
    title = (known.title if known else "") or column
    old = " / ".join(reads)
    return f"{old} → {title}" if old and old != title else title
