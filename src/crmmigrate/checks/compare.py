"""Compare two tables row by row and cell by cell, in one pass of SQL; numbers and times by value, everything else to the letter."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from crmmigrate.checks.difference_kind import difference_kind, with_neighbours
from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.document import nearest_header
from crmmigrate.model.reconciliation import DIFFERENCE_COLUMNS, Difference
from crmmigrate.model.row_digest import WHOLE
from crmmigrate.model.table import first_row, literal, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb
    import pandas as pd

    from crmmigrate.model.table import Table

BUCKETS = 16_384
"""Some dozens of rows each of a million."""
_NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?"


@dataclass(frozen=True)
class Sides:
    """Two relations of one connection that should be the same.

    Args:
        left: what should be; a name that SQL knows. `right` likewise: what is.
        key: columns that name a row on both sides.
        columns: to compare.
        kinds: column → `text` (to the letter), `boolean`, or anything else; by default numbers and times count by value.
        record: SQL over the left side's columns that names a row for people; by default the key.
        origin: SQL over the left side's columns that says where a person finds a row; `right_origin` likewise.
        object: stands in each difference.
        paired: only rows that both sides have are asked for, and the one key column is filled everywhere.
    """

    left: str
    right: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    kinds: Mapping[str, str] = field(default_factory=dict)
    record: str = ""
    origin: str = "NULL"
    right_origin: str = "NULL"
    object: str = ""
    paired: bool = False


def compare_tables(left: Table, right: Table, key: Sequence[str], columns: Sequence[str] = ()) -> pd.DataFrame:
    """Compare two tables.

    Args:
        left: what should be.
        right: what is.
        key: columns that name a row in both. A key that stands there several times is matched as often as it stands on both sides.
        columns: to compare; by default all data columns that both have.

    Returns:
        `DIFFERENCE_COLUMNS`, one row per row or cell that differs; `_record` is the key.

    Raises:
        ConfigurationError: `compare.no-column`: a key or column is missing on one side.
    """
    from crmmigrate.model.issue import text_frame
    from crmmigrate.model.table import Table as AnyTable
    from crmmigrate.model.table import Tables

    chosen = common_columns(left, right, key, columns)
    tables = Tables({"left": AnyTable("left", left.path), "right": AnyTable("right", right.path)})
    sides = Sides(
        "left", "right", tuple(key), chosen, origin=quoted("_origin") if "_origin" in left.columns else "NULL"
    )
    found = compare_sides(tables.connection, sides)
    frame: pd.DataFrame = text_frame([difference.row() for difference in found], DIFFERENCE_COLUMNS)
    return frame


def table_sides(left: Table, right: Table, key: Sequence[str], columns: Sequence[str]) -> Sides:
    """Return the sides of two tables that SQL knows as `left` and `right`."""
    origins = ("_origin" if "_origin" in table.columns else "NULL" for table in (left, right))
    return Sides("left", "right", tuple(key), tuple(columns), origin=next(origins), right_origin=next(origins))


class Columned(Protocol):
    """What has a name and columns."""

    @property
    def name(self) -> str:
        """As messages call it."""

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns."""

    @property
    def data_columns(self) -> tuple[str, ...]:
        """Those that are the source's own."""


