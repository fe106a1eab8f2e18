"""Rows of a source table as they feed an object: those in which `when` is filled; one may become several, and several one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.model.issue import ORIGIN, RECORD
from crmmigrate.model.table import literal, quoted

if TYPE_CHECKING:
    from crmmigrate.model.project import FeedSpec
    from crmmigrate.model.table import Tables

ROW, SURVIVOR, PLACE = "_row", "_survivor", "_n"
"""Beside each row: the record it was read from, that of the row it becomes, and its place."""

NUMBER = r"^\s*[-+]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]{1,6})?\s*$"
"""What can be added up."""


def condition(spec: FeedSpec) -> str:
    """SQL of which rows `s` of the table feed the object."""
    return f"nullif(trim(s.{quoted(spec.when)}), '') IS NOT NULL" if spec.when else "true"


def shaped(spec: FeedSpec) -> bool:
    """Tell whether rows become several or one, so that they are no longer those of the source."""
    return bool(spec.each or spec.group)


def rows_sql(table: str, spec: FeedSpec) -> str:
    """SQL for the rows of a table that feed an object, before those of a group become one, with `_row` and `_survivor`."""
    rows = f"SELECT s.*, s.{RECORD} AS {ROW}, row_number() OVER () AS {PLACE} FROM {quoted(table)} s"
    if spec.each:
        column, by = quoted(spec.each.column), literal(spec.each.by)
        parts = f"list_transform(string_split({column}, {by}), lambda x: trim(x, ' \t　'))"
        rows = (
            f"SELECT s.* EXCLUDE (_parts) REPLACE (s.{RECORD} || '/#' || CAST(u.n AS VARCHAR) AS {RECORD}, s._parts[u.n] AS {column}) FROM "
            f"(SELECT r.*, list_filter({parts}, lambda x, i: x <> '' AND list_position({parts}, x) = i) AS _parts FROM ({rows}) r) s, "
            f"LATERAL (SELECT unnest(range(1, len(s._parts) + 1)) AS n) u"
        )
    survivor = RECORD
    if spec.group:
        said = [f"nullif(trim(s.{quoted(column)}), '')" for column in spec.group]
        alone = " OR ".join(f"{one} IS NULL" for one in said)
        split = ", ".join([*said, f"CASE WHEN {alone} THEN s.{RECORD} END"])
        survivor = f"first_value(s.{RECORD}) OVER (PARTITION BY {split} ORDER BY s.{PLACE}, s.{RECORD})"
    return f"SELECT s.*, {survivor} AS {SURVIVOR} FROM ({rows}) s WHERE {condition(spec)}"


def shaped_sql(table: str, spec: FeedSpec, tables: Tables) -> str:
    """SQL for the rows that an object gets."""
    rows = rows_sql(table, spec)
    if not spec.group:
        return rows
    order = f"ORDER BY {PLACE}, {RECORD}"
    chosen = [
        f"{SURVIVOR} AS {RECORD}",
        f"first({ORIGIN} {order}) AS {ORIGIN}",
        f"first({ROW} {order}) AS {ROW}",
        f"min({PLACE}) AS {PLACE}",
    ]
    chosen += [f"{_combined(column, spec, order)} AS {quoted(column)}" for column in tables[table].data_columns]
    return f"SELECT {', '.join(chosen)} FROM ({rows}) GROUP BY {SURVIVOR}"


def _combined(column: str, spec: FeedSpec, order: str) -> str:
    cell = f"nullif(trim({quoted(column)}), '')"
    how = spec.combine.get(column, "first")
    if how == "count":
        return f"CAST(count({cell}) AS VARCHAR)"
    if how == "join":
        return f"string_agg(DISTINCT {cell}, '; ' ORDER BY {cell})"
    if how in ("min", "max"):
        return f"{how}({cell})"
    if how == "sum":
        number = f"TRY_CAST(replace({cell}, ',', '') AS DECIMAL(38, 6))"
        total = f"rtrim(rtrim(CAST(sum({number}) AS VARCHAR), '0'), '.')"
        return f"CASE WHEN bool_and({cell} IS NULL OR regexp_matches({cell}, '{NUMBER}')) THEN {total} END"
    return f"{how}({quoted(column)} {order}) FILTER ({cell} IS NOT NULL)"
