"""The tables that a field of a mapping reads answers off: its value map, and the names of its lookup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.document import nearest_header
from crmmigrate.model.issue import RECORD
from crmmigrate.model.lookup import columns_needed, in_turn, lookup_table, with_merged
from crmmigrate.model.mapping import place_of
from crmmigrate.model.table import quoted
from crmmigrate.model.valuemap import as_text, read_value_map

if TYPE_CHECKING:
    from crmmigrate.model.lookup import LookupTable
    from crmmigrate.model.mapping import FieldMapping, Mapping
    from crmmigrate.model.table import Tables

CROSSWALK = "crosswalk"
"""The table of merged records and their survivors, as dedupe writes it."""


def value_map(mapping: Mapping, target: str, spec: FieldMapping) -> dict[str, dict[str, str | None]]:
    """Return the value map of a field under the field's name; nothing where it has none.

    Raises:
        ConfigurationError: its file cannot be read.
    """
    if spec.values is None:
        return {}
    if isinstance(spec.values, str):
        place = place_of(mapping, ("fields", target, "values"))
        return {target: read_value_map(mapping.value_file(spec.values), place)}
    return {target: {word: as_text(value) for word, value in spec.values.items()}}


def lookup_of(mapping: Mapping, target: str, spec: FieldMapping, tables: Tables) -> dict[str, LookupTable]:
    """Return the table of a field's lookup by name under the field's name; nothing where it has none.

    Args:
        mapping: the file the field is in, for messages.
        target: the field.
        spec: as in the file.
        tables: by object; `crosswalk` among them tells which records were merged.

    Raises:
        ConfigurationError: an object's table is not there, or lacks a column.
    """
    lookup = spec.lookup
    if lookup is None or not lookup.by:
        return {}
    place = place_of(mapping, ("fields", target, "lookup"))
    made: dict[str, LookupTable] = {}
    for other in lookup.objects:
        if other not in tables:
            raise ConfigurationError(
                "map.no-lookup-table", Message("there is no table '{name}' to look values up in", name=other), place,
                Message("give it with --reference {name}=LOCATION", name=other),
            )  # fmt: skip
        needed = columns_needed(lookup)
        for column in needed:
            if column not in tables[other].columns:
                raise ConfigurationError(
                    "map.no-column", Message("the table '{table}' has no column '{column}'", table=other, column=column),
                    place, nearest_header(column, tables[other].columns),
                )  # fmt: skip
        chosen = ", ".join(quoted(column) for column in needed)
        made[other] = lookup_table(lookup, tables.sql(f"SELECT {chosen} FROM {quoted(other)}").to_pylist())
        if lookup.by == (RECORD,) and CROSSWALK in tables:
            query = f"SELECT {RECORD}, survivor FROM {CROSSWALK} WHERE object = ? AND {RECORD} <> survivor"
            merged = tables.sql(query, [other]).to_pylist()
            made[other] = with_merged(made[other], ((row[RECORD], row["survivor"]) for row in merged))
    return {target: in_turn(made) if lookup.others else made[lookup.object]}