def common_columns(left: Columned, right: Columned, key: Sequence[str], columns: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the columns to compare: `columns`, or those that both tables have, without the key.

    Raises:
        ConfigurationError: `compare.no-column`: a key or column is missing on one side.
    """
    for name in (*key, *columns):
        for table in (left, right):
            if name not in table.columns:
                raise ConfigurationError(
                    "compare.no-column", Message("the table has no column '{column}'", column=name), table.name,
                    nearest_header(name, table.columns),
                )  # fmt: skip
    both = columns or [name for name in left.data_columns if name in right.columns]
    return tuple(name for name in both if name not in key)


def narrowed(connection: duckdb.DuckDBPyConnection, sides: Sides) -> Sides:
    """Return the sides without the rows of buckets that are the same, so that a comparison takes memory for what differs and not for all.

    A bucket is the remainder of the hash of a row's key; it is told by how many rows it has and the sum of their hashes, 64 bits each. Where the sides
    write most cells differently, which may mean the same, their normal forms are hashed instead.
    """
    for meant in (False, True):
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE crmm_apart AS SELECT coalesce(l.b, r.b) AS b "
            f"FROM ({_buckets(sides, sides.left, meant=meant)}) l FULL JOIN ({_buckets(sides, sides.right, meant=meant)}) r ON l.b = r.b "
            "WHERE l.n IS DISTINCT FROM r.n OR l.s IS DISTINCT FROM r.s"
        )
        apart = first_row(connection, "SELECT count(*) FROM crmm_apart")
        if apart and apart[0] <= WHOLE * BUCKETS:
            for name in (sides.left, sides.right):
                connection.execute(
                    f"CREATE OR REPLACE TEMP TABLE {quoted(f'crmm_apart_{name}')} AS "
                    f"SELECT * FROM {quoted(name)} WHERE {_bucket(sides)} IN (SELECT b FROM crmm_apart)"
                )
            return replace(sides, left=f"crmm_apart_{sides.left}", right=f"crmm_apart_{sides.right}")
    return sides


def _bucket(sides: Sides) -> str:
    return f"hash({', '.join(map(quoted, sides.key))}) % {BUCKETS}"


def _buckets(sides: Sides, relation: str, *, meant: bool) -> str:
    cells = [*map(quoted, sides.key)]
    for name in sides.columns:
        kind = sides.kinds.get(name, "")
        cells.append(normal_form(quoted(name), kind) if meant and kind != "text" else quoted(name))
    rows = (
        f"sum(hash({', '.join(cells)}))"  # exclusive or would not see two rows of a key that are replaced by two others
    )
    return f"SELECT {_bucket(sides)} AS b, count(*) AS n, {rows} AS s FROM {quoted(relation)} GROUP BY 1"


def compare_sides(connection: duckdb.DuckDBPyConnection, sides: Sides) -> list[Difference]:
    """Compare two relations.

    Rows are matched by key and, where a key stands several times, by their order within it. A row without partner is
    `row.missing` or `row.extra`; where its key is there on the other side, `row.fewer` or `row.doubled`.
    """
    differs = {name: _differs(name, sides.kinds.get(name, "")) for name in sides.columns}
    cells = ", ".join(
        f"CASE WHEN {test} THEN {{'c': {literal(name)}, 'l': l.{quoted(name)}, 'r': r.{quoted(name)}}} END"
        for name, test in differs.items()
    )
    some = " OR ".join(f"({test})" for test in differs.values()) or "false"
    repeats = any(_repeats(connection, relation, sides) for relation in (sides.left, sides.right))
    query = f"""
        WITH l AS ({_numbered(sides, sides.left, repeats=repeats, named=True)}), r AS ({_numbered(sides, sides.right, repeats=repeats, named=False)}),
        j AS (SELECT coalesce(l.__key, r.__key) AS k, l.__record AS record, coalesce(l.__origin, r.__origin) AS origin, l.__n AS ln, r.__n AS rn,
                     [{cells or "NULL::STRUCT(c VARCHAR, l VARCHAR, r VARCHAR)"}] AS cells
              FROM l {"JOIN" if sides.paired else "FULL JOIN"} r ON l.__key = r.__key AND l.__n = r.__n
              WHERE l.__n IS NULL OR r.__n IS NULL OR {some})
        SELECT k, record, origin, ln, rn, NULL AS c, NULL AS a, NULL AS b FROM j WHERE ln IS NULL OR rn IS NULL
        UNION ALL
        SELECT k, record, origin, ln, rn, cell.c, cell.l, cell.r
        FROM (SELECT k, record, origin, ln, rn, unnest(cells) AS cell FROM j WHERE ln IS NOT NULL AND rn IS NOT NULL)
        WHERE cell IS NOT NULL
        ORDER BY 1, 4, 6"""
    found = []
    for key, record, origin, left, right, column, expected, actual in connection.execute(query).fetchall():
        name = record or (key if sides.paired else _readable_key(key))
        if column is None:
            one, more = ("row.missing", "row.fewer") if right is None else ("row.extra", "row.doubled")
            kind = more if max(left or 0, right or 0) > 1 else one
            found.append(Difference(sides.object, name, origin or "", "", None, None, kind))
        else:
            kind = difference_kind(expected, actual)
            found.append(Difference(sides.object, name, origin or "", column, expected, actual, kind))
    return with_neighbours(found, sides.columns)


def _key(sides: Sides) -> str:
    if sides.paired:
        return quoted(sides.key[0])
    parts = ", ".join(f"coalesce(to_json({quoted(name)}), 'null')" for name in sides.key)
    return f"concat_ws(',', {parts})"


def _repeats(connection: duckdb.DuckDBPyConnection, relation: str, sides: Sides) -> bool:
    """Whether a key stands several times; where none does, which is the rule, rows need not be sorted to be numbered."""
    row = first_row(connection, f"SELECT count(*) > count(DISTINCT {_key(sides)}) FROM {quoted(relation)}")
    return bool(row and row[0])


def _numbered(sides: Sides, relation: str, *, repeats: bool, named: bool) -> str:
    """Return the SQL of one side with its key as one text and each row's number within its key."""
    key = _key(sides)
    order = ", ".join(quoted(name) for name in sides.columns) or "1"
    names = (
        f", {sides.record or 'NULL'} AS __record, {sides.origin} AS __origin"
        if named
        else f", {sides.right_origin} AS __origin"
    )
    listed = "".join(f", {quoted(name)}" for name in sides.columns)
    number = f"row_number() OVER (PARTITION BY {key} ORDER BY {order})" if repeats else "1"
    return f"SELECT {key} AS __key, {number} AS __n{names}{listed} FROM {quoted(relation)}"


def _readable_key(key: str) -> str:
    """Return the values of a key, joined by a slash; of one value, the value."""
    import json

    plain = key[1:-1]
    if plain.isalnum() and key == f'"{plain}"':  # most keys are, and need not be read as JSON
        return plain
    return "/".join("" if value is None else str(value) for value in json.loads(f"[{key}]"))


def _differs(name: str, kind: str) -> str:
    """Return the SQL that is true where the cells of column `name` don't mean the same."""
    left, right = f"l.{quoted(name)}", f"r.{quoted(name)}"
    if kind == "text":
        return f"{left} IS DISTINCT FROM {right}"
    return f"{left} IS DISTINCT FROM {right} AND {normal_form(left, kind)} IS DISTINCT FROM {normal_form(right, kind)}"


def normal_form(cell: str, kind: str = "") -> str:
    """Return the SQL of a cell's normal form.

    Decimals lose the zeros behind the point (`1200.00` → `1200`), a minus zero its sign; dates and datetimes become
    `2023-05-01T14:30:00`, with midnight left out; a boolean `true`, `1` and `t` are one. Anything else, such as `007`, stays.

    Args:
        cell: an SQL expression of text.
        kind: `boolean` where 1 means true, `decimal` or `integer` where leading zeros mean nothing, `float`, `moment` for dates and times, of which
            one without a zone is taken for UTC; else by the cell's own look.
    """
    if kind in ("decimal", "integer"):
        return f"coalesce(CAST(TRY_CAST({cell} AS DECIMAL(38, 12)) AS VARCHAR), {cell})"
    if kind == "float":
        return f"coalesce(CAST(TRY_CAST({cell} AS DOUBLE) AS VARCHAR), {cell})"
    if kind == "moment":
        bare = rf"regexp_replace(replace({cell}, 'T', ' '), '(\+00(:?00)?|Z)$', '')"
        return rf"regexp_replace(regexp_replace({bare}, '(\.[0-9]*?)0+$', '\1'), '( 00:00(:00)?)?\.?$', '')"
    if kind == "boolean":
        return f"CASE WHEN lower({cell}) IN ('true', 't', '1') THEN 'true' WHEN lower({cell}) IN ('false', 'f', '0') THEN 'false' ELSE {cell} END"
    number = rf"regexp_replace(regexp_replace({cell}, '(\.[0-9]*?)0+$', '\1'), '\.$', '')"
    time = rf"regexp_replace(regexp_replace(regexp_replace({cell}, ' ', 'T'), '\.0+$', ''), 'T00:00(:00)?$', '')"
    minute = rf"regexp_replace({time}, '(T[0-9]{{2}}:[0-9]{{2}})$', '\1:00')"
    return (
        rf"CASE WHEN regexp_full_match({cell}, '-?0(\.0+)?') THEN '0' "
        f"WHEN contains({cell}, '.') AND regexp_full_match({cell}, '{_NUMBER}') THEN {number} "
        rf"WHEN regexp_full_match({cell}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[ T][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}}(\.[0-9]+)?)?') THEN {minute} "
        f"ELSE {cell} END"
    )
